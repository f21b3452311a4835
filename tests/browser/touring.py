"""Somebody who walks from page to page: a browser's page, what stands to be visited, and the language asked for.

Finds its way by what a page is made of, never by its words: the same tour is walked in every language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Page, expect

from tests.browser.desks import answered
from tests.browser.houses import DeskHouse, Field, Houses

# Whether pressing it sends a form to the desk.
SENDS = (
    "(one) => one.type === 'submit' && one.form?.method === 'post' && (one.form.noValidate || one.form.checkValidity())"
)
SAY = """(state) => {
  for (const one of document.querySelectorAll("[data-say]")) one.hidden = one.dataset.say !== state;
  document.querySelector("[data-stays]").classList.toggle("said", Boolean(state));
}"""
Who = Literal["participant", "interviewer", "office", "desk"]


@dataclass
class Walker:
    """A page that walks. `visit_script`: whether the pages' own scripts are let through."""

    page: Page
    houses: Houses
    language: str = "en"

    @property
    def busy(self) -> Field:
        return self.houses.fields["busy"]

    @property
    def desk(self) -> DeskHouse:
        return self.houses.desks["full"]

    def goto(self, path: str, field_app: str = "busy") -> None:
        """A page of a field app in this language."""
        self._open(self.houses.fields[field_app].url, path)

    def at_the_desk(self, path: str, desk: str = "full") -> None:
        """A page of a desk."""
        self._open(self.houses.desks[desk].url, path)

    def enter_desk(self, name: str = "full") -> None:
        """Open a desk by a one-time link; whatever it held is forgotten first."""
        house = self.houses.desks[name]
        house.desk.forget()
        house.desk.farewell = ""
        house.desk.token = "once"
        self.page.goto(f"{house.url}/open/once")

    def sign_in(self, name: str = "Mara", field_app: str = "busy") -> None:
        """Have this browser signed in."""
        self.houses.fields[field_app].sign_in(self.page.context, name)

    def press(self, selector: str) -> None:
        """Press the first of these that is seen. What sends a form of the desk leads to the page that answers it."""
        found = self.page.locator(selector).locator("visible=true").first
        if self.page.locator("[data-ended]").count() and found.evaluate(SENDS):
            with answered(self.page):
                found.click()
        else:
            found.click()

    def press_and_go_on(self, selector: str) -> None:
        """Press it, and do not wait for all of the page that answers: it may go on for as long as work does."""
        self.page.locator(selector).first.click(no_wait_after=True)

    def say(self, state: str) -> None:
        """Show what the page says in this state of a session or a task that ends; nothing for ""."""
        self.page.evaluate(SAY, state)

    def send(self) -> None:
        """Send the form whose button is the page's main one."""
        self.press("main button.primary")

    def sees(self, selector: str) -> None:
        """Wait until something like this is seen."""
        expect(self.page.locator(selector).locator("visible=true").first).to_be_visible()

    def without(self, *scripts: str) -> None:
        """From here on the page goes without these scripts, as in a browser that does not run them."""
        for name in scripts:
            self.page.route(f"**/{name}", lambda route: route.abort())

    def with_scripts(self) -> None:
        """Scripts run again."""
        self.page.unroute_all()

    def _open(self, url: str, path: str) -> None:
        page, mark, fragment = path.partition("#")
        joint = "&" if "?" in page else "?"
        self.page.goto(f"{url}{page}{joint}lang={self.language}{mark}{fragment}")


Steps = Callable[[Walker], Iterator[str]]


@dataclass(frozen=True)
class Tour:
    """A way through pages. `shows`: the places on it, in their order, each with the template that stands there."""

    name: str
    who: Who
    shows: Mapping[str, str]
    steps: Steps = field(repr=False)

    def walk(self, walker: Walker) -> Iterator[str]:
        """Go from place to place; the name of each, once the page stands there."""
        for name in self.steps(walker):
            assert name in self.shows, f"{name} is not among the places of the tour {self.name}"
            yield name


def tour(who: Who, **shows: str) -> Callable[[Steps], Tour]:
    """Make a tour of a generator that yields the names of its places (with - in them for _ here)."""

    def made(steps: Steps) -> Tour:
        places = {name.replace("_", "-"): template for name, template in shows.items()}
        return Tour(steps.__name__.replace("_", "-"), who, places, steps)

    return made
