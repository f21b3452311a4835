"""The worked example of docs/studies.md does what it says, for records of before too."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from fieldwork.study import Study
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.answers import settle
from instruments.catalogue import check_study, load_study
from instruments.consent import gate, statements_asked
from instruments.model import Instrument
from instruments.reading.starter import write_study
from release.build import Release, build_release, open_source_with
from release.source import Source
from release.specification import Specification
from storage.vaults import rows
from tests.conftest import STUDY, TODAY, Keys

EXAMPLE = (Path(__file__).parents[2] / "docs" / "studies.md").read_text("utf-8")
EXAMPLE = EXAMPLE.partition("### Coarser levels for a form of your own")[2].partition("\n## ")[0]
FORM = f"""
| survey |
| | type | name | label |
| | select_one place | region | Which region? |
| | select_one place | district | Which district? |
| | select_one place | area | Which area? |
| | integer | age | How old are you? |
| | date | last_visit | When was your last visit? |
| choices |
| | list_name | name | label |
| | place | 1 | One |
| | place | 2 | Two |
| | place | 3 | Three |
| settings |
| | form_id |
| | {STUDY} |
"""
# Nobody has an age or a day with anybody else; by district and year they are two crowds.
SAID = [
    {"region": 1, "district": 1 + n % 2, "area": 1 + n % 3, "age": 30 + n, "last_visit": f"2026-0{1 + n}-01"}
    for n in range(8)
]


def indented(begins: str) -> str:
    """The block of the example that begins so."""
    blocks = re.findall(r"(?:^ {8}.*\n|^\n(?= {8}))+", EXAMPLE, re.MULTILINE)
    told = (textwrap.dedent(block).strip() for block in blocks)
    return next(block for block in told if block.startswith(begins))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.md").write_text(FORM, "utf-8")
    write_study(tmp_path / "own.md", tmp_path / "study")
    return tmp_path / "study"


def with_levels(folder: Path) -> Instrument:
    """The study after the steps of the example."""
    classes, settings = folder / "questionnaire.classes.csv", folder / "study.toml"
    head = "amanah-classes,1\nname,privacy,stored,special,hierarchy,reason\n"
    plain = "region,quasi,research,no,,A place.\ndistrict,quasi,research,no,,A place.\n"
    classes.write_text(head + plain + indented("age,quasi") + "\n", "utf-8")
    release, levels = indented("[release]").split("\n\n", 1)
    coarsening = release.partition("\n")[2]
    text = re.sub(r"^coarsening = .*$", coarsening, settings.read_text("utf-8"), flags=re.MULTILINE)
    settings.write_text(f"{text}\n{levels}\n", "utf-8")
    assert not [problem for problem in check_study(folder) if not problem.is_warning]
    return replace(load_study(folder).instrument, version="2")


def released(study: Study, keys: Keys, *versions: Instrument) -> Release:
    known = {version.digest: version for version in versions}
    source = Source("test", study.name, known, tuple(rows(study.stores.research)), tuple(known))
    opened = open_source_with(source, [keys.research], lambda done, whole: None)
    return build_release(source, opened, [keys.research], Specification("test", ("participant",), 4, ("csv",), "en"))


def test_nobody_could_be_released_before_and_everybody_after(folder: Path, study: Study, keys: Keys) -> None:
    before = load_study(folder).instrument
    made = replace(study, instrument=before)
    asked = statements_asked(before, "participant", None)
    consent = gate(before, "participant", None, {item.name: "yes" for item in asked if item.required})
    for said in SAID:
        answers = settle(before, "participant", said)
        finish_visit(made, FinishedVisit("participant", "en", "self", answers, consent), TODAY)
    nobody = released(made, keys, before)
    assert nobody.frame.is_empty()
    assert {one.name: one.values for one in nobody.obstacles}["age"] == 8
    after = released(made, keys, before, with_levels(folder))
    assert after.frame.height == 8
    assert {name: after.levels.get(name) for name in ("age", "last_visit", "area")} == {
        "age": 1,
        "last_visit": 2,
        "area": 1,
    }
    held = Counter(after.frame.select("last_visit", "age").iter_rows())
    assert held == {("2026", "25+"): 8}
