"""What two custodians can order for people they found, with the identity key alone; and what is past ordering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from errors import EnvelopeError, ReleaseError, Withdrawn
from fieldwork.orders import carry_out
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.consent import gate
from privacy.envelope import Context
from privacy.orders import read_order
from privacy.receipts import Labels, labels_of
from privacy.sealing import seal
from release.orders import Made, entries_of, links_of, make_order, overdue, results_only
from release.people import Opened, open_identities
from release.source import Source
from storage.tombstones import is_buried
from storage.vaults import count, deposit, rows, until_of
from tests.conftest import TODAY, Keys, counted_bytes
from tests.deliveries import sealed_visit
from tests.ordering import both, deliver
from tests.visits import amina


@dataclass(frozen=True)
class Desk:
    """The identity desk of a study as it stands, opened with the identity key and no other."""

    study: Study
    keys: Keys
    source: Source
    opened: Opened

    def named(self, name: str) -> str:
        return next(one.person for one in self.opened.people if one.contact["v_email"] == f"{name}@example.org")

    def links(self, person: str) -> tuple[tuple[bytes, bytes], ...]:
        return links_of(self.opened, self.source, (self.keys.identity,), person)

    def withdrawal(self, *people: str) -> Made:
        return make_order(self.keys.identity, withdraw=[pair for one in people for pair in self.links(one)])

    def forgetting(self, *people: str) -> Made:
        return make_order(self.keys.identity, forget=entries_of(self.opened, people))


def visit(study: Study, name: str = "", day: date = TODAY, **wishes: str) -> Labels:
    said = {one: values[0] for one, values in amina(study.instrument, **wishes).items()}
    consent = gate(study.instrument, "young_person", 19, said)
    contact = {"v_email": f"{name}@example.org"} if name else {}
    done = FinishedVisit("young_person", "en", "self", {"site": 1, "age": "18-21"}, consent, contact)
    return labels_of(finish_visit(study, done, day), study.name)


def desk(study: Study, keys: Keys, today: date = TODAY) -> Desk:
    found = tuple(rows(study.stores.identity))
    source = Source("test", study.name, {study.instrument.digest: study.instrument}, found)
    return Desk(study, keys, source, open_identities(source, (keys.identity,), today, counted_bytes("desk")))


def test_two_lost_slips_are_answered_with_one_order_and_no_answer_is_opened(study: Study, keys: Keys) -> None:
    lost, also, stays = (visit(study, name, o_results="yes") for name in ("amina", "bilal", "chandra"))
    visit(study)
    here = desk(study, keys)
    made = here.withdrawal(here.named("amina"), here.named("bilal"))
    assert (made.order.withdrawals, len(made.order.forget)) == (2, 0)
    # Only the identity key is at this desk, and it opens no answer.
    context = Context("research", study.name, study.instrument.digest, next(rows(study.stores.research))[0])
    with pytest.raises(EnvelopeError):
        keys.identity.open(next(rows(study.stores.research))[1], context)
    carry_out(study, made.file, TODAY, "Mara")
    assert both(study) == (2, 6)
    for labels in (lost, also):
        for vault, tag in ((study.stores.research, labels.research_tag), (study.stores.identity, labels.identity_tag)):
            assert (until_of(vault, tag), is_buried(study.stores.office, tag)) == (None, True)
    assert until_of(study.stores.research, stays.research_tag)
    assert [one.contact["v_email"] for one in desk(study, keys).opened.people] == ["chandra@example.org"]


def test_a_visit_that_is_delivered_again_after_its_order_is_refused(study: Study, keys: Keys) -> None:
    sent = sealed_visit(study, "again", contact_given={"email": "amina@example.org"})
    deliver(study, sent)
    here = desk(study, keys)
    (person,) = here.opened.places
    carry_out(study, here.withdrawal(person).file, TODAY, "Mara")
    with pytest.raises(Withdrawn):
        deliver(study, sent)
    assert both(study) == (0, 0)


def test_after_the_cut_off_only_contact_details_can_be_forgotten(study: Study, keys: Keys) -> None:
    until = until_of(study.stores.research, visit(study, "amina", o_recontact="yes").research_tag)
    assert until
    here = desk(study, keys)
    assert here.links(here.named("amina"))
    maintain(study, until + timedelta(days=1))
    here = desk(study, keys, until)
    assert not here.links(here.named("amina"))
    with pytest.raises(ReleaseError, match="nothing to erase"):
        here.withdrawal(here.named("amina"))
    carry_out(study, here.forgetting(here.named("amina")).file, until, "Mara")
    left = desk(study, keys, until)
    assert (left.opened.people, left.opened.unopened) == ((), 0)
    assert both(study) == (1, 1)


def test_who_wanted_only_the_results_and_who_is_overdue_are_told_from_the_others(study: Study, keys: Keys) -> None:
    visit(study, "results", o_results="yes")
    visit(study, "both", o_results="yes", o_recontact="yes")
    visit(study, "neither")
    visit(study, o_results="yes")
    here = desk(study, keys)
    mail = {one.person: one.contact["v_email"] for one in here.opened.people}
    assert [mail[one] for one in results_only(here.opened)] == ["results@example.org"]
    # Those who left no details are never among the overdue, nor is anybody on the list.
    assert len(overdue(here.opened, here.source, (keys.identity,))) == 1
    later = desk(study, keys, TODAY + timedelta(days=400))
    assert len(overdue(later.opened, later.source, (keys.identity,))) == 2
    latest = desk(study, keys, TODAY + timedelta(days=800))
    due = overdue(latest.opened, latest.source, (keys.identity,))
    assert (len(due), len(latest.opened.people)) == (3, 0)
    carry_out(study, latest.forgetting(*due).file, TODAY, "Mara")
    assert (count(study.stores.research), count(study.stores.identity)) == (4, 12 - 3)


def test_a_link_of_no_known_shape_orders_nothing(study: Study, keys: Keys) -> None:
    random_bytes, instrument = counted_bytes("links that somebody else sealed"), study.instrument.digest
    strange: tuple[dict[str, object], ...] = (
        {},
        {"research_tag": "00", "identity_tag": "00" * 16},
        {"research_tag": 1, "identity_tag": "00" * 16},
        {"research_tag": "00" * 16},
    )
    people = [random_bytes(16).hex() for _ in strange]
    for person, tags in zip(people, strange, strict=True):
        record_id, heading = random_bytes(16), {"format": 2, "kind": "link", "study": study.name}
        document = heading | {"instrument": instrument, "person": person} | tags
        context = Context("identity", study.name, instrument, record_id)
        envelope = seal(document, keys.identity.public(), context, 2048)
        deposit(study.stores.identity, record_id, b"t" * 16, envelope, TODAY)
    here = desk(study, keys)
    assert set(here.opened.places) == set(people)
    assert not any(here.links(person) for person in people)
    assert entries_of(here.opened, people) == ()


def test_an_order_holds_nothing_of_whom_it_is_about(study: Study, keys: Keys) -> None:
    visit(study, "amina", o_results="yes")
    here = desk(study, keys)
    made = here.forgetting(here.named("amina"))
    assert read_order(made.file, study.name, keys.keyring.keys) == made.order
    assert b"amina" not in made.file


def test_an_order_that_nobody_would_read_is_not_made(keys: Keys) -> None:
    with pytest.raises(ReleaseError, match="choose fewer"):
        make_order(keys.identity, forget=[number.to_bytes(16, "big") for number in range(16_000)])
