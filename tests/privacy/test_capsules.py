"""A capsule carries a label to the next wave: the research key alone opens it, and nobody can tell two apart."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import EnvelopeError
from privacy.capsules import CHARACTERS, capsule_of, read_capsule
from privacy.opening import PrivateKey
from tests.vectors.make_vectors import HERE

VECTORS = json.loads((HERE / "capsule_v1.json").read_text("utf-8"))
LABEL = bytes(range(16))


def key_of(purpose: str = "research", study: str = "working_together", seed: bytes = bytes(32)) -> PrivateKey:
    return PrivateKey(purpose, study, bytearray(seed))  # type: ignore[arg-type]


def test_the_vector_opens_and_every_other_is_refused() -> None:
    key = key_of(study=VECTORS["study"], seed=bytes.fromhex(VECTORS["seed"]))
    assert key.open_capsule(*read_capsule(VECTORS["capsule"])).hex() == VECTORS["participant"]
    for told in VECTORS["refused"]:
        with pytest.raises(EnvelopeError):
            key.open_capsule(*read_capsule(told["capsule"]))


@given(label=st.binary(min_size=16, max_size=16))
@settings(max_examples=25, deadline=None)
def test_what_was_sealed_opens_and_has_one_length(label: bytes) -> None:
    key = key_of()
    first, second = (capsule_of(label, key.public()) for _ in range(2))
    assert len(first) == len(second) == CHARACTERS
    assert first != second
    assert key.open_capsule(*read_capsule(first)) == key.open_capsule(*read_capsule(second)) == label


def test_it_opens_with_no_other_key_in_no_other_study_and_never_with_the_custodians() -> None:
    capsule = capsule_of(LABEL, key_of().public())
    strangers = (key_of(seed=b"\1" * 32), key_of(study="another_study"), key_of("identity"))
    for stranger in strangers:
        with pytest.raises(EnvelopeError):
            stranger.open_capsule(*read_capsule(capsule))


def test_only_an_active_research_key_seals_one() -> None:
    from dataclasses import replace

    for public in (key_of("identity").public(), replace(key_of().public(), status="retired")):
        with pytest.raises(EnvelopeError):
            capsule_of(LABEL, public)


@pytest.mark.parametrize("written", ["", "A" * 97, "A" * 99, "A" * 97 + "=", "A" * 97 + "é", "A" * 97 + "\n"])
def test_what_is_no_capsule_is_refused(written: str) -> None:
    with pytest.raises(EnvelopeError):
        read_capsule(written)


def test_one_capsule_is_written_in_one_way_only() -> None:
    # base64url without padding leaves bits over in the last character: another spelling would be another capsule.
    capsule = capsule_of(LABEL, key_of().public())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [
        capsule[:-1] + last
        for last in alphabet
        if last != capsule[-1]
        and base64.urlsafe_b64decode(capsule[:-1] + last + "==")[:73] == base64.urlsafe_b64decode(capsule + "==")
    ]
    assert others
    for other in others:
        with pytest.raises(EnvelopeError):
            read_capsule(other)
