"""What a checkup found, and how it is told: one line each, what is wrong with what to do. Judges nothing itself."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["well", "WRONG", "not seen"]
WIDTH = 118


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what was found, and what to do where it is not as it should be."""

    outcome: Outcome
    about: str
    found: str
    remedy: str = ""


def well(about: str, found: str) -> Finding:
    """As it should be."""
    return Finding("well", about, found)


def wrong(about: str, found: str, remedy: str) -> Finding:
    """Not as it should be, with what to do."""
    return Finding("WRONG", about, found, remedy)


def unseen(about: str, found: str, remedy: str) -> Finding:
    """Could not be looked at from here, and how it can be."""
    return Finding("not seen", about, found, remedy)


def judged(holds: bool, about: str, found: str, remedy: str) -> Finding:
    """Well if it holds, else wrong."""
    return well(about, found) if holds else wrong(about, found, remedy)


def all_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing is wrong."""
    return all(one.outcome != "WRONG" for one in findings)


def table(findings: Sequence[Finding]) -> str:
    """Every finding in three columns; below what is wrong or was not seen, what to do."""
    lines: list[str] = []
    for one in findings:
        found = textwrap.wrap(one.found, WIDTH - 38) or [""]
        lines.append(f"{one.outcome:<9} {one.about:<27} {found[0]}")
        lines += [f"{'':<37} {line}" for line in found[1:]]
        todo = f"What to do: {one.remedy}" if one.remedy else ""
        lines += [f"{'':<37} {line}" for line in textwrap.wrap(todo, WIDTH - 38)]
    return "\n".join(lines)
