"""The vectors of our formats can be made again byte for byte; what should open opens, what should not does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from errors import EnvelopeError
from privacy.envelope import Context, Envelope
from privacy.key_files import unlock, unlock_share
from privacy.opening import PrivateKey
from privacy.pseudonyms import pseudonym, pseudonym_key
from privacy.receipts import labels_of, read_receipt
from privacy.shares import rebuild
from tests.stretching import stretched_as_in_the_field
from tests.vectors.make_vectors import HERE, MADE


def read(name: str) -> dict[str, Any]:
    return json.loads((Path(HERE) / name).read_text("utf-8"))


ENVELOPES = read("envelope_v1.json")
KEY = PrivateKey("research", "working_together", bytes.fromhex(ENVELOPES["seed"]))


def context() -> Context:
    told = dict(ENVELOPES["context"])
    return Context(told["purpose"], told["study"], told["instrument"], bytes.fromhex(told["record_id"]))


@pytest.mark.parametrize("name", MADE)
def test_the_vectors_can_be_made_again(name: str) -> None:
    with stretched_as_in_the_field():
        assert MADE[name]() == read(name)


@pytest.mark.parametrize("told", ENVELOPES["opens"], ids=lambda told: f"suite {told['suite']}")
def test_every_envelope_vector_opens(told: dict[str, Any]) -> None:
    assert KEY.open(Envelope.parse(bytes.fromhex(told["envelope"])), context()) == told["document"]


@pytest.mark.parametrize("told", ENVELOPES["refused"], ids=lambda told: told["reason"])
def test_every_negative_vector_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        KEY.open(Envelope.parse(bytes.fromhex(told["envelope"])), context())


def test_the_key_file_vector_unlocks_with_either_spelling() -> None:
    told = read("key_file_v1.json")
    assert unlock(told["file"].encode(), told["passphrase"]).seed.hex() == told["seed"]
    assert unlock(told["file"].encode(), told["passphrase"].replace("ﬁ", "fi")).seed.hex() == told["seed"]


def test_the_custodians_vectors_rebuild_their_key() -> None:
    told = read("key_file_v1.json")["custodians"]
    held = [unlock_share(one["file"].encode(), one["passphrase"]) for one in told["files"]]
    assert [" ".join(one.share.words) for one in held] == [one["words"] for one in told["files"]]
    key = PrivateKey("identity", held[0].study, rebuild([one.share for one in held]))
    public = key.public()
    assert (key.seed.hex(), public.orders.hex(), public.short) == (told["seed"], told["orders"], held[1].key)


@pytest.mark.parametrize("told", read("receipt_v1.json")["receipts"], ids=lambda told: told["code"])
def test_every_receipt_vector_gives_its_labels(told: dict[str, str]) -> None:
    labels = labels_of(read_receipt(told["grouped"].lower()), "working_together")
    assert labels.participant.hex() == told["participant"]
    assert labels.research_proof.hex() == told["research_proof"]
    assert labels.identity_proof.hex() == told["identity_proof"]
    assert labels.research_tag.hex() == told["research_tag"]
    assert labels.identity_tag.hex() == told["identity_tag"]
    assert labels.person.hex() == told["person"]
    assert pseudonym(pseudonym_key(KEY.derive, "a purpose"), labels.participant) == told["pseudonym"]
