"""What is written is read back by others' software with every label, code and missing value in place."""

from __future__ import annotations

import csv
import io
import resource
import time
from dataclasses import replace
from pathlib import Path

import pandas
import polars as pl
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import ReleaseError
from instruments.model import Choice, Instrument, Text
from release.formats.cells import neutral
from release.formats.cut import LONGEST, cut, label_for, words_for
from release.formats.tables import AT_ONCE
from release.formats.writing import FORMATS, refuse_formats, write_formats
from release.made import Release
from release.placing import new_folder
from tests.release.formats.making import item, made_of, with_order

PRINTED = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=300)
WORDS = PRINTED.map(lambda text: " ".join(text.split())).filter(bool)
LETTERS = {-1: "a", -2: "b", -6: "f", -7: "g", -8: "h", -9: "i"}
CHOICES = {"1": "Never", "2": "Always", "-1": "Don't know", "-2": "Prefer not to say"}


def test_every_file_is_there_and_private(written: Path) -> None:
    names = {name for files in FORMATS.values() for name in files}
    assert names | {"codebook.csv", "data.ar.sav", "data.ar.dta", "codebook.ar.html"} == {
        path.name for path in written.iterdir()
    }
    assert {path.stat().st_mode & 0o777 for path in written.iterdir()} == {0o600}


def write_within(room: int, release: Release, out: Path) -> None:
    """Write a release where no file may be larger than this: the kernel refuses the rest, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
        with new_folder(out) as folder:
            write_formats(release, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("form", ["csv", "sav", "dta", "codebook"])
def test_a_disk_that_is_full_is_said_in_one_sentence_and_leaves_nothing(
    release: Release, written: Path, tmp_path: Path, form: str
) -> None:
    """The largest file of the form has one byte more than there is room for: also what libraries write says so."""
    full = max((written / name).stat().st_size for name in FORMATS[form]) - 1
    with pytest.raises(ReleaseError, match="disk is full.*Nothing was written"):
        write_within(full, with_order(release, formats=tuple({"csv", form})), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_same_release_gives_the_same_bytes(
    release: Release, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a header would tell of the day and hour is told in the machine's time zone: another one is another hour.
    monkeypatch.setenv("TZ", "Pacific/Kiritimati" if time.timezone >= 0 else "Pacific/Pago_Pago")
    time.tzset()
    try:
        write_formats(release, tmp_path)
    finally:
        monkeypatch.undo()
        time.tzset()
    for path in written.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
    assert b"01 Jan 7000:00:00" in (written / "data.sav").read_bytes()[:120]
    assert b"01 Jan 1970 00:00" in (written / "data.dta").read_bytes()[:200]


def test_csv_and_parquet_hold_the_rows_as_they_are(release: Release, written: Path) -> None:
    assert pl.read_parquet(written / "data.parquet").equals(release.frame)
    assert pl.read_csv(written / "data.csv", schema=release.frame.schema).equals(release.frame)
    told = pandas.read_csv(written / "data.csv", dtype={"yp_contact": str})
    assert told["yp_contact"].tolist() == release.frame["yp_contact"].to_list()


def test_more_rows_than_are_written_at_a_time_come_back_in_their_order(release: Release, tmp_path: Path) -> None:
    few = [one for one in release.columns if one.item.name in ("site", "yp_contact", "yp_contact_fair")]
    rows = release.frame.select("research_id", *(one.item.name for one in few))
    many = pl.concat([rows] * (2 * AT_ONCE // rows.height + 1)).with_columns(
        pl.int_range(pl.len()).cast(pl.String).alias("research_id")
    )
    whole = replace(release, columns=tuple(few), frame=many)
    write_formats(with_order(whole, formats=("csv", "dta"), languages=()), tmp_path)
    assert pl.read_csv(tmp_path / "data.csv", schema=many.schema).equals(many)
    told, _ = pyreadstat.read_dta(str(tmp_path / "data.dta"))
    assert told["research_id"].tolist() == many["research_id"].to_list()
    assert told["yp_contact_fair"].fillna(-1).tolist() == [max(one, -1) for one in many["yp_contact_fair"]]


def test_excel_gets_a_mark_of_utf8_when_it_is_asked_for(release: Release, tmp_path: Path) -> None:
    write_formats(with_order(release, formats=("csv",), excel=True), tmp_path)
    assert (tmp_path / "data.csv").read_bytes().startswith(b"\xef\xbb\xbfresearch_id,")


def test_sav_has_labels_measures_and_user_missing_values(release: Release, written: Path) -> None:
    told, meta = pyreadstat.read_sav(str(written / "data.sav"), user_missing=True)
    assert told["yp_contact_fair"].tolist() == release.frame["yp_contact_fair"].to_list()
    assert meta.variable_value_labels["yp_contact_fair"][-8] == "Not applicable (routed past)"
    assert meta.missing_ranges["yp_contact_fair"] == [{"lo": -9, "hi": -1}]
    assert meta.missing_ranges["yp_contact"] == [{"lo": "-2", "hi": "-2"}]
    measures = [meta.variable_measure[name] for name in ("sex", "age", "yp_fair_1")]
    assert measures == ["nominal", "scale", "ordinal"]
    assert meta.column_names_to_labels["site"] == "Which city is this about?"
    assert pandas.isna(pyreadstat.read_sav(str(written / "data.sav"))[0]["yp_contact_fair"][3])


def test_a_multiple_answer_is_also_told_code_by_code(written: Path) -> None:
    told, meta = pyreadstat.read_sav(str(written / "data.sav"), user_missing=True)
    people = told.set_index("research_id").loc[["R01", "R05", "R09"]]
    assert people["yp_contact"].tolist() == ["2", "1 2", "-2"]
    assert people["yp_contact__1"].tolist() == [0, 1, -2]
    assert people["yp_contact__2"].tolist() == [1, 1, -2]
    assert meta.variable_value_labels["yp_contact__1"][1] == "Chosen"


def test_dta_has_labels_and_extended_missing_values(release: Release, written: Path) -> None:
    told, meta = pyreadstat.read_dta(str(written / "data.dta"), user_missing=True)
    asked = release.frame["yp_contact_fair"].to_list()
    assert told["yp_contact_fair"].tolist() == [LETTERS.get(value, value) for value in asked]
    assert meta.variable_value_labels["yp_contact_fair"]["h"] == "Not applicable (routed past)"
    assert told["yp_contact"].tolist() == release.frame["yp_contact"].to_list()
    by_pandas = pandas.read_stata(written / "data.dta", convert_categoricals=False, convert_missing=True)
    assert [str(value) for value in by_pandas["yp_contact_fair"][3:5]] == [".h", "5"]


def test_labels_come_in_each_language_that_was_asked_for(written: Path) -> None:
    for path, read, blank in (("data.ar.sav", pyreadstat.read_sav, -9), ("data.ar.dta", pyreadstat.read_dta, "i")):
        _, meta = read(str(written / path), user_missing=True)
        assert meta.variable_value_labels["yp_fair_1"][blank] == "تُرك فارغًا"


SAID = {"en": "How safe?", "ur": "کتنا محفوظ؟", "ar": "ما مدى الأمان؟", "bn": "কতটা নিরাপদ?"}
LEFT_BLANK = {"en": "Left blank", "ur": "خالی چھوڑا گیا", "ar": "تُرك فارغًا", "bn": "ফাঁকা রাখা হয়েছে"}
TITLES = {"en": "Codebook", "ur": "کوڈ بک", "ar": "دليل الرموز", "bn": "কোডবুক"}


def test_the_studys_own_words_stand_in_every_file_in_each_of_its_languages(
    instrument: Instrument, tmp_path: Path
) -> None:
    words, very = Text(tuple(SAID.items())), Text(tuple((tag, f"{said} 1") for tag, said in SAID.items()))
    asked = replace(item("asked", "", CHOICES), label=words, choices=(Choice("1", very),))
    made = with_order(made_of(instrument, {asked: [1]}), formats=tuple(FORMATS), languages=("ur", "ar", "bn"))
    write_formats(made, tmp_path)
    for tag, said in SAID.items():
        tagged = "" if tag == "en" else f".{tag}"
        for form, read, blank in (("sav", pyreadstat.read_sav, -9), ("dta", pyreadstat.read_dta, "i")):
            meta = read(str(tmp_path / f"data{tagged}.{form}"), user_missing=True)[1]
            assert meta.column_names_to_labels["asked"] == said
            words_told = meta.variable_value_labels["asked"]
            assert (words_told[1], words_told[blank]) == (f"{said} 1", LEFT_BLANK[tag])
        page = (tmp_path / f"codebook{tagged}.html").read_text("utf-8")
        assert all(one in page for one in (f"{said} 1", LEFT_BLANK[tag], f"<h1>{TITLES[tag]}"))
        assert f'<labl xml:lang="{tag}">{said}</labl>' in (tmp_path / "ddi.xml").read_text("utf-8")


def test_blanks_stand_for_missing_codes_where_that_was_asked_for(release: Release, tmp_path: Path) -> None:
    write_formats(with_order(release, formats=("csv", "sav", "dta"), missing="blank"), tmp_path)
    sav, meta = pyreadstat.read_sav(str(tmp_path / "data.sav"), user_missing=True)
    dta, _ = pyreadstat.read_dta(str(tmp_path / "data.dta"), user_missing=True)
    assert meta.missing_ranges == {}
    assert -8 not in meta.variable_value_labels["yp_contact_fair"]
    assert sav["yp_contact_fair"].isna().sum() == dta["yp_contact_fair"].isna().sum() == 5
    assert "-8" in (tmp_path / "data.csv").read_text("utf-8")


def test_answers_below_zero_stay_answers_in_sav_or_are_refused(instrument: Instrument, tmp_path: Path) -> None:
    cold = item("degrees", "How cold was it?", {"-1": "Don't know"}, kind="integer")
    write_formats(with_order(made_of(instrument, {cold: [-4, 3, -9, -1]}), formats=("sav",)), tmp_path)
    told, _ = pyreadstat.read_sav(str(tmp_path / "data.sav"))
    assert told["degrees"].isna().tolist() == [False, False, True, True]
    colder = made_of(instrument, {cold: [-4, -5, -2, -1]})
    with pytest.raises(ReleaseError, match="degrees"):
        refuse_formats(with_order(colder, formats=("sav",)))


def test_a_text_that_is_too_long_for_a_row_of_dta_is_whole(instrument: Instrument, tmp_path: Path) -> None:
    long = "ب" * 3000
    told = made_of(instrument, {item("said", "What?", kind="text"): [long, "-9"], item("n", "n", CHOICES): [1, -2]})
    write_formats(with_order(told, formats=("dta", "sav")), tmp_path)
    for read, path, no in ((pyreadstat.read_dta, "data.dta", "b"), (pyreadstat.read_sav, "data.sav", -2)):
        back, _ = read(str(tmp_path / path), user_missing=True)
        assert (back["said"].tolist(), back["n"].tolist()) == ([long, "-9"], [1, no])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(label=WORDS, words=WORDS, cells=st.lists(PRINTED, min_size=1, max_size=4))
def test_hostile_labels_and_values_come_back(
    instrument: Instrument, tmp_path: Path, label: str, words: str, cells: list[str]
) -> None:
    asked, said = item("asked", label, {**CHOICES, "1": words}), item("said", label, kind="text")
    made = made_of(instrument, {asked: [1] * len(cells), said: cells})
    write_formats(with_order(made, formats=tuple(FORMATS)), tmp_path)
    for form, read in (("sav", pyreadstat.read_sav), ("dta", pyreadstat.read_dta)):
        told, meta = read(str(tmp_path / f"data.{form}"), user_missing=True)
        assert meta.column_names_to_labels["asked"] == label_for(form, label)
        assert meta.variable_value_labels["asked"][1] == words_for(form, words)
        assert [cell.rstrip(" ") for cell in told["said"]] == [cell.rstrip(" ") for cell in cells]
    with (tmp_path / "data.csv").open(encoding="utf-8", newline="") as file:
        assert [row["said"] for row in csv.DictReader(file)] == [neutral(cell) for cell in cells]


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("aب্কाী👩‍🏽é́ "), max_size=200), st.integers(8, 150))
def test_a_label_is_cut_between_characters(text: str, most: int) -> None:
    told = cut(text, most)
    assert len(told.encode()) <= most
    assert told == text or text.startswith(told.removesuffix("…"))


def test_the_codebook_says_which_labels_are_cut(instrument: Instrument, tmp_path: Path) -> None:
    asked = item("asked", "প্রশ্ন " * 40, {**CHOICES, "1": "কখনও না " * 10})
    made = made_of(instrument, {asked: [1, 2]})
    write_formats(with_order(made, formats=("sav", "dta", "codebook")), tmp_path)
    row = list(csv.DictReader(io.StringIO((tmp_path / "codebook.csv").read_text("utf-8"))))[1]
    assert row["in_sav_and_dta"] == (
        "the label is cut in .sav; the words of 1 are cut in .sav; the label is cut in .dta"
    )
    assert "the label is cut in .sav" in (tmp_path / "codebook.html").read_text("utf-8")
    assert len(label_for("sav", asked.label.in_language("en")).encode()) <= LONGEST["sav"][0]
