"""Five hundred visits by the real way, and one upkeep: nothing that lies on the disk then tells who came when."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from commands import DEFAULT_STUDY
from fieldwork.admissions import Admission, hash_of, invite
from fieldwork.deliveries import Delivery, read_delivery, take_in
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from instruments.catalogue import load_study
from storage.admissions import invitation_of
from storage.engines import is_sqlite
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.stores import Stores
from storage.vaults import Vault
from tests.conftest import TODAY, Keys
from tests.deliveries import sealed_visit
from tests.storage.test_arrival_order import LARGEST, PEOPLE, Came, columns_of, rank_correlation, traces
from tests.storage.test_order_in_the_log import logs_of, order_in, set_in


def delivered(study: Study, chance: random.Random) -> tuple[list[Delivery], list[bytes]]:
    """Visits by single invitations, one after another; and the hashes of those, in the order in which they came."""
    # Of one seed, so that no run is unlucky: of twenty chance figures one is often above the limit.
    tokens = [invite(study, "single", TODAY, new_token=lambda n: chance.randbytes(n).hex()) for _ in range(PEOPLE)]
    chance.shuffle(tokens)
    came, hashes = [], []
    for number, token in enumerate(tokens):
        found = invitation_of(study.stores.office, hash_of(token))
        assert found
        delivery = read_delivery(sealed_visit(study, f"one {number}").data)
        assert take_in(study, delivery, Admission("single", found.token_hash, "", "1"), TODAY)
        came.append(delivery)
        hashes.append(found.token_hash)
    return came, hashes


def of_vault(vault: Vault, came: list[Delivery]) -> Came:
    """Id, tag and envelope: of the answers, or of the contact details, which have a limit as well."""
    parcels = [one.research if vault.purpose == "research" else one.identities[1] for one in came]
    return [(one.record_id, one.tag, one.envelope) for one in parcels]


@pytest.mark.torture
def test_after_one_upkeep_five_hundred_visits_tell_no_order(stores: Stores, keys: Keys, tmp_path: Path) -> None:
    write_entry(stores.office, COMMAND_LINE, Act.INIT, TODAY)
    loaded = load_study(DEFAULT_STUDY)
    study = Study(loaded.instrument, loaded.settings, keys.keyring, stores, (tmp_path / "tombstones.txt",))
    (tmp_path / "tombstones.txt").write_text("amanah tombstones 1\n", "utf-8")
    with set_in(stores.research, wal_recycle="off"):
        came, hashes = delivered(study, random.Random(20261127))
        vaults = (stores.research, stores.identity)
        ends = [one.research.envelope.to_bytes()[-24:] for one in came]
        assert order_in(logs_of(stores.research), ends[-20:])[1] > 0.9
        maintain(study, TODAY)
        found = {
            (vault.purpose, name): value
            for vault in vaults
            for name, value in traces(vault, of_vault(vault, came)).items()
        }
        for vault in vaults:
            found[vault.purpose, "log"] = order_in(logs_of(vault), ends)[1]
        if not is_sqlite(stores.office.engine):
            placed = columns_of(stores.office, "invitations", "token_hash")
            for name in ("ctid", "xmin"):
                found["office", name] = rank_correlation(range(PEOPLE), [placed[one][name] for one in hashes])
    assert {name: value for name, value in found.items() if abs(value) >= LARGEST} == {}
    assert len(found) > 10
