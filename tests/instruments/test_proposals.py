"""A proposal says how private a question is and why; where it can be read in two ways it is the stricter one."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from instruments.catalogue import check_study, load_study
from instruments.model import Instrument, Item
from instruments.privacy_classes import naming_words, private_words, view_words
from instruments.privacy_classes.classes import write_classes
from instruments.privacy_classes.proposals import STRICTEST, Proposal, propose
from instruments.privacy_classes.wording import Words, spoken
from instruments.workbooks import KINDS, read_bytes, read_workbook

DATA = Path(__file__).parent / "data"
FORMS = sorted(path for path in (DATA / "forms").iterdir() if path.suffix in KINDS)
LANGUAGES = {"en": "English", "ar": "Arabic", "ur": "Urdu", "bn": "Bengali", "so": "Somali", "tr": "Turkish"}


def typical_questions() -> list[dict[str, str]]:
    with (DATA / "typical_questions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def proposed(*rows: str, choices: str = "") -> dict[str, Proposal]:
    """The proposals for these rows of a Markdown table, whose first names the columns."""
    head = ("| choices |", "| | list_name | name | label |")
    table = "\n".join(["| survey |", *(f"| | {row} |" for row in rows), *head])
    listed = "\n".join(f"| | a | {code} | {word.strip()} |" for code, word in enumerate(choices.split("/")) if word)
    return {one.name: one for one in propose(read_bytes("form.md", f"{table}\n{listed}\n".encode()))}


def of_typical(told: dict[str, str], column: str) -> Proposal:
    kind = f"{told['type']} a" if told["choices"] else told["type"]
    cells = (kind, told["name"], told["label"], told["hint"], told["constraint"].replace("|", r"\|"), "start=0 end=10")
    cells = (*cells[:5], cells[5] if told["type"] == "range" else "")
    head = f"type | name | {column} | hint{column.removeprefix('label')} | constraint | parameters"
    return proposed(head, " | ".join(cells), choices=told["choices"])[told["name"]]


@pytest.mark.parametrize("told", typical_questions(), ids=lambda told: f"{told['language']}-{told['name']}")
def test_a_typical_question_gets_its_class(told: dict[str, str]) -> None:
    for column in (f"label::{LANGUAGES[told['language']]} ({told['language']})", "label"):
        found = of_typical(told, column)
        assert (found.privacy, "yes" if found.special else "no") == (told["privacy"], told["special"]), found.reason
        assert found.stored == ("nowhere" if told["privacy"] == "direct" else "research")
        assert found.reason.endswith(".")


def test_what_is_worked_out_is_as_private_as_the_most_private_of_its_parts() -> None:
    found = proposed(
        "type | name | label | calculation",
        "text | first | First name | ",
        "select_one a | faith | What is your religion? | ",
        "select_one a | view | The council listens. | ",
        "calculate | greeting | | concat('Dear ', ${first})",
        "calculate | twice | | concat(${greeting}, ${view})",
        "calculate | both | | concat(${faith}, ${view})",
        "calculate | same | | concat(${view}, ${view})",
        "calculate | rounds | | count(${elsewhere})",
        "calculate | day | | today()",
        choices="Disagree/Neither/Agree",
    )
    told = {name: (one.privacy, one.stored, one.special) for name, one in found.items() if one.kind == "calculate"}
    assert told == {
        "greeting": ("direct", "nowhere", False),
        "twice": ("direct", "nowhere", False),
        "both": ("sensitive", "research", True),
        "same": ("ordinary", "research", False),
        "rounds": ("quasi", "research", False),
        "day": ("quasi", "research", False),
    }
    assert "greeting, view" in found["twice"].reason


def test_a_heading_tells_what_its_questions_are_about() -> None:
    found = proposed(
        "type | name | label",
        "begin_group | grid | Your mental health",
        "select_one a | interest | Little interest in doing things",
        "end_group | grid | ",
        "select_one a | afterwards | How was it?",
        choices="Never/Sometimes/Often",
    )
    assert [(one.privacy, one.special) for one in found.values()] == [("sensitive", True), ("ordinary", False)]


def test_an_answer_that_is_only_shown_is_not_asked_for() -> None:
    row = "select_one a | often | How often did somebody from ${village} come?"
    assert proposed("type | name | label", row, choices="Never/Sometimes/Often")["often"].privacy == "ordinary"


def test_what_is_said_aside_is_no_choice_of_a_scale() -> None:
    table = "| survey |\n| | type | name | label |\n| | select_one a | fair | The council is kind. |\n| choices |\n"
    table += "| | list_name | name | label |\n"
    said = {1: "Agree", 2: "Disagree", 3: "Nothing", -1: "Don't know", -2: "Prefer not to say"}
    table += "".join(f"| | a | {code} | {label} |\n" for code, label in said.items())
    assert propose(read_bytes("form.md", table.encode()))[0].privacy == "ordinary"


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_proposals_for_a_form_can_be_taken_as_they_stand(form: Path, tmp_path: Path) -> None:
    copy = tmp_path / form.name
    copy.write_bytes(form.read_bytes())
    proposals = {one.name: one for one in propose(read_workbook(form))}
    write_classes(copy, [one.decision for one in proposals.values()])
    assert not [problem for problem in check_study(copy) if not problem.is_warning or "classes" in problem.file]
    instrument = load_study(copy).instrument
    seen = set()
    for item in items_of(instrument):
        row = item.name if item.name in proposals else item.name.rpartition("_")[0]
        if row in proposals and not item.name.endswith("_other"):
            seen.add(row)
            assert (item.privacy, item.kept) == (proposals[row].privacy, proposals[row].stored)
    assert seen == set(proposals)


def test_of_the_forms_that_teams_have_nothing_is_proposed_less_private_than_it_is() -> None:
    strict = {("household_roster", "first_name"): "direct", ("household_roster", "first_one"): "direct",
              ("household_roster", "years"): "quasi", ("cascading_area", "ward"): "quasi",
              ("dates_and_words", "postcode"): "quasi", ("dates_and_words", "summary"): "quasi",
              ("verbal_screening", "why_not"): "open", ("arabic_services", "better"): "open",
              ("arabic_services", "last_day"): "quasi", ("likert_grid", "fair"): "ordinary"}  # fmt: skip
    for (form, name), privacy in strict.items():
        found = {one.name: one.privacy for one in propose(read_workbook(DATA / "forms" / f"{form}.md"))}
        assert found[name] == privacy, (form, name)
        assert set(found.values()) <= set(STRICTEST)


COMMON = """a about after all also am an and any are as at back be been because before being but by can come could day
did do does each even ever every few first for from get give go had has have he her here him his how i if in into is it
its just know last like long look made make man many me more most much must my new next no not now of off on one only or
other our out over own part people put question said same see she so some take tell than that the their them then there
these they thing think this those time to too two under up us use very was way we well went were what when where which
while who will with without word world would year yes you your"""


def test_common_english_words_are_no_words_of_another_language() -> None:
    # A form in one language often does not say which: then the lists of every language count.
    told = [*vars(naming_words).values(), *vars(private_words).values(), *vars(view_words).values()]
    tables = [one for one in told if isinstance(one, Words)]
    assert len(tables) > 30
    for table in tables:
        assert table.places_in(spoken("", COMMON)) == table.places_in(spoken("en", COMMON))


def test_proposals_for_a_form_of_2000_questions_take_a_moment() -> None:
    label = "How much do you trust the people who live where you live, and why do you say so?"
    rows = [f"select_one a | question_{number} | {label}" for number in range(2000)]
    started = time.process_time()
    assert len(proposed("type | name | label", *rows, choices="/".join(["Agree", "Disagree"] * 10))) == 2000
    assert time.process_time() - started < 20


def items_of(instrument: Instrument) -> list[Item]:
    return list(instrument.items_of("participant", "questionnaire"))
