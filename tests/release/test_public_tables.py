"""Public tables: what is withheld stays withheld, also beside earlier ones; noise is paid for once and said."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from errors import ReleaseError
from instruments.model import Instrument, Text
from privacy.tables import narrow_cells
from release.budget import WHOLE, Ledger, drawn_once, spent
from release.desk_notes import FOLDER
from release.journal import FOLDER as JOURNAL
from release.journal import desk_journal
from release.ledger import Entry, earlier_releases, remember
from release.public_files import exact_files
from release.public_tables import group_tables
from release.source import Source
from release.specification import Specification, read_specification, specification_of
from release.specification_text import to_toml
from release.tables_ledger import tables_beside
from storage.journal import read_journal
from tests.conftest import STUDY, TODAY, Keys
from tests.summaries import made_up

FEW = ["yp_fair_1", "yp_fair_2", "yp_trust_1"]
MARK = "fewer than 10, or withheld to protect others"
Make = Callable[..., Mapping[str, bytes]]


def order(**more: object) -> Specification:
    told = {"purpose": "=for anybody", "preset": "public", "groups": ["young_person"], "language": "en"}
    return specification_of({**told, "variables": FEW, **more})


@pytest.fixture(scope="module")
def crowd(instrument: Instrument) -> pl.DataFrame:
    return made_up(instrument, {"young_person": 140, "police_officer": 8})


@pytest.fixture
def make(tmp_path: Path, instrument: Instrument, keys: Keys) -> Make:
    source = Source("bundle", STUDY, {instrument.digest: instrument}, ())

    def made(people: pl.DataFrame, ordered: Specification) -> Mapping[str, bytes]:
        return tables_beside(source, people, ordered, tmp_path, [keys.research], TODAY).files

    return made


def rows_of(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files["tables.csv"].decode(), newline="")))


def test_every_closed_question_is_told_by_place_and_no_cell_is_given_away(
    instrument: Instrument, crowd: pl.DataFrame
) -> None:
    ordered = order(variables=[item.name for item in instrument.research_items("young_person")])
    (group,) = group_tables((instrument,), crowd, ordered)
    assert ("site", "yp_fair_1") in group.crossings
    assert len(group.crossings) > 20
    assert not any("yp_contact_fair" in names for names in group.crossings)  # asked only after an answer
    assert not narrow_cells(group.tables, group.withheld(10), 10)
    counts = [row["count"] for row in rows_of(exact_files((group,), ordered, instrument))]
    assert all(count == MARK or int(count) >= 10 for count in counts)
    assert MARK in counts
    assert set(counts) != {MARK}


def test_nobody_without_a_place_is_no_cell_and_somebody_without_is_one(
    instrument: Instrument, crowd: pl.DataFrame
) -> None:
    assert group_tables((instrument,), crowd, order())[0].values["site"] == ("1", "2")
    some = crowd.with_columns(site=pl.when(pl.int_range(pl.len()) < 15).then(None).otherwise(pl.col("site")))
    assert group_tables((instrument,), some, order())[0].values["site"] == ("1", "2", "none")


def test_percentages_come_from_published_counts_rounded_half_up(make: Make, crowd: pl.DataFrame) -> None:
    rows = rows_of(make(crowd, order()))
    told = {(row["table"], row["code_1"], row["code_2"]): row for row in rows}
    shared = [row for row in rows if row["percent"]]
    assert shared
    for row in shared:
        part, whole = int(row["count"]), int(told[row["table"], row["code_1"], "all"]["count"])
        assert row["percent"] == f"{(2000 * part + whole) // (2 * whole) / 10:.1f}"


def test_the_page_marks_withheld_cells_alike_and_runs_nothing(make: Make, crowd: pl.DataFrame) -> None:
    files = make(crowd, order())
    page = files["tables.html"].decode()
    assert ": public tables</title>" in page
    assert "withheld" in page
    assert "<script" not in page
    assert set(files) == {"tables.csv", "tables.html", "tables.json", "README.txt"}
    assert "offence" in files["README.txt"].decode()


def test_no_cell_of_the_csv_is_a_formula(instrument: Instrument, crowd: pl.DataFrame) -> None:
    ordered = order(tables=[["site"]])
    (group,) = group_tables((instrument,), crowd, ordered)
    site = group.items["site"]
    hostile = replace(site, choices=tuple(replace(one, label=Text((("en", "=1+1"),))) for one in site.choices))
    files = exact_files((replace(group, items={"site": hostile}),), ordered, instrument)
    assert {row["label_1"] for row in rows_of(files)} == {"'=1+1", "All"}


def test_the_licence_stands_where_people_read(make: Make, crowd: pl.DataFrame) -> None:
    files = make(crowd, order(licence="CC BY 4.0, <all>"))
    assert "Licence: CC BY 4.0, <all>\n" in files["README.txt"].decode()
    assert "Licence: CC BY 4.0, &lt;all&gt;." in files["tables.html"].decode()
    assert json.loads(files["tables.json"])["licence"] == "CC BY 4.0, <all>"


def test_the_same_tables_again_are_the_same_files_and_other_ones_are_refused(make: Make, crowd: pl.DataFrame) -> None:
    assert make(crowd, order()) == make(crowd, order())
    with pytest.raises(ReleaseError, match="made before"):
        make(crowd, order(tables=[["sex", "yp_fair_1"]]))
    with pytest.raises(ReleaseError, match="made before"):
        make(crowd.filter(pl.col(".group") == "young_person")[20:], order())
    with pytest.raises(ReleaseError, match="exact tables already"):
        make(crowd, order(privacy={"rho": 0.1}))


def test_tables_are_refused_where_an_earlier_release_leaves_a_few_people(
    make: Make, crowd: pl.DataFrame, tmp_path: Path, keys: Keys
) -> None:
    labels = crowd.filter(pl.col(".group") == "young_person").get_column(".linked").to_list()
    remember(tmp_path, keys.research, STUDY, Entry("rows", "for the archive", TODAY, frozenset(labels[3:])))
    with pytest.raises(ReleaseError, match="for the archive"):
        make(crowd, order())
    files = make(crowd, order(hold_back=True))
    assert files
    (ours,) = (one for one in earlier_releases(tmp_path, [keys.research], STUDY) if one.kind == "tables")
    assert len(ours.people ^ frozenset(labels[3:])) in {0, *range(10, 200)}


def test_a_group_of_few_people_has_no_count_at_all(make: Make, crowd: pl.DataFrame) -> None:
    ordered = specification_of(
        {"purpose": "x", "preset": "public", "groups": ["police_officer"], "language": "en", "tables": [["site"]]}
    )
    assert {row["count"] for row in rows_of(make(crowd, ordered))} == {MARK}


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ([["site", "sex"], ["sex", "yp_fair_1"], ["yp_fair_1", "site"]], "ring"),
        ([["yp_contact_fair"]], "of the group young_person cannot hold"),
        ([["age"]], "cannot hold"),
        ([["site", "sex", "yp_fair_1", "yp_fair_2"]], "at most 3"),
    ],
)
def test_tables_that_cannot_be_checked_are_refused(
    make: Make, crowd: pl.DataFrame, tables: list[list[str]], words: str
) -> None:
    with pytest.raises(ReleaseError, match=words):
        make(crowd, order(tables=tables))


def test_the_order_of_tables_is_written_and_read_as_toml() -> None:
    ordered = order(tables=[["respondent_group", "site"], ["sex"]])
    assert ordered.tables == (("respondent_group", "site"), ("sex",))
    assert read_specification(to_toml(ordered)) == ordered
    with pytest.raises(ReleaseError, match="list of lists"):
        order(tables=["site"])
    with pytest.raises(ReleaseError, match="kind must be tables"):
        order(tables=[["site"]], kind="summary")


@pytest.mark.parametrize("privacy", [{"rho": 0.3}, {"epsilon": 0.9}])
def test_noise_is_drawn_once_paid_once_and_said(
    make: Make, crowd: pl.DataFrame, tmp_path: Path, keys: Keys, privacy: dict[str, float]
) -> None:
    files, ledger = make(crowd, order(privacy=privacy)), Ledger(tmp_path, [keys.research], STUDY)
    cost = Fraction(3, 10) if "rho" in privacy else Fraction(81, 200)
    assert make(crowd, order(privacy=privacy, purpose="another")).get("tables.csv") == files["tables.csv"]
    assert spent(ledger) == cost
    rows = rows_of(files)
    assert all(int(row["error_95"]) > 0 and not row["percent"] and "all" not in row.values() for row in rows)
    assert "±" in files["tables.html"].decode()
    with pytest.raises(ReleaseError, match="noisy tables already"):
        make(crowd, order())
    with pytest.raises(ReleaseError, match="budget of this study does not reach"):
        make(crowd, order(privacy=privacy, variables=FEW[:2]))
    assert spent(ledger) == cost


def test_noisy_numbers_are_near_the_counts_and_no_count_stands_beside_them(
    make: Make, crowd: pl.DataFrame, instrument: Instrument
) -> None:
    ordered = order(privacy={"rho": 0.5})
    told = json.loads(make(crowd, ordered)["tables.json"])
    (group,) = group_tables((instrument,), crowd, ordered)
    away = [
        cell["count"] - group.tables.counts[frozenset(zip(table["variables"], cell["values"], strict=True))]
        for table in told["tables"]
        for cell in table["cells"]
    ]
    # Variance T / (2 rho) = 3: further than 14 (8 deviations) comes once in 10^15 cells.
    assert 0 < max(map(abs, away)) < 14


def test_which_cells_have_noise_does_not_follow_from_who_is_there(instrument: Instrument, crowd: pl.DataFrame) -> None:
    ordered = order(privacy={"rho": 0.1}, groups=["young_person", "community_leader"], tables=[["site"]])
    shapes = [
        [(one.group.name, list(one.inner())) for one in group_tables((instrument,), people, ordered)]
        for people in (crowd, crowd.clear())
    ]
    assert shapes[0] == shapes[1]
    assert len(shapes[0]) == 2
    assert (("site",), frozenset({("site", "none")})) in shapes[0][0][1]


def test_what_is_spent_is_gone_though_drawing_fails(tmp_path: Path, keys: Keys) -> None:
    ledger = Ledger(tmp_path, [keys.research], STUDY)

    def fails() -> dict[str, int]:
        assert spent(ledger) == Fraction(1, 4)  # written before
        raise OSError("stopped")

    with pytest.raises(OSError, match="stopped"):
        drawn_once(ledger, "order", Fraction(1, 4), fails, TODAY)
    assert drawn_once(ledger, "order", Fraction(1, 4), lambda: {"a": 3}, TODAY) == ({"a": 3}, 0)
    assert drawn_once(ledger, "order", Fraction(1, 4), lambda: {"a": 4}, TODAY) == ({"a": 3}, 0)
    with pytest.raises(ReleaseError, match="0 is left of 0.5"):
        drawn_once(ledger, "other", Fraction(1, 10**6), lambda: {"a": 3}, TODAY)
    assert spent(ledger) == WHOLE


def test_a_budget_that_cannot_be_read_stops_noise(tmp_path: Path, keys: Keys) -> None:
    ledger = Ledger(tmp_path, [keys.research], STUDY)
    drawn_once(ledger, "order", Fraction(1, 4), lambda: {"a": 3}, TODAY)
    for note in (tmp_path / FOLDER).glob("budget-*"):
        note.write_bytes(note.read_bytes()[:-1])
    with pytest.raises(ReleaseError, match="does not open"):
        spent(ledger)


def test_a_note_of_what_was_spent_that_is_taken_away_is_missed_and_stops_noise(tmp_path: Path, keys: Keys) -> None:
    ledger, folder = Ledger(tmp_path, [keys.research], STUDY), tmp_path / FOLDER
    drawn_once(ledger, "order", Fraction(1, 4), lambda: {"a": 3}, TODAY)
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    with pytest.raises(ReleaseError, match=r"journal says that rho = 0\.25 .* notes tell of 0: notes are missing"):
        drawn_once(ledger, "other", Fraction(1, 4), lambda: {"a": 3}, TODAY)
    folder.mkdir()
    for path, data in kept.items():
        path.write_bytes(data)
    assert drawn_once(ledger, "other", Fraction(1, 8), lambda: {"a": 3}, TODAY)[1] == Fraction(1, 8)
    with desk_journal(tmp_path) as office:
        assert [(one.act, one.detail) for one in read_journal(office)] == [("noise_paid", "1/4"), ("noise_paid", "3/8")]
    # The journal alone taken away gives nothing back either: the notes count.
    shutil.rmtree(tmp_path / JOURNAL)
    assert spent(ledger) == Fraction(3, 8)
