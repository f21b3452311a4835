"""The catalogue of pages is whole: no template and no page's address is missing from it without a reason."""

from __future__ import annotations

import re

from tests.browser.catalogue import EXCLUDED, PLACES, TOURS
from tests.house.served import ROOT

TEMPLATES = ROOT / "templates"
JOINED = re.compile(r'{%-?\s*(?:extends|include|from|import)\s*"([^"]+)"')


def templates() -> set[str]:
    return {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}


def parts() -> set[str]:
    """Templates that others extend, include or import from: they are seen wherever those are."""
    return {name for path in TEMPLATES.rglob("*.html") for name in JOINED.findall(path.read_text("utf-8"))}


def test_every_template_is_in_the_catalogue_or_left_out_with_a_reason() -> None:
    shown = {template for _, template in PLACES.values()}
    assert templates() - shown - parts() - EXCLUDED.keys() == set(), "a new page belongs on a tour"
    assert (shown | EXCLUDED.keys()) - templates() == set(), "a tour names a template that is not there"
    assert not shown & EXCLUDED.keys()


def test_no_two_places_have_one_name() -> None:
    assert len(PLACES) == sum(len(tour.shows) for tour in TOURS.values())
