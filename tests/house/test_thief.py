"""A thief with both vaults' databases and all that one custodian has reads no name; with the research key neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from config import Settings
from errors import EnvelopeError, ShareError
from fieldwork.study import Study
from privacy.envelope import Context, Envelope
from privacy.key_files import unlock_share
from privacy.opening import PrivateKey
from privacy.shares import rebuild
from release.custody import unlock_identity
from storage.vaults import rows
from tests.conftest import Keys
from tests.house.scanner import found_in
from tests.identities import PHRASES, custodians_files
from tests.visits import amina

NAMES = ("Canary-Amina-5521", "Canary-Yusuf-8830", "Canary-Salma-1147")


@pytest.fixture
def loot(field: FlaskClient, study: Study, settings: Settings) -> list[tuple[bytes, Envelope]]:
    """Every envelope of both vaults, with a name in each visit; the databases themselves hold none."""
    for name in NAMES:
        typed = amina(study.instrument, o_results="yes", v_name=name, v_phone=f"0770 {name}")
        assert field.post("/visit/young_person", data=typed).status_code == 200
    for file in (settings.home / "stores").iterdir():
        assert found_in(file.read_bytes(), NAMES) == set()
    return [*rows(study.stores.identity), *rows(study.stores.research)]


def read_with(loot: list[tuple[bytes, Envelope]], study: Study, keys: list[PrivateKey]) -> Iterator[dict[str, Any]]:
    """All that these keys open, tried on every envelope and for either vault."""
    for record_id, envelope in loot:
        for key in keys:
            for purpose in ("identity", "research"):
                try:
                    yield key.open(envelope, Context(purpose, study.name, study.instrument.digest, record_id))
                except EnvelopeError:
                    continue


def made_of(secret: bytes, study: Study) -> Iterator[PrivateKey]:
    """Keys that a thief could make of what one custodian has."""
    for seed in {secret[:32], secret[-32:]}:
        yield PrivateKey("identity", study.name, bytearray(seed.ljust(32, b"\0")))


def test_one_custodian_and_the_research_key_open_no_name_and_two_custodians_open_all(
    loot: list[tuple[bytes, Envelope]], study: Study, keys: Keys
) -> None:
    mine, others = custodians_files(keys.identity)
    held = unlock_share(mine, PHRASES[0])
    for files in ([(mine, PHRASES[0])], [(mine, PHRASES[0])] * 2, [(mine, PHRASES[0]), (others, PHRASES[0])]):
        with pytest.raises(EnvelopeError):
            unlock_identity(files)
    with pytest.raises(ShareError):
        rebuild([held.share, held.share])
    tried = [*made_of(bytes(held.share.packed), study), *made_of(held.share.inner.value, study)]
    assert list(read_with(loot, study, tried)) == []
    with_research = list(read_with(loot, study, [*tried, keys.research]))
    assert len(with_research) == len(NAMES), "the research key opens the answers, which is its right"
    assert found_in(repr(with_research).encode(), NAMES) == set()

    custodians = unlock_identity([(mine, PHRASES[0]), (others, PHRASES[1])])
    assert found_in(repr(list(read_with(loot, study, [custodians.key]))).encode(), NAMES) == set(NAMES)
