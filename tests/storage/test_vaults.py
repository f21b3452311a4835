"""A vault keeps each envelope once, gives it back byte for byte, and lets go of it by its tag alone."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from errors import IdTaken
from storage.stores import Stores
from storage.vaults import (
    Deposit,
    count,
    deposit,
    deposit_all,
    erase,
    expire_tags,
    rewrite,
    rows,
    take_back,
    until_of,
)
from tests.storage.conftest import UNTIL, envelope


def test_what_is_deposited_comes_back_byte_for_byte(stores: Stores) -> None:
    kept = {os.urandom(16): envelope() for _ in range(20)}
    for record_id, one in kept.items():
        assert deposit(stores.research, record_id, os.urandom(16), one, UNTIL)
    found = list(rows(stores.research))
    assert dict(found) == kept
    assert [record_id for record_id, _ in found] == sorted(kept)
    assert count(stores.identity) == 0


def test_more_rows_than_are_fetched_at_a_time_all_come_in_order(stores: Stores) -> None:
    ids = [os.urandom(16) for _ in range(1100)]
    one = envelope()
    deposit_all(stores.research, os.urandom(16), UNTIL, [Deposit(record_id, one) for record_id in ids])
    assert [record_id for record_id, _ in rows(stores.research)] == sorted(ids)


def test_the_same_bytes_again_are_no_second_record(stores: Stores) -> None:
    record_id, tag, mine = os.urandom(16), os.urandom(16), envelope()
    assert deposit(stores.research, record_id, tag, mine, UNTIL)
    assert not deposit(stores.research, record_id, tag, mine, UNTIL)
    with pytest.raises(IdTaken):
        deposit(stores.research, record_id, tag, envelope(), UNTIL)
    assert list(rows(stores.research)) == [(record_id, mine)]


def test_a_refused_deposit_leaves_no_tag_behind(stores: Stores) -> None:
    record_id, other = os.urandom(16), os.urandom(16)
    deposit(stores.research, record_id, os.urandom(16), envelope(), UNTIL)
    with pytest.raises(IdTaken):
        deposit(stores.research, record_id, other, envelope(), UNTIL)
    assert until_of(stores.research, other) is None
    assert erase(stores.research, other) == 0
    assert count(stores.research) == 1


def test_one_delivery_sent_by_two_at_once_is_kept_once(stores: Stores) -> None:
    record_id, tag, mine = os.urandom(16), os.urandom(16), envelope()
    with ThreadPoolExecutor(8) as both:
        new = list(both.map(lambda _: deposit(stores.research, record_id, tag, mine, UNTIL), range(16)))
    assert sorted(new) == [False] * 15 + [True]
    assert list(rows(stores.research)) == [(record_id, mine)]


def test_many_visits_at_once_are_all_kept(stores: Stores) -> None:
    ids = [os.urandom(16) for _ in range(80)]
    one = envelope()
    with ThreadPoolExecutor(8) as many:
        assert all(many.map(lambda record_id: deposit(stores.research, record_id, record_id, one, UNTIL), ids))
    assert [record_id for record_id, _ in rows(stores.research)] == sorted(ids)


def test_a_tag_erases_everything_it_stands_for_and_nothing_else(stores: Stores) -> None:
    mine, other = os.urandom(16), os.urandom(16)
    for tag in (mine, mine, other):
        deposit(stores.identity, os.urandom(16), tag, envelope(), UNTIL)
    assert erase(stores.identity, mine) == 2
    assert erase(stores.identity, mine) == 0
    assert until_of(stores.identity, mine) is None
    assert count(stores.identity) == 1


def test_taking_one_back_leaves_the_others_of_its_tag(stores: Stores) -> None:
    tag, first, second = os.urandom(16), os.urandom(16), os.urandom(16)
    deposit(stores.identity, first, tag, envelope(), UNTIL)
    deposit(stores.identity, second, tag, envelope(), UNTIL)
    take_back(stores.identity, second)
    assert [record_id for record_id, _ in rows(stores.identity)] == [first]
    assert erase(stores.identity, tag) == 1


def test_tags_end_the_day_after_their_last(stores: Stores) -> None:
    tag = os.urandom(16)
    deposit(stores.research, os.urandom(16), tag, envelope(), UNTIL)
    assert expire_tags(stores.research, UNTIL) == 0
    assert until_of(stores.research, tag) == UNTIL
    assert expire_tags(stores.research, UNTIL + timedelta(1)) == 1
    assert until_of(stores.research, tag) is None
    assert erase(stores.research, tag) == 0
    assert count(stores.research) == 1


def test_a_rewrite_changes_no_row_and_no_tag(stores: Stores) -> None:
    kept = {os.urandom(16): envelope() for _ in range(5)}
    for record_id, one in kept.items():
        deposit(stores.research, record_id, record_id, one, UNTIL)
    rewrite(stores.research)
    assert dict(rows(stores.research)) == kept
    assert {until_of(stores.research, record_id) for record_id in kept} == {UNTIL}


def test_only_an_envelope_can_be_kept(stores: Stores) -> None:
    with pytest.raises(AttributeError):
        deposit(stores.research, os.urandom(16), os.urandom(16), {"answers": "plain"}, date.max)  # type: ignore[arg-type]
    assert count(stores.research) == 0
