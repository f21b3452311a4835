"""Every page and state of the catalogue: axe finds nothing, nothing is wider than 320 pixels, nothing is lost.

In the suite each template is looked at where a tour first comes to it and wherever something was refused, a visit at
each of its steps, a tablet on each of its screens; a tour in one language, a place in one light, at one width: every
template, language, light and width occurs. `./run torture` looks at every place of every tour in everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, product

import pytest
from playwright.sync_api import Browser

from tests.browser import looks
from tests.browser.catalogue import LANGUAGES, TOURS, Tour, Walker, at_page
from tests.browser.houses import Houses

NARROW = 320  # CSS pixels: a screen of 1280 at 400 % (WCAG 1.4.10)
# Where the targets are 44 pixels: what people take part with. Staff's are 24, as axe asks.
LARGE = ("participant", "interviewer")
# The language in which each tour is walked in the suite: the longest in those that break most (Nastaliq, long words).
SAMPLE = {
    "public": "bn", "visit": "ur", "visit-ends": "so", "plain-visit": "tr", "plain-ends": "so", "withdrawing": "ar",
    "kinds": "bn",
    "errors": "so", "tablet": "ur", "signing-in": "ar", "office-bare": "tr", "office": "ur", "office-deeds": "bn",
    "questionnaires": "so", "desk-bare": "ar", "releasing": "tr", "ceremony": "ur", "rehearsal": "bn",
    "own-words": "en", "identities": "ar",
}  # fmt: skip
# Tours of templates that others show too: here without script, at an end, before there is anything.
AS_ANOTHER = ("plain-visit", "visit-ends", "errors", "office-bare", "desk-bare")
# Tours on which the template stays and what it asks is another kind of thing at each place.
OF_STEPS = ("visit", "kinds", "tablet")


def seen_at(walker: Walker, tour: Tour, where: Sequence[tuple[str, int]]) -> Iterator[str]:
    """What there is to mend on the page as it is, in these lights and at these widths, and once it is narrow."""
    page, is_visit = walker.page, tour.who == "participant"
    for scheme, width in where:
        for name in looks.at_each(page, (scheme,), (width,)):
            yield from (f"{name}: {found}" for found in looks.axe(page, is_visit) + looks.too_wide(page))
    page.set_viewport_size({"width": NARROW, "height": 640})
    yield from (f"{NARROW}: {found}" for found in looks.too_wide(page) + looks.clipped(page))
    yield from (f"{NARROW} spaced: {found}" for found in looks.spaced(page))
    if tour.who in LARGE:
        yield from (f"{NARROW}: a small target: {found}" for found in looks.small(page))


def walked(
    browser: Browser,
    houses: Houses,
    tour: Tour,
    language: str,
    where: Iterator[Sequence[tuple[str, int]]],
    again: bool = True,
) -> list[str]:
    """All that there is to mend on a tour. It must come by every place that it names. `again`: look at each place, not
    only where a template is met first or something was refused."""
    found, places, met = [], set(), set()
    # The page's own policy forbids what these looks need; tests/house holds that it stands.
    with at_page(browser, houses, tour, language, viewport={"width": 360, "height": 740}, bypass_csp=True) as walker:
        for place in tour.walk(walker):
            places.add(place)
            if again or place.endswith("refused") or tour.shows[place] not in met:
                met.add(tour.shows[place])
                found += [f"{language} {place} {one}" for one in seen_at(walker, tour, next(where))]
    return found + [f"{language} never came to {place}" for place in tour.shows if place not in places]


def test_the_sample_walks_every_tour_and_each_language() -> None:
    assert SAMPLE.keys() == TOURS.keys()
    assert {language for name, language in SAMPLE.items() if name not in AS_ANOTHER} == set(LANGUAGES)


def test_the_suite_looks_at_every_template() -> None:
    everything, seen = ({one for tour in tours for one in tour.shows.values()} for tours in (
        TOURS.values(), (tour for name, tour in TOURS.items() if name not in AS_ANOTHER)
    ))  # fmt: skip
    assert everything - seen == set()


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.torture if one in AS_ANOTHER else ()) for one in TOURS]
)
def test_nothing_is_to_be_mended(browser: Browser, houses: Houses, name: str) -> None:
    # Five is prime to six, so that neighbours differ in both.
    where = cycle([[one] for one in list(product(looks.SCHEMES, looks.SIZES))[::-1]])
    assert walked(browser, houses, TOURS[name], SAMPLE[name], where, again=name in OF_STEPS) == []


@pytest.mark.torture
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TOURS)
def test_nothing_is_to_be_mended_anywhere(browser: Browser, houses: Houses, name: str, language: str) -> None:
    where = cycle([list(product(looks.SCHEMES, looks.SIZES))])
    assert walked(browser, houses, TOURS[name], language, where) == []
