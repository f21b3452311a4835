"""What a team decided of the questions of its own form holds in a release: who is named, what waits, what counts."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fieldwork.study import Study
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.answers import settle
from instruments.catalogue import check_study, load_study
from instruments.consent import gate, statements_asked
from instruments.model import Instrument, Value
from instruments.privacy_classes.classes import Decision, write_classes
from privacy.envelope import Context
from release.build import Release, build_release, open_source_with
from release.obstacles import in_one_line
from release.readme import readme_of
from release.source import Source
from release.specification import Specification
from storage.vaults import rows
from tests.conftest import STUDY, TODAY, Keys
from tests.releases import release_files

FORM = f"""
| survey |
| | type | name | label | calculation |
| | text | first_name | Your first name | |
| | select_one area | area | Which area do you live in? | |
| | select_one scale | fair | Officers are fair. | |
| | select_one scale | health | How is your health? | |
| | text | why | Why do you say so? | |
| | calculate | greeting | | concat('Dear ', ${{first_name}}) |
| choices |
| | list_name | name | label |
| | area | 1 | North |
| | area | 2 | South |
| | scale | 1 | Bad |
| | scale | 2 | Good |
| settings |
| | form_id |
| | {STUDY} |
"""
DECIDED = (
    Decision("first_name", "direct", "nowhere"),
    Decision("area", "quasi", "research"),
    Decision("fair", "ordinary", "research"),
    Decision("health", "sensitive", "research", special=True),
    Decision("why", "open", "research"),
    Decision("greeting", "direct", "nowhere"),
)
SAID = {"first_name": "Amina", "area": 1, "fair": 2, "health": 1, "why": "They listen to Amina."}
PEOPLE = 6


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "own.md"
    path.write_text(FORM, "utf-8")
    return path


def visited(form: Path, study: Study, told: Sequence[Mapping[str, Value]] = (SAID,) * PEOPLE) -> Study:
    """The study with this form as its questionnaire, after some visits, all of people called Amina."""
    made = replace(study, instrument=load_study(form).instrument)
    asked = statements_asked(made.instrument, "participant", None)
    consent = gate(made.instrument, "participant", None, {item.name: "yes" for item in asked if item.required})
    for said in told:
        answers = settle(made.instrument, "participant", said)
        finish_visit(made, FinishedVisit("participant", "en", "self", answers, consent), TODAY)
    return made


def released(study: Study, keys: Keys, k: int = 3) -> Release:
    instrument: Instrument = study.instrument
    source = Source("test", study.name, {instrument.digest: instrument}, tuple(rows(study.stores.research)))
    opened = open_source_with(source, [keys.research], lambda done, whole: None)
    return build_release(source, opened, [keys.research], Specification("test", ("participant",), k, ("csv",), "en"))


def test_each_class_is_treated_as_it_was_decided(form: Path, study: Study, keys: Keys) -> None:
    write_classes(form, DECIDED)
    made = released(visited(form, study), keys)
    files = release_files(made)
    people = list(csv.DictReader(files["data.csv"].decode().splitlines()))
    assert [(person["area"], person["fair"], person["health"]) for person in people] == [("1", "2", "1")] * PEOPLE
    assert made.withheld == ("why",)
    assert "area" in made.checked
    assert not {"fair", "health"} & set(made.checked)
    codebook = {row["variable"]: row for row in csv.DictReader(files["codebook.csv"].decode().splitlines())}
    assert codebook["health"]["special_category"] == "yes"
    assert codebook["why"]["in_this_release"] == "withheld until a person has reviewed it"
    assert not {"first_name", "greeting"} & {*codebook, *people[0]}
    assert not any(b"Amina" in data for data in files.values())


def test_who_is_named_directly_is_not_even_in_the_sealed_record(form: Path, study: Study, keys: Keys) -> None:
    write_classes(form, DECIDED)
    made = visited(form, study)
    for record_id, envelope in rows(made.stores.research):
        document = keys.research.open(envelope, Context("research", made.name, made.instrument.digest, record_id))
        assert document["answers"].keys() == {"area", "fair", "health", "why"}
    for record_id, envelope in rows(made.stores.identity):
        document = keys.identity.open(envelope, Context("identity", made.name, made.instrument.digest, record_id))
        assert document.get("contact", {}) == {}


def test_until_the_team_decides_text_waits_and_everything_else_counts_as_known(
    form: Path, study: Study, keys: Keys
) -> None:
    made = released(visited(form, study), keys)
    # What is worked out from text may hold it word for word.
    assert made.withheld == ("first_name", "why", "greeting")
    assert {"area", "fair", "health"} <= set(made.checked)
    assert not any(b"Amina" in data for data in release_files(made).values())


def test_what_would_release_withheld_text_by_a_calculation_is_said(form: Path) -> None:
    loose = (Decision("first_name", "open", "research"), Decision("greeting", "ordinary", "research"))
    write_classes(form, [*loose, *DECIDED[1:5]])
    told = [str(problem) for problem in check_study(form) if "greeting" in problem.message]
    assert len(told) == 1
    assert told[0].startswith("warning: ")
    assert "worked out from first_name" in told[0]


OF_THE_DEFAULT_STUDY = ("watched", "Faith and views", "provisional", "police", "ten or more")


def test_the_readme_says_of_another_study_only_what_is_true_of_it(form: Path, study: Study, keys: Keys) -> None:
    write_classes(form, DECIDED)
    made = released(visited(form, study), keys)
    own = replace(made, instruments=tuple(replace(one, study="neighbours") for one in made.instruments))
    told = " ".join(readme_of(own).split())
    assert "Unless they were drawn at random" in told
    assert not [words for words in OF_THE_DEFAULT_STUDY if words in told]


# Six people who share no combination: by area they are two kinds, and so on.
APART = [{"area": 1 + n % 2, "fair": 1 + n // 2 % 2, "health": 1 + n // 4 % 2} for n in range(PEOPLE)]


def test_what_keeps_everybody_out_is_told_by_variable(form: Path, study: Study, keys: Keys) -> None:
    made = released(visited(form, study, APART), keys, k=2)
    assert made.frame.is_empty()
    told = {one.name: (one.values, one.left, one.left_together, one.has_levels) for one in made.obstacles}
    assert told == {"area": (2, 6, 6, False), "fair": (2, 4, 6, False), "health": (2, 4, 6, False)}
    line = in_one_line(made.obstacles, PEOPLE, 2)
    assert "area (2 different values, 6 could be released without it)" in line
    assert "hierarchy" in line
    assert "flask study classify" in line
    assert "Without" not in line


def test_what_only_helps_together_is_told_together(form: Path, study: Study, keys: Keys) -> None:
    made = released(visited(form, study, APART), keys, k=4)
    assert [one.left_together for one in made.obstacles] == [0, 4, 6]
    assert "Without area, fair together, 4 could be." in in_one_line(made.obstacles, PEOPLE, 4)
    assert released(visited(form, study), keys, k=2).obstacles == ()
