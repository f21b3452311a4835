"""A sealed visit is kept whole and once, from whoever is admitted; everything else leaves nothing behind."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event
from time import monotonic

import polars as pl
import pytest
from sqlalchemy.exc import OperationalError

from errors import DeliveryRefused, IdTaken, NotAdmitted, StorageError, StoreAway, Withdrawn
from fieldwork import deliveries
from fieldwork.admissions import Admission, admitted, enrol_tablet, hash_of, invite, may_start, new_enrolment, walk_in
from fieldwork.bundles import make_bundle
from fieldwork.deliveries import read_delivery, take_in
from fieldwork.study import Study
from fieldwork.upkeep import put_right
from fieldwork.withdrawal import withdraw
from privacy.envelope import BLOCK, Context, Suite
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key
from privacy.receipts import cut_off
from release.dataset import open_records
from release.source import open_source
from storage.admissions import invitation_of
from storage.office import Office, add_instrument, tallies
from storage.tombstones import bury
from storage.vaults import count, rows, take_back, until_of
from tests.changing import with_items
from tests.conftest import TODAY, Keys, counted_bytes
from tests.deliveries import Sent, sealed_visit

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HALVES = ("research", "identity")
PARCELS = (*HALVES, "contact", "link")


@pytest.fixture
def tablet(study: Study) -> Admission:
    """An enrolled tablet in London."""
    token, _ = enrol_tablet(study, new_enrolment(study, "Tablet 3", "1", NOON), NOON)
    return admitted(study, token, TODAY)


def send(study: Study, sent: Sent, admission: Admission) -> bool:
    return take_in(study, read_delivery(sent.data), admission, TODAY)


def kept(study: Study) -> tuple[int, float]:
    """Visits in each vault: of one that is kept whole, the identity vault has three records."""
    return count(study.stores.research), count(study.stores.identity) / 3


def finished(study: Study) -> list[tuple[str, str, str, int]]:
    return [(one.group, one.site, one.month, one.count) for one in tallies(study.stores.office)]


def opened(study: Study, key: PrivateKey, half: str) -> dict:
    """The one document of a vault that stays, opened as the desk opens it."""
    found = [
        key.open(envelope, Context(half, study.name, study.instrument.digest, record_id))
        for record_id, envelope in rows(getattr(study.stores, half))
    ]
    (document,) = (one for one in found if one["kind"] in ("record", "consent"))
    return document


def test_a_visit_is_new_once_and_known_from_then_on(study: Study, tablet: Admission) -> None:
    sent = sealed_visit(study, "amina")
    assert [send(study, sent, tablet) for _ in range(3)] == [True, False, False]
    assert kept(study) == (1, 1)
    assert finished(study) == [("young_person", "1", "2026-11", 1)]


def test_both_halves_open_with_their_own_key_and_are_found_by_their_own_tag(
    study: Study, keys: Keys, tablet: Admission
) -> None:
    sent = sealed_visit(study, "amina")
    send(study, sent, tablet)
    assert opened(study, keys.research, "research") == sent.said
    assert opened(study, keys.identity, "identity")["kind"] == "consent"
    for half in HALVES:
        assert until_of(getattr(study.stores, half), bytes.fromhex(sent.parcel(half)["tag"]))
    withdraw(study, sent.receipt.grouped, TODAY)
    assert kept(study) == (0, 0)


def test_one_visit_sent_many_times_at_once_is_kept_and_counted_once(study: Study, tablet: Admission) -> None:
    for trial in range(5):
        sent, together = sealed_visit(study, f"at once {trial}"), Barrier(8)

        def bring(_: int, sent: Sent = sent, together: Barrier = together) -> bool:
            together.wait()
            return send(study, sent, tablet)

        with ThreadPoolExecutor(8) as many:
            assert sum(many.map(bring, range(8))) == 1
        assert kept(study) == (trial + 1, trial + 1)
        assert finished(study) == [("young_person", "1", "2026-11", trial + 1)]


def test_those_who_come_while_one_is_kept_go_together_and_each_is_told_its_own(
    study: Study, tablet: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, known, gone, new = (sealed_visit(study, name) for name in ("first", "known", "gone", "new"))
    taken = sealed_visit(study, "taken").with_half("link", id=known.parcel("link")["id"])
    send(study, known, tablet)
    withdraw(study, gone.receipt.grouped, TODAY)
    looked, go, looks, look = Event(), Event(), list[int](), deliveries.buried

    def look_slowly(office: Office, tags: Sequence[bytes]) -> frozenset[bytes]:
        looks.append(len(tags))
        looked.set()
        assert go.wait(20)
        return look(office, tags)

    monkeypatch.setattr(deliveries, "buried", look_slowly)

    def bring(sent: Sent) -> bool | str:
        try:
            return send(study, sent, tablet)
        except (IdTaken, Withdrawn) as error:
            return type(error).__name__

    with ThreadPoolExecutor(6) as threads:
        others = [threads.submit(bring, first)]
        assert looked.wait(20)
        others += [threads.submit(bring, sent) for sent in (known, taken, gone, new, new)]
        until = monotonic() + 20
        while len(study.stores.arriving._waiting) < 5:  # noqa: SLF001 (how many wait is nobody else's business)
            assert monotonic() < until, "they wait for one another"
        go.set()
        came = [one.result(20) for one in others]
    assert came[:4] == [True, False, "IdTaken", "Withdrawn"]
    assert sorted(came[4:]) == [False, True]
    assert looks == [2, 2, 10, 6], "two looks at tombstones for the first, and two for all the others"
    assert kept(study) == (3, 3)
    assert sum(one.count for one in tallies(study.stores.office) if one.outcome == "finished") == 3


def test_what_cannot_be_taken_out_again_fails_nobody_who_came_with_it(
    study: Study, tablet: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is withdrawn while it is kept, and the store is read for so long that nothing can be erased from it."""
    first, gone, new = (sealed_visit(study, name) for name in ("first", "gone", "new"))
    looked, go, keep, look = Event(), Event(), deliveries.deposit_lots, deliveries.buried
    tags = [bytes.fromhex(gone.parcel(half)["tag"]) for half in HALVES]

    def look_slowly(*words) -> frozenset[bytes]:
        looked.set()
        assert go.wait(20)
        return look(*words)

    def keep_while_one_is_withdrawn(vault, lots) -> list[bool | IdTaken]:
        came = keep(vault, lots)
        if vault.purpose == "research" and tags[0] in [lot.tag for lot in lots]:
            bury(study.stores.office, study.tombstone_files, tags)
        return came

    def fail(*_: object, **_named: object) -> None:
        raise StorageError("The store is being read.")

    monkeypatch.setattr(deliveries, "buried", look_slowly)
    monkeypatch.setattr(deliveries, "deposit_lots", keep_while_one_is_withdrawn)
    with monkeypatch.context() as read_for_long, ThreadPoolExecutor(3) as threads:
        read_for_long.setattr(deliveries, "take_back", fail)
        others = [threads.submit(send, study, first, tablet)]
        assert looked.wait(20)
        others += [threads.submit(send, study, sent, tablet) for sent in (gone, new)]
        until = monotonic() + 20
        while len(study.stores.arriving._waiting) < 2:  # noqa: SLF001 (how many wait is nobody else's business)
            assert monotonic() < until, "they wait for one another"
        go.set()
        assert [others[0].result(20), others[2].result(20)] == [True, True]
        with pytest.raises(StorageError, match="being read"):
            others[1].result(20)
    with pytest.raises(Withdrawn):
        send(study, gone, tablet)
    assert kept(study) == (2, 2)


@pytest.mark.parametrize("half", PARCELS)
def test_other_bytes_under_an_id_are_refused_and_leave_nothing(study: Study, tablet: Admission, half: str) -> None:
    first, other = sealed_visit(study, "first"), sealed_visit(study, "other")
    send(study, first, tablet)
    with pytest.raises(IdTaken):
        send(study, other.with_half(half, id=first.parcel(half)["id"]), tablet)
    assert kept(study) == (1, 1)
    for one in HALVES:
        assert until_of(getattr(study.stores, one), bytes.fromhex(other.parcel(one)["tag"])) is None
    assert not send(study, first, tablet)


def test_a_visit_that_was_withdrawn_is_refused_before_and_after_it_came(study: Study, tablet: Admission) -> None:
    late, gone = sealed_visit(study, "late"), sealed_visit(study, "gone")
    withdraw(study, late.receipt.grouped, TODAY)
    send(study, gone, tablet)
    withdraw(study, gone.receipt.grouped, TODAY)
    for sent in (late, gone):
        with pytest.raises(Withdrawn):
            send(study, sent, tablet)
    assert kept(study) == (0, 0)


@pytest.mark.parametrize("half", HALVES)
def test_one_tombstone_is_enough(study: Study, tablet: Admission, half: str) -> None:
    sent = sealed_visit(study, "amina")
    bury(study.stores.office, study.tombstone_files, (bytes.fromhex(sent.parcel(half)["tag"]),))
    with pytest.raises(Withdrawn):
        send(study, sent, tablet)
    assert kept(study) == (0, 0)


@pytest.mark.parametrize("kind", ["tablet", "single"])
def test_a_withdrawal_that_comes_while_the_visit_is_kept_still_counts(
    study: Study, tablet: Admission, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    sent, keep = sealed_visit(study, "amina"), deliveries.deposit_lots
    admission = tablet if kind == "tablet" else admitted(study, invite(study, "single", TODAY), TODAY)

    def keep_slowly(vault, *more) -> list[bool | IdTaken]:
        came = keep(vault, *more)
        if vault.purpose == "research":
            labels = [bytes.fromhex(sent.parcel(half)["tag"]) for half in HALVES]
            bury(study.stores.office, study.tombstone_files, labels)
        return came

    if kind == "single":
        # The spender holds the office, so a withdrawal waits for it there and erases afterwards.
        told = iter([frozenset(), frozenset([bytes.fromhex(sent.parcel("research")["tag"])])])
        monkeypatch.setattr(deliveries, "buried", lambda *_: next(told))
    else:
        monkeypatch.setattr(deliveries, "deposit_lots", keep_slowly)
    with pytest.raises(Withdrawn):
        send(study, sent, admission)
    assert kept(study) == (0, 0)
    assert finished(study) == []


def test_what_a_store_that_went_away_left_of_a_withdrawn_visit_goes_when_the_device_sends_it_again(
    study: Study, tablet: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is withdrawn after the first look and before it is kept, and the office is away at the second look."""
    sent, keep, look = sealed_visit(study, "amina"), deliveries.deposit_lots, deliveries.buried
    looks = iter([look, lambda *_: away(), look])

    def away() -> frozenset[bytes]:
        raise StoreAway("away")

    def keep_after_a_withdrawal(vault, lots) -> list[bool | IdTaken]:
        if lots and vault.purpose == "identity":
            withdraw(study, sent.receipt.grouped, TODAY)
        return keep(vault, lots)

    monkeypatch.setattr(deliveries, "buried", lambda *words: next(looks, look)(*words))
    monkeypatch.setattr(deliveries, "deposit_lots", keep_after_a_withdrawal)
    with pytest.raises(StoreAway):
        send(study, sent, tablet)
    assert kept(study) == (1, 1), "nobody could look, so it stands there"
    with pytest.raises(Withdrawn):
        send(study, sent, tablet)
    assert kept(study) == (0, 0)


def remade(sent: Sent, half: str, change: Callable[[bytes], bytes]) -> Sent:
    """The delivery with other bytes for an envelope."""
    envelope = base64.b64decode(sent.parcel(half)["envelope"])
    return sent.with_half(half, envelope=base64.b64encode(change(envelope)).decode())


@pytest.mark.parametrize("half", PARCELS)
@pytest.mark.parametrize("suite", Suite)
def test_an_unknown_key_is_refused(study: Study, tablet: Admission, half: str, suite: Suite) -> None:
    sent = remade(sealed_visit(study, "amina", suite), half, lambda data: data[:5] + b"stranger" + data[13:])
    with pytest.raises(DeliveryRefused, match="key"):
        send(study, sent, tablet)
    assert kept(study) == (0, 0)


def test_a_key_of_the_other_purpose_is_refused(study: Study, tablet: Admission) -> None:
    sent = sealed_visit(study, "amina")
    assert study.keyring
    other = study.keyring.active("identity").key_id(Suite.XWING)
    with pytest.raises(DeliveryRefused, match="key"):
        send(study, remade(sent, "research", lambda data: data[:5] + other + data[13:]), tablet)


@pytest.mark.parametrize("half", PARCELS)
@pytest.mark.parametrize(
    "change", [lambda data: data[:-BLOCK], lambda data: data + secrets.token_bytes(BLOCK)], ids=["short", "long"]
)
def test_a_length_that_would_tell_something_is_refused(
    study: Study, tablet: Admission, half: str, change: Callable[[bytes], bytes]
) -> None:
    # A link is a block long: without it, it is no envelope any more.
    with pytest.raises(DeliveryRefused, match="length|not a delivery"):
        send(study, remade(sealed_visit(study, "amina"), half, change), tablet)
    assert kept(study) == (0, 0)


NONSENSE: dict[str, object] = {
    "another format": {"format": "amanah-outbox"},
    "another version": {"version": 1},
    "no version": {"version": None},
    "one thing more": {"more": 1},
    "a list for a parcel": {"research": []},
    "no instrument": {"instrument": None},
    "a digest with a zero byte": {"instrument": "\0" * 64},
    "a digest of no text": {"instrument": "\ud800"},
    "a digest nobody has": {"instrument": "0" * 64},
    "a group nobody has": {"group": "nobody"},
    "a group of no text": {"group": "\ud800"},
    "a group that is none": {"group": ["young_person"]},
}


@pytest.mark.parametrize("change", NONSENSE.values(), ids=NONSENSE)
def test_a_head_that_is_none_is_refused(study: Study, tablet: Admission, change: dict[str, object]) -> None:
    with pytest.raises(DeliveryRefused):
        send(study, sealed_visit(study, "amina").changed(**change), tablet)
    assert kept(study) == (0, 0)


@pytest.mark.parametrize("half", PARCELS)
@pytest.mark.parametrize(
    "change",
    [{"id": "00"}, {"id": "zz" * 16}, {"id": 7}, {"id": ""}, {"tag": "00" * 17}, {"tag": None}, {"more": ""}]
    + [{"envelope": one} for one in ("", "AAAA", "Ä", "*", None, 1, base64.b64encode(b"AMN1\x03" * 900).decode())],
    ids=str,
)
def test_a_parcel_that_is_none_is_refused(study: Study, tablet: Admission, half: str, change: dict) -> None:
    with pytest.raises(DeliveryRefused):
        send(study, sealed_visit(study, "amina").with_half(half, **change), tablet)
    assert kept(study) == (0, 0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format":' + b"9" * 9000 + b"}",
    ],
    ids=lambda data: repr(data[:12]),
)
def test_anything_else_is_no_delivery(data: bytes) -> None:
    with pytest.raises(DeliveryRefused):
        read_delivery(data)


def test_a_delivery_with_a_parcel_missing_is_none(study: Study) -> None:
    for half in PARCELS:
        told = {name: value for name, value in sealed_visit(study, "amina").told.items() if name != half}
        with pytest.raises(DeliveryRefused):
            read_delivery(json.dumps(told).encode())


def test_what_an_old_browser_sealed_is_kept_safe_from_a_quantum_computer_and_opens_at_the_desk(
    study: Study, keys: Keys, tablet: Admission, tmp_path: Path
) -> None:
    sent = sealed_visit(study, "amina", Suite.X25519)
    assert {sent.envelope(half).suite for half in PARCELS} == {Suite.X25519}
    assert send(study, sent, tablet)
    found = [envelope for half in HALVES for _, envelope in rows(getattr(study.stores, half))]
    assert [envelope.suite for envelope in found] == [Suite.XWING] * len(PARCELS)
    at_rest = b"".join(envelope.to_bytes() for envelope in found)
    assert not any(sent.envelope(half).sealed in at_rest for half in PARCELS)
    assert opened(study, keys.research, "research") == sent.said
    assert opened(study, keys.identity, "identity")["kind"] == "consent"
    make_bundle(study, tmp_path / "bundle", "Mara", TODAY, "research")
    source = open_source(tmp_path / "bundle")
    found = open_records(source.rows(), [keys.research], source.instruments)
    assert (len(found.people), found.faults) == (1, ())


def test_what_an_old_browser_sends_again_is_known_though_it_is_wrapped_anew(study: Study, tablet: Admission) -> None:
    sent = sealed_visit(study, "amina", Suite.X25519)
    assert [send(study, sent, tablet) for _ in range(2)] == [True, False]
    assert kept(study) == (1, 1)
    other = sealed_visit(study, "other", Suite.X25519)
    with pytest.raises(IdTaken):
        send(study, other.with_half("research", id=sent.parcel("research")["id"]), tablet)


@pytest.mark.parametrize("suite", Suite)
def test_a_key_that_was_retired_while_the_tablet_was_away_still_opens(
    study: Study, keys: Keys, tablet: Admission, suite: Suite
) -> None:
    random_bytes = counted_bytes("the keys after a rotation")
    new = [new_private_key(half, study.name, random_bytes).public() for half in HALVES]
    old = [replace(key, status="retired") for key in keys.keyring.keys]
    rotated = replace(study, keyring=Keyring(study.name, (*old, *new)))
    sent = sealed_visit(study, "amina", suite, keyring=keys.keyring)
    assert [send(rotated, sent, tablet) for _ in range(2)] == [True, False]
    assert opened(study, keys.research, "research") == sent.said
    assert opened(study, keys.identity, "identity")["kind"] == "consent"
    assert {envelope.suite for half in HALVES for _, envelope in rows(getattr(study.stores, half))} == {Suite.XWING}


def test_an_earlier_version_of_the_questionnaire_is_still_taken(study: Study, keys: Keys, tablet: Admission) -> None:
    earlier = replace(study, instrument=replace(study.instrument, version="0.9"))
    sent = sealed_visit(earlier, "amina")
    with pytest.raises(DeliveryRefused, match="never had"):
        send(study, sent, tablet)
    add_instrument(study.stores.office, earlier.instrument.digest, study.name, earlier.instrument.canonical)
    assert send(study, sent, tablet)
    assert opened(earlier, keys.research, "research") == sent.said


def test_an_earlier_version_comes_back_from_a_tablet_that_did_not_hear_of_the_new_one(
    study: Study, keys: Keys, tablet: Admission
) -> None:
    newer = with_items(study.instrument, "yp_fair_1", lambda item: [item, replace(item, name="rooms", scales=())])
    newer = replace(newer, version="2", cut_off_days=7)
    add_instrument(study.stores.office, newer.digest, study.name, newer.canonical)
    now = replace(study, instrument=newer)
    earlier = sealed_visit(study, "amina", Suite.X25519)
    assert [send(now, earlier, tablet), send(now, sealed_visit(now, "idris"), tablet)] == [True, True]
    # The slip of the earlier one was printed with the earlier version's last day.
    tag = bytes.fromhex(earlier.parcel("research")["tag"])
    assert until_of(study.stores.research, tag) == cut_off(TODAY, study.instrument.cut_off_days)
    known = {one.digest: one for one in (study.instrument, newer)}
    found = open_records(rows(study.stores.research), [keys.research], known)
    assert found.faults == ()
    assert dict(found.people.select(".instrument", pl.col("rooms").is_not_null()).iter_rows()) == {
        study.instrument.digest: False,
        newer.digest: True,
    }


def test_a_single_invitation_brings_one_visit(study: Study) -> None:
    token = invite(study, "single", TODAY, "young_person", "2")
    first, other = sealed_visit(study, "first"), sealed_visit(study, "other")
    assert send(study, first, admitted(study, token, TODAY))
    assert finished(study) == [("young_person", "2", "2026-11", 1)]
    with pytest.raises(NotAdmitted):
        may_start(study, token, TODAY)
    with pytest.raises(NotAdmitted):
        send(study, other, admitted(study, token, TODAY))
    assert kept(study) == (1, 1)
    assert finished(study) == [("young_person", "2", "2026-11", 1)]


def test_the_same_visit_sent_again_with_its_spent_invitation_is_no_error(study: Study) -> None:
    token = invite(study, "single", TODAY)
    sent = sealed_visit(study, "amina")
    assert [send(study, sent, admitted(study, token, TODAY)) for _ in range(3)] == [True, False, False]
    assert kept(study) == (1, 1)


def test_an_open_invitation_brings_many_visits(study: Study) -> None:
    admission = admitted(study, invite(study, "open", TODAY), TODAY)
    assert all(send(study, sealed_visit(study, seed), admission) for seed in "abc")
    assert kept(study) == (3, 3)


def test_of_eight_visits_that_race_for_one_invitation_one_is_kept_whole(study: Study) -> None:
    for trial in range(3):
        admission = admitted(study, invite(study, "single", TODAY), TODAY)
        racing, together = [sealed_visit(study, f"{trial} {place}") for place in range(8)], Barrier(8)

        def race(sent: Sent, admission: Admission = admission, together: Barrier = together) -> bool:
            together.wait()
            try:
                return send(study, sent, admission)
            except NotAdmitted:
                return False

        with ThreadPoolExecutor(8) as many:
            won = list(many.map(race, racing))
        assert sum(won) == 1
        assert kept(study) == (trial + 1, trial + 1)
        for sent, is_kept in zip(racing, won, strict=True):
            for half in HALVES:
                until = until_of(getattr(study.stores, half), bytes.fromhex(sent.parcel(half)["tag"]))
                assert (until is not None) is is_kept


def test_an_invitation_is_not_spent_by_a_visit_that_could_not_be_kept(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = invite(study, "single", TODAY)
    admission, sent, keep = admitted(study, token, TODAY), sealed_visit(study, "amina"), deliveries.deposit_lots

    def fail(vault, *more) -> list[bool | IdTaken]:
        if vault.purpose == "research":
            raise OperationalError("insert", {}, OSError("the disk is full"))
        return keep(vault, *more)

    with monkeypatch.context() as broken:
        broken.setattr(deliveries, "deposit_lots", fail)
        with pytest.raises(OperationalError):
            send(study, sent, admission)
    assert count(study.stores.research) == 0
    found = invitation_of(study.stores.office, hash_of(token))
    assert found
    assert not found.spent
    assert finished(study) == []
    assert send(study, sent, admission)
    assert kept(study) == (1, 1)


@pytest.mark.parametrize("lost", HALVES)
def test_a_visit_of_which_a_crash_left_one_half_is_made_whole_when_it_comes_again(
    study: Study, tablet: Admission, lost: str
) -> None:
    sent = sealed_visit(study, "amina")
    send(study, sent, tablet)
    parcels = ("research",) if lost == "research" else ("identity", "contact", "link")
    take_back(getattr(study.stores, lost), *(bytes.fromhex(sent.parcel(one)["id"]) for one in parcels))
    send(study, sent, tablet)
    assert kept(study) == (1, 1)


def test_what_went_on_its_day_does_not_come_back_with_the_same_delivery(study: Study, tablet: Admission) -> None:
    sent = sealed_visit(study, "amina")
    send(study, sent, tablet)
    for day in (TODAY + timedelta(60), TODAY + timedelta(1000)):
        put_right(study, day)
        before = count(study.stores.identity)
        assert not take_in(study, read_delivery(sent.data), tablet, day)
        assert count(study.stores.identity) == before
    assert before == 1


def test_a_count_that_fails_does_not_lose_the_visit(
    study: Study, tablet: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("insert", {}, OSError("the disk is full"))

    monkeypatch.setattr(deliveries, "count_visits", fail)
    assert send(study, sealed_visit(study, "amina"), tablet)
    assert kept(study) == (1, 1)


def test_walking_in_needs_the_plain_path(study: Study) -> None:
    token = walk_in(study, TODAY)
    assert send(study, sealed_visit(study, "amina"), admitted(study, token, TODAY))
    closed = replace(study, settings=replace(study.settings, plain_path=False))
    with pytest.raises(NotAdmitted):
        walk_in(closed, TODAY)
