"""The disclosure report says what a board must know: a search given up, too many left out, the loss, the licence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from instruments.model import Instrument
from release.formats.writing import write_formats
from release.made import Release
from release.readme import readme_of
from release.report.figures import as_json, figures_of
from release.report.page import as_page
from tests.release.formats.making import expected, with_order

GIVEN_UP, TOO_MANY = "was given up early", "More people were left out than was asked for"
LICENCE = "CC BY-NC 4.0, for <teaching> & research"


@pytest.fixture(scope="module")
def plain(instrument: Instrument) -> Release:
    """The twelve, of whom three more were left out: four stood alone before, nobody does now."""
    made = with_order(expected(instrument), licence=LICENCE, formats=("csv", "codebook", "ddi", "datapackage"))
    sizes = (pl.Series([1] * 4 + [2] * 2 + [9] * 9), pl.Series([6] * 12))
    return replace(made, left_out=3, sizes=sizes, after=replace(made.after, people=12))


def page(release: Release) -> str:
    return " ".join(as_page(release).decode().split())


def test_a_search_that_was_given_up_is_told_with_what_could_be_gained(plain: Release) -> None:
    assert GIVEN_UP not in page(plain)
    told = replace(plain, node=replace(plain.node, is_best=False, loss=4.5, least=3.25, nodes=1_679_616))
    for part in (GIVEN_UP, "1,679,616 ways", "loses 4.50 bits a person", "at least 3.25", "Nobody is protected less"):
        assert part in page(told)
    assert figures_of(told)["search"]["best"] is False
    assert "given up early" in " ".join(readme_of(told).split())


def test_more_left_out_than_allowed_is_told_with_what_it_does_to_results(plain: Release) -> None:
    assert TOO_MANY not in page(plain)
    told = replace(plain, node=replace(plain.node, is_within=False))
    for part in (TOO_MANY, "at most 5 %", "3 of 15 (20 %)", "unusual"):
        assert part in page(told)
    assert figures_of(told)["search"]["within_bound"] is False
    assert "more than the order allows" in " ".join(readme_of(told).split())
    assert "at most 7 %" in page(with_order(told, largest_suppression=7))


def test_discernibility_stands_beside_entropy_and_who_is_left_out_counts_as_like_everybody(plain: Release) -> None:
    told = json.loads(as_json(plain))["loss"]
    # 4 alone, a pair, nine alike: 4 + 2·2 + 9·9. Twelve among six: 12·6, and three who look like all fifteen.
    assert told["discernibility"] == {"before": 89, "after": 12 * 6 + 3 * 15}
    assert (told["people"], told["entropy_in_bits"]) == (15, 0)
    assert ">7.8</td>" in page(plain)  # 117 / 15


def test_the_licence_stands_in_every_file_that_says_what_a_release_is(plain: Release, tmp_path: Path) -> None:
    write_formats(plain, tmp_path)
    written = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    marked = LICENCE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"Licence: {LICENCE}\n" in readme_of(plain)
    assert json.loads(as_json(plain))["licence"] == LICENCE
    assert f"<dt>Licence</dt><dd>{marked}</dd>" in page(plain)
    assert f"Licence: {LICENCE}." in json.loads(written["datapackage.json"])["description"]
    assert marked in written["codebook.html"]
    assert f"Licence: {marked}." in next(text for name, text in written.items() if name.endswith(".xml"))
