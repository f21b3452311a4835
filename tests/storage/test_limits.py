"""Contact details and links go on a day of their own, with all that belongs to them, and nothing else goes."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from errors import IdTaken
from storage.kept import Kept, kept_of
from storage.stores import Stores
from storage.vaults import (
    Deposit,
    Limit,
    Vault,
    deposit,
    deposit_all,
    erase,
    erase_records,
    expire_limits,
    limits,
    rows,
    take_back,
    until_of,
)
from tests.storage.conftest import UNTIL, envelope

DAY = timedelta(days=1)
QUARTER = UNTIL + 600 * DAY
LIMITS = (None, Limit("contact", QUARTER), Limit("link", UNTIL))


def visit(vault: Vault, tag: bytes) -> tuple[bytes, bytes, bytes]:
    """The three records of a person: what stays, contact details, the link."""
    ids = (os.urandom(16), os.urandom(16), os.urandom(16))
    new = [Deposit(record_id, envelope(), limit=limit) for record_id, limit in zip(ids, LIMITS, strict=True)]
    assert deposit_all(vault, tag, UNTIL, new)
    return ids


def ids_in(vault: Vault) -> set[bytes]:
    return {record_id for record_id, _ in rows(vault)}


def limited(vault: Vault) -> int:
    with vault.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(limits)) or 0


def test_each_kind_goes_after_its_last_day_and_what_has_no_limit_stays(stores: Stores) -> None:
    vault, tag = stores.identity, os.urandom(16)
    stays, contact, link = visit(vault, tag)
    assert kept_of(vault, "link", UNTIL) == Kept(1, UNTIL, UNTIL, 0)
    assert expire_limits(vault, UNTIL) == {}
    assert ids_in(vault) == {stays, contact, link}
    assert kept_of(vault, "link", UNTIL + DAY).late == 1
    assert expire_limits(vault, UNTIL + DAY) == {"link": 1}
    assert ids_in(vault) == {stays, contact}
    assert kept_of(vault, None, UNTIL).number == 2
    assert expire_limits(vault, QUARTER) == {}
    assert expire_limits(vault, QUARTER + DAY) == {"contact": 1}
    assert (ids_in(vault), limited(vault)) == ({stays}, 0)
    assert kept_of(vault, "contact", QUARTER + DAY) == Kept(0, None, None, 0)


def test_a_limit_goes_with_its_record_whichever_way_that_goes(stores: Stores) -> None:
    vault, mine, other = stores.identity, os.urandom(16), os.urandom(16)
    visit(vault, mine)
    theirs = visit(vault, other)
    assert erase(vault, mine) == 3
    assert (ids_in(vault), limited(vault)) == (set(theirs), 2)
    take_back(vault, *theirs)
    assert (ids_in(vault), limited(vault), until_of(vault, other)) == (set(), 0, None)


def test_new_contact_details_take_the_place_of_the_earlier_ones_of_that_person_only(stores: Stores) -> None:
    vault, mine, other = stores.identity, os.urandom(16), os.urandom(16)
    stays, _, link = visit(vault, mine)
    theirs = visit(vault, other)
    change = Deposit(os.urandom(16), envelope())
    contact = Deposit(os.urandom(16), envelope(), limit=Limit("contact", QUARTER))
    for is_new in (True, False):
        assert deposit_all(vault, mine, UNTIL, (change, contact), in_place_of="contact") is is_new
        assert ids_in(vault) == {stays, link, change.record_id, contact.record_id, *theirs}
    assert limited(vault) == 4
    assert erase(vault, mine) == 4


def test_where_one_id_is_taken_nothing_is_kept_and_nothing_is_replaced(stores: Stores) -> None:
    vault, mine, other = stores.identity, os.urandom(16), os.urandom(16)
    first = visit(vault, mine)
    taken = Deposit(first[2], envelope())
    with pytest.raises(IdTaken):
        deposit_all(vault, other, UNTIL, (Deposit(os.urandom(16), envelope()), taken))
    with pytest.raises(IdTaken):
        deposit_all(vault, mine, UNTIL, (Deposit(os.urandom(16), envelope()), taken), in_place_of="contact")
    assert (ids_in(vault), limited(vault), until_of(vault, other)) == (set(first), 2, None)


def test_an_order_erases_contact_details_and_nothing_that_it_names_beside_them(stores: Stores) -> None:
    vault = stores.identity
    stays, contact, link = visit(vault, os.urandom(16))
    assert erase_records(vault, [stays, link, os.urandom(16)]) == 0
    assert erase_records(vault, [stays, contact, link]) == 1
    assert (ids_in(vault), limited(vault)) == ({stays, link}, 1)
    assert erase_records(vault, []) == 0


def test_the_research_vault_has_no_limits(stores: Stores) -> None:
    deposit(stores.research, os.urandom(16), os.urandom(16), envelope(), UNTIL)
    assert kept_of(stores.research, None, UNTIL + DAY) == Kept(1, UNTIL, UNTIL, 1)
