"""A change of mind is added and counts from then on; tags let nobody in, and nobody is told whether they are known."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from errors import DeliveryRefused, ReceiptError
from fieldwork.changes import MOST_CHANGES, change_mind, read_changes, read_withdrawal, take_changes
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from fieldwork.withdrawal import take_out, withdraw
from privacy.envelope import Suite
from privacy.receipts import labels_of
from release.person import change_of, later_choices
from storage.tombstones import bury
from storage.vaults import count, how_many, limit_of, limits, rows, tags, until_of
from tests.changes import CONTACT, STRANGER, as_bytes, opened, sealed_changes, visited, withdrawal_of
from tests.conftest import TODAY, Keys

LATER = TODAY + timedelta(9)
LAST_YEARS, NEXT_YEARS = date(2026, 12, 30), date(2027, 1, 2)  # contact details of these days go in different quarters


def both(study: Study) -> tuple[int, int]:
    return count(study.stores.research), count(study.stores.identity)


def sent(study: Study, *told: Any, day: date = LATER, **more: Any) -> None:
    take_changes(study, read_changes(as_bytes(sealed_changes(study, *told, **more))), day)


def test_k10_a_no_to_being_quoted_counts_and_the_old_consent_stays_in_history(study: Study, keys: Keys) -> None:
    first, second = visited(study, o_quote="yes"), visited(study, o_quote="yes")
    change_mind(study, first.grouped, {"o_quote": "no", "o_archive": "yes"}, None, LATER)
    records, changes = opened(study, keys, "research", "record"), opened(study, keys, "research", "choices")
    given = {bytes.fromhex(one["participant"]): one["choices"] for one in records}
    first_said = {label: {name: word == "yes" for name, word in told.items()} for label, told in given.items()}
    now = first_said | later_choices([change_of(one) for one in changes], first_said)
    changed, kept = (labels_of(receipt, study.name).participant for receipt in (first, second))
    assert [one["choices"]["o_quote"] for one in records] == ["yes", "yes"], "what was agreed to stays as it was"
    # Whoever lists words that may be quoted asks for this choice, and no longer finds the first.
    assert {label for label, choices in now.items() if choices["o_quote"]} == {kept}
    assert now[changed]["o_archive"] is True
    (identity,) = opened(study, keys, "identity", "choices")
    consents = {one["person"]: one["record"]["statements"] for one in opened(study, keys, "identity", "consent")}
    assert identity["statements"] == [["o_archive", "yes"], ["o_quote", "no"]]
    said = {one["id"]: one["answer"] for one in consents[identity["person"]]}
    assert (said["o_quote"], said["o_archive"]) == ("yes", "no")


@pytest.mark.parametrize("way", ["typed", "sealed", "sealed in suite 1"])
def test_new_contact_details_take_the_place_of_the_former_and_nothing_at_rest_tells(
    study: Study, keys: Keys, way: str
) -> None:
    receipt = visited(study, CONTACT, LAST_YEARS, o_results="yes")
    visited(study, None, LAST_YEARS, o_results="yes")
    tag = labels_of(receipt, study.name).identity_tag
    former = limit_of(study.stores.identity, tag, "contact")
    new = {"v_phone": "0123"}
    if way == "typed":
        change_mind(study, receipt.grouped, {}, new, NEXT_YEARS)
    else:
        sent(study, receipt, {}, new, day=NEXT_YEARS, suite=Suite.XWING if way == "sealed" else Suite.X25519)
    assert sorted(len(one["contact"]) for one in opened(study, keys, "identity", "contact")) == [0, 1]
    assert new in [one["contact"] for one in opened(study, keys, "identity", "contact")]
    assert limit_of(study.stores.identity, tag, "contact") == former
    assert both(study) == (3, 7)
    with study.stores.identity.engine.connect() as connection:
        assert len(set(connection.scalars(select(limits.c.until).where(limits.c.kind == "contact")))) == 1


def test_contact_details_stay_where_they_are_not_replaced_and_go_where_nothing_is_typed(
    study: Study, keys: Keys
) -> None:
    receipt = visited(study, CONTACT, o_results="yes")
    sent(study, receipt, {"o_quote": "yes"})
    assert [one["contact"] for one in opened(study, keys, "identity", "contact")] == [CONTACT]
    sent(study, receipt, {}, {})
    assert [one["contact"] for one in opened(study, keys, "identity", "contact")] == [{}]


def test_a_change_is_withdrawn_and_forgotten_with_its_visit(study: Study) -> None:
    first, second = visited(study), visited(study, CONTACT)
    for receipt in (first, second):
        sent(study, receipt, {"o_quote": "no"}, CONTACT)
    withdraw(study, first.grouped, LATER)
    assert both(study) == (2, 4)
    research, identity = read_withdrawal(as_bytes(withdrawal_of(study, second)))
    until = until_of(study.stores.research, research)
    assert until is not None
    maintain(study, until + timedelta(1))
    assert (how_many(study.stores.research, research), how_many(study.stores.identity, identity)) == (0, 0)
    change_mind(study, second.grouped, {"o_quote": "yes"}, {}, until + timedelta(1))
    assert count(study.stores.research) == 2, "after the cut-off no visit is found, so nothing can be changed"


def test_an_unknown_or_buried_visit_is_changed_by_nothing(study: Study) -> None:
    receipt = visited(study)
    change_mind(study, STRANGER.grouped, {"o_quote": "no"}, {}, TODAY)
    sent(study, STRANGER, {"o_quote": "no"}, {})
    mixed = sealed_changes(study, receipt, {}, {}) | {"identity": sealed_changes(study, STRANGER, {})["identity"]}
    take_changes(study, read_changes(as_bytes(mixed)), TODAY)
    assert both(study) == (1, 3)
    # A tombstone without an erasure: so it stands between the two steps of a withdrawal, and while a hold is on.
    bury(study.stores.office, study.tombstone_files, (labels_of(receipt, study.name).identity_tag,))
    sent(study, receipt, {"o_quote": "no"}, {})
    assert both(study) == (1, 3)
    with pytest.raises(ReceiptError):
        change_mind(study, "wrong", {"o_quote": "no"}, None, TODAY)


@pytest.mark.parametrize("taken", ["research", "identity", "contact"])
def test_an_id_that_is_taken_changes_nothing_and_tells_nothing(study: Study, keys: Keys, taken: str) -> None:
    receipt = visited(study, CONTACT, o_results="yes")
    vault = study.stores.research if taken == "research" else study.stores.identity
    ids = [row.hex() for row, _ in rows(vault)]
    before = {row for store in (study.stores.research, study.stores.identity) for row, _ in rows(store)}
    for one in ids:
        told = sealed_changes(study, receipt, {"o_quote": "no"}, {})
        told[taken] |= {"id": one}
        take_changes(study, read_changes(as_bytes(told)), LATER)
    after = {row for store in (study.stores.research, study.stores.identity) for row, _ in rows(store)}
    assert after == before
    assert [one["contact"] for one in opened(study, keys, "identity", "contact")] == [CONTACT]


def test_a_code_takes_so_many_changes_and_no_more(study: Study) -> None:
    receipt = visited(study)
    told = read_changes(as_bytes(sealed_changes(study, receipt, {"o_quote": "no"})))
    take_changes(study, told, LATER)
    take_changes(study, told, LATER)
    assert both(study) == (2, 4), "the same change again is no other"
    for _ in range(MOST_CHANGES + 3):
        sent(study, receipt, {"o_quote": "no"})
    assert both(study) == (1 + MOST_CHANGES, 3 + MOST_CHANGES)


def test_what_no_device_of_this_study_would_send_is_refused_whether_or_not_the_visit_is_here(study: Study) -> None:
    for receipt in (visited(study), STRANGER):
        good = sealed_changes(study, receipt, {"o_quote": "no"})
        contact = good["contact"]
        for bad in (
            {"instrument": "0" * 64},
            {"contact": contact | {"envelope": good["identity"]["envelope"]}},
            {"research": good["research"] | {"envelope": good["identity"]["envelope"]}},
            {"identity": good["identity"] | {"envelope": good["research"]["envelope"]}},
        ):
            with pytest.raises(DeliveryRefused):
                take_changes(study, read_changes(as_bytes(good | bad)), TODAY)
    assert both(study) == (1, 3)


@pytest.mark.parametrize(
    "bad",
    [
        {"version": 2}, {"more": 1}, {"replaces_contact": True}, {"replaces_contact": 2}, {"replaces_contact": 1.0},
        {"contact": None}, {"research": {}}, {"instrument": "x"}, {"identity": []},
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_change_is_refused(study: Study, bad: dict[str, Any]) -> None:
    good = sealed_changes(study, STRANGER, {})
    assert read_changes(as_bytes(good)).tags == read_withdrawal(as_bytes(withdrawal_of(study, STRANGER)))
    with pytest.raises(DeliveryRefused, match="Nothing was changed"):
        read_changes(as_bytes(good | bad))
    for wrong in (b"", b"[]", b"{}", as_bytes({**withdrawal_of(study, STRANGER), "more": 1}),
                  as_bytes({**withdrawal_of(study, STRANGER), "research": "A" * 32})):  # fmt: skip
        with pytest.raises(DeliveryRefused, match="Nothing was erased"):
            read_withdrawal(wrong)


def test_two_proofs_are_enough_to_withdraw(study: Study) -> None:
    receipt = visited(study, CONTACT)
    take_out(study, *read_withdrawal(as_bytes(withdrawal_of(study, receipt))), date(2026, 12, 1))
    assert both(study) == (0, 0)


def tags_in(study: Study, keys: Keys) -> tuple[set[str], set[str]]:
    """Every tag and every record id of either vault, and what every opened link says: all that a thief can have."""
    stolen: tuple[set[str], set[str]] = set(), set()
    for vault, found in zip((study.stores.research, study.stores.identity), stolen, strict=True):
        with vault.engine.connect() as connection:
            rows_here = connection.execute(select(tags.c.tag, tags.c.id)).all()
        found |= {bytes(one).hex() for row in rows_here for one in row}
    links = opened(study, keys, "identity", "link")
    stolen[0].update(link["research_tag"] for link in links)
    stolen[1].update(link["identity_tag"] for link in links)
    return stolen


def at_rest(study: Study) -> list[list[Any]]:
    """Everything that either vault holds."""
    return [
        sorted(map(tuple, vault.engine.connect().execute(select(table)).all()))
        for vault in (study.stores.research, study.stores.identity)
        for table in vault.tables
    ]


def test_nobody_withdraws_or_changes_anything_with_the_whole_database_and_every_opened_link(
    study: Study, keys: Keys
) -> None:
    visited(study, CONTACT, o_results="yes")
    before, own = at_rest(study), sealed_changes(study, STRANGER, {"o_quote": "no"}, {})
    research, identity = tags_in(study, keys)
    for one, two in itertools.product(sorted(research), sorted(identity)):
        told = {"format": "amanah-withdrawal", "version": 1, "research": one, "identity": two}
        take_out(study, *read_withdrawal(as_bytes(told)), LATER)
        forged = {half: own[half] | {"proof": tag} for half, tag in (("research", one), ("identity", two))}
        take_changes(study, read_changes(as_bytes(own | forged)), LATER)
    maintain(study, LATER)
    assert len(research) * len(identity) == 2 * 4
    assert at_rest(study) == before


def test_with_ones_own_code_nobody_reaches_into_anothers_visit(study: Study, keys: Keys) -> None:
    mine, _theirs = visited(study, CONTACT), visited(study, CONTACT)
    before, own = at_rest(study), sealed_changes(study, mine, {}, {})
    owned = {tag.hex() for tag in read_changes(as_bytes(own)).tags}
    for half, found in zip(("research", "identity"), tags_in(study, keys), strict=True):
        for tag in found - owned:
            take_changes(study, read_changes(as_bytes(own | {half: own[half] | {"proof": tag}})), LATER)
    assert at_rest(study) == before
