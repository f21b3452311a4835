"""The office is never left without an administrator, whoever presses what at the same moment; a right that goes takes
its sessions along."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import Connection, event

from errors import NotPermitted
from storage.members import (
    FirstFactor,
    administrators_of,
    change_member,
    keep_link,
    settle_member,
    strip_member,
    withdraw_link,
)
from storage.office import Office
from storage.passkeys import Passkey, add_passkey, passkeys_of
from storage.sign_ins import sign_ins_of, start_sign_in
from storage.staff import add_staff, recovery_codes_left, set_recovery_codes, staff_named
from storage.staff_links import StaffLink, all_links
from storage.stores import Stores

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LINK = StaffLink(b"t" * 32, "mara", "Mara", "administrator", "reset", NOW + timedelta(hours=72), "Nadia")
PASSKEY = Passkey(b"credential", "Mara", "Key", b"public", 0, "localhost")


@pytest.fixture
def office(stores: Stores) -> Office:
    """Mara and Nadia look after the staff; Idris coordinates. All are signed in."""
    for name, role in (("Mara", "administrator"), ("Nadia", "administrator"), ("Idris", "coordinator")):
        add_staff(stores.office, name, role, "phc")
        start_sign_in(stores.office, name.encode().ljust(32), name, NOW)
    return stores.office


DEEDS: dict[str, Callable[[Office, str], None]] = {
    "disabled": lambda office, name: change_member(office, name, disabled=True),
    "demoted": lambda office, name: change_member(office, name, role="coordinator"),
    "reset": lambda office, name: strip_member(
        office, StaffLink(name.encode().ljust(32), name.lower(), name, "administrator", "reset", LINK.until, "Mara")
    ),
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
def test_two_administrators_who_remove_each_other_at_once_leave_one(
    office: Office, deed: Callable[[Office, str], None]
) -> None:
    together, at_the_end = Barrier(2), Barrier(2)

    def wait_for_the_other(connection: Connection) -> None:
        # Both would be about to commit at the same time, each having seen the other as left; whoever is made to wait
        # for the other's end never gets here with it.
        with suppress(BrokenBarrierError):
            at_the_end.wait(0.3)

    def remove(name: str) -> bool:
        together.wait()
        try:
            deed(office, name)
        except NotPermitted:
            return False
        return True

    event.listen(office.engine, "commit", wait_for_the_other)
    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(remove, ("Mara", "Nadia"))) == [False, True]
    assert len(administrators_of(office)) == 1


def test_what_was_refused_has_changed_nothing(office: Office) -> None:
    change_member(office, "Nadia", disabled=True)
    for deed in DEEDS.values():
        with pytest.raises(NotPermitted):
            deed(office, "Mara")
    member = staff_named(office, "Mara")
    assert member
    assert (member.role, member.disabled, member.password_phc) == ("administrator", False, "phc")
    assert (len(sign_ins_of(office, "Mara")), all_links(office)) == (1, ())


def test_an_administrator_without_a_factor_is_not_one_who_is_left(office: Office) -> None:
    strip_member(office, LINK)
    with pytest.raises(NotPermitted):
        change_member(office, "Nadia", disabled=True)


def test_whoever_is_reset_has_nothing_left(office: Office) -> None:
    add_passkey(office, PASSKEY)
    set_recovery_codes(office, "Mara", [b"c" * 32])
    strip_member(office, LINK)
    member = staff_named(office, "Mara")
    assert member
    assert (member.password_phc, member.totp, passkeys_of(office, "Mara")) == (None, None, ())
    assert (recovery_codes_left(office, "Mara"), sign_ins_of(office, "Mara")) == (0, ())
    assert len(sign_ins_of(office, "Nadia")) == 1


def test_a_link_is_used_once_and_with_its_factor_or_not_at_all(office: Office) -> None:
    add_passkey(office, PASSKEY)
    keep_link(
        office,
        StaffLink(b"n" * 32, "noor", "Noor", "coordinator", "invitation", LINK.until, "Mara"),
        NOW - timedelta(days=1),
    )
    # Another's credential: nothing of it is kept, and the link still works.
    taken = Passkey(b"credential", "Noor", "Key", b"public", 0, "localhost")
    assert settle_member(office, b"n" * 32, FirstFactor(passkey=taken), NOW) is None
    assert staff_named(office, "Noor") is None
    assert settle_member(office, b"n" * 32, FirstFactor(password_phc="phc"), NOW)
    assert settle_member(office, b"n" * 32, FirstFactor(password_phc="other"), NOW) is None
    member = staff_named(office, "Noor")
    assert member
    assert (member.role, member.password_phc) == ("coordinator", "phc")


def test_a_link_that_is_withdrawn_or_too_old_gives_nothing(office: Office) -> None:
    keep_link(
        office, StaffLink(b"n" * 32, "noor", "Noor", "coordinator", "invitation", NOW, "Mara"), NOW - timedelta(days=1)
    )
    assert settle_member(office, b"n" * 32, FirstFactor(password_phc="phc"), NOW) is None
    assert withdraw_link(office, "noor", "Noor")
    assert not withdraw_link(office, "noor", "Noor")
    assert settle_member(office, b"n" * 32, FirstFactor(password_phc="phc"), NOW - timedelta(hours=1)) is None


def test_somebody_new_of_an_old_name_inherits_nothing(office: Office) -> None:
    add_passkey(office, Passkey(b"old", "Noor", "Key", b"public", 0, "localhost"))
    keep_link(
        office,
        StaffLink(b"n" * 32, "noor", "Noor", "coordinator", "invitation", LINK.until, "Mara"),
        NOW - timedelta(days=1),
    )
    settle_member(office, b"n" * 32, FirstFactor(password_phc="phc"), NOW)
    assert passkeys_of(office, "Noor") == ()
