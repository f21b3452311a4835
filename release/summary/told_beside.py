"""What a summary says of what it gave up beside earlier releases: how many are left out, and whose figures these are.

A mean of those who happen to be in an earlier release is another than that of the group; nobody may take one for the
other. Within the team numbers are exact, outside in steps. English.
"""

from __future__ import annotations

from collections.abc import Iterator

from release.summary.build import GroupSummary, Summary
from release.summary.words import SPLITS

WHOSE = (
    "They are left out so that nobody can be worked out by comparing this with an earlier release, and every figure of "
    "the group is of the others. The others are no random choice: what tells the two apart is who was in which earlier "
    "release. So these figures may differ from those of the whole group, and they are not the whole group's."
)
NOT_TOLD = "Withheld: beside an earlier release it would tell of fewer than ten people."


def beside_in_words(summary: Summary) -> Iterator[str]:
    """For README.txt: each group with what it gave up."""
    for group in summary.groups:
        name = group.group.name
        if summary.beside.left_out.get(name):
            yield f"{name}: {left_out_in_words(group, summary)}"
        for split in splits_untold(name, summary):
            yield f"{name}, {SPLITS[split].lower()}: {NOT_TOLD}"


def left_out_in_words(group: GroupSummary, summary: Summary) -> str:
    """How many of a group are left out, and whose figures these are."""
    return f"{number_left_out(group, summary)} of this group are left out. {WHOSE}"


def number_left_out(group: GroupSummary, summary: Summary) -> str:
    """How many of a group are left out: of how many, within the team; else in steps."""
    count, step = summary.beside.left_out.get(group.group.name, 0), summary.rules.step
    if not summary.rules.zero_too:
        return f"{count} of {count + group.people} people" if group.people else f"{count} people"
    return f"At least {count // step * step} people" if count >= step else f"Fewer than {step} people"


def splits_untold(name: str, summary: Summary) -> list[str]:
    """By what this group is not told apart, in the order of the page."""
    return [split for split in SPLITS if (name, split) in summary.beside.untold]
