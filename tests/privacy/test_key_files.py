"""A key file opens with its passphrase only; nothing in it can be changed, and weaker parameters are refused."""

from __future__ import annotations

import json
import os

import pytest

from errors import EnvelopeError
from privacy.documents import canonical
from privacy.key_files import lock, unlock
from privacy.keys import Keyring
from privacy.opening import PrivateKey
from tests.conftest import STUDY, Keys

PHRASE = "five quiet words in a row"


@pytest.fixture(scope="module")
def file(keys: Keys) -> bytes:
    return lock(keys.research, PHRASE, os.urandom)


def changed(file: bytes, path: str, value: object) -> bytes:
    told = json.loads(file)
    *way, last = path.split(".")
    inner = told
    for step in way:
        inner = inner[step]
    inner[last] = value
    return canonical(told)


def test_it_opens_with_its_passphrase(file: bytes, keys: Keys) -> None:
    assert unlock(file, PHRASE) == keys.research
    assert keys.research.seed.hex() not in file.decode()


def test_a_wrong_passphrase_and_a_damaged_file_are_told_alike(file: bytes) -> None:
    told = set()
    for data, phrase in (
        (file, "wrong"),
        (changed(file, "sealed", "00" * 48), PHRASE),
        (b"", PHRASE),
        (file[:-9], PHRASE),
    ):
        with pytest.raises(EnvelopeError) as refusal:
            unlock(data, phrase)
        told.add(str(refusal.value))
    assert len({sentence for sentence in told if "passphrase" in sentence}) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("purpose", "identity"),
        ("study", "another"),
        ("key", "00" * 8),
        ("kdf.memory_kib", 65536),
        ("kdf.memory_kib", 131073),
        ("kdf.memory_kib", 2**30),
        ("kdf.passes", 2),
        ("kdf.passes", 4),
        ("kdf.lanes", 1),
        ("kdf.salt", "00" * 16),
        ("cipher.nonce", "00" * 12),
        ("version", 2),
        ("holds", "share"),
        ("extra", "x"),
    ],
)
def test_nothing_in_it_can_be_changed(file: bytes, path: str, value: object) -> None:
    with pytest.raises(EnvelopeError):
        unlock(changed(file, path, value), PHRASE)


def test_a_keyring_is_read_back_whole_or_not_at_all(keys: Keys) -> None:
    data = keys.keyring.to_json()
    assert Keyring.from_json(data) == keys.keyring
    assert Keyring.from_json(data).study == STUDY
    for wrong in (data[:-1], data.replace(b"active", b"actife"), data.replace(b"{", b"{ ", 1), b"{}", b"\xff", b"[]"):
        with pytest.raises(EnvelopeError):
            Keyring.from_json(wrong)


def test_the_two_keys_of_a_study_share_nothing(keys: Keys) -> None:
    assert keys.research.derive(b"x") != keys.identity.derive(b"x")
    assert keys.research.derive(b"x") != keys.research.derive(b"y")
    assert PrivateKey("research", STUDY, keys.research.seed).public() == keys.research.public()
