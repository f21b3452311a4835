"""A version comes back out as a workbook: the same study when it is read again, another one once a cell is edited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from commands import DEFAULT_STUDY
from errors import InstrumentError
from instruments.back_out import backed_out
from instruments.catalogue import StudyDefinition, load_study, study_in
from instruments.model import Instrument, Text
from instruments.workbooks import Workbook, read_bytes
from instruments.writing import workbook_of
from tests.changing import english
from tests.workbooks_edited import edited, row_of

DATA = Path(__file__).parent / "data"
FORMS = sorted((DATA / "forms").iterdir())
ODD = DATA / "back_out" / "odd.md"  # what forms seldom hold, all in one
CLASSIFIED = DATA / "back_out" / "classified.md"  # one that says how private each question is
ROUTES = (
    {"consent_route": '"verbal_witnessed"', "minor_consent": '"parent_and_assent"'},
    {"consent_route": '"signed"', "minor_consent": '"self_plus_parent_info"'},
    {"keep_single_years": "true", "cut_off_days": "44"},
    {'"institution"': '"  The “University”  of X [1], or  [date] "', '"10"': '"1"'},
)


def read(data: bytes) -> StudyDefinition:
    return study_in(read_bytes("study.xlsx", data))


def book_of(instrument: Instrument) -> Workbook:
    return read_bytes("study.xlsx", workbook_of(instrument))


@pytest.fixture(scope="module")
def book(instrument: Instrument) -> Workbook:
    return book_of(instrument)


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", [DEFAULT_STUDY, ODD, CLASSIFIED, *FORMS], ids=name)
def test_what_comes_out_is_the_same_study_when_it_is_read(path: Path) -> None:
    study = load_study(path)
    assert read(workbook_of(study.instrument, study.settings)).instrument.digest == study.instrument.digest
    assert read(backed_out(study.instrument)).instrument == study.instrument


@pytest.mark.parametrize("changes", ROUTES, ids=str)
def test_so_is_what_other_settings_made_of_it(
    with_settings: Callable[..., Instrument], with_words: Callable[..., Instrument], changes: dict[str, str]
) -> None:
    if '"10"' not in changes:
        made = with_settings(**changes)
    else:
        told = [("study.toml", f'{bracket} = ""', f"{bracket} = {words}") for bracket, words in changes.items()]
        made = with_words(*told, ("study.toml", "[fill_in]", '[fill_in]\n"1" = ""'))
    assert read(workbook_of(made)).instrument.digest == made.digest


def test_a_switched_on_question_stays_on_with_its_reason_and_only_where_it_was(
    tmp_path: Path, instrument: Instrument
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    for path in DEFAULT_STUDY.rglob("*.*"):
        (folder / path.relative_to(DEFAULT_STUDY).parent).mkdir(exist_ok=True)
        (folder / path.relative_to(DEFAULT_STUDY)).write_bytes(path.read_bytes())
    told = (folder / "study.toml").read_text("utf-8")
    (folder / "study.toml").write_text(told.replace("[switched_on]", '[switched_on]\npo_rank = "ethics 7"'), "utf-8")
    study = load_study(folder)
    again = read(workbook_of(study.instrument, study.settings))
    assert again.instrument.digest == study.instrument.digest
    assert again.settings.switch_reasons == {"po_rank": "ethics 7"}
    # The reasons of today beside a version that did not ask this.
    earlier = read(workbook_of(instrument, study.settings))
    assert (earlier.instrument.digest, earlier.settings.switch_reasons) == (instrument.digest, {})


def test_settings_that_act_at_once_come_along() -> None:
    study = load_study(DEFAULT_STUDY)
    told = replace(study.settings, plain_path=True, neutral_title=english("A study"), quotas={"police_officer": 7})
    again = read(workbook_of(study.instrument, told)).settings
    assert (again.plain_path, again.neutral_title, again.quotas) == (True, english("A study"), {"police_officer": 7})
    assert again.retention == study.settings.retention
    assert again.fill_in == dict.fromkeys(study.settings.fill_in, "")


def test_without_them_a_workbook_has_safe_ones(instrument: Instrument) -> None:
    again = read(workbook_of(instrument)).settings
    assert (again.plain_path, again.neutral_title, again.quotas) == (False, instrument.title, {})
    assert again.retention["backup_days"] == 35


@pytest.mark.parametrize("path", [DEFAULT_STUDY, ODD, DATA / "forms" / "household_roster.md"], ids=name)
def test_every_xlsform_tool_can_convert_it(path: Path, tmp_path: Path) -> None:
    from pyxform.xls2xform import convert

    file = tmp_path / "study.xlsx"
    instrument = load_study(path).instrument
    file.write_bytes(workbook_of(instrument))
    made = ElementTree.fromstring(convert(file, validate=False).xform)  # noqa: S314 (made here)
    bound = {element.get("nodeset", "").rpartition("/")[2] for element in made.iter() if element.tag.endswith("}bind")}
    items = {item.name for part in instrument.parts for block in part.blocks for item in block.items}
    assert items <= bound | {item for item in items if instrument.item(item).kind == "note"}
    assert made.find(".//{http://www.w3.org/1999/xhtml}title").text == instrument.title.translations[0][1]


def test_the_same_version_gives_the_same_bytes_at_any_time(instrument: Instrument) -> None:
    written = workbook_of(instrument)
    with ZipFile(BytesIO(written)) as book:
        assert {member.date_time[0] for member in book.infolist()} == {1980}
        assert b"dcterms" not in book.read("docProps/core.xml").replace(b"xmlns:dcterms", b"")
    assert written == workbook_of(instrument)


def test_what_looks_like_a_formula_or_an_escape_is_words() -> None:
    written = workbook_of(load_study(ODD).instrument)
    sheet = load_workbook(BytesIO(written))["survey"]
    found = [cell for line in sheet.iter_rows() for cell in line if str(cell.value).startswith(("=", "+"))]
    assert {(cell.value, cell.data_type, cell.quotePrefix) for cell in found} >= {("=1+1", "s", True)}
    assert {cell.data_type for cell in found} == {"s"}
    again = read(written).instrument
    assert again.item("odd.one").label.in_language("en") == "+44 \"and\" 'so' _x000A_"


def test_rounds_and_labels_are_written_as_a_person_would_write_them() -> None:
    odd, classified = (book_of(load_study(path).instrument) for path in (ODD, CLASSIFIED))
    for book, name, column, words in (
        (odd, "words", "calculation", "jr:choice-name(${q}, '${q}')"),
        (odd, "nm_2", "relevant", "1 = 1 and ${r_more_1} = 1"),
        (odd, "r_more_1", "bind::amanah:referent", "not decided"),
        (odd, "left_out", "bind::amanah:left_out", "yes"),
        (classified, "visit_any", "bind::amanah:referent", "this form"),
        (classified, "place_2", "bind::amanah:longest", "80"),
    ):
        assert row_of(book, "survey", {"name": name}).cells[column] == words


SURVEY_EDITS = [
    ({"name": "yp_fair_1"}, "label::English (en)", "How often do officers listen?"),
    ({"name": "c_info"}, "required", ""),
    ({"name": "age"}, "bind::amanah:stored_level", "2"),
    ({"name": "yp_fair_3"}, "bind::amanah:reverse", ""),
    ({"name": "part_support"}, "label::English (en)", "Help"),
    ({"name": "info_1"}, "label::English (en)", "Who this is"),
    ({"name": "po_rank"}, "bind::amanah:on", ""),
]
HEAD_EDITS = [
    ({"kind": "setting", "name": "cut_off_days"}, "value", "30"),
    ({"kind": "group", "name": "young_person"}, "maximum_age", "24"),
    ({"kind": "fill_in", "name": "institution"}, "value", "the University"),
    ({"kind": "category", "code": "16-17"}, "title", "Sixteen and seventeen"),
    ({"kind": "release", "name": "k"}, "value", "7"),
    ({"kind": "scale", "name": "yp_fair"}, "minimum_answered", "2"),
]


@pytest.mark.parametrize(
    ("sheet", "row", "column", "words"),
    [*(("survey", *edit) for edit in SURVEY_EDITS), *(("amanah", *edit) for edit in HEAD_EDITS)],
)
def test_an_edited_cell_makes_another_version(
    instrument: Instrument, book: Workbook, sheet: str, row: dict[str, str], column: str, words: str
) -> None:
    again = study_in(edited(book, ((sheet, row, column), words))).instrument
    assert again.digest != instrument.digest
    assert words in again.canonical.decode()


def test_the_promise_follows_a_cut_off_that_is_edited_and_no_sheet_names_another(
    instrument: Instrument, book: Workbook
) -> None:
    days = (("amanah", {"kind": "setting", "name": "cut_off_days"}, "value"), "44")
    again = study_in(edited(book, days)).instrument
    assert b"the date on your card: 44 days after you take part" in again.canonical
    assert b"28 days after" not in again.canonical
    # As a workbook says it that was written before the bracket came back out.
    plain = ("survey", {"name": "info_10_a"}, "label::English (en)")
    with pytest.raises(InstrumentError, match=r"names 28 days, and cut_off_days is 44; write \[date on your card"):
        study_in(edited(book, days, (plain, "until the date on your card: 28 days after you take part.")))


def test_what_no_sheet_can_say_is_refused_and_not_changed_on_the_way(instrument: Instrument) -> None:
    spoken = replace(instrument, title=Text((("ur", "مطالعہ"), ("en", "A study"))))
    with pytest.raises(InstrumentError, match="holds something that no sheet can say"):
        backed_out(spoken)
