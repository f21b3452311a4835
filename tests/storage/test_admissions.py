"""The office admits by hashes: a code enrols once, a single invitation is spent once, and only if its visit is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import inspect

from errors import SettingsError
from storage.admissions import (
    Invitation,
    Tablet,
    add_invitation,
    all_invitations,
    all_tablets,
    enrol,
    forget_enrolments,
    forget_invitations,
    invitation_of,
    open_enrolment,
    open_enrolments,
    revoke_tablet,
    spending,
    tablet_of,
    withdraw_invitation,
)
from storage.stores import Stores

NOW = datetime(2026, 11, 23, 12)
SOON = NOW + timedelta(minutes=15)
DAY = date(2026, 11, 23)
CODE, TOKEN = b"c" * 32, b"t" * 32


def single(token_hash: bytes, until: date = DAY) -> Invitation:
    return Invitation(token_hash, "single", "young_person", "1", "ur", until)


def fail_while_spending(stores: Stores) -> None:
    with spending(stores.office, TOKEN) as is_first:
        assert is_first
        raise RuntimeError("the visit could not be kept")


def test_a_code_enrols_one_tablet_even_when_two_bring_it_at_once(stores: Stores) -> None:
    for trial in range(10):
        open_enrolment(stores.office, CODE, f"Tablet {trial}", "1", SOON)
        together = Barrier(2)

        def bring(token_hash: bytes, together: Barrier = together) -> Tablet | None:
            together.wait()
            return enrol(stores.office, CODE, token_hash, NOW)

        with ThreadPoolExecutor(2) as two:
            found = list(two.map(bring, (bytes([trial]) * 32, bytes([trial + 100]) * 32)))
        assert sorted(tablet is None for tablet in found) == [False, True]
        assert len(all_tablets(stores.office)) == trial + 1
        assert next(tablet for tablet in found if tablet) in all_tablets(stores.office)


def test_a_code_that_is_unknown_or_too_old_enrols_nothing(stores: Stores) -> None:
    open_enrolment(stores.office, CODE, "Tablet 3", "1", SOON)
    assert enrol(stores.office, b"x" * 32, TOKEN, NOW) is None
    assert enrol(stores.office, CODE, TOKEN, SOON) is None
    assert all_tablets(stores.office) == ()
    assert enrol(stores.office, CODE, TOKEN, SOON - timedelta(seconds=1)) == Tablet(TOKEN, "Tablet 3", "1", False)


def test_a_new_code_for_a_tablet_voids_the_one_before(stores: Stores) -> None:
    open_enrolment(stores.office, CODE, "Tablet 3", "1", SOON)
    open_enrolment(stores.office, b"d" * 32, "Tablet 3", "2", SOON)
    assert open_enrolments(stores.office, NOW) == (("Tablet 3", "2"),)
    assert enrol(stores.office, CODE, TOKEN, NOW) is None
    assert enrol(stores.office, b"d" * 32, TOKEN, NOW)


def test_codes_that_nobody_used_are_forgotten(stores: Stores) -> None:
    open_enrolment(stores.office, CODE, "Tablet 3", "1", SOON)
    open_enrolment(stores.office, b"d" * 32, "Tablet 4", "", SOON + timedelta(minutes=1))
    assert open_enrolments(stores.office, SOON) == (("Tablet 4", ""),)
    forget_enrolments(stores.office, SOON)
    assert open_enrolments(stores.office, NOW) == (("Tablet 4", ""),)


def test_a_name_is_free_again_once_its_tablet_is_revoked(stores: Stores) -> None:
    open_enrolment(stores.office, CODE, "Tablet 3", "1", SOON)
    enrol(stores.office, CODE, TOKEN, NOW)
    with pytest.raises(SettingsError, match="already"):
        open_enrolment(stores.office, CODE, "Tablet 3", "2", SOON)
    assert revoke_tablet(stores.office, "Tablet 3")
    assert tablet_of(stores.office, TOKEN) == Tablet(TOKEN, "Tablet 3", "1", True)
    open_enrolment(stores.office, CODE, "Tablet 3", "2", SOON)
    enrol(stores.office, CODE, b"n" * 32, NOW)
    assert all_tablets(stores.office) == (Tablet(b"n" * 32, "Tablet 3", "2", False),)
    assert tablet_of(stores.office, TOKEN) is None


def test_revoking_touches_no_other_tablet(stores: Stores) -> None:
    for name in ("one", "two"):
        open_enrolment(stores.office, name.encode(), name, "", SOON)
        enrol(stores.office, name.encode(), name.encode() * 10, NOW)
    assert revoke_tablet(stores.office, "one")
    assert not revoke_tablet(stores.office, "three")
    assert [tablet.revoked for tablet in all_tablets(stores.office)] == [True, False]


def test_an_invitation_comes_back_as_it_was_made(stores: Stores) -> None:
    add_invitation(stores.office, single(TOKEN))
    assert invitation_of(stores.office, TOKEN) == single(TOKEN)
    assert invitation_of(stores.office, CODE) is None
    with pytest.raises(SettingsError, match="already"):
        add_invitation(stores.office, single(TOKEN))


def test_two_that_spend_one_invitation_at_once_are_told_who_was_first(stores: Stores) -> None:
    for trial in range(10):
        token_hash, together = bytes([trial]) * 32, Barrier(2)
        add_invitation(stores.office, single(token_hash))

        def spend(_: int, token_hash: bytes = token_hash, together: Barrier = together) -> bool:
            together.wait()
            with spending(stores.office, token_hash) as is_first:
                return is_first

        with ThreadPoolExecutor(2) as two:
            assert sorted(two.map(spend, range(2))) == [False, True]


def test_the_second_waits_until_the_first_has_kept_its_visit_or_failed(stores: Stores) -> None:
    add_invitation(stores.office, single(TOKEN))
    inside, fail = Event(), Event()

    def first() -> None:
        with spending(stores.office, TOKEN):
            inside.set()
            fail.wait(5)
            raise RuntimeError("the visit could not be kept")

    def second() -> bool:
        inside.wait(5)
        with spending(stores.office, TOKEN) as is_first:
            return is_first and fail.is_set()

    with ThreadPoolExecutor(2) as two:
        failed, told = two.submit(first), two.submit(second)
        inside.wait(5)
        with pytest.raises(TimeoutError):
            told.result(0.3)
        fail.set()
        assert isinstance(failed.exception(5), RuntimeError)
        assert told.result(15)


def test_an_invitation_is_not_spent_when_its_visit_could_not_be_kept(stores: Stores) -> None:
    add_invitation(stores.office, single(TOKEN))
    with pytest.raises(RuntimeError, match="kept"):
        fail_while_spending(stores)
    assert invitation_of(stores.office, TOKEN) == single(TOKEN)
    with spending(stores.office, TOKEN) as is_first:
        assert is_first
    with spending(stores.office, TOKEN) as is_first:
        assert not is_first
    found = invitation_of(stores.office, TOKEN)
    assert found
    assert found.spent


def test_spending_touches_no_other_invitation(stores: Stores) -> None:
    for token_hash in (TOKEN, CODE):
        add_invitation(stores.office, single(token_hash))
    with spending(stores.office, TOKEN):
        pass
    assert {one.token_hash: one.spent for one in all_invitations(stores.office)} == {TOKEN: True, CODE: False}


def test_withdrawing_takes_nothing_away_so_that_what_is_left_does_not_tell_who_came(stores: Stores) -> None:
    for token_hash in (TOKEN, CODE):
        add_invitation(stores.office, single(token_hash))
    with spending(stores.office, TOKEN):
        pass
    for token_hash in (TOKEN, CODE):
        assert withdraw_invitation(stores.office, token_hash)
        assert not withdraw_invitation(stores.office, token_hash)
    assert {one.token_hash: one.spent for one in all_invitations(stores.office)} == {TOKEN: True, CODE: False}
    with spending(stores.office, CODE) as is_first:
        assert not is_first


def test_invitations_are_forgotten_after_their_last_day(stores: Stores) -> None:
    for token_hash, until in ((TOKEN, DAY), (CODE, DAY - timedelta(days=1))):
        add_invitation(stores.office, single(token_hash, until))
    assert forget_invitations(stores.office, DAY) == 1
    assert [one.token_hash for one in all_invitations(stores.office)] == [TOKEN]


def test_no_table_of_admissions_has_a_place_for_a_record(stores: Stores) -> None:
    found = inspect(stores.office.engine)
    columns = {
        table: {column["name"] for column in found.get_columns(table)}
        for table in ("tablets", "enrolments", "invitations")
    }
    assert columns == {
        "tablets": {"token_hash", "name", "site", "revoked"},
        "enrolments": {"code_hash", "name", "site", "until"},
        "invitations": {"token_hash", "kind", "group", "site", "language", "pin", "until", "spent", "withdrawn"},
    }
    assert [table for table in columns if found.get_foreign_keys(table)] == []
