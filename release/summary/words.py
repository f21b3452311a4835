"""What a summary says about its figures: how they were worked out, what is withheld, what they cannot show. English.

Plain sentences for readers who are not statisticians, with the formula for those who are.
"""

from __future__ import annotations

from collections.abc import Iterator

from release.summary.means import Why
from release.summary.rules import Rules

WHO = (
    "Trying to find out who took part or what one person answered, without the controller's consent, is an offence "
    "(Data Protection Act 2018, section 171)."
)
TEAM_ONLY = "For the research team only. A summary for anybody else is made anew, by stricter rules."
VIEWS = (
    "What these forms cannot show: whether open work changes hidden work, where operations come from and whether "
    "violence was prevented are matters of fact. The answers give views of groups; facts need records, observation "
    "and long interviews."
)
SCALES = (
    "A scale is the mean of its questions, from 1 to 5, for people who answered enough of them. It describes the group "
    "and nobody in it. Lines show 95 % confidence intervals."
)
PARTS = (
    "A part is shown only where ten of its people and ten of the others have a score, or all of them. How people "
    "filled the form in changes answers: do not compare places without looking at that."
)
RELIABILITY = (
    "How well the questions of a scale go together, over people who answered all of them. Values near 1 say that they "
    "measure one thing; they do not say that it is the right one."
)
MISSING = (
    "Of all answers to a scale's questions, how many were Don't know or Prefer not to say. Don't know often means not "
    "visible to me; Prefer not to say shows where a question feels unsafe."
)
ANSWERS = (
    "Bars leave the middle line: answers at the low end go to one side, answers at the high end to the other, and half "
    "of the middle answers lie on each. Low ends have small ticks at their foot."
)
MIRRORS = (
    "These are similar questions, not the same ones: each group was asked in its own words. Read the means beside each "
    "other, and do not take one from another as if they were on one scale."
)
TOGETHER = (
    "The figures put people of all versions together. Do not rely on them where answers from before and after cannot "
    "be compared:"
)
WITHHELD: dict[Why, str] = {
    "few": "fewer than 10 people",
    "facet": "withheld: not the same people as its scale",
    "alike": "withheld: everybody answered alike",
    "close": "withheld: nearly everybody answered alike",
    "part": "withheld",
}
MODES = {"self": "On their own", "interviewer": "With an interviewer", "interpreter": "With an interpreter"}
SPLITS = {"site": "By place", "admin_mode": "By how it was filled in"}


def withheld_in_words(rules: Rules) -> Iterator[str]:
    """Which numbers are not told, and why."""
    yield f"A mean needs {rules.mean} people, and a part of a group must leave out none or at least {rules.mean}."
    yield "A facet is shown only where the same people have a score as on its scale: else one could tell of the other."
    if rules.zero_too:
        yield f"Counts under {rules.cell} are withheld, 0 too, and a row of which everybody gave the same answer."
        yield f"Numbers of people are told in steps of {rules.step}."
    else:
        yield f"A count is 0 or at least {rules.cell}."
    yield (
        "Where an answer has too few people, neighbouring answers are counted together; where that is not enough, the "
        "row is withheld."
    )
    yield (
        "Where a few people answered only some questions of a scale, its mean and all its questions together would "
        "tell what those few said. Then one of the questions is withheld."
    )
    yield "An interval stands beside a single question only where all its answers are counted."


def method_in_words(rules: Rules) -> Iterator[str]:
    """How each figure is worked out."""
    yield "Answers below 1 are missing. Reversed questions count 6 minus the answer."
    yield (
        "A person's score is the mean of the answered questions where at least two thirds are answered. It exists only "
        "while a group's figures are worked out."
    )
    yield "SD: standard deviation with n - 1. Interval: m ± t(0.975; n - 1) · s / √n, Student's t."
    yield (
        "Intervals say what chance would do to a random sample. These people are not one, so they say how much a few "
        "other answers would change a mean, and nothing of people who did not take part."
    )
    yield (
        f"Alpha: k/(k - 1) · (1 - Σ variances of items / variance of their sum), over at least "
        f"{rules.reliability} people who answered every question. Of two questions: Spearman-Brown, 2r/(1 + r)."
    )
    yield (
        "Omega: McDonald's, (Σ loadings)² / ((Σ loadings)² + Σ unique variances), of one factor fitted to the "
        "covariances by maximum likelihood. Not defined where an item would have no variance of "
        "its own, or loadings differ in sign."
    )
    yield f"Rounded half up to {rules.decimals} decimal{'s' if rules.decimals > 1 else ''}; shares to whole percent."
