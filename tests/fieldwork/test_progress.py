"""Staff see counts that stand for five people or more, in every number, every difference and every night."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from fieldwork.progress import SMALLEST_STEP, due, progress_of
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from storage.office import Tally, count_visit
from tests.conftest import TODAY

PLACE = ("finished", "young_person", "1")
PLACES = some.sampled_from([PLACE, ("finished", "police_officer", "2"), ("refused", "young_person", "")])
NIGHTS = some.lists(some.lists(PLACES, max_size=12), min_size=1, max_size=12)


def counted(places: list[tuple[str, str, str]]) -> tuple[Tally, ...]:
    return tuple(Tally(*place, "2026-11", count) for place, count in Counter(places).items())  # type: ignore[arg-type]


@given(NIGHTS)
def test_every_number_and_every_difference_between_two_nights_stands_for_five_or_more(
    nights: list[list[tuple[str, str, str]]],
) -> None:
    came: list[tuple[str, str, str]] = []
    shown: tuple[Tally, ...] = ()
    for number, tonight in enumerate(nights):
        came += tonight
        steps = due(counted(came), shown, f"2026-{number + 1:02}")
        assert all(step.count >= SMALLEST_STEP for step in steps)
        shown = (*shown, *steps)
        # Nobody is counted twice, and never do five wait.
        told = sum(tally.count for tally in shown if tally.outcome == "finished" and tally.group == PLACE[1])
        assert 0 <= came.count(PLACE) - told < SMALLEST_STEP


def test_the_page_does_not_move_when_somebody_finishes_nor_at_night_for_fewer_than_five(study: Study) -> None:
    office, day = study.stores.office, TODAY
    maintain(study, day)
    seen = [progress_of(study).places]
    for _ in range(4):
        count_visit(office, *PLACE, "2026-11")
        seen.append(progress_of(study).places)
    maintain(study, day)
    seen.append(progress_of(study).places)
    assert len(set(seen)) == 1
    count_visit(office, *PLACE, "2026-12")
    assert progress_of(study).places == seen[0]
    maintain(study, date(2026, 12, 1))
    (here,) = [place for place in progress_of(study).places if place.months]
    assert (here.group, here.site, here.quota, here.months) == ("young_person", "1", 60, (("2026-12", 5),))


def test_every_place_of_the_study_is_listed_before_anybody_came(study: Study) -> None:
    places = [(place.group, place.site, place.finished) for place in progress_of(study).places]
    groups = ("young_person", "police_officer", "community_leader")
    assert places == [(group, site, 0) for site in ("1", "2") for group in groups]
    assert progress_of(study).counted is None


def test_the_other_outcomes_grow_by_five_too_whatever_group_or_month_they_came_in(study: Study) -> None:
    office = study.stores.office
    for group in ("young_person", "police_officer"):
        for _ in range(2):
            count_visit(office, "refused", group)
    for month in ("2026-10", "2026-11"):
        for _ in range(3):
            count_visit(office, "withdrawn", month=month)
    maintain(study, TODAY)
    assert (progress_of(study).refused, progress_of(study).withdrawn) == (0, 6)
    count_visit(office, "refused", "community_leader")
    maintain(study, TODAY + timedelta(days=1))
    found = progress_of(study)
    assert (found.refused, found.not_eligible, found.counted) == (5, 0, TODAY + timedelta(days=1))


def test_a_place_that_only_an_earlier_version_had_is_listed_once_it_is_counted(study: Study) -> None:
    for _ in range(5):
        count_visit(study.stores.office, "finished", "elder", "9", "2026-11")
    maintain(study, TODAY)
    last = progress_of(study).places[-1]
    assert (last.group, last.site, last.quota, last.finished) == ("elder", "9", None, 5)


def test_a_second_step_in_one_month_is_added_to_the_first(study: Study) -> None:
    for night in range(2):
        for _ in range(6):
            count_visit(study.stores.office, *PLACE, "2026-11")
        maintain(study, TODAY + timedelta(days=night))
    assert progress_of(study).places[0].months == (("2026-11", 12),)
