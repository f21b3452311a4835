"""A key file opens with its passphrase only; nothing in it can be changed, and weaker parameters are refused.

The same holds for a custodian's file, which moreover gives a share and never a key.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from errors import EnvelopeError
from privacy.documents import canonical
from privacy.key_files import HeldShare, lock, lock_share, stated, unlock, unlock_share
from privacy.keys import Keyring
from privacy.opening import PrivateKey
from privacy.shares import split
from tests.conftest import STUDY, Keys
from tests.stretching import stretched_as_in_the_field

PHRASE = "five quiet words in a row"
OPEN: dict[str, Callable[[bytes, str], object]] = {"seed": unlock, "share": unlock_share}
BOTH = pytest.mark.parametrize("holds", OPEN)


@pytest.fixture(scope="module")
def held(keys: Keys) -> HeldShare:
    return HeldShare(STUDY, keys.identity.public().short, "Nadia", split(keys.identity.seed, "identity", 2)[0])


@pytest.fixture(scope="module")
def files(keys: Keys, held: HeldShare) -> dict[str, bytes]:
    return {"seed": lock(keys.research, PHRASE, os.urandom), "share": lock_share(held, PHRASE, os.urandom)}


@pytest.fixture(scope="module")
def costly(keys: Keys, held: HeldShare) -> dict[str, bytes]:
    """The same as people have them."""
    with stretched_as_in_the_field():
        return {"seed": lock(keys.research, PHRASE, os.urandom), "share": lock_share(held, PHRASE, os.urandom)}


def changed(file: bytes, path: str, value: object) -> bytes:
    told = json.loads(file)
    *way, last = path.split(".")
    inner = told
    for step in way:
        inner = inner[step]
    inner[last] = value
    return canonical(told)


def test_it_opens_with_its_passphrase(files: dict[str, bytes], keys: Keys, held: HeldShare) -> None:
    assert unlock(files["seed"], PHRASE) == keys.research
    assert unlock_share(files["share"], PHRASE) == held
    assert keys.research.seed.hex() not in files["seed"].decode()
    assert held.share.packed.hex() not in files["share"].decode()


def test_a_custodians_file_says_whose_it_is_and_gives_no_key(files: dict[str, bytes], held: HeldShare) -> None:
    told = stated(files["share"])
    assert (told["custodian"], told["split"], told["place"]) == ("Nadia", held.share.identifier, 1)
    assert "share" not in repr(held).casefold().replace("heldshare", "")
    with pytest.raises(EnvelopeError):
        unlock(files["share"], PHRASE)
    with pytest.raises(EnvelopeError):
        unlock_share(files["seed"], PHRASE)


def test_no_file_ever_holds_the_seed_of_an_identity_key(files: dict[str, bytes], keys: Keys) -> None:
    with pytest.raises(EnvelopeError, match="two custodians"):
        lock(keys.identity, PHRASE, os.urandom)
    for purpose, holds in (("identity", "seed"), ("research", "share")):
        swapped = changed(changed(files["seed"], "purpose", purpose), "holds", holds)
        with pytest.raises(EnvelopeError):
            stated(swapped)
        with pytest.raises(EnvelopeError):
            unlock(swapped, PHRASE)


def test_a_custodians_file_holds_no_share_of_a_research_key(held: HeldShare) -> None:
    strange = replace(held, share=split(bytes(32), "research", 2)[0])
    with pytest.raises(EnvelopeError, match="identity key alone"):
        lock_share(strange, PHRASE, os.urandom)


@BOTH
def test_a_wrong_passphrase_and_a_damaged_file_are_told_alike(files: dict[str, bytes], holds: str) -> None:
    file, told = files[holds], set()
    sealed = json.loads(file)["sealed"]
    for data, phrase in (
        (file, "wrong"),
        (changed(file, "sealed", "00" * (len(sealed) // 2)), PHRASE),
        (changed(file, "sealed", sealed[2:]), PHRASE),
        (b"", PHRASE),
        (file[:-9], PHRASE),
    ):
        with pytest.raises(EnvelopeError) as refusal:
            OPEN[holds](data, phrase)
        told.add(str(refusal.value))
    assert len({sentence for sentence in told if "passphrase" in sentence}) == 1


CHANGES: list[tuple[str, object]] = [
    ("purpose", "identity"),
    ("study", "another"),
    ("key", "00" * 8),
    ("kdf.salt", "00" * 16),
    ("cipher.nonce", "00" * 12),
    ("version", 2),
    ("holds", "share"),
    ("extra", "x"),
]
# What both kinds have in common is read by the same lines: of the costly changes, one of each kind is enough here.
OF_A_SHARE: list[tuple[str, object]] = [
    ("purpose", "research"),
    ("holds", "seed"),
    ("key", "00" * 8),
    ("custodian", "Owen"),
    ("custodian", ""),
    ("custodian", "x" * 61),
    ("custodian", 1),
    ("split", 1),
    ("split", "1"),
    ("place", 2),
    ("place", True),
]
EACH = [("seed", *change) for change in CHANGES] + [("share", *change) for change in OF_A_SHARE]
# Cheaper to guess, dearer than a desk can bear, and such as neither is.
COSTS: list[tuple[str, str, object]] = [
    ("seed", "kdf.memory_kib", 65536),
    ("seed", "kdf.memory_kib", 131073),
    ("seed", "kdf.memory_kib", 2**30),
    ("seed", "kdf.passes", 2),
    ("seed", "kdf.passes", 4),
    ("seed", "kdf.lanes", 1),
    ("share", "kdf.memory_kib", 65536),
    ("share", "kdf.passes", 2),
]


@pytest.mark.parametrize(("holds", "path", "value"), EACH)
def test_nothing_in_it_can_be_changed(files: dict[str, bytes], holds: str, path: str, value: object) -> None:
    with pytest.raises(EnvelopeError):
        OPEN[holds](changed(files[holds], path, value), PHRASE)


@pytest.mark.parametrize(("holds", "path", "value"), COSTS)
def test_nor_can_what_it_costs_to_guess(costly: dict[str, bytes], holds: str, path: str, value: object) -> None:
    with stretched_as_in_the_field(), pytest.raises(EnvelopeError):
        OPEN[holds](changed(costly[holds], path, value), PHRASE)


@BOTH
def test_it_costs_128_mebibytes_and_three_passes(costly: dict[str, bytes], files: dict[str, bytes], holds: str) -> None:
    """And what was made to be cheaper, as the files of other tests are, opens nowhere else."""
    kdf = stated(costly[holds])["kdf"]
    assert (kdf["memory_kib"], kdf["passes"], kdf["lanes"]) == (131072, 3, 4)
    with stretched_as_in_the_field(), pytest.raises(EnvelopeError):
        OPEN[holds](files[holds], PHRASE)


def test_a_custodian_cannot_pass_for_the_other(held: HeldShare) -> None:
    # Sealed by somebody who knows the passphrase: all is authentic, and still the share is not what the file says.
    from privacy.key_files import _head, _sealed

    told = {"custodian": "Owen", "split": held.share.identifier, "place": 2}
    file = _sealed(_head("identity", STUDY, held.key, os.urandom) | told, held.share.packed, PHRASE)
    with pytest.raises(EnvelopeError):
        unlock_share(file, PHRASE)


def test_a_keyring_is_read_back_whole_or_not_at_all(keys: Keys) -> None:
    data = keys.keyring.to_json()
    assert Keyring.from_json(data) == keys.keyring
    assert Keyring.from_json(data).study == STUDY
    for wrong in (data[:-1], data.replace(b"active", b"actife"), data.replace(b"{", b"{ ", 1), b"{}", b"\xff", b"[]"):
        with pytest.raises(EnvelopeError):
            Keyring.from_json(wrong)


def test_an_identity_key_says_whose_orders_are_its_and_a_research_key_gives_none(keys: Keys) -> None:
    told = json.loads(keys.keyring.to_json())
    assert [len(one["orders"]) for one in told["keys"]] == [0, 64]
    for at, orders in ((0, "00" * 32), (1, ""), (1, "00" * 31)):
        wrong = json.loads(keys.keyring.to_json())
        wrong["keys"][at]["orders"] = orders
        with pytest.raises(EnvelopeError):
            Keyring.from_json(canonical(wrong))


def test_a_keyring_of_version_1_is_refused(keys: Keys) -> None:
    with pytest.raises(EnvelopeError):
        Keyring.from_json(keys.keyring.to_json().replace(b'"version":2', b'"version":1'))


def test_a_rotated_keyring_keeps_the_old_key_to_open_with(keys: Keys) -> None:
    new = PrivateKey("research", STUDY, bytearray(range(32))).public()
    ring = keys.keyring.rotated(new)
    assert [(key.short, key.status) for key in ring.keys] == [
        (keys.research.public().short, "retired"),
        (keys.identity.public().short, "active"),
        (new.short, "active"),
    ]
    assert Keyring.from_json(ring.to_json()) == ring


def test_the_two_keys_of_a_study_share_nothing(keys: Keys) -> None:
    assert keys.research.derive(b"x") != keys.identity.derive(b"x")
    assert keys.research.derive(b"x") != keys.research.derive(b"y")
    assert PrivateKey("research", STUDY, keys.research.seed).public() == keys.research.public()
