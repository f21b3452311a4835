"""What XLSForm knows and is refused here by design: each by sheet, row and column, with the reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from errors import Problem
from instruments.catalogue import check_study
from instruments.privacy_classes.classes import NOT_CLASSIFIED
from instruments.reading.vocabulary import TAKEN
from views.field.offline import NEVER_KEPT

ROOT = Path(__file__).parents[2]
PASSIVE, FILES, PLACES, TIMES = "did not say", "can name a person and is never taken", "on the map", "no time of day"
TYPES = {
    **dict.fromkeys(
        ("start", "end", "deviceid", "username", "phonenumber", "email", "subscriberid", "simserial", "audit",
         "start-geopoint", "background-audio"), PASSIVE),
    "today": "the day is not recorded unasked",
    **dict.fromkeys(("image", "audio", "video", "file"), FILES),
    "barcode": "no camera is used",
    **dict.fromkeys(("geopoint", "geotrace", "geoshape"), PLACES),
    **dict.fromkeys(("time", "dateTime"), TIMES),
    "select_one_from_file towns.csv": "copy it there",
    "select_multiple_from_file towns.csv": "copy it there",
    "select_one_external town": "copy it there",
    "xml-external": "are not read",
    "csv-external": "are not read",
    "trigger": "write acknowledge",
    "hidden": "nothing fills this row in",
    "osm": "is not supported",
}  # fmt: skip
COLUMNS = {
    "trigger": ("${asked}", "follows every answer"),
    "image": ("map.png", FILES),
    "media::video": ("song.mp4", FILES),
    "rows": ("3", "is not supported"),
    "instance_name": ("${asked}", "could tell whose it is"),
    "save_to": ("town", "is not supported"),
    "body::accuracyThreshold": ("5", "is not supported"),
}
CELLS = {
    "required": ("${asked} = 'x'", "is not one of yes, no"),
    "read_only": ("${asked} = 'x'", "is not one of yes, no"),
    "default": ("today()", "a default is a plain value"),
    "appearance": ("search('towns')", "is not supported"),
    "constraint_message": ("Not ${asked}, please.", "take ${…} out"),
    "choice_filter": ("town = 'x'", "only rows of type"),
    "calculation": ("1 + 1", "only rows of type calculate"),
    "repeat_count": ("2", "only rows of type begin_repeat"),
    "relevant": ("pulldata('towns', 'name', 'code', 'x') = 'y'", "its file is no part of the study"),
    "constraint": (". < now()", "times are never kept"),
}
SETTINGS = {
    "public_key": "seal every record",
    "submission_url": "own server only",
    "instance_name": "could tell whose it is",
    "auto_send": "is not supported",
}
EXPRESSIONS = {
    "random() > 0.5": "nobody could check it",
    "instance('towns')/root": "reads a document by its path",
    "regex(${asked}, '(a+)+')": "without repeated groups",
    "digest(${asked}) = 'x'": "guessed back",
    "${nobody} = 'x'": "there is no item 'nobody'",
    "${asked} =": "did not expect 'end'",
    "${asked} an 'x'": "join two parts with and, or, =",
    "${later} = 'x'": "comes later in the visit",
}


def problems(folder: Path, *rows: str) -> tuple[Problem, ...]:
    """What is wrong with a form of these lines."""
    file = folder / "form.md"
    file.write_text("\n".join(f"| {row} |" for row in rows) + "\n", "utf-8")
    # That nobody has said yet how private its questions are is true of all of these.
    return tuple(one for one in check_study(file) if one.message != NOT_CLASSIFIED)


def the_one(found: tuple[Problem, ...], sheet: str, row: int, column: str, reason: str) -> None:
    """The only problem names this place and gives this reason."""
    assert [(one.file, one.row, one.column, one.is_warning) for one in found] == [
        (f"form.md, sheet {sheet}", row, column, False)
    ]
    assert reason in found[0].message


@pytest.mark.parametrize(("kind", "reason"), TYPES.items())
def test_a_type_that_is_refused(tmp_path: Path, kind: str, reason: str) -> None:
    found = problems(tmp_path, "survey", "| type | name | label", "| text | asked | A?", f"| {kind} | more | B?")
    the_one(found, "survey", 4, "type", reason)


@pytest.mark.parametrize(("column", "cell", "reason"), [(name, *told) for name, told in COLUMNS.items()])
def test_a_column_that_is_refused(tmp_path: Path, column: str, cell: str, reason: str) -> None:
    head = f"| type | name | label | {column}"
    found = problems(tmp_path, "survey", head, "| text | asked | A? |", f"| text | more | B? | {cell}")
    the_one(found, "survey", 1, column.removeprefix("media::"), reason)


@pytest.mark.parametrize(("column", "cell", "reason"), [(name, *told) for name, told in CELLS.items()])
def test_a_cell_that_is_refused(tmp_path: Path, column: str, cell: str, reason: str) -> None:
    head = f"| type | name | label | {column}"
    found = problems(tmp_path, "survey", head, "| text | asked | A? |", f"| text | more | B? | {cell}")
    the_one(found, "survey", 4, column, reason)


@pytest.mark.parametrize(("expression", "reason"), EXPRESSIONS.items())
def test_an_expression_that_is_refused(tmp_path: Path, expression: str, reason: str) -> None:
    rows = ("| text | asked | A? |", f"| text | more | B? | {expression}", "| text | later | C? |")
    found = problems(tmp_path, "survey", "| type | name | label | relevant", *rows)
    the_one(found, "survey", 4, "relevant", reason)


@pytest.mark.parametrize(("column", "reason"), SETTINGS.items())
def test_a_setting_that_is_refused(tmp_path: Path, column: str, reason: str) -> None:
    survey = ("survey", "| type | name | label", "| text | asked | A?")
    the_one(problems(tmp_path, *survey, "settings", f"| {column}", "| x"), "settings", 1, column, reason)


@pytest.mark.parametrize(
    ("rows", "row", "column", "reason"),
    [
        (("begin_repeat | r | R", "begin_repeat | s | S", "text | a | A", "end_repeat | |", "end_repeat | |"),
         4, "type", "a repeat inside a repeat"),
        (("begin_group | g | G", "end_group | |", "text | a | A"), 3, "type", "no question in it"),
        (("begin_repeat | r | R", "text | a | A", "end_repeat | |", "text | a_1 | B"), 6, "name", "a round of"),
        (("begin_repeat | r | R", "text | a | A", "end_repeat | |", "text | r_any | B"), 6, "name", "a round of"),
        (("select_one l or_other | q | Q", "text | q_other | B"), 4, "name", "the box below row 3"),
        (("select_one towns | q | Q",), 3, "type", "there is no list 'towns'"),
        (("select_one l | q | Q", "text | action | Where did you act?"), 4, "name", "the page itself needs"),
        (("text | | A", "text | a | A"), 3, "name", "has no name"),
        (("note | | A", "text | a | A"), 3, "name", "has no name"),
        (("begin_group | | A", "text | a | A", "end_group | |"), 3, "name", "has no name"),
        (("text | a b | A",), 3, "name", "a name begins"),
        (("text | a | A", "text | a | B"), 4, "name", "stands in row 3 already"),
    ],
)  # fmt: skip
def test_a_shape_that_is_refused(tmp_path: Path, rows: tuple[str, ...], row: int, column: str, reason: str) -> None:
    choices = ("choices", "| list_name | name | label", "| l | 1 | One")
    found = problems(tmp_path, "survey", "| type | name | label", *(f"| {one}" for one in rows), *choices)
    the_one(found, "survey", row, column, reason)


@pytest.mark.parametrize(
    ("count", "constraint", "is_taken"),
    [
        ("${n}", ". <= 10", True), ("${n}", ". > 0 and . < 11", True), ("${n}", ". <= 11", False), ("${n}", "", False),
        ("${n}", ". <= ${m}", False), ("${n} + 1", ". <= 9", True), ("${n} + 1", ". <= 10", False), ("10", "", True),
        ("11", "", False), ("if(${n} > 10, 10, ${n})", "", True), ("if(${n} < 3, ${n}, 12)", "", False),
        ("min(${n}, 10)", "", True), ("count-selected(${several})", "", True), ("${words}", "", False),
        ("${reckoned}", ". <= 5", True), ("${reckoned}", ". <= 6", False), ("${n} * 2", ". <= 3", False),
    ],
)  # fmt: skip
def test_a_repeat_has_room_for_every_round_that_its_count_can_give(
    tmp_path: Path, count: str, constraint: str, is_taken: bool
) -> None:
    rows = (
        "integer | m | M | | |", f"integer | n | N | | {constraint} |", "text | words | W | | |",
        "select_multiple l | several | S | | |", "calculate | reckoned | | | | ${n} + ${n}",
        f"begin_repeat | r | R | {count} | |", "text | a | A | | |", "end_repeat | | | | |",
    )  # fmt: skip
    head = "| type | name | label | repeat_count | constraint | calculation"
    choices = ("choices", "| list_name | name | label", "| l | 1 | One", "| l | 2 | Two")
    found = problems(tmp_path, "survey", head, *(f"| {row}" for row in rows), *choices)
    assert (found == ()) == is_taken
    if not is_taken:
        the_one(found, "survey", 8, "repeat_count", "room for 10 rounds")


def test_what_the_script_asks_of_a_form_is_no_name_of_a_question() -> None:
    # A field called `action` would stand in the way of the form's own: form.action is then the field.
    # The staff's forms hold no questions.
    scripts = [path for path in (ROOT / "static").glob("*.js") if path.name not in NEVER_KEPT]
    script = "\n".join(path.read_text("utf-8") for path in scripts)
    asked = set(re.findall(r"\bform\.([A-Za-z]+)", script)) - {"js"}
    assert "querySelector" in asked
    assert asked <= TAKEN


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString"])
def test_a_name_that_every_object_of_the_script_has_is_refused(tmp_path: Path, name: str) -> None:
    found = problems(tmp_path, "survey", "| type | name | label", f"| text | {name} | A word")
    the_one(found, "survey", 3, "name", f"the page itself needs the name '{name}'")
