"""A legal hold: two people set and lift it, nothing is erased meanwhile, and what was withdrawn is used by nobody."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy import text as sql

from app import create_app
from config import Settings
from errors import NotPermitted, SettingsError, Withdrawn
from fieldwork.admissions import Admission
from fieldwork.approvals import propose_hold, propose_lift
from fieldwork.bundles import make_bundle
from fieldwork.changes import change_mind
from fieldwork.deliveries import read_delivery, take_in
from fieldwork.hold import hold_in_force, is_cut, lacking_words, lift_hold
from fieldwork.instance import reread
from fieldwork.proposals import rows_of
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from fieldwork.visits import FinishedVisit, finish_visit
from fieldwork.withdrawal import take_out_all, withdraw
from instruments.consent import gate
from privacy.receipts import Receipt, labels_of, new_receipt, read_receipt
from release.source import open_source
from storage.approvals import proposals
from storage.journal import COMMAND_LINE, Act, read_journal, write_entry
from storage.journal_key import new_key_file, signer_in
from storage.office import Office, tallies
from storage.stores import close_stores
from storage.tombstones import is_buried
from storage.vaults import count, limits, tags, until_of
from tests.approving import IDRIS, MARA, NADIA, OWEN, Here
from tests.approving import TODAY as DAY
from tests.conftest import TODAY, counted_bytes
from tests.deliveries import sealed_visit
from tests.holding import OVER, WHY, held, lift, with_staff
from tests.storage.tampering import change, entry_of, put, row_of, stored
from tests.visits import amina

LIFTED = json.dumps({"lifts": "", "reason": OVER}).encode()
IDENTITY_ROWS = 3  # of one visit: consent, contact, link
TABLET = Admission("tablet", b"", "", "1")


@pytest.fixture
def here(settings: Settings, study: Study) -> Here:
    return with_staff(settings, study)


def finished(study: Study) -> Receipt:
    said = {name: values[0] for name, values in amina(study.instrument).items()}
    consent = gate(study.instrument, "young_person", 19, said)
    return finish_visit(study, FinishedVisit("young_person", "en", "self", {"site": 1}, consent), TODAY)


def both(study: Study) -> tuple[int, float]:
    """How many visits each vault holds."""
    return count(study.stores.research), count(study.stores.identity) / IDENTITY_ROWS


def test_two_people_set_a_hold_and_two_lift_it_and_the_journal_says_why(here: Here) -> None:
    office, entries = here.study.stores.office, len(here.acts())
    found = propose_hold(here.study, "Mara", f"  {WHY}\n", DAY)
    assert rows_of(found)[0] == ("reason", "", WHY)
    assert "Dr Amin, 020 7946 0000" in dict((what, after) for what, _, after in rows_of(found))["words en"]
    for member in (MARA, IDRIS):
        with pytest.raises(NotPermitted):
            here.confirm(member, found)
    assert hold_in_force(office) is None
    here.confirm(NADIA, found)
    hold = hold_in_force(office)
    assert hold
    assert (hold.since, hold.reason, hold.is_vouched) == (DAY.isoformat(), WHY, True)
    words = [after for what, _, after in rows_of(found) if what.startswith("words ")]
    assert list(hold.words) == sorted(here.study.instrument.languages)
    assert sorted(hold.words.values()) == sorted(words)
    lift(here)
    assert hold_in_force(office) is None
    since = [one for one in read_journal(office)[entries:] if one.act != "proposal_confirmed"]
    told = [(one.act, one.actor, one.reason) for one in since]
    assert told == [
        ("proposed", "Mara", ""), ("hold_set", "Nadia", WHY), ("proposed", "Nadia", ""), ("hold_lifted", "Mara", OVER),
    ]  # fmt: skip


def test_what_a_command_proposes_needs_two_administrators(here: Here) -> None:
    found = propose_hold(here.study, COMMAND_LINE, WHY, DAY)
    assert here.confirm(NADIA, found).state == "waiting"
    assert hold_in_force(here.study.stores.office) is None
    assert here.confirm(OWEN, found).state == "confirmed"
    assert hold_in_force(here.study.stores.office)


@pytest.mark.parametrize("reason", ["", "too short", " " * 30 + "short", "x" * 501])
def test_a_hold_needs_a_reason_that_says_something(here: Here, reason: str) -> None:
    entries = here.acts()
    with pytest.raises(SettingsError, match="10 to 500"):
        propose_hold(here.study, "Mara", reason, DAY)
    assert here.acts() == entries


def test_a_hold_waits_until_every_language_of_the_study_has_its_words_without_a_bracket(here: Here) -> None:
    settings, instrument = here.study.settings, here.study.instrument
    two = replace(here.study, instrument=replace(instrument, languages=("en", "de")))
    with pytest.raises(SettingsError, match="not fixed yet in: de"):
        propose_hold(two, "Mara", WHY, DAY)
    bare = replace(settings, fill_in={**settings.fill_in, "data protection officer": ""})
    with pytest.raises(SettingsError, match="brackets: data protection officer"):
        propose_hold(replace(here.study, settings=bare), "Mara", WHY, DAY)
    assert "brackets: data protection officer" in lacking_words(replace(here.study, settings=bare))
    assert not lacking_words(here.study)
    both_told = replace(two, settings=replace(settings, legal_hold={**settings.legal_hold, "de": "Noch nicht."}))
    told = rows_of(propose_hold(both_told, "Mara", WHY, DAY))
    assert [what for what, *_ in told] == ["reason", "words en", "words de"]


def test_there_is_one_hold_at_most_and_none_is_lifted_that_is_not_on(here: Here) -> None:
    with pytest.raises(SettingsError, match="No legal hold is on"):
        propose_lift(here.study, "Mara", OVER, DAY)
    first, second = (propose_hold(here.study, "Mara", WHY, DAY) for _ in "12")
    here.confirm(NADIA, first)
    with pytest.raises(SettingsError, match="no longer as it was"):
        here.confirm(NADIA, second)
    with pytest.raises(SettingsError, match="on already"):
        propose_hold(here.study, "Mara", WHY, DAY)
    early = propose_lift(here.study, "Mara", OVER, DAY)
    lift(here)
    held(here)
    # That lift was proposed of another hold.
    with pytest.raises(SettingsError, match="no longer as it was"):
        here.confirm(OWEN, early)


def test_what_people_read_stays_what_was_confirmed(here: Here) -> None:
    study = held(here)
    before = hold_in_force(study.stores.office)
    told = here.folder / "study.toml"
    told.write_text(told.read_text("utf-8").replace("Thank you for telling us.", "Go away."), "utf-8")
    assert "Go away." in reread(study, here.folder).settings.legal_hold["en"]
    assert hold_in_force(study.stores.office) == before
    # Nor does somebody who has the database alone: then nothing is shown that was not confirmed.
    with study.stores.office.engine.begin() as connection:
        words = json.dumps({"after": "", "reason": WHY, "words": {"en": "Go away."}}).encode()
        connection.execute(update(proposals).where(proposals.c.kind == "hold").values(payload=words))
    now = hold_in_force(study.stores.office)
    assert now
    assert (now.since, now.reason, now.words) == (DAY.isoformat(), WHY, {})


def test_a_withdrawal_during_a_hold_keeps_the_rows_uses_them_no_more_and_erases_them_at_its_end(
    here: Here, tmp_path: Path
) -> None:
    gone, kept = finished(here.study), finished(here.study)
    study, labels = held(here), labels_of(read_receipt(gone.grouped), here.study.name)
    withdraw(study, gone.grouped, DAY)
    assert both(study) == (2, 2)
    assert all(is_buried(study.stores.office, tag) for tag in (labels.research_tag, labels.identity_tag))
    assert make_bundle(study, tmp_path / "research", "Mara", DAY, "research") == 1
    assert make_bundle(study, tmp_path / "identity", "Mara", DAY, "identity") == IDENTITY_ROWS
    assert len(open_source(here.settings.home).records) == 1
    lift(here)
    assert both(study) == (1, 1)
    withdraw(study, kept.grouped, DAY)
    assert both(study) == (0, 0)
    assert [one.count for one in tallies(study.stores.office) if one.outcome == "withdrawn"] == [2]


def test_known_and_unknown_codes_are_answered_alike_and_counted_once(here: Here) -> None:
    receipt = finished(here.study)
    study, entries = held(here), len(here.acts())
    unknown = new_receipt(counted_bytes("unknown"))
    answers = [withdraw(study, one.grouped, DAY) for one in (receipt, receipt, unknown)]
    assert answers == [hold_in_force(study.stores.office)] * 3
    assert [one.count for one in tallies(study.stores.office) if one.outcome == "withdrawn"] == [1]
    # Nothing tells who withdrew: no entry, then as ever.
    assert len(here.acts()) == entries


def test_what_was_withdrawn_during_a_hold_can_no_longer_be_changed(here: Here) -> None:
    receipt = finished(here.study)
    study = held(here)
    withdraw(study, receipt.grouped, DAY)
    change_mind(study, receipt.grouped, {"o_quote": "no"}, None, DAY)
    assert both(study) == (1, 1)


def test_new_contact_details_take_the_place_of_nothing_during_a_hold(here: Here) -> None:
    receipt, vault = finished(here.study), here.study.stores.identity
    change_mind(here.study, receipt.grouped, {}, {"v_phone": "another"}, DAY)
    # The change is a row; the new details stand where the former stood.
    assert count(vault) == IDENTITY_ROWS + 1
    change_mind(held(here), receipt.grouped, {}, {"v_phone": "a third"}, DAY)
    assert count(vault) == IDENTITY_ROWS + 3


def test_an_order_of_the_custodians_waits_for_the_end_of_the_hold(here: Here, tmp_path: Path) -> None:
    gone, other = (labels_of(finished(here.study), here.study.name) for _ in "12")
    study = held(here)
    forgotten = contact_of(study, other.identity_tag)
    assert take_out_all(study, [gone.research_tag], [gone.identity_tag], [forgotten], DAY)
    assert both(study) == (2, 2)
    assert make_bundle(study, tmp_path / "identity", "Mara", DAY, "identity") == IDENTITY_ROWS - 1
    lift(here)
    assert (count(study.stores.research), count(study.stores.identity)) == (1, IDENTITY_ROWS - 1)


def contact_of(study: Study, tag: bytes) -> bytes:
    here = select(limits.c.id).join(tags, tags.c.id == limits.c.id)
    asked = here.where(tags.c.tag == tag, limits.c.kind == "contact")
    with study.stores.identity.engine.connect() as connection:
        return bytes(connection.scalars(asked).one())


def test_a_delivery_that_comes_after_its_withdrawal_is_refused_and_erases_nothing(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, early = sealed_visit(here.study, "late"), sealed_visit(here.study, "early")
    assert take_in(here.study, read_delivery(early.data), TABLET, DAY)
    study = held(here)
    withdraw(study, sent.receipt.grouped, DAY)
    with pytest.raises(Withdrawn):
        take_in(study, read_delivery(sent.data), TABLET, DAY)
    assert both(study) == (1, 1)
    # The visit that is here comes again, and is withdrawn in the moment between the look and the keeping.
    looks = iter([frozenset(), frozenset(read_delivery(early.data).tags)])
    monkeypatch.setattr("fieldwork.deliveries.buried", lambda *_: next(looks))
    with pytest.raises(Withdrawn):
        take_in(study, read_delivery(early.data), TABLET, DAY)
    assert both(study) == (1, 1)


def test_nothing_expires_during_a_hold_and_all_of_it_afterwards(here: Here) -> None:
    receipt = finished(here.study)
    tag = labels_of(read_receipt(receipt.grouped), here.study.name).research_tag
    until = until_of(here.study.stores.research, tag)
    assert until
    study, later = held(here), until + timedelta(days=1)
    assert maintain(study, later).is_held
    assert (until_of(study.stores.research, tag), both(study)) == (until, (1, 1))
    lift_hold(study, LIFTED, "Mara", later)
    done = maintain(study, later)
    assert (done.links, done.expired > 0) == (1, True)
    assert until_of(study.stores.research, tag) is None


def test_a_restored_backup_stays_whole_during_a_hold_and_is_put_right_at_its_end(here: Here, tmp_path: Path) -> None:
    study, stores, receipts = here.study, here.settings.home / "stores", [finished(here.study) for _ in range(2)]
    maintain(study, DAY)
    for name in ("research", "identity"):
        shutil.copy(stores / f"{name}.db", tmp_path / name)
    withdraw(study, receipts[0].grouped, DAY)
    assert both(study) == (1, 1)
    held(here)
    close_stores(study.stores)
    for name in ("research", "identity"):
        shutil.copy(tmp_path / name, stores / f"{name}.db")
    served = create_app(here.settings).extensions["amanah"]
    assert both(served) == (2, 2)
    assert make_bundle(served, tmp_path / "bundle", "Mara", DAY, "research") == 1
    # Lifted, and cut short before anything was erased: the next start does it.
    lift_hold(study, LIFTED, "Mara", DAY)
    assert both(study) == (2, 2)
    assert both(create_app(here.settings).extensions["amanah"]) == (1, 1)


# How the journal can be damaged by somebody who has the database alone, or by a disk.
DAMAGED = {
    "the newest entry": lambda office: change(office, len(stored(office)), hash="0" * 64),
    "the hold's own entry": lambda office: change(office, number_of_the_hold(office), entry="{"),
    "all of it gone": lambda office: put(office, []),
    "the hold taken out": lambda office: put(office, [row for row in stored(office) if "hold_set" not in row["entry"]]),
    "no table": lambda office: spoil(office, "alter table journal rename to journal_away"),
}


def number_of_the_hold(office: Office) -> int:
    return next((row["number"] for row in stored(office) if "hold_set" in row["entry"]), 3)


def spoil(office: Office, statement: str) -> None:
    with office.engine.begin() as connection:
        connection.execute(sql(statement))


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("is_on", [True, False], ids=["hold", "no hold"])
def test_a_damaged_journal_keeps_a_hold_on_as_long_as_anything_speaks_of_it_and_makes_none(
    here: Here, damage: str, is_on: bool
) -> None:
    receipt, office = finished(here.study), here.study.stores.office
    if is_on:
        held(here)
        # What follows the hold cannot be signed anew by whoever takes it out.
        write_entry(office, "Mara", Act.SIGNED_IN, DAY)
    DAMAGED[damage](office)
    hold = withdraw(here.study, receipt.grouped, DAY)
    assert (hold is not None, both(here.study)) == ((True, (1, 1)) if is_on else (False, (0, 0)))
    if hold:
        assert (hold.is_vouched, hold.reason, sorted(hold.words)) == (False, WHY, ["ar", "bn", "en", "so", "tr", "ur"])
        served = create_app(here.settings).extensions["amanah"]
        assert both(served) == (1, 1)


def test_a_hold_that_was_cut_off_the_journals_end_is_found_out(here: Here) -> None:
    office = here.study.stores.office
    assert not is_cut(office)
    held(here)
    assert not is_cut(office)
    put(office, [row for row in stored(office) if row["number"] < number_of_the_hold(office)])
    assert hold_in_force(office) is None  # the journal is whole: nothing in it tells
    assert is_cut(office)


def test_without_the_journals_key_the_last_entry_about_a_hold_counts(here: Here) -> None:
    held(here)
    here.settings.journal_key.unlink()
    hold = hold_in_force(here.study.stores.office)
    assert hold
    assert (hold.reason, hold.is_vouched) == (WHY, False)


def test_a_forged_proposal_of_no_shape_is_no_trace(here: Here) -> None:
    office = here.study.stores.office
    propose_hold(here.study, "Mara", WHY, DAY)
    with office.engine.begin() as connection:
        connection.execute(update(proposals).values(state="confirmed", payload=b"{}"))
    put(office, [])
    assert hold_in_force(office) is None


def test_rows_in_the_database_alone_neither_set_a_hold_nor_lift_one(here: Here, tmp_path: Path) -> None:
    office = here.study.stores.office
    found = propose_hold(here.study, "Mara", WHY, DAY)
    spoil(office, "update proposals set state = 'confirmed'")
    assert hold_in_force(office) is None
    spoil(office, "update proposals set state = 'waiting'")
    here.confirm(NADIA, found)
    # An entry that lifts it, signed by another key: whoever has the database cannot have this one.
    (tmp_path / "other.key").write_bytes(new_key_file())
    rows = stored(office)
    last = entry_of(rows[-1])
    signer = signer_in(tmp_path / "other.key")
    hold = hold_in_force(office)
    assert hold
    forged = replace(last, number=last.number + 1, act="hold_lifted", detail=hold.digest, before=last.hash)
    put(office, [*rows, row_of(replace(forged, key=signer.public.hex()), signer)])
    assert hold_in_force(office) == replace(hold, is_vouched=False)
