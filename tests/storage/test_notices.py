"""What a member is told is counted and found on both engines; a session takes what is its own to another token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage.journal import Act, write_entry
from storage.notices import MOST, NOBODY, Counted, count_notice, counted_for, entries_naming
from storage.sign_ins import change_token, keep_newest, offer_totp, offered_totp, sign_in_of, sign_ins_of, start_sign_in
from storage.stores import Stores
from tests.conftest import TODAY

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ODD = 'Mara "100%_"\\ of \u0628'  # what a pattern, or JSON, could take for something else
CHANGED = (Act.PASSWORD_CHANGED, Act.STAFF_SIGNED_OUT)


def test_counts_stay_between_none_and_a_hundred_and_reading_goes_forward(stores: Stores) -> None:
    office = stores.office
    assert counted_for(office, "Mara") == Counted()
    count_notice(office, "Mara", halves=-1)
    count_notice(office, "Mara", failed=2, read_up_to=7)
    count_notice(office, "Mara", failed=-1, halves=1, read_up_to=3)
    assert counted_for(office, "Mara") == Counted(1, 1, 7)
    count_notice(office, "Mara", failed=2 * MOST, halves=-9)
    assert counted_for(office, "Mara") == Counted(MOST, 0, 7)
    count_notice(office, None, failed=1)
    assert counted_for(office, NOBODY) == Counted(1)


def test_a_name_is_found_as_it_is_written_whatever_its_signs(stores: Stores) -> None:
    office = stores.office
    for actor, act, detail in (
        ("init", Act.STAFF_SIGNED_OUT, ODD),
        ("Mara", Act.PASSWORD_CHANGED, ""),
        (ODD, Act.SIGNED_IN, ""),
        (ODD, Act.PASSWORD_CHANGED, ""),
        ("Nadia", Act.EVERYBODY_SIGNED_OUT, ""),
    ):
        write_entry(office, actor, act, TODAY, detail=detail)
    first = entries_naming(office, 0, ODD, CHANGED, Act.EVERYBODY_SIGNED_OUT)
    assert [entry.number for entry in first] == [5, 4, 1]
    assert [entry.number for entry in entries_naming(office, 4, ODD, CHANGED, Act.EVERYBODY_SIGNED_OUT)] == [5]


def test_a_session_goes_on_under_another_token_and_the_oldest_end(stores: Stores) -> None:
    office, tokens = stores.office, [bytes([place]) * 32 for place in range(7)]
    for place, token in enumerate(tokens[:6]):
        start_sign_in(office, token, "Mara", NOW + timedelta(minutes=place))
    start_sign_in(office, b"i" * 32, "Idris", NOW)
    keep_newest(office, "Mara", tokens[0], 3)
    assert [one.token_hash for one in sign_ins_of(office, "Mara")] == [tokens[5], tokens[4], tokens[0]]
    assert sign_in_of(office, b"i" * 32)
    offer_totp(office, tokens[5], b"sealed", NOW + timedelta(hours=1))
    change_token(office, tokens[5], tokens[6], NOW + timedelta(hours=1))
    after = sign_in_of(office, tokens[6])
    assert after
    assert (after.began, after.proved) == (NOW + timedelta(minutes=5), NOW + timedelta(hours=1))
    assert sign_in_of(office, tokens[5]) is None
    assert (offered_totp(office, tokens[5], NOW), offered_totp(office, tokens[6], NOW)) == (None, b"sealed")
