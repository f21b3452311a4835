"""What a checkup found, and how it is told: one line each, what is wrong with what to do. Judges nothing itself.

No sign of a server ever moves or colours the terminal of whoever checks it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
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


def told(about: str, problems: Mapping[str, list[str]], as_it_should_be: str, remedy: str) -> Iterator[Finding]:
    """One finding for each problem, naming the first places; or that there is none."""
    for problem, named in problems.items():
        places = list(dict.fromkeys(named))
        first, more = ", ".join(places[:3]), f" and {len(places) - 3} more" if len(places) > 3 else ""
        yield wrong(about, f"{problem} ({first}{more})", remedy)
    if not problems:
        yield well(about, as_it_should_be)


def printable(text: str) -> str:
    """The same with a question mark for all that a terminal obeys or hides: escapes, line ends, turns of direction."""
    return "".join(one if one.isprintable() else "?" for one in text)


def all_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing is wrong."""
    return all(one.outcome != "WRONG" for one in findings)


def table(findings: Sequence[Finding]) -> str:
    """Every finding in three columns; below what is wrong or was not seen, what to do."""
    lines: list[str] = []
    for one in findings:
        found = textwrap.wrap(printable(one.found), WIDTH - 38) or [""]
        lines.append(f"{one.outcome:<9} {printable(one.about):<27} {found[0]}")
        lines += [f"{'':<37} {line}" for line in found[1:]]
        todo = f"What to do: {printable(one.remedy)}" if one.remedy else ""
        lines += [f"{'':<37} {line}" for line in textwrap.wrap(todo, WIDTH - 38)]
    return "\n".join(lines)
