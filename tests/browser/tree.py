"""What a screen reader is given: Chromium's accessibility tree of a page, as lines that a person can read and compare.

Each line is a role, its name in quotes, what describes it, and the states that are said aloud. Words that differ from
run to run (codes, days, addresses) stand as marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

# Roles that say nothing of themselves; what is in them is read as if they were not there.
SILENT = {"none", "generic", "InlineTextBox", "LineBreak", "ListMarker", "LayoutTable", "LayoutTableRow",
          "LayoutTableCell"}  # fmt: skip
SAID = ("checked", "invalid", "required", "expanded", "level", "focused", "live", "disabled", "busy")
CHANGING = (
    (re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}"), "CODE"),
    (re.compile(r"https?://\S+"), "ADDRESS"),
    (re.compile(r"\b\w+, \d+ \w+ 20\d\d\b"), "DAY"),
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "DAY"),
    (re.compile(r"\b\d+ \d{12}\b"), "NUMBER"),
)


@dataclass(frozen=True)
class Line:
    """One thing that is said. `structure` is all of it but its words."""

    depth: int
    role: str
    name: str
    description: str
    states: tuple[str, ...]

    @property
    def structure(self) -> tuple[int, str, tuple[str, ...], bool, bool]:
        return self.depth, self.role, self.states, bool(self.name), bool(self.description)

    def __str__(self) -> str:
        words = f' "{masked(self.name)}"' if self.name else ""
        more = f" ({masked(self.description)})" if self.description else ""
        return f"{'  ' * self.depth}{self.role}{words}{more}{''.join(f' [{one}]' for one in self.states)}"


def masked(words: str) -> str:
    """Words with what changes from run to run taken out."""
    for pattern, mark in CHANGING:
        words = pattern.sub(mark, words)
    return " ".join(words.split())


def tree_of(page: Page) -> list[Line]:
    """The accessibility tree of a page as it is, in the order in which it is read."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return list(_lines({node["nodeId"]: node for node in nodes}, nodes[0], 0, ""))


def _lines(nodes: dict[str, Any], node: dict[str, Any], depth: int, above: str) -> Iterator[Line]:
    role = node.get("role", {}).get("value", "none")
    name = str(node.get("name", {}).get("value", "")).strip()
    told = not node.get("ignored") and role not in SILENT and not (role == "StaticText" and (not name or name in above))
    if told:
        yield Line(depth, role, name, str(node.get("description", {}).get("value", "")), tuple(_states(node)))
    for child in node.get("childIds", ()):
        if child in nodes:
            yield from _lines(nodes, nodes[child], depth + told, name if told and name else above)


def _states(node: dict[str, Any]) -> Iterator[str]:
    for one in node.get("properties", ()):
        value = one["value"].get("value")
        if one["name"] in SAID and value not in (False, "false", "off", None):
            yield one["name"] if value is True or value == "true" else f"{one['name']}={value}"
