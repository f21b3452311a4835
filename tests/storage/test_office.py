"""The office counts, keeps instruments for good, and knows staff and their sessions by hashes only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from errors import SettingsError
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
from storage.staff import add_staff, end_sign_in, signed_in_by, staff_named, start_sign_in
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


def test_a_session_lasts_until_it_ends_and_not_a_second_longer(stores: Stores) -> None:
    add_staff(stores.office, "Mara", "administrator", "$argon2id$")
    start_sign_in(stores.office, TOKEN_HASH, "Mara", NOW + timedelta(hours=1))
    assert signed_in_by(stores.office, b"x" * 32, NOW) is None
    found = signed_in_by(stores.office, TOKEN_HASH, NOW + timedelta(minutes=59))
    assert found
    assert found.name == "Mara"
    assert signed_in_by(stores.office, TOKEN_HASH, NOW + timedelta(hours=1)) is None


def test_a_session_that_was_ended_is_dead_and_no_other_with_it(stores: Stores) -> None:
    add_staff(stores.office, "Mara", "administrator", "$argon2id$")
    for token_hash in (TOKEN_HASH, b"o" * 32):
        start_sign_in(stores.office, token_hash, "Mara", NOW + timedelta(hours=1))
    end_sign_in(stores.office, TOKEN_HASH)
    assert signed_in_by(stores.office, TOKEN_HASH, NOW) is None
    assert signed_in_by(stores.office, b"o" * 32, NOW)
