"""The easy-read sheet says what the full sheet says, in short lines, and never passes for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest

from instruments.model import Block, Instrument, Part, Text
from instruments.sheets_to_read import easy_read_remarks, sheets_of

GROUPS = ("young_person", "police_officer", "community_leader")
FACTS = re.compile(r"\[[^\]]+\]|\d+|ico\.org\.uk")


def words(blocks: Iterable[Block]) -> str:
    return "\n".join(item.label.in_language("en") for block in blocks for item in block.items)


def facts(blocks: Iterable[Block]) -> set[str]:
    """Every number, bracket and address; not the numbers of a list in brackets such as (1)."""
    return set(FACTS.findall(re.sub(r"\(\d\)", "", words(blocks))))


def with_a_long_line(part: Part) -> Part:
    if part.name != "easy_read":
        return part
    block = part.blocks[0]
    long = replace(block.items[0], label=Text((("en", "word " * 13),)))
    return replace(part, blocks=(replace(block, items=(long, *block.items[1:])), *part.blocks[1:]))


@pytest.mark.parametrize("group", GROUPS)
def test_both_sheets_have_the_same_sections_and_name_the_same_facts(instrument: Instrument, group: str) -> None:
    sheets = sheets_of(instrument, group)
    assert len(sheets.easy) == len(sheets.full) == 12
    for easy in sheets.easy:
        assert easy.title
        assert easy.title.in_language("en").endswith("?")
    assert facts(sheets.easy) == facts(sheets.full)


@pytest.mark.parametrize("group", GROUPS)
def test_no_duty_to_tell_somebody_is_left_out(instrument: Instrument, group: str) -> None:
    easy = words(sheets_of(instrument, group).easy)
    for said in ("planned attack", "carried out an attack", "pass that on to the police", "court", "serious harm"):
        assert said in easy
    assert ("under 18" in easy) is (group == "young_person")


def test_its_version_is_another_than_that_of_what_people_agree_to(instrument: Instrument) -> None:
    sheets = sheets_of(instrument, "young_person")
    assert sheets.easy_version == "easy-1.0-en"
    assert sheets.easy_version != sheets.full_version == instrument.sheet_version


def test_long_lines_and_missing_sections_are_told_of(instrument: Instrument) -> None:
    assert list(easy_read_remarks(instrument, "x")) == []
    long = replace(instrument, parts=tuple(map(with_a_long_line, instrument.parts)))
    assert ["words in a line" in problem.message for problem in easy_read_remarks(long, "x")] == [True]
    parts = (replace(part, blocks=part.blocks[1:]) if part.name == "easy_read" else part for part in instrument.parts)
    told = [problem.message for problem in easy_read_remarks(replace(instrument, parts=tuple(parts)), "x")]
    assert sum("has 11 sections and the full sheet 12" in one for one in told) == len(GROUPS)


def test_a_group_that_there_is_not_has_nothing_to_read(instrument: Instrument) -> None:
    assert (sheets_of(instrument, "nobody").easy, sheets_of(instrument, "nobody").full) == ((), ())
