"""How large a form may be: what a page can show and a check can go through in seconds. Names the row that is too much.

A repeat counts with every round that it has room for, a list of choices with every question that offers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from errors import Problem
from instruments.model import Tree
from instruments.reading.repeats import rounds_of
from instruments.reading.xlsform import Form

MOST_ASKED = 5_000  # questions and notes
MOST_OFFERED = 50_000  # choices, over all questions
MOST_PARTS = 20_000  # of one expression, once repeats and lists are written out in it
MOST_PARTS_IN_ALL = 500_000  # of all expressions


def sizes_refused(forms: Iterable[Form]) -> Iterator[Problem]:
    """A problem for each form that asks or offers more than a page can show."""
    for form in forms:
        asked, offered = _counted(form.tree["children"])
        if asked > MOST_ASKED:
            told = f"this form asks {asked:,} questions, rounds of repeats counted, and may ask {MOST_ASKED:,}"
            yield Problem(form.file, f"{told}; ask for fewer rounds (bind::amanah:most), or leave some out")
        if offered > MOST_OFFERED:
            told = f"this form offers {offered:,} choices, counted at every question, and may offer {MOST_OFFERED:,}"
            yield Problem(form.file, f"{told}; shorten the long lists, or offer them at fewer questions")


def parts_of(tree: Tree) -> int:
    """How many parts an expression has, up to the first that is too many."""
    waiting, count = [tree], 0
    while waiting and count <= MOST_PARTS:
        count += 1
        waiting += [part for part in waiting.pop() if isinstance(part, tuple)]
    return count


def _counted(children: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """How many questions and choices stand in these, each round of a repeat counted."""
    asked = offered = 0
    for child in children:
        inner = child.get("children", ()) if child["type"] in ("group", "repeat") else ()
        within = _counted(inner) if inner else (1, len(child.get("choices") or ()))
        times = rounds_of(child) if child["type"] == "repeat" else 1
        asked, offered = asked + times * within[0], offered + times * within[1]
    return asked, offered
