"""A person without a mouse: keys alone, and at each stop the focus is seen, in its place and under nothing.

Presses Tab, Enter, Space and arrows and types; calls no click. Each stop on the way is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

# A browser goes on from where the focus was last, even where it is no more.
FROM_THE_TOP = """() => {
  scrollTo(0, 0);
  const first = document.createElement("span");
  first.tabIndex = -1;
  document.body.prepend(first);
  first.focus();
  first.remove();
}"""
MOST = 250  # stops on one page; whoever comes by so many is in a trap
# Where the focus is: what it is on, whether that can be told by sight, whether something lies over it.
STOP = (Path(__file__).parent / "data" / "stop.js").read_text("utf-8")


@dataclass
class Keyboard:
    """Keys pressed on a page. `faults`: what was wrong with a stop on the way."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def tab(self) -> dict[str, Any] | None:
        """On to the next stop; None where the page ends."""
        self.page.keyboard.press("Tab")
        return self.look()

    def look(self) -> dict[str, Any] | None:
        """The stop that the focus is on."""
        stop: dict[str, Any] | None = self.page.evaluate(STOP)
        if stop and not stop["seen"]:
            self.faults.append(f"the focus on {stop['name']} cannot be seen")
        if stop and stop["hidden"]:
            self.faults.append(f"something lies over {stop['name']}")
        return stop

    def to(self, selector: str) -> None:
        """Press Tab until the focus is on something like this."""
        for _ in range(MOST):
            if self.is_on(selector):
                return
            self.tab()
        raise AssertionError(f"no Tab leads to {selector} on {self.page.url}")

    def is_on(self, selector: str) -> bool:
        """Whether the focus is on something like this."""
        found: bool = self.page.evaluate("(selector) => !!document.activeElement?.matches(selector)", selector)
        return found

    def enter(self, selector: str) -> None:
        """Go to it and press Enter."""
        self.to(selector)
        self.page.keyboard.press("Enter")

    def type(self, selector: str, words: str) -> None:
        """Go to it and type."""
        self.to(selector)
        self.page.keyboard.type(words)

    def choose(self, name: str, value: str) -> None:
        """Go to a group of choices, then by arrows to the one that has this value."""
        self.to(f"input[name={name}]")
        self.page.keyboard.press("Space")
        for _ in range(30):
            if self.is_on(f"input[name={name}][value='{value}']"):
                return
            self.page.keyboard.press("ArrowDown")
            self.look()
        raise AssertionError(f"no arrow leads to {value} of {name}")

    def through(self) -> Iterator[dict[str, Any]]:
        """Every stop of the page once, from its beginning."""
        self.page.wait_for_load_state()  # a script may set the focus until then
        self.page.evaluate(FROM_THE_TOP)
        first = None
        for _ in range(MOST):
            stop = self.tab()
            # Beyond the last stop a browser leaves the page, or begins anew without having left it.
            if stop is None or (here := (stop["name"], stop["top"], stop["start"])) == first:
                return
            first = first or here
            yield stop
        self.faults.append("Tab never leaves the page")


def out_of_order(stops: list[dict[str, Any]]) -> list[str]:
    """Stops that come before one which the eye reads first: higher, or in one line nearer to where lines begin."""
    found = []
    within = [stop for stop in stops if not stop["bar"]]
    for before, after in zip(within, within[1:], strict=False):
        higher = after["bottom"] <= before["top"] + 1
        in_line = after["top"] < before["bottom"] - 1 and before["top"] < after["bottom"] - 1
        if higher or (in_line and after["start"] < before["start"] - 1):
            found.append(f"{after['name']} comes after {before['name']}, which stands behind it")
    return found
