"""Every item, statement, scale and field of the study's own description is in the instrument, word for word."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from instruments.codebook import codebook_rows
from instruments.model import Instrument, Item

DATA = Path(__file__).parent / "data"
TOLD = json.loads((DATA / "instruments.json").read_text("utf-8"))
CLASSES = {"quasi-identifier": "quasi", "sensitive": "sensitive", "ordinary": "ordinary"}
# Not typed by anyone: a recording is a file of its own, there is no link table, and the consent record is the whole
# identity document.
NOT_TYPED = {"v_audio", "v_link", "v_consent_record"}
# Asked only where the study takes signatures, or asks parents; the default study does neither.
OF_OTHER_ROUTES = {"v_signature", "v_parent_name", "v_parent_contact"}


def items(instrument: Instrument) -> dict[str, Item]:
    return {item.name: item for part in instrument.parts for block in part.blocks for item in block.items}


def words(item: Item) -> str:
    return item.label.in_language("en")


def choices(item: Item) -> list[tuple[str, str]]:
    return [(choice.code, choice.label.in_language("en")) for choice in item.choices]


def questions() -> list[tuple[str, str, dict]]:
    return [
        (group, block["block"], item)
        for group, blocks in TOLD["questionnaires"].items()
        for block in blocks
        for item in block["items"]
    ]


@pytest.mark.parametrize(
    ("group", "block", "told"), questions(), ids=lambda told: told["id"] if isinstance(told, dict) else ""
)
def test_every_question_is_in(instrument: Instrument, group: str, block: str, told: dict) -> None:
    item = items(instrument)[told["id"]]
    assert (words(item), item.reverse, item.referent, item.on_for) == (
        told["text"],
        told["reverse"],
        told["referent"],
        (group,),
    )
    if told["set"] == "TEXT":
        assert (item.kind, item.max_length, item.privacy) == ("text", 500, "open")
        return
    offered = TOLD["contact_choices"] if told["set"].startswith("MULTI") else TOLD["response_sets"][told["set"]]
    shown = [missing for missing in TOLD["missing"] if missing["shown"]] if not told["set"].startswith("MULTI") else []
    assert choices(item) == [(str(one["code"]), one["label"]) for one in [*offered, *shown]]


def test_questions_stand_in_their_blocks_and_order(instrument: Instrument) -> None:
    for group, blocks in TOLD["questionnaires"].items():
        asked = [item.name for item in instrument.items_of(group, "questionnaire") if item.is_asked]
        assert asked == [item["id"] for block in blocks for item in block["items"]]
        notes = {words(item) for item in instrument.items_of(group, "questionnaire") if item.kind == "note"}
        assert {block["intro"] for block in blocks if block["intro"]} <= notes


@pytest.mark.parametrize("told", TOLD["demographics"], ids=lambda told: told["id"])
def test_every_demographic_question_is_in(instrument: Instrument, told: dict) -> None:
    item = items(instrument)[told["id"]]
    assert words(item) == told["label"]
    assert (item.hint.in_language("en") if item.hint else "") == (told["help"] or "")
    assert item.groups == tuple(told["groups"])
    assert set(item.on_for) == set(told["default_on_groups"])
    assert (item.privacy, item.special_category) == (CLASSES[told["privacy_class"]], told["special_category"])
    assert choices(item) == [(str(one["code"]), one["label"]) for one in told["options"]]
    levels = instrument.hierarchy(item.hierarchy).levels if item.hierarchy else ()
    assert len(levels) == max(len(told["hierarchy"]) - 1, 0) or told["id"] == "elig_muslim"


@pytest.mark.parametrize("name", TOLD["scales"])
def test_every_scale_is_in(instrument: Instrument, name: str) -> None:
    told, scale = TOLD["scales"][name], {scale.name: scale for scale in instrument.scales}[name]
    assert list(scale.items) == told["items"]
    assert list(scale.reverse) == told["reverse"]
    assert (scale.group, scale.minimum_answered, scale.direction) == (told["group"], told["min"], told["direction"])
    assert scale.title.in_language("en") == told["title"]


def paragraphs(mark: str) -> list[tuple[str, str]]:
    """The information sheet as one group reads it: lines marked [Y], [P] or [L] are for that group only."""
    found = []
    for line in (DATA / "information_sheet.txt").read_text("utf-8").splitlines():
        title, body = re.fullmatch(r"\*\*(.+?)\*\* (.+)", line).groups()
        if mark != "Y":
            body = re.sub(r"\[Y, 16-17\] \(2\)[^;]*; ", "", body).replace("(3)", "(2)").replace("(4)", "(3)")
        parts = re.split(r" ?\[([YPL])\] ", body.replace("[Y, 16-17] ", ""))
        own = [parts[0], *(text for name, text in zip(parts[1::2], parts[2::2], strict=True) if name == mark)]
        found.append((title.rstrip("."), " ".join(filter(None, own))))
    return found


@pytest.mark.parametrize(("group", "mark"), [("young_person", "Y"), ("police_officer", "P"), ("community_leader", "L")])
def test_the_information_sheet_is_word_for_word(instrument: Instrument, group: str, mark: str) -> None:
    sheet = next(part for part in instrument.visit(group) if part.name == "information")
    card = "the date on your card: 28 days after you take part"
    shown = [
        (
            block.title.in_language("en") if block.title else "",
            " ".join(words(item) for item in block.items).replace(card, f"**[{card.removeprefix('the ')}]**"),
        )
        for block in sheet.blocks
    ]
    assert shown == paragraphs(mark)
    assert instrument.sheet_version == "info-1.0-en"


def test_every_form_begins_with_the_same_words(instrument: Instrument) -> None:
    begins = ["There are no right or wrong answers.", "The police: police officers", "Your area: the part of the city"]
    for group in instrument.groups:
        notes = [words(item) for item in instrument.items_of(group.name, "questionnaire")[:4]]
        assert [note.startswith(begin) for note, begin in zip(notes, begins, strict=False)] == [True] * 3
        assert notes[3] == "Your community: the people you feel you belong with there."


def test_what_the_software_records_is_named_and_nothing_else(instrument: Instrument) -> None:
    recorded = {item.name: item for item in instrument.items_of("police_officer", "recorded")}
    assert {name: (item.privacy, item.hierarchy) for name, item in recorded.items()} == {
        "respondent_group": ("quasi", None), "admin_mode": ("ordinary", None),
        "form_language": ("quasi", "form_language"), "form_version": ("ordinary", None), "month": ("quasi", "month"),
        "interviewer_code": ("ordinary", None),
    }  # fmt: skip


def test_variables_are_made_coarser_in_the_order_that_the_study_gives(instrument: Instrument) -> None:
    told = ["area_sector", "country_birth", "po_rank", "cl_role", "ethnic_group", "main_activity", "health_limits",
            "age", "age_band", "religion", "sex", "site"]  # fmt: skip
    assert [name for name in instrument.release.coarsening if name in told] == told
    assert (instrument.release.k, instrument.release.diversity) == (5, ("mosque_part", "yp_contact"))


def test_every_consent_statement_is_in(instrument: Instrument) -> None:
    found = items(instrument)
    for told in TOLD["consent"]["statements"]:
        item = found[told["id"]]
        assert (words(item), item.required) == (told["text"], told["kind"] == "required")
        assert set(item.on_for) == set(told["groups"])


def test_statements_of_other_routes_are_in_where_the_study_takes_them(every_route: Instrument) -> None:
    found = items(every_route)
    for kind in ("parent", "assent", "verbal_witnessed"):
        for told in TOLD["consent"][kind]:
            item = found[told["id"]]
            assert words(item) == told["text"]
            assert item.required == (told["kind"] == "required")
    assert {"v_parent_name", "v_parent_contact"} <= set(found)


def test_every_vault_field_that_a_person_types_is_in(instrument: Instrument) -> None:
    asked = {told["id"] for told in TOLD["vault_fields"]} - NOT_TYPED - OF_OTHER_ROUTES
    found = {name: item for name, item in items(instrument).items() if name.startswith("v_")}
    assert set(found) == asked
    assert {(item.kept, item.privacy) for item in found.values()} == {("identity", "direct")}


def test_default_questions_are_as_few_as_the_study_says(instrument: Instrument) -> None:
    counts = {
        group.name: len(
            [
                item
                for part in ("eligibility", "demographics")
                for item in instrument.items_of(group.name, part)
                if item.is_asked
            ]
        )
        for group in instrument.groups
    }
    assert counts == {"young_person": 8, "police_officer": 6, "community_leader": 8}


def test_the_codebook_describes_every_variable(instrument: Instrument) -> None:
    groups = [group.name for group in instrument.groups]
    rows = {row["variable"]: row for row in codebook_rows(instrument, groups, "en")}
    assert {item.name for group in groups for item in instrument.research_items(group)} < set(rows)
    assert "-9 = Left blank" in rows["yp_fair_1"]["codes"]
    assert rows["yp_fair_3"]["reverse"] == "yes"
    assert all(row["label"] and row["privacy"] for row in rows.values())
