"""Any two shares of a secret rebuild it, one tells nothing, and typing is forgiven. SLIP-39's own vectors pass.

That one share tells nothing is Shamir's theorem (How to share a secret, CACM 22, 1979): through one point and any
secret there is exactly one line. Here it is held against the library's own arithmetic. SLIP-39 adds a digest of four
bytes, which an attacker without bounds could use (docs/keys.md): `recover_ems` alone looks at it.
"""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic.cipher import encrypt
from shamir_mnemonic.shamir import RawShare, _interpolate, combine_mnemonics, decode_mnemonics, recover_ems
from shamir_mnemonic.utils import MnemonicError
from shamir_mnemonic.wordlist import WORDLIST

from errors import ShareError
from privacy.keys import PURPOSES, Purpose
from privacy.shares import Share, read_share, rebuild, split, unpack

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "slip39.json").read_text("utf-8"))
SEED, OTHER = bytes(range(32)), bytes(range(100, 132))
OURS = {"45"}  # 33 words, two of several, no groups, extendable, exponent 0: read as an identity key's
SECRET_AT, DIGEST_AT = 255, 254  # where SLIP-39 puts the secret and its digest
SEEDS = st.binary(min_size=32, max_size=32)


@pytest.fixture(scope="module")
def three() -> tuple[Share, ...]:
    return split(SEED, "identity")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector[0])
def test_every_published_vector_is_read_as_slip_39_says(vector: list[Any]) -> None:
    _, mnemonics, secret, _ = vector
    if secret:
        assert recover_ems(decode_mnemonics(mnemonics)).decrypt(b"TREZOR").hex() == secret
        return
    with pytest.raises(MnemonicError):
        recover_ems(decode_mnemonics(mnemonics))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector[0])
def test_of_the_published_vectors_only_those_like_ours_are_taken(vector: list[Any]) -> None:
    number, mnemonics = vector[0].split(".")[0], vector[1]
    if number in OURS:
        assert rebuild([read_share(one) for one in mnemonics]) == combine_mnemonics(mnemonics)
        return
    with pytest.raises(ShareError):
        rebuild([read_share(one) for one in mnemonics])


def chosen(seed: bytes) -> Purpose:
    return PURPOSES[seed[0] % 2]


def any_two_rebuild(seed: bytes, count: int) -> None:
    for pair in itertools.permutations(split(seed, chosen(seed), count), 2):
        assert rebuild(pair) == seed
        assert rebuild([read_share(" ".join(share.words)) for share in pair]) == seed


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, count=st.integers(2, 4))
def test_any_two_shares_rebuild_in_any_order(seed: bytes, count: int) -> None:
    any_two_rebuild(seed, count)


@pytest.mark.torture
def test_any_two_shares_of_thousands_of_seeds_rebuild() -> None:
    chance = random.Random(39)
    for _ in range(3000):
        any_two_rebuild(chance.randbytes(32), chance.choice((2, 3)))


def test_one_share_does_not_rebuild(three: tuple[Share, ...]) -> None:
    for share in three:
        for alone in ([share], [share, share], [share, read_share(" ".join(share.words))]):
            with pytest.raises(ShareError, match="same sheet twice"):
                rebuild(alone)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, other=SEEDS, place=st.integers(0, 2))
def test_through_one_share_and_any_other_seed_there_is_a_second_share(seed: bytes, other: bytes, place: int) -> None:
    share = split(seed, "identity")[place].inner
    mine, wanted = RawShare(share.index, share.value), encrypt(other, b"", 0, share.identifier, True)
    at = (share.index + 1) % 3
    second = RawShare(at, _interpolate([mine, RawShare(SECRET_AT, wanted)], at))
    assert _interpolate([mine, second], SECRET_AT) == wanted


@pytest.mark.parametrize("place", range(3))
def test_every_byte_of_a_share_is_as_likely_whatever_the_secret(place: int) -> None:
    everything = bytes(range(256))
    for secret in range(256):
        line = [RawShare(DIGEST_AT, everything), RawShare(SECRET_AT, bytes([secret]) * 256)]
        # Over all 256 random bytes each value comes exactly once: the share is independent of the secret (Shannon).
        assert sorted(_interpolate(line, place)) == list(everything)


def test_shares_of_two_splits_do_not_combine(three: tuple[Share, ...]) -> None:
    again = split(SEED, "identity", 3, [three[0].identifier])
    assert again[0].identifier != three[0].identifier
    with pytest.raises(ShareError, match="two different"):
        rebuild([three[0], again[1]])


def test_shares_that_only_look_alike_do_not_combine(three: tuple[Share, ...]) -> None:
    strange = replace(split(OTHER, "identity")[1].inner, identifier=three[0].identifier)
    with pytest.raises(ShareError, match="do not belong together"):
        rebuild([three[0], Share(strange)])


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_share_says_what_kind_of_key_it_is_of(purpose: Purpose) -> None:
    for share in split(SEED, purpose):
        assert {share.purpose, read_share(" ".join(share.words)).purpose, unpack(share.packed).purpose} == {purpose}


def test_shares_that_are_rewritten_to_the_other_kind_rebuild_another_secret(three: tuple[Share, ...]) -> None:
    told = [replace(share.inner, iteration_exponent=1) for share in three]
    rewritten = [read_share(one.mnemonic()) for one in told]
    assert {share.purpose for share in rewritten} == {"research"}
    assert rebuild(rewritten) != SEED
    with pytest.raises(ShareError, match="two different keys"):
        rebuild([three[0], rewritten[1]])


@pytest.mark.parametrize("change", [{"iteration_exponent": 2}, {"extendable": False}], ids=str)
def test_a_share_of_no_kind_that_we_know_is_refused(change: dict[str, Any], three: tuple[Share, ...]) -> None:
    with pytest.raises(ShareError, match="not one of a study's key"):
        read_share(replace(three[0].inner, **change).mnemonic())


TYPED = {
    "as printed": " ".join,
    "capitals": lambda words: " ".join(words).upper(),
    "four letters": lambda words: " ".join(word[:4] for word in words),
    "numbered": lambda words: "\n".join(f"{number}. {word}" for number, word in enumerate(words, 1)),
    "with dashes": lambda words: "-".join(words),
    "commas, tabs, wide letters": lambda words: ",\t".join(words).translate({ord("a"): 0xFF41}),
    "ends mistyped": lambda words: " ".join(word[:4] + "zz" for word in words),
}


@pytest.mark.parametrize("way", TYPED)
def test_typing_is_forgiven(way: str, three: tuple[Share, ...]) -> None:
    assert read_share(TYPED[way](three[0].words)) == three[0]


def test_a_word_that_is_not_in_the_list_is_named_with_its_place(three: tuple[Share, ...]) -> None:
    words = list(three[0].words)
    words[11] = "wrxng"
    with pytest.raises(ShareError, match="Word 12, “wrxng”") as refusal:
        read_share(" ".join(words))
    assert refusal.value.place == 12


def test_a_missing_word_is_counted(three: tuple[Share, ...]) -> None:
    with pytest.raises(ShareError, match="these are 32"):
        read_share(" ".join(three[0].words[1:]))
    with pytest.raises(ShareError, match="these are 0"):
        read_share(" 12 — ")


@pytest.mark.parametrize("place", range(33))
def test_one_wrong_word_is_told_by_its_place_and_never_by_the_right_one(place: int, three: tuple[Share, ...]) -> None:
    words = list(three[1].words)
    words[place] = wrong = WORDLIST[(WORDLIST.index(words[place]) + 1 + place * 29) % 1024]
    with pytest.raises(ShareError) as refusal:
        read_share(" ".join(words))
    assert refusal.value.place == place + 1
    assert str(refusal.value) == f"Word {place + 1}, “{wrong}”, is not the right one. Please look again."


def test_two_words_that_changed_places_are_noticed(three: tuple[Share, ...]) -> None:
    words = list(three[0].words)
    words[8], words[20] = words[20], words[8]
    with pytest.raises(ShareError, match="changed places") as refusal:
        read_share(" ".join(words))
    assert refusal.value.place is None


def test_a_share_is_packed_to_one_length_and_read_back(three: tuple[Share, ...]) -> None:
    for share in three:
        assert len(share.packed) == 42
        assert unpack(share.packed) == share
    for wrong in (b"", bytes(41), bytes(42), b"\xff" * 42, three[0].packed[:-1] + b"\x00"):
        with pytest.raises(ShareError):
            unpack(wrong)


def test_a_share_shows_itself_to_nobody(three: tuple[Share, ...]) -> None:
    assert repr(three[0]) == "Share()"
    assert not set(three[0].words) & set(repr(three).split())


@pytest.mark.parametrize(("secret", "count"), [(SEED[:31], 3), (SEED, 1), (SEED, 17)])
def test_only_a_whole_seed_is_split_and_never_into_one(secret: bytes, count: int) -> None:
    with pytest.raises(ValueError, match="2 to 16"):
        split(secret, "research", count)
