"""Each type and column of XLSForm, in a small form: what is supported runs, what is refused says so and why."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from errors import Problem
from instruments import catalogue
from instruments.answers import answered, offered, problems_of, read_value, settle
from instruments.catalogue import load_study
from instruments.model import Instrument, Item, Value
from instruments.privacy_classes.classes import NOT_CLASSIFIED
from instruments.reading.vocabulary import REFUSED
from tests.answering import typed_at_random

CHOICES = """| choices |
| | list_name | name | label | region |
| | fruit | a | Apple | north |
| | fruit | b | Beet | south |
| | fruit | -2 | Prefer not to say | |
"""
TODAY = "2026-03-01"
PEOPLE = 20
Row = tuple[str, ...]


def written(folder: Path, columns: str, *rows: str, settings: str = "") -> Path:
    """A Markdown form with these columns after type, name and label."""
    lines = [f"| | {row} |" for row in (f"type | name | label {columns}", *rows)]
    path = folder / "form.md"
    path.write_text("| survey |\n" + "\n".join(lines) + f"\n{CHOICES}{settings}", "utf-8")
    return path


def check_study(path: Path) -> tuple[Problem, ...]:
    """What is wrong with a form, save that nobody has said yet how private its questions are."""
    return tuple(one for one in catalogue.check_study(path) if one.message != NOT_CLASSIFIED)


def is_kind(kind: str) -> Callable[[Item], bool]:
    return lambda item: item.kind == kind


# Type or column, further columns, rows, and what is true of the item `q`.
SUPPORTED: dict[str, tuple[str, tuple[str, ...], Callable[[Item], bool]]] = {
    "select_one": ("", ("select_one fruit | q | Q?",), is_kind("select_one")),
    "select_multiple": ("", ("select_multiple fruit | q | Q?",), is_kind("select_multiple")),
    "select_one or_other": (
        "", ("select_one fruit or_other | q | Q?",), lambda item: item.choices[-1].code == "other",
    ),
    "or_other with a filter": (
        "| choice_filter", ("select_one fruit or_other | q | Q? | region = 'north'",),
        lambda item: [choice.code for choice in offered(item, {})] == ["a", "-2", "other"],
    ),
    "choice_filter": (
        "| choice_filter", ("select_one fruit | p | P? |", "select_one fruit | q | Q? | name != ${p}"),
        lambda item: item.choice_filter is not None,
    ),
    "text": ("", ("text | q | Q?",), is_kind("text")),
    "multiline": ("| appearance", ("text | q | Q? | multiline",), lambda item: item.multiline),
    "numbers": ("| appearance", ("text | q | Q? | numbers",), lambda item: item.style == "numbers"),
    "integer": ("", ("integer | q | Q?",), is_kind("integer")),
    "int": ("", ("int | q | Q?",), is_kind("integer")),
    "decimal": ("", ("decimal | q | Q?",), is_kind("decimal")),
    "date": ("", ("date | q | Q?",), is_kind("date")),
    "range": ("| parameters", ("range | q | Q? | start=0 end=10 step=2",), lambda item: item.highest == "10"),
    "range of decimals": ("| parameters", ("range | q | Q? | start=0;end=1;step=0.1",), is_kind("decimal")),
    "range without parameters": ("", ("range | q | Q?",), lambda item: (item.lowest, item.step) == ("1", "1")),
    "rank": ("", ("rank fruit | q | Q?",), is_kind("rank")),
    "note": ("", ("note | q | Words.", "integer | i | I?"), is_kind("note")),
    "acknowledge": ("", ("acknowledge | q | Q",), lambda item: [one.code for one in item.choices] == ["1"]),
    "calculate": ("| calculation", ("integer | i | I? |", "calculate | q | | ${i} * 2"), is_kind("calculate")),
    "hidden with a default": (
        "| default", ("hidden | q | | 2", "integer | i | I? |"), lambda item: item.calculation == ("text", "2"),
    ),
    "hidden with a calculation": (
        "| calculation", ("integer | i | I? |", "hidden | q | | ${i} * 2"), is_kind("calculate"),
    ),
    "groups in groups": (
        "| relevant",
        ("integer | i | I? |", "begin group | g | G | ${i} > 1", "begin_group | h | H | ${i} < 9", "integer | q | Q? |",
         "end_group | | |", "end group | | |"),
        lambda item: item.relevant is not None and item.relevant[0] == "and",
    ),
    "field-list": (
        "| appearance", ("begin group | g | G | field-list", "integer | q | Q? |", "end group | | |"),
        is_kind("integer"),
    ),
    "page": (
        "| appearance", ("begin group | g | G | page", "integer | q | Q? |", "end group | | |"),
        is_kind("integer"),
    ),
    "repeat": (
        "", ("begin repeat | r | R", "integer | n | N?", "end repeat | |", "integer | q | Q?"), is_kind("integer"),
    ),
    "repeat_count of a number": (
        "| repeat_count", ("begin repeat | r | R | 3", "integer | n | N? |", "end repeat | | |", "integer | q | Q? |"),
        is_kind("integer"),
    ),
    "repeat_count of an answer": (
        "| repeat_count | constraint",
        ("integer | m | M? | | . < 4", "begin repeat | r | R | ${m} |", "integer | n | N? | |", "end repeat | | | |",
         "integer | q | Q? | |"),
        is_kind("integer"),
    ),
    "likert": ("| appearance", ("select_one fruit | q | Q? | likert",), lambda item: item.style == "likert"),
    "compact": ("| appearance", ("select_one fruit | q | Q? | compact",), lambda item: item.style == "compact"),
    "minimal": ("| appearance", ("select_one fruit | q | Q? | minimal",), lambda item: item.style == "minimal"),
    "default": ("| default", ("integer | q | Q? | 3",), lambda item: item.default == "3"),
    "read_only": ("| read_only | default", ("integer | q | Q? | true() | 3",), lambda item: item.read_only),
    "required": ("| required", ("integer | q | Q? | yes",), lambda item: item.required),
    "required_message": (
        "| required | required_message", ("integer | q | Q? | yes | Please answer.",),
        lambda item: item.required_message is not None and item.required_message.in_language("en") == "Please answer.",
    ),
    "constraint_message": (
        "| constraint | constraint_message", ("integer | q | Q? | . < 9 | Under 9.",),
        lambda item: item.constraint_message is not None and item.constraint_message.in_language("en") == "Under 9.",
    ),
    "hint": ("| hint", ("integer | q | Q? | A hint",), lambda item: item.hint is not None),
    "guidance_hint": ("| guidance_hint", ("integer | q | Q? | For staff",), lambda item: item.guidance is not None),
    "once": ("| calculation", ("integer | i | I? |", "calculate | q | | once(${i})"), is_kind("calculate")),
}  # fmt: skip


@pytest.mark.parametrize("name", SUPPORTED)
def test_what_is_supported_is_checked_answered_and_settled(name: str, tmp_path: Path) -> None:
    columns, rows, holds = SUPPORTED[name]
    instrument, chance = load_study(written(tmp_path, columns, *rows)).instrument, random.Random(name)
    assert holds(instrument.item("q"))
    records = [record_of(instrument, chance) for _ in range(PEOPLE)]
    assert [problems_of(instrument, "participant", record) for record in records if record] == [()] * PEOPLE
    assert {"q"} <= set(records[0]) or instrument.item("q").kind == "note"


def record_of(instrument: Instrument, chance: random.Random) -> dict[str, Value]:
    typed = typed_at_random(instrument, "participant", chance)
    read = {name: read_value(instrument.item(name), said) for name, said in typed.items()}
    said = {name: value for name, value in read.items() if value is not None}
    items = [item for part in instrument.visit("participant") for block in part.blocks for item in block.items]
    return settle(instrument, "participant", answered(items, said, TODAY), TODAY)


def test_every_type_that_is_refused_says_why_at_its_row(tmp_path: Path) -> None:
    rows = (f"{kind} | q{number} | Q?" for number, kind in enumerate(REFUSED))
    found = check_study(written(tmp_path, "", *rows))
    assert [str(problem) for problem in found] == [
        f"form.md, sheet survey, row {row}, column type: {kind!r} is refused: {reason}"
        for row, (kind, reason) in enumerate(REFUSED.items(), 3)
    ]
    assert [reason for reason in REFUSED.values() if ";" not in reason] == []  # what to do


# What stands in a column, and what the problem says: at the heading of a column that is not read, else at the row.
NOT_READ = "this column is not supported; take it out"
REFUSED_COLUMNS = {
    "trigger": "a calculation follows every answer that it names by itself; take this column out",
    "media::image": "can name a person",
    "save_to": NOT_READ,
    "bind::jr:preload": NOT_READ,
    "bind::jr:preloadParams": NOT_READ,
    "bind::odk:length": NOT_READ,
    "instance::deviceid": NOT_READ,
}
REFUSED_CELLS = (
    ("parameters", "location-priority=balanced", "only rows of type range have this"),
    ("parameters", "track-changes=true", "only rows of type range have this"),
    ("appearance", "search('people')", "is not supported; take it out"),
    ("required", "${i} > 3", "is not one of yes, no"),
)
REFUSED_RULES = (
    ("default", "now()", "a default is a plain value"),
    ("default", "${i}", "a default is a plain value"),
    ("relevant", "now() > 5", "now() is refused: it keeps a time of day"),
    ("constraint", ". != property('deviceid')", "property() is refused: nothing about a device is kept"),
    ("constraint", ". > decimal-time('10:00')", "decimal-time() is refused: it keeps a time of day"),
    ("constraint", ". = device-id()", "device-id() is refused: nothing about a device is kept"),
    ("calculation", "now()", "now() is refused"),
    ("calculation", "uuid()", "uuid() is refused"),
    ("calculation", "random()", "random() is refused"),
    ("calculation", "version()", "version() is refused"),
    ("calculation", "property('username')", "property() is refused"),
    ("calculation", "format-date-time(${i}, '%H')", "format-date-time() is refused"),
)


def test_every_column_that_is_not_read_says_why(tmp_path: Path) -> None:
    columns = "".join(f"| {column} " for column in REFUSED_COLUMNS)
    found = check_study(written(tmp_path, columns, "integer | i | I? " + "| 1 " * len(REFUSED_COLUMNS)))
    assert [(one.row, one.column) for one in found] == [
        (1, column.removeprefix("media::")) for column in REFUSED_COLUMNS
    ]
    pairs = zip(found, REFUSED_COLUMNS.values(), strict=True)
    assert [one.message for one, told in pairs if told not in one.message] == []


@pytest.mark.parametrize("cells", [REFUSED_CELLS, REFUSED_RULES], ids=["cells", "rules"])
def test_every_cell_that_is_refused_says_why_at_its_place(cells: tuple[tuple[str, ...], ...], tmp_path: Path) -> None:
    columns = list(dict.fromkeys(column for column, _, _ in cells))
    rows = ["integer | i | I? " + "| " * len(columns)]
    for number, (column, cell, _) in enumerate(cells):
        kind = "calculate" if column == "calculation" else "integer"
        rows.append(f"{kind} | q{number} | Q? " + "".join(f"| {cell if name == column else ''} " for name in columns))
    found = check_study(written(tmp_path, "".join(f"| {name} " for name in columns), *rows))
    assert [(one.row, one.column) for one in found] == [(row, one[0]) for row, one in enumerate(cells, 4)]
    assert [one.message for one, (_, _, told) in zip(found, cells, strict=True) if told not in one.message] == []


SETTINGS = (
    "instance_name", "public_key", "submission_url", "auto_send", "auto_delete", "attribute::x",
    "sms_keyword", "instance_xmlns", "clean_text_values",
)  # fmt: skip


def test_no_setting_brings_anything_into_a_record(tmp_path: Path) -> None:
    cells = " | deviceid" * len(SETTINGS)
    settings = f"| settings |\n| | form_title | {' | '.join(SETTINGS)} |\n| | A form{cells} |\n"
    found = check_study(written(tmp_path, "", "integer | i | I?", settings=settings))
    assert [(one.file, one.column) for one in found] == [("form.md, sheet settings", name) for name in SETTINGS]


def test_a_record_holds_what_was_asked_and_worked_out_and_nothing_else(tmp_path: Path) -> None:
    rows = "integer | i | I? | |", "hidden | wave | | 2 |", "note | n | Words | |", "calculate | c | | | ${i} + ${wave}"
    instrument = load_study(written(tmp_path, "| default | calculation", *rows)).instrument
    assert {item.name for item in instrument.research_items("participant")} == {"i", "wave", "c"}
    assert set(record_of(instrument, random.Random(1))) == {"i", "wave", "c"}


@pytest.mark.parametrize(("deep", "problems"), [(20, 0), (600, 1)])
def test_groups_stand_in_each_other_up_to_a_limit(deep: int, problems: int, tmp_path: Path) -> None:
    begin, end = (f"begin_group | g{number} | G" for number in range(deep)), ("end_group | |" for _ in range(deep))
    found = check_study(written(tmp_path, "", *begin, "select_one fruit | q | Q?", *end))
    assert [(one.row, one.message) for one in found] == [
        (23, "this group stands in 20 others; use fewer in each other")
    ] * problems


def test_a_hidden_row_that_nothing_fills_in_is_refused(tmp_path: Path) -> None:
    found: tuple[Problem, ...] = tuple(check_study(written(tmp_path, "", "hidden | q | ", "integer | i | I?")))
    told = "nothing fills this row in; give it a default or a calculation, or take it out"
    assert [(one.row, one.column, one.message) for one in found] == [(3, "type", told)]
