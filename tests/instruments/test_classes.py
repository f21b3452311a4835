"""The file beside a form says how private it is: read as it was written, refused by its place, honoured everywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from errors import InstrumentError, Problem, SettingsError
from instruments.catalogue import check_study, load_study
from instruments.model import Instrument
from instruments.privacy_classes.classes import (
    Decision,
    classes_csv,
    classes_file,
    parse_classes,
    read_classes,
    write_classes,
)
from instruments.privacy_classes.classify import in_columns, proposals_for, write_proposals
from instruments.reading.starter import write_study
from instruments.settings import read_toml
from study_commands import study

FORM = """
| survey |
| | type | name | label | calculation |
| | text | first_name | Your first name | |
| | select_one yn or_other | seen | Have you seen an officer this year, ${first_name}? | |
| | text | why | What do you think of that? | |
| | integer | years | How many years have you lived here? | |
| | calculate | months | | ${years} * 12 |
| | note | thanks | Thank you. | |
| choices |
| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
"""
HEAD = "amanah-classes,1\nname,privacy,stored,special,hierarchy,reason\n"
DECIDED = (
    Decision("first_name", "direct", "nowhere", reason="Asks for a name, as ever."),
    Decision("seen", "sensitive", "research", special=True, reason='The team says: "sensitive".'),
    Decision("why", "open", "research"),
    Decision("years", "quasi", "research"),
    Decision("months", "ordinary", "nowhere", reason="متى"),
)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "my_form.md"
    path.write_text(FORM, "utf-8")
    return path


def told(form: Path, rows: str, head: str = HEAD) -> list[str]:
    """What the check says with these rows in the file beside the form."""
    classes_file(form).write_text(head + rows, "utf-8")
    return [str(problem) for problem in check_study(form)]


def kept(instrument: Instrument) -> dict[str, tuple[str, str, bool]]:
    names = ("first_name", "seen", "seen_other", "why", "years", "months")
    items = map(instrument.item, names)
    return {item.name: (item.privacy, item.kept, item.special_category) for item in items}


def test_it_is_read_as_it_was_written(form: Path) -> None:
    assert read_classes(form) is None
    assert write_classes(form, DECIDED) == form.with_name("my_form.classes.csv")
    assert read_classes(form) == DECIDED
    assert sorted(path.name for path in form.parent.iterdir()) == ["my_form.classes.csv", "my_form.md"]
    write_classes(form, DECIDED[:1])
    assert read_classes(form) == DECIDED[:1]


def test_where_it_cannot_be_written_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        write_classes(tmp_path / "no_folder" / "form.md", DECIDED)


def test_a_spreadsheet_that_saved_it_again_does_no_harm() -> None:
    lines = classes_csv(DECIDED).decode().splitlines()
    lines[0] += ",,,,"
    assert parse_classes("f.csv", ("\ufeff" + "\r\n".join([*lines, ",,,,,"])).encode()) == DECIDED


@pytest.mark.parametrize("begins", ["=", "= =", " =", "\t+", "＝", "- @"])
def test_no_reason_is_worked_out_by_a_spreadsheet(begins: str) -> None:
    written = classes_csv([Decision("q", "quasi", "research", reason=f"{begins}SUM(A1)")])
    assert b"\nq,quasi,research,no,,SUM(A1)\n" in written


def test_a_form_that_says_nothing_is_treated_as_private_as_it_can_be_and_said_so_once(form: Path) -> None:
    found = [problem for problem in check_study(form) if "how private" in problem.message]
    assert [(problem.file, problem.is_warning) for problem in found] == [("my_form.md, sheet survey", True)]
    assert "flask study classify" in found[0].message
    assert kept(load_study(form).instrument) == {
        "first_name": ("open", "research", False),
        "seen": ("quasi", "research", False),
        "seen_other": ("open", "research", False),
        "why": ("open", "research", False),
        "years": ("quasi", "research", False),
        "months": ("quasi", "research", False),
    }


def test_the_instrument_says_what_the_team_decided(form: Path) -> None:
    write_classes(form, DECIDED)
    assert [problem for problem in check_study(form) if "private" in problem.message] == []
    assert kept(load_study(form).instrument) == {
        "first_name": ("direct", "nowhere", False),
        "seen": ("sensitive", "research", True),
        "seen_other": ("open", "research", True),
        "why": ("open", "research", False),
        "years": ("quasi", "research", False),
        "months": ("ordinary", "nowhere", False),
    }


def test_what_the_file_does_not_name_stays_private_and_is_named(form: Path) -> None:
    write_classes(form, [Decision("years", "ordinary", "research")])
    found = kept(load_study(form).instrument)
    assert (found["years"][0], found["why"][0], found["seen"][0], found["months"][0]) == (
        "ordinary", "open", "quasi", "quasi",
    )  # fmt: skip
    (warning,) = (problem for problem in check_study(form) if problem.file == "my_form.classes.csv")
    assert warning.is_warning
    assert all(name in warning.message for name in ("4 questions", "first_name", "seen", "why", "months"))


@pytest.mark.parametrize(
    ("rows", "place", "says"),
    [
        ("nobody,quasi,research,,,\n", "row 3, column name", "no such question"),
        ("thanks,quasi,research,,,\n", "row 3, column name", "no such question"),
        ("seen_other,open,research,,,\n", "row 3, column name", "no such question"),
        ("why,secret,research,,,\n", "row 3, column privacy", "direct, quasi, sensitive, ordinary, open"),
        ("why,,research,,,\n", "row 3, column privacy", "write one of these"),
        ("why,open,cloud,,,\n", "row 3, column stored", "research, identity, nowhere"),
        ("why,open,research,maybe,,\n", "row 3, column special", "yes, no"),
        ("why,open,research,,,\n\nwhy,open,research,,,\n", "row 5, column name", "row 3 already"),
        (",open,research,,,\n", "row 3, column name", "write that of the question"),
        ("first_name,direct,research,,,\n", "row 3, column stored", "write nowhere"),
        ("first_name,direct,identity,,,\n", "row 3, column stored", "only the part contact"),
        ("years,quasi,research,,age_bands,\n", "row 3, column hierarchy", "declares no hierarchy 'age_bands'"),
        ("years,quasi,nowhere,,,\nmonths,quasi,research,,,\n", "row 8, column calculation", "keep this nowhere too"),
        ("why,open,research,,,,more\n", "row 3, column G", "no heading"),
    ],
)
def test_what_is_wrong_in_it_is_named_with_its_place(form: Path, rows: str, place: str, says: str) -> None:
    found = [one for one in told(form, rows) if not one.startswith("warning")]
    file = "my_form.md, sheet survey" if "calculation" in place else "my_form.classes.csv"
    assert any(one.startswith(f"{file}, {place}: ") and says in one for one in found), found
    assert len(found) == 1


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("", "amanah-classes,1"),
        ("name,privacy,stored\n", "amanah-classes,1"),
        ("amanah-classes,2\n", "this software reads version 1"),
        ("amanah-classes;1\n", "amanah-classes,1"),
        ("amanah-classes,1\nname,privacy\n", "column stored: this column is missing"),
        ("amanah-classes,1\nname,privacy,stored,mood\n", "column mood: this column is not known"),
        ("amanah-classes,1\nname,name,stored\n", "stands there twice"),
    ],
)
def test_a_file_of_another_kind_is_refused(form: Path, head: str, says: str) -> None:
    assert any(says in one and one.startswith("my_form.classes.csv") for one in told(form, "why,open\n", head))


def test_whatever_its_bytes_it_is_read_or_refused() -> None:
    whole = classes_csv(DECIDED)
    for at in range(len(whole)):
        for data in (whole[:at], whole[:at] + b"\0" + whole[at:], whole[:at] + b'\xff"\n,' + whole[at + 1 :]):
            assert all(isinstance(one, Decision | Problem) for one in read_or_refused(data))


def read_or_refused(data: bytes) -> tuple[Decision | Problem, ...]:
    try:
        return parse_classes("f.csv", data)
    except InstrumentError as error:
        return error.problems


def test_all_that_is_wrong_is_named_at_once(form: Path) -> None:
    form.write_text(FORM.replace("integer", "geopoint"), "utf-8")
    found = told(form, "nobody,secret,research,,,\n")
    assert len(found) == 2
    assert any("geopoint" in one for one in found)
    assert any("secret" in one for one in found)


def test_a_form_that_says_it_itself_has_no_such_file(tmp_path: Path) -> None:
    form = tmp_path / "own.md"
    form.write_text(
        "| survey |\n| | type | name | label | bind::amanah:privacy | bind::amanah:stored | bind::amanah:referent |\n"
        "| | text | why | Why? | open | research | study |\n",
        "utf-8",
    )
    assert [problem for problem in check_study(form) if "private" in problem.message] == []
    (found,) = told(form, "why,ordinary,research,,,\n")
    assert found.startswith("own.classes.csv: the form says so itself")
    with pytest.raises(SettingsError, match="nothing to propose"):
        proposals_for(form)


def test_it_lies_inside_a_folder_of_sheets_and_is_no_sheet(tmp_path: Path) -> None:
    form = tmp_path / "folder"
    form.mkdir()
    (form / "survey.csv").write_text("type,name,label\ntext,why,Why?\n", "utf-8")
    assert write_classes(form, [Decision("why", "ordinary", "research")]) == form / "classes.csv"
    assert [str(problem) for problem in check_study(form) if "classes" in str(problem)] == []
    assert load_study(form).instrument.item("why").privacy == "ordinary"
    write_study(form, tmp_path / "study")
    assert load_study(tmp_path / "study").instrument.item("why").privacy == "ordinary"
    (form / "classes.csv").write_text(HEAD + "who,open,research,,,\n", "utf-8")
    assert any(str(problem).startswith("folder/classes.csv, row 3") for problem in check_study(form))


def test_a_study_made_of_the_form_takes_it_along(form: Path, tmp_path: Path) -> None:
    write_classes(form, DECIDED)
    write_study(form, tmp_path / "study")
    assert read_classes(tmp_path / "study" / "questionnaire.md") == DECIDED
    made, around = load_study(tmp_path / "study").instrument, load_study(form).instrument
    assert made.digest == around.digest
    assert read_toml(tmp_path / "study")["id"] == around.study


def test_a_hierarchy_of_the_study_can_be_named(form: Path, tmp_path: Path) -> None:
    write_classes(form, [Decision("years", "quasi", "research", hierarchy="years")])
    write_study(form, tmp_path / "study")
    settings = tmp_path / "study" / "study.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[[hierarchies.years]]\nrule = "suppressed"\n', "utf-8")
    assert load_study(tmp_path / "study").instrument.item("years").hierarchy == "years"


def test_only_the_part_contact_can_keep_who_somebody_is(form: Path, tmp_path: Path) -> None:
    write_study(form, tmp_path / "study")
    shutil.rmtree(tmp_path / "study" / "contact")
    contact = tmp_path / "study" / "contact.md"
    contact.write_text("| survey |\n| | type | name | label |\n| | text | call | How can we call you? |\n", "utf-8")
    found = [problem for problem in check_study(tmp_path / "study") if not problem.is_warning]
    assert [(problem.row, problem.column) for problem in found] == [(3, "bind::amanah:stored")]
    write_classes(contact, [Decision("call", "direct", "identity")])
    assert [problem for problem in check_study(tmp_path / "study") if not problem.is_warning] == []
    assert load_study(tmp_path / "study").instrument.item("call").kept == "identity"


def test_proposals_are_shown_and_written_once(form: Path) -> None:
    proposals = proposals_for(form)
    lines = in_columns(proposals).splitlines()
    assert lines[0].split() == ["name", "class", "kept", "reason"]
    assert lines[1].split(maxsplit=3) == ["first_name", "direct", "nowhere", "Asks for a name."]
    assert write_proposals(form, proposals) == classes_file(form)
    assert read_classes(form) == tuple(one.decision for one in proposals)
    before = classes_file(form).read_bytes()
    with pytest.raises(SettingsError, match="exists already"):
        write_proposals(form, proposals[:1])
    assert classes_file(form).read_bytes() == before


def test_the_command_shows_then_writes_then_refuses(form: Path) -> None:
    runner = CliRunner()
    shown = runner.invoke(study, ["classify", str(form)])
    assert (shown.exit_code, classes_file(form).exists()) == (0, False)
    assert "first_name  direct" in shown.output
    written = runner.invoke(study, ["classify", str(form), "--write"])
    assert (written.exit_code, str(classes_file(form)) in written.output) == (0, True)
    again = runner.invoke(study, ["classify", str(form), "--write"])
    assert (again.exit_code, "exists already" in again.output) == (1, True)


def test_nothing_is_proposed_into_the_instrument_by_itself(form: Path) -> None:
    before = load_study(form).instrument.digest
    proposals_for(form)
    assert load_study(form).instrument.digest == before
