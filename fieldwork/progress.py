"""How a study goes, in counts that grow in steps of five or more. Never says that somebody has just finished.

Tallies are exact and grow with every visit: whoever could watch one would learn that the person who has just left the
room took part. So staff are shown counts of their own. Upkeep brings them up to the tallies, once a night, place by
place, and only where at least five visits have come since the last step. Then nothing on a page stands for fewer than
five people: no number, no difference of two numbers, no difference between today's page and yesterday's. Fewer than
five may always be missing, and no visit at all looks like four.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from fieldwork.study import Study
from storage.meta import told
from storage.office import Office, Outcome, Tally, show, shown_tallies, tallies

SMALLEST_STEP = 5  # visits; fewer are not shown to staff
MAINTAINED = "maintained"  # the day of the last upkeep, as the office tells it
Counted = tuple[Outcome, str, str]


@dataclass(frozen=True)
class Place:
    """A group at a site: finished visits by the month in which they were counted. `quota` is None where none is set."""

    group: str
    site: str
    quota: int | None
    months: tuple[tuple[str, int], ...]

    @property
    def finished(self) -> int:
        """The sum of what is shown, and so no more than what is shown."""
        return sum(count for _, count in self.months)


@dataclass(frozen=True)
class Progress:
    """What staff see. `counted`: the day of the last count; None before the first. 0 stands for fewer than five."""

    places: tuple[Place, ...]
    refused: int
    not_eligible: int
    withdrawn: int
    counted: date | None

    @property
    def months(self) -> tuple[str, ...]:
        """Every month in which something was counted, in order."""
        return tuple(sorted({month for place in self.places for month, _ in place.months}))


def bring_up_counts(office: Office, today: date) -> None:
    """Show staff what has come since the last count, where it is five visits or more."""
    month, shown = f"{today:%Y-%m}", shown_tallies(office)
    before = _by_place(tally for tally in shown if tally.month == month)
    steps = due(tallies(office), shown, month)
    # Two runs at once write the same numbers: nothing is counted twice.
    show(office, [replace(step, count=step.count + before[step.outcome, step.group, step.site]) for step in steps])


def due(found: Iterable[Tally], shown: Iterable[Tally], month: str) -> tuple[Tally, ...]:
    """The steps that may be shown now, under the month in which they are counted."""
    came, told_before = _by_place(found), _by_place(shown)
    steps = {place: count - told_before[place] for place, count in came.items()}
    return tuple(Tally(*place, month, step) for place, step in steps.items() if step >= SMALLEST_STEP)


def progress_of(study: Study) -> Progress:
    """The study's progress in counts."""
    shown = shown_tallies(study.stores.office)
    others = _by_place(tally for tally in shown if tally.outcome != "finished")
    return Progress(
        tuple(_places(study, [tally for tally in shown if tally.outcome == "finished"])),
        others["refused", "", ""],
        others["not_eligible", "", ""],
        others["withdrawn", "", ""],
        last_upkeep(study.stores.office),
    )


def last_upkeep(office: Office) -> date | None:
    """The day on which upkeep ran last; None when it never did."""
    day = told(office.engine, MAINTAINED)
    return date.fromisoformat(day) if day else None


def _by_place(found: Iterable[Tally]) -> Counter[Counted]:
    """Finished visits by group and site; each other outcome as one number, as that is all that a page says of it."""
    counts: Counter[Counted] = Counter()
    for tally in found:
        is_finished = tally.outcome == "finished"
        counts[(tally.outcome, tally.group, tally.site) if is_finished else (tally.outcome, "", "")] += tally.count
    return counts


def _places(study: Study, finished: list[Tally]) -> Iterator[Place]:
    """Every place of the study, whether anyone was counted there or not: one that appears would tell of a visit."""
    instrument = study.instrument
    sites, groups = [site.code for site in instrument.sites], [group.name for group in instrument.groups]
    planned = [(group, site) for site in sites or [""] for group in groups]
    others = sorted({(tally.group, tally.site) for tally in finished} - set(planned), key=lambda place: place[::-1])
    for group, site in (*planned, *others):
        here = sorted((tally.month, tally.count) for tally in finished if (tally.group, tally.site) == (group, site))
        yield Place(group, site, study.settings.quotas.get(group) if site in sites or not sites else None, tuple(here))
