"""The office counts, keeps instruments for good, and knows staff and their sessions by hashes only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from errors import SettingsError
from storage.members import change_member
from storage.office import (
    Tally,
    add_instrument,
    add_keyring,
    count_visit,
    current_instrument,
    instruments,
    keyring_json,
    tallies,
)
from storage.sign_ins import end_sign_in, half_of, sign_in_of, start_half, start_sign_in
from storage.staff import add_staff, staff_named
from storage.stores import Stores

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN_HASH = b"h" * 32


def test_each_visit_adds_one_to_its_tally_and_to_no_other(stores: Stores) -> None:
    for _ in range(3):
        count_visit(stores.office, "finished", "young_person", "london", "2026-11")
    count_visit(stores.office, "finished", "young_person", "london", "2026-12")
    count_visit(stores.office, "refused", "police_officer")
    assert sorted(tallies(stores.office), key=str) == [
        Tally("finished", "young_person", "london", "2026-11", 3),
        Tally("finished", "young_person", "london", "2026-12", 1),
        Tally("refused", "police_officer", "", "", 1),
    ]


def test_visits_that_finish_at_the_same_moment_are_each_counted(stores: Stores) -> None:
    with ThreadPoolExecutor(6) as many:
        list(many.map(lambda _: count_visit(stores.office, "finished", "young_person"), range(60)))
    assert [tally.count for tally in tallies(stores.office)] == [60]


def test_an_instrument_once_kept_stays_when_a_new_version_comes(stores: Stores) -> None:
    assert current_instrument(stores.office, "wt") is None
    add_instrument(stores.office, "a" * 64, "wt", b"first")
    add_instrument(stores.office, "b" * 64, "wt", b"second")
    assert current_instrument(stores.office, "wt") == b"second"
    assert instruments(stores.office) == {"a" * 64: b"first", "b" * 64: b"second"}


def test_an_instrument_never_changes_under_its_digest(stores: Stores) -> None:
    add_instrument(stores.office, "a" * 64, "wt", b"first")
    add_instrument(stores.office, "b" * 64, "wt", b"second")
    add_instrument(stores.office, "a" * 64, "wt", b"forged")
    assert current_instrument(stores.office, "wt") == b"first"


def test_the_newest_keyring_is_the_one_sealed_to(stores: Stores) -> None:
    assert keyring_json(stores.office) is None
    for keyring in (b"first", b"second"):
        add_keyring(stores.office, keyring)
    assert keyring_json(stores.office) == b"second"


def test_a_name_stands_for_one_member_of_staff(stores: Stores) -> None:
    add_staff(stores.office, "Mara", "administrator", "$argon2id$1")
    with pytest.raises(SettingsError, match="already"):
        add_staff(stores.office, "Mara", "coordinator", "$argon2id$2")
    found = staff_named(stores.office, "Mara")
    assert found
    assert (found.role, found.password_phc) == ("administrator", "$argon2id$1")
    assert "argon2id" not in repr(found)
    assert staff_named(stores.office, "mara") is None


def test_a_session_that_was_ended_is_dead_and_no_other_with_it(stores: Stores) -> None:
    add_staff(stores.office, "Mara", "administrator", "$argon2id$")
    for token_hash in (TOKEN_HASH, b"o" * 32):
        start_sign_in(stores.office, token_hash, "Mara", NOW)
    end_sign_in(stores.office, TOKEN_HASH, "Idris")
    assert sign_in_of(stores.office, TOKEN_HASH)
    end_sign_in(stores.office, TOKEN_HASH)
    assert sign_in_of(stores.office, TOKEN_HASH) is None
    assert sign_in_of(stores.office, b"o" * 32)


@pytest.mark.parametrize("change", [{"role": "coordinator"}, {"disabled": True}])
def test_another_role_or_a_shut_door_ends_every_session_of_that_member(stores: Stores, change: dict[str, Any]) -> None:
    for name in ("Mara", "Idris"):
        add_staff(stores.office, name, "administrator", "$argon2id$")
        start_sign_in(stores.office, name.encode() * 8, name, NOW)
        start_half(stores.office, name.encode() * 8, name, NOW + timedelta(minutes=5))
    change_member(stores.office, "Mara", may_be_last=True, **change)
    assert not sign_in_of(stores.office, b"Mara" * 8)
    assert not half_of(stores.office, b"Mara" * 8, NOW)
    assert sign_in_of(stores.office, b"Idris" * 8)
    found = staff_named(stores.office, "Mara")
    assert found
    assert change.items() <= vars(found).items()
