"""Earlier releases are remembered sealed, and a new one that would single people out beside them is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from errors import ReleaseError
from instruments.model import Instrument
from privacy.opening import new_private_key
from release.build import Release, build_release, remember_release, summary
from release.ledger import Entry, earlier_releases, refuse_differences, remember
from release.person import Person
from release.specification import Specification
from tests.conftest import TODAY, Keys, counted_bytes
from tests.release.test_distrust import record, source
from tests.release.test_orders_of_rows import crowd
from tests.release.test_reading import person
from tests.releases import dataset_of, release_files

ORDER = Specification("team file", ("young_person",), 5, ("csv",), "en")
LABELS = [bytes([number]) * 16 for number in range(1, 61)]


def entry(first: int, last: int, purpose: str = "one", kind: str = "rows") -> Entry:
    return Entry(kind, purpose, TODAY, frozenset(LABELS[first:last]), {"age": 1} if kind == "rows" else {})


def tell(releases: Path, keys: Keys, one: Entry) -> None:
    """As every kind of release does before it is written."""
    refuse_differences(one.people, earlier_releases(releases, [keys.research], "working_together"))
    remember(releases, keys.research, "working_together", one)


def made(
    keys: Keys, instrument: Instrument, people: list[Person], earlier: tuple[Entry, ...] = (), **order: object
) -> Release:
    whole = replace(ORDER, **order)  # type: ignore[arg-type]  # each test names real fields
    return build_release(source(keys, instrument), dataset_of(people, instrument), [keys.research], whole, earlier)


def test_what_was_released_is_read_again_with_the_key_alone(keys: Keys, tmp_path: Path) -> None:
    for one in (entry(0, 30, "one"), entry(30, 60, "two", "tables")):
        tell(tmp_path, keys, one)
    read = earlier_releases(tmp_path, [keys.research], "working_together")
    assert read == (entry(0, 30, "one"), entry(30, 60, "two", "tables"))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    whole = b"".join(path.read_bytes() + path.name.encode() for path in files)
    assert len(files) == 2
    assert not [label for label in LABELS if label in whole or label.hex().encode() in whole]
    other = new_private_key("research", "working_together", counted_bytes("other"))
    with pytest.raises(ReleaseError, match="does not open with the keys"):
        earlier_releases(tmp_path, [other], "working_together")


@pytest.mark.parametrize("kind", ["rows", "summary", "tables"])
def test_a_difference_of_a_few_is_refused_by_the_earlier_ones_name_whatever_it_was(
    keys: Keys, tmp_path: Path, kind: str
) -> None:
    tell(tmp_path, keys, entry(0, 30, "youth panel", kind))
    tell(tmp_path, keys, entry(0, 30, "the same again"))
    with pytest.raises(ReleaseError, match=f'"youth panel" of {TODAY.isoformat()}|"the same again"'):
        tell(tmp_path, keys, entry(0, 35, "five more", "summary"))


def test_two_groups_less_one_of_them_are_the_other(keys: Keys, tmp_path: Path) -> None:
    both, one = entry(0, 36, "both groups"), entry(0, 30, "one group", "summary")
    tell(tmp_path, keys, both)
    with pytest.raises(ReleaseError, match="both groups"):
        tell(tmp_path, keys, one)


def test_an_entry_of_a_form_that_is_not_known_stops_every_release(keys: Keys, tmp_path: Path) -> None:
    from release.desk_notes import keep_note

    keep_note(tmp_path, keys.research.public(), "working_together", "ledger", {"purpose": "x"})
    with pytest.raises(ReleaseError, match="Nothing is released until it is clear"):
        earlier_releases(tmp_path, [keys.research], "working_together")


def test_a_release_is_compared_held_back_and_counted(keys: Keys, instrument: Instrument, tmp_path: Path) -> None:
    people = [person(instrument, number) for number in range(1, 36)]
    first = made(keys, instrument, people[:30])
    found = source(keys, instrument)
    remember_release(tmp_path, found, [keys.research], first, date(2026, 11, 2))
    earlier = earlier_releases(tmp_path, [keys.research], found.study)
    assert earlier[0].people == {one.participant for one in people[:30]}
    with pytest.raises(ReleaseError, match='the release for "team file" of 2026-11-02'):
        made(keys, instrument, people, earlier)
    held = made(keys, instrument, people, earlier, hold_back=True)
    assert (held.held_back, held.left_out, held.frame["research_id"].to_list()) == (
        5, 0, first.frame["research_id"].to_list(),
    )  # fmt: skip
    assert "5 held back beside earlier releases" in summary(held, tmp_path)
    gone = made(keys, instrument, people[:27], earlier, hold_back=True)
    assert (gone.held_back, gone.frame.height) == (7, 20)
    assert [(one.gone, one.new) for one in gone.differences] == [(10, 0)]


def test_what_was_told_before_is_not_taken_back_by_removing_it(keys: Keys, instrument: Instrument) -> None:
    told = dict(record(instrument)["answers"])  # type: ignore[call-overload]  # the record's answers are a mapping
    people = [
        replace(person(instrument, number), answers=told | {"site": 1, "sex": {13: 2, 14: 2, 15: -2}.get(number, 1)})
        for number in range(1, 16)
    ]
    before = Entry("rows", "before", TODAY, frozenset(one.participant for one in people), {"sex": 0})
    order = {"k": 3, "levels": {"sex": 0}, "largest_suppression": 20, "local_suppression": True}
    assert made(keys, instrument, people, **order).left_out == 0
    # Those whose sex would be removed are known by it from the release before.
    with pytest.raises(ReleaseError, match="Fewer than ten people"):
        made(keys, instrument, people, (before,), **order)


def test_joined_with_an_earlier_release_nobody_stands_out(keys: Keys, instrument: Instrument) -> None:
    # Twelve women in London and twelve men elsewhere: with places told before, sex now must not part them further.
    told = dict(record(instrument)["answers"])  # type: ignore[call-overload]  # the record's answers are a mapping
    people = [
        replace(person(instrument, number), answers=told | {"site": 1 + number % 2, "sex": 1 + number // 20})
        for number in range(1, 25)
    ]
    before = made(keys, instrument, people, levels={"sex": 1, "site": 0}, largest_suppression=0)
    assert before.levels.get("site", 0) == 0
    entry_ = Entry("rows", "before", TODAY, frozenset(before.labels), {"site": 0, "sex": 1})
    alone = made(keys, instrument, people, levels={"site": 1}, largest_suppression=0)
    assert alone.levels.get("sex", 0) == 0, "by itself, sex could be told"
    joined = made(keys, instrument, people, (entry_,), levels={"site": 1}, largest_suppression=0)
    assert joined.levels["sex"] == 1
    assert joined.known_before == {"site": 0, "sex": 1}


@pytest.mark.parametrize(
    "recoding", [{"rare": {"ethnic_group": 1000}}, {"top": {"ethnic_group": 1}}, {"bottom": {"ethnic_group": 11}}]
)
@pytest.mark.parametrize("local_suppression", [False, True])
def test_no_recoding_hides_from_the_check_what_an_earlier_release_told(
    keys: Keys, instrument: Instrument, recoding: dict[str, object], local_suppression: bool
) -> None:
    # Those of activity 4 are six, but three and three of what was told before.
    said = [{"ethnic_group": one, "main_activity": 1} for one in (1, 11) for _ in range(12)]
    said += [{"ethnic_group": one, "main_activity": 4} for one in (1, 11) for _ in range(3)]
    people = crowd(instrument, said)
    before = Entry("rows", "before", TODAY, frozenset(one.participant for one in people), {"ethnic_group": 0})
    order = {"largest_suppression": 30, "highest_levels": {"main_activity": 0}, **recoding}
    alone = made(keys, instrument, people, (), local_suppression=local_suppression, **order)
    joined = made(keys, instrument, people, (before,), local_suppression=local_suppression, hold_back=True, **order)
    assert (alone.frame.height, alone.suppressed_cells) == (30, {})
    assert joined.frame.height == 20, "the six go, and four more, so that nobody can say who the six are"
    assert set(joined.node.levels) == set(joined.checked)


@pytest.mark.parametrize("measure", [{"l": {"ethnic_group": 2.0}}, {"t": {"ethnic_group": 0.3}}])
def test_what_is_made_coarser_so_that_nobody_is_known_by_it_cannot_be_what_must_differ(
    keys: Keys, instrument: Instrument, measure: dict[str, object]
) -> None:
    with pytest.raises(ReleaseError, match="ethnic_group is one of the variables by which people could be known"):
        made(keys, instrument, crowd(instrument, [{}] * 6), (), **measure)


def test_who_dropped_out_between_two_waves_is_not_found_by_the_id_that_is_missing(
    keys: Keys, instrument: Instrument
) -> None:
    first = dataset_of(crowd(instrument, [{}] * 40), instrument)
    again = [label[::-1] + b"2" for label in first.people[".participant"]]
    later = first.people.with_columns(pl.Series(".participant", again), pl.lit(2, pl.Int32).alias(".wave")).head(39)
    both = replace(first, people=pl.concat([first.people, later]))
    found = source(keys, instrument)
    one = build_release(found, both, [keys.research], replace(ORDER, wave=1))
    before = (Entry("rows", "team file", TODAY, frozenset(one.labels), {}),)
    with pytest.raises(ReleaseError, match="Fewer than ten people could be worked out"):
        build_release(found, both, [keys.research], replace(ORDER, wave=2), before)
    two = build_release(found, both, [keys.research], replace(ORDER, wave=2, hold_back=True), before)
    missing = set(one.frame["research_id"]) - set(two.frame["research_id"])
    assert (len(missing), two.held_back) == (10, 9)
    assert set(two.frame["research_id"]) < set(one.frame["research_id"])


@pytest.mark.parametrize("preset", ["", "archive"])
def test_of_two_releases_of_the_same_people_nothing_tells_that_somebody_came_and_was_left_out(
    keys: Keys, instrument: Instrument, preset: str
) -> None:
    unusual = {"site": 2, "sex": 2, "joint_project": 1, "ethnic_group": 13, "main_activity": 6}
    people = crowd(instrument, [{}] * 30 + [unusual] * 2)
    finest = {"highest_levels": {"main_activity": 0}, "largest_suppression": 30, "preset": preset, "archive_only": True}
    one, two = (made(keys, instrument, people[:known], (), **finest) for known in (31, 32))
    assert (one.left_out, two.left_out, set(one.labels)) == (1, 2, set(two.labels))
    told, more = (release_files(release) for release in (one, two))
    assert [name for name in told if told[name] != more[name]] == []
    assert json.loads(told["disclosure.json"])["people"]["left_out_for_k_l_t"] == "fewer than 10"
    assert b"fewer than 10" in told["disclosure.html"]
