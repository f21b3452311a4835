"""Canaries in people's own words: in every form of a release, a summary, notes, journal and what lies beside, nothing
is found but what a person reviewed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyreadstat
import pytest

from instruments.model import Instrument
from release.formats.writing import FORMATS
from release.making import Opened, Way, write_order
from release.review.answers import answers
from release.review.book import Book, Theme
from release.review.deciding import Decisions, Signed
from release.review.themes import Codings
from release.specification import specification_of
from tests.conftest import TODAY, Keys
from tests.house.scanner import files_with
from tests.release.test_distrust import source
from tests.release.test_nothing_withheld import files_that_tell
from tests.release.test_orders_of_rows import crowd
from tests.releases import dataset_of

NAMES = ("canary-reviewer-1a", "canary-coder-2b", "canary-coder-3c")
NOBODYS = tuple(f"canary-own-words-{number}x" for number in range(12))
REVIEWED, EDITED = "canary-reviewed-4d", "canary-edited-5e"
# Scoring syntax is made from questions alone, and is looked through in test_nothing_withheld.py.
FORMS = [form for form in FORMATS if form != "scoring"]
ROWS = {"groups": ["young_person"], "k": 5, "formats": FORMS, "language": "en"}
ORDERS: dict[str, dict[str, object]] = {
    "reviewed": ROWS | {"purpose": "quotes", "open_text": "reviewed"},
    "themes": ROWS | {"purpose": "themes", "open_text": "themes"},
    "summary": {"kind": "summary", "purpose": "sum", "preset": "team", "groups": ["young_person"], "language": "en"},
}


@pytest.fixture(scope="module")
def releases(keys: Keys, instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each order written, the words decided on and coded before: one released, one withheld, two not to be quoted."""
    people = crowd(instrument, [{"yp_text_1": one, "yp_text_2": one} for one in NOBODYS], o_quote="yes")
    people[-2:] = [replace(one, choices={"o_quote": "no"}) for one in people[-2:]]
    opened = Opened(source(keys, instrument), dataset_of(people, instrument), [keys.research])
    home = tmp_path_factory.mktemp("canaries")
    told = [one for one in answers(opened.source, opened.dataset) if one.item == "yp_text_1"]
    reviewer, *coders = (Signed(name, "2026-11") for name in NAMES)
    desk = Decisions(home, opened.keys, opened.source.study)
    desk.decide(told[0], f"{REVIEWED} and all", reviewer)
    desk.decide(told[1], EDITED, reviewer)
    desk.decide(told[1], None, reviewer)
    codings = Codings(home, opened.keys, opened.source.study)
    codings.keep_book(Book((Theme("1", "trust", "Trust in the police"),)))
    for one in told:
        codings.code(one, "first", ["1"], coders[0])
        codings.code(one, "second", ["1"], coders[1])
    for name, order in ORDERS.items():
        write_order(opened, specification_of(order), Way(home / name, home, TODAY))
    return home


def test_nothing_is_found_but_what_was_reviewed(releases: Path) -> None:
    assert {path.name for path in (releases / "themes").rglob("*")} >= {
        "data.parquet",
        "data.sav",
        "data.dta",
        "ddi.xml",
    }
    assert files_with(releases, [*NOBODYS, *NAMES, EDITED]) == {}
    assert files_that_tell(releases, *NOBODYS, *NAMES, EDITED) == set()


def test_a_theme_has_its_labels_in_spss_and_stata(releases: Path) -> None:
    _, sav = pyreadstat.read_sav(releases / "themes" / "data.sav", user_missing=True)
    _, dta = pyreadstat.read_dta(releases / "themes" / "data.dta", user_missing=True)
    name, told = "yp_text_1__trust", {0: "Both coders: not in the answer", 1: "Both coders: in the answer"}
    for meta, missing in ((sav, -6), (dta, "f")):
        assert meta.column_names_to_labels[name].startswith("Trust in the police · ")
        assert meta.variable_value_labels[name].items() >= told.items()
        assert meta.variable_value_labels[name][missing] == "Not coded by both, or the coders differ"


def test_what_was_reviewed_is_found_where_it_was_ordered_and_nowhere_else(releases: Path) -> None:
    for name in ORDERS:
        found = files_that_tell(releases / name, REVIEWED)
        assert found == ({"data.csv", "data.parquet", "data.sav", "data.dta"} if name == "reviewed" else set())
