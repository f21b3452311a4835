"""On PostgreSQL an order is carried out with the collector's rights, which can read no identity."""

from __future__ import annotations

from pathlib import Path

from commands import DEFAULT_STUDY
from fieldwork.orders import carry_out
from fieldwork.study import Study
from instruments.catalogue import load_study
from privacy.orders import order_file, order_of
from storage.journal import Act, read_journal, write_entry
from storage.office import add_keyring
from storage.tombstones import grave_of, is_buried
from storage.vaults import Limit, count, deposit, until_of
from tests.conftest import STUDY, TODAY, Keys, counted_bytes
from tests.storage.conftest import UNTIL, Both, envelope

SOME = counted_bytes("an order on PostgreSQL")
GONE, ALSO, STAYS = ((SOME(16), SOME(16)) for _ in range(3))


def test_the_collector_carries_an_order_out(both: Both, keys: Keys, tmp_path: Path) -> None:
    office, contacts = both.owner.office, [SOME(16) for _ in range(3)]
    add_keyring(office, keys.keyring.to_json())
    write_entry(office, "Mara", Act.INIT, TODAY)
    write_entry(office, "Mara", Act.KEYS_ADDED, TODAY, detail=keys.keyring.fingerprint)
    for (research, identity), contact in zip((GONE, ALSO, STAYS), contacts, strict=True):
        deposit(both.collector.research, SOME(16), research, envelope(), UNTIL)
        deposit(both.collector.identity, SOME(16), identity, envelope(), UNTIL)
        deposit(both.collector.identity, contact, identity, envelope(), UNTIL, limit=Limit("contact", UNTIL))
    loaded = load_study(DEFAULT_STUDY)
    study = Study(loaded.instrument, loaded.settings, keys.keyring, both.collector, (tmp_path / "tombstones.txt",))
    order = order_of(STUDY, keys.identity.public().short, (GONE, ALSO), [contacts[2]])
    for _ in "twice":
        carry_out(study, order_file(order, keys.identity.sign), TODAY, "Mara")
        assert (count(both.owner.research), count(both.owner.identity)) == (1, 1)
    assert until_of(both.owner.research, STAYS[0])
    assert all(is_buried(office, tag) for tag in (*GONE, *ALSO, grave_of(contacts[2])))
    assert read_journal(office)[-1].act == "order_carried_out"
