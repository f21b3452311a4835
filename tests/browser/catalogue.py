"""Every page and state that a person can see, in one list: axe, screenshots, Lighthouse and layout tests all walk it.

A tour is a way through pages; it stands at one place after another, each of which has a name and a template. A new
template belongs on a tour, or in EXCLUDED with the reason; tests/browser/test_catalogue.py says so. Use it like this:

    with houses_in(folder, keys) as houses, at_page(browser, houses, TOURS["visit"], "ur", viewport=...) as walker:
        for place in TOURS["visit"].walk(walker):
            look at walker.page, which stands at `place`
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser

from tests.browser import tours_desk, tours_identity, tours_office, tours_tablet, tours_visit
from tests.browser.houses import Houses, houses_in
from tests.browser.touring import Tour, Walker, Who

__all__ = ["EXCLUDED", "LANGUAGES", "PLACES", "TOURS", "Tour", "Walker", "Who", "at_page", "houses_in"]

LANGUAGES = ("en", "ur", "ar", "bn", "so", "tr")
TOURS: dict[str, Tour] = {
    one.name: one
    for one in (
        tours_visit.public, tours_visit.visit, tours_visit.visit_ends, tours_visit.plain_visit,
        tours_visit.plain_ends, tours_visit.withdrawing, tours_visit.kinds, tours_visit.errors, tours_tablet.tablet,
        tours_office.signing_in, tours_office.office_bare, tours_office.office, tours_office.office_deeds,
        tours_office.questionnaires, tours_desk.desk_bare, tours_desk.releasing, tours_desk.ceremony,
        tours_desk.rehearsal, tours_desk.own_words, tours_identity.identities,
    )
}  # fmt: skip
# Every place by its name: the tour on which it stands, and its template.
PLACES: dict[str, tuple[Tour, str]] = {
    name: (one, template) for one in TOURS.values() for name, template in one.shows.items()
}
# Templates that no place shows, with the reason; those that others extend, include or import from need none.
EXCLUDED: dict[str, str] = {
    f"styleguide/{name}.html": "for whoever builds Amanah, in a demo with `development` on; its own tests look"
    for name in ("visit", "staff")
} | {
    f"office/{name}.html": "no page but a part of office/working.html, which comes while work goes on"
    for name in ("how_far", "went_wrong", "go_on")
}  # fmt: skip


@contextmanager
def at_page(browser: Browser, houses: Houses, tour: Tour, language: str = "en", **words: object) -> Iterator[Walker]:
    """A page of a new browser for this tour. `words`: what the browser is like, as Playwright takes it."""
    # A tablet keeps its pages by a worker; elsewhere one would answer for scripts that a tour goes without.
    worker = "allow" if tour.who == "interviewer" else "block"
    with browser.new_context(service_workers=worker, **words) as context:  # type: ignore[arg-type]  # Playwright's own
        yield Walker(context.new_page(), houses, language)
