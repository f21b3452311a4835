"""An envelope opens in its own place, with its own key, whole. Everything else is the one EnvelopeError."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import EnvelopeError
from privacy.documents import canonical, read_canonical
from privacy.envelope import BLOCK, DOCUMENT, ENVELOPE, Context, Envelope, Suite, frame, sealed_length, unframe
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key
from privacy.sealing import seal, wrap
from tests.conftest import STUDY, Keys

DIGEST, OTHER = "ab" * 32, "cd" * 32
HERE = Context("research", STUDY, DIGEST, b"r" * 16)
SAID = {"answers": {"yp_text_1": "سنیں 'first'", "site": 1}, "list": [1, -2], "yes": True}


def sealed(keys: Keys, suite: Suite = Suite.XWING, length: int = BLOCK) -> Envelope:
    return seal(SAID, keys.research.public(), HERE, length, suite)


@pytest.mark.parametrize("suite", Suite)
def test_what_is_sealed_opens_again(keys: Keys, suite: Suite) -> None:
    assert keys.research.open(Envelope.parse(sealed(keys, suite).to_bytes()), HERE) == SAID


def test_a_suite_1_envelope_wrapped_on_arrival_opens_like_any_other(keys: Keys) -> None:
    wrapped = wrap(sealed(keys, Suite.X25519), keys.research.public(), HERE)
    assert wrapped.suite is Suite.XWING
    assert keys.research.open(wrapped, HERE) == SAID


def test_a_wrapping_inside_a_wrapping_is_refused(keys: Keys) -> None:
    twice = wrap(sealed(keys, Suite.XWING), keys.research.public(), HERE)
    with pytest.raises(EnvelopeError):
        keys.research.open(twice, HERE)


@pytest.mark.parametrize("suite", Suite)
def test_length_depends_on_the_instrument_only(keys: Keys, suite: Suite) -> None:
    lengths = {
        len(seal({"a": "x" * count}, keys.research.public(), HERE, 4096, suite).to_bytes()) for count in (0, 1, 4000)
    }
    assert lengths == {sealed_length(suite, 4096)}


def test_what_does_not_fit_its_length_is_not_sealed_longer(keys: Keys) -> None:
    with pytest.raises(EnvelopeError):
        seal({"a": "x" * BLOCK}, keys.research.public(), HERE, BLOCK)


MOVED = [
    replace(HERE, purpose="identity"),
    replace(HERE, study="another"),
    replace(HERE, instrument=OTHER),
    replace(HERE, record_id=b"s" * 16),
]


@pytest.mark.parametrize("place", MOVED, ids=["purpose", "study", "instrument", "record"])
@pytest.mark.parametrize("suite", Suite)
def test_an_envelope_does_not_open_in_another_place(keys: Keys, place: Context, suite: Suite) -> None:
    with pytest.raises(EnvelopeError):
        keys.research.open(sealed(keys, suite), place)


@pytest.mark.parametrize("suite", Suite)
def test_two_rows_that_changed_places_do_not_open(keys: Keys, suite: Suite) -> None:
    first, second = HERE, replace(HERE, record_id=os.urandom(16))
    one, two = (seal(SAID, keys.research.public(), place, BLOCK, suite) for place in (first, second))
    for envelope, place in ((one, second), (two, first)):
        with pytest.raises(EnvelopeError):
            keys.research.open(envelope, place)


@pytest.mark.parametrize("suite", Suite)
def test_no_other_key_opens_it(keys: Keys, suite: Suite) -> None:
    others = [
        keys.identity,
        new_private_key("research", STUDY, os.urandom),
        new_private_key("research", "x", os.urandom),
    ]
    for other in others:
        with pytest.raises(EnvelopeError):
            other.open(sealed(keys, suite), HERE)
        forged = replace(sealed(keys, suite), key_id=other.public().key_id(suite))
        with pytest.raises(EnvelopeError):
            other.open(forged, HERE)


@pytest.mark.parametrize("suite", Suite)
def test_any_flipped_bit_closes_it(keys: Keys, suite: Suite) -> None:
    data = sealed(keys, suite).to_bytes()
    for place in [*range(60), len(data) // 2, len(data) - 1, *range(60, len(data), 97)]:
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        with pytest.raises(EnvelopeError):
            keys.research.open(Envelope.parse(bytes(changed)), HERE)


@pytest.mark.parametrize("keep", [0, 3, 5, 12, 13, 100, -1, -16, -2048])
def test_a_truncated_envelope_is_refused(keys: Keys, keep: int) -> None:
    with pytest.raises(EnvelopeError):
        Envelope.parse(sealed(keys).to_bytes()[:keep])


@given(st.binary(max_size=6000))
@settings(max_examples=200, deadline=None)
def test_no_bytes_at_all_give_anything_but_an_envelope_or_its_error(data: bytes) -> None:
    try:
        Envelope.parse(data)
    except EnvelopeError:
        pass


def test_a_retired_key_seals_nothing(keys: Keys) -> None:
    with pytest.raises(EnvelopeError, match="retired"):
        seal(SAID, replace(keys.research.public(), status="retired"), HERE, BLOCK)


def test_a_key_seals_for_its_own_purpose_only(keys: Keys) -> None:
    with pytest.raises(EnvelopeError):
        seal(SAID, keys.identity.public(), HERE, BLOCK)


def test_sealing_twice_gives_different_bytes(keys: Keys) -> None:
    assert sealed(keys).sealed != sealed(keys).sealed


@pytest.mark.parametrize(
    "plaintext",
    [
        bytes([3]) + frame(DOCUMENT, b"{}", BLOCK)[1:],
        frame(DOCUMENT, b"{}", BLOCK)[:-1] + b"\1",
        bytes([DOCUMENT]) + (BLOCK).to_bytes(4, "big") + bytes(BLOCK - 5),
    ],
    ids=["unknown kind", "padding not zero", "length past the end"],
)
def test_padding_is_checked_and_never_guessed(plaintext: bytes) -> None:
    with pytest.raises(EnvelopeError):
        unframe(plaintext)
    assert unframe(frame(ENVELOPE, b"x", BLOCK)) == (ENVELOPE, b"x")


JSON = st.recursive(
    st.text() | st.integers(-(10**12), 10**12) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc_09", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1), JSON, max_size=5))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_document_has_one_spelling(document: dict) -> None:
    assert read_canonical(canonical(document)) == document


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}', b'{"b":1,"a":1}', b'{"a":1,"a":1}', b"[1]", b'{"a":1.0}', b'{"a":null}', b"{", b"\xff",
        b'{"a":18446744073709551616.5}', b'{"a":' + b"[" * 1010 + b"]" * 1010 + b"}",
    ],
)  # fmt: skip
def test_any_other_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read_canonical(data)


def test_the_fingerprint_changes_with_any_key(keys: Keys) -> None:
    ring = keys.keyring
    other = Keyring(STUDY, (ring.keys[0], new_private_key("identity", STUDY, os.urandom).public()))
    assert ring.fingerprint != other.fingerprint
    assert len(ring.words) == 12
    assert ring.words != other.words


def test_a_private_key_does_not_show_itself(keys: Keys) -> None:
    assert keys.research.seed.hex() not in repr(keys.research)
    assert "seed" not in repr(PrivateKey("research", STUDY, bytes(32)))
