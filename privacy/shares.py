"""Danger: the parts of a key. A secret in shares of which any two rebuild it and one alone tells nothing (SLIP-39, by
`shamir-mnemonic`). Imported by the desk alone; keeps nothing on disk, and shows the words to nobody who does not ask.

What is typed is forgiven as far as the word list allows: case, numbering, dashes, line breaks, all but the first four
letters. A checksum of three words then finds every mistake of up to three words, and tells where a single one is.

The words themselves say what kind of key they are of, and rebuild nothing as the other kind: whoever brings a keyring,
however it was changed, makes no research key of the sheets of an identity key.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from shamir_mnemonic.constants import CUSTOMIZATION_STRING_EXTENDABLE
from shamir_mnemonic.rs1024 import _polymod
from shamir_mnemonic.shamir import EncryptedMasterSecret, ShareGroup, recover_ems, split_ems
from shamir_mnemonic.share import Share as Slip39
from shamir_mnemonic.utils import MnemonicError
from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

from errors import ShareError
from privacy.keys import Purpose

SECRET, WORDS, ENOUGH = 32, 33, 2  # bytes of a key's seed, words of a share, shares that rebuild
PACKED = 42  # bytes that hold 33 words of 10 bits
BITS, STEM, IDENTIFIER_BITS = 10, 4, 15  # bits of a word; letters that tell it from every other
MOST_SHARES = 16
# SLIP-39's iteration exponent, four bits of the second word. The secret is encrypted by it: read as the other kind, the
# same words are of a secret that nobody has a public key of. Identity has 0, as the published vectors that can be ours.
EXPONENTS: dict[Purpose, int] = {"research": 1, "identity": 0}
PURPOSE_OF = {exponent: purpose for purpose, exponent in EXPONENTS.items()}
BY_STEM = {word[:STEM]: word for word in WORDLIST}


@dataclass(frozen=True)
class Share:
    """One share: 33 words that say nothing without a second one."""

    inner: Slip39 = field(repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """The words as they are printed."""
        return tuple(self.inner.words())

    @property
    def purpose(self) -> Purpose:
        """Which kind of key it is of."""
        return PURPOSE_OF[self.inner.iteration_exponent]

    @property
    def identifier(self) -> int:
        """What the shares of one split have in common; random, and no secret."""
        return int(self.inner.identifier)

    @property
    def place(self) -> int:
        """Which share of its split it is, from 1."""
        return int(self.inner.index) + 1

    @property
    def packed(self) -> bytearray:
        """The words as 42 bytes, the same for every share."""
        number = 0
        for word in self.inner.words():
            number = number << BITS | WORD_INDEX_MAP[word]
        return bytearray(number.to_bytes(PACKED, "big"))


def split(secret: bytes | bytearray, purpose: Purpose, count: int = 3, others: Sequence[int] = ()) -> tuple[Share, ...]:
    """A key's secret in `count` shares, of which any two rebuild it. Draws its chance itself, in the library.

    `others`: identifiers of other splits, which this one will not have.
    """
    if len(secret) != SECRET or not ENOUGH <= count <= MOST_SHARES:
        raise ValueError("A secret of 32 bytes is split into 2 to 16 shares.")
    identifier = _new_identifier(others)
    # No passphrase of its own: the words are the secret's whole protection, and a forgotten one would lose the key.
    whole = EncryptedMasterSecret.from_master_secret(bytes(secret), b"", identifier, True, EXPONENTS[purpose])
    (group,) = split_ems(1, [(ENOUGH, count)], whole)
    return tuple(Share(one) for one in group)


def rebuild(shares: Sequence[Share]) -> bytearray:
    """The secret in two shares of one split. Raises ShareError when they do not belong together."""
    if len({(share.identifier, share.purpose) for share in shares}) > 1:
        raise ShareError(
            "These two sheets are of two different keys. Take two whose numbers begin with the same five digits."
        )
    two = {share.place: share for share in shares}
    if len(two) < ENOUGH:
        raise ShareError("This is the same sheet twice. Take the words of another sheet.")
    group = ShareGroup()
    try:
        for share in list(two.values())[:ENOUGH]:
            group.add(share.inner)
        return bytearray(recover_ems({0: group}).decrypt(b""))
    except MnemonicError:
        raise ShareError("These two sheets do not belong together. Take two sheets of the same key.") from None


def read_share(typed: str) -> Share:
    """The share in these typed words. Raises ShareError, which names the first word that is not in the list."""
    words = [_word(word, place) for place, word in enumerate(letters_of(typed), 1)]
    if len(words) != WORDS:
        raise ShareError(f"A sheet has {WORDS} words; these are {len(words)}.")
    return _share(words)


def letters_of(typed: str) -> list[str]:
    """The runs of letters in what was typed, in small letters: numbering, dashes and line breaks are left out."""
    return re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", typed).casefold())


def unpack(data: bytes | bytearray) -> Share:
    """The share in 42 bytes. Raises ShareError."""
    number = int.from_bytes(data, "big")
    if len(data) != PACKED or number >> BITS * WORDS:
        raise ShareError("This is no share.")
    return _share([WORDLIST[number >> BITS * place & (1 << BITS) - 1] for place in reversed(range(WORDS))])


def _new_identifier(others: Sequence[int]) -> int:
    while (made := secrets.randbits(IDENTIFIER_BITS)) in others:
        pass
    return made


def _word(typed: str, place: int) -> str:
    word = typed if typed in WORD_INDEX_MAP else BY_STEM.get(typed[:STEM])
    if word is None:
        raise ShareError(f"Word {place}, “{typed}”, is not in the list. Please look at the sheet again.", place)
    return word


def _share(words: Sequence[str]) -> Share:
    try:
        inner = Slip39.from_mnemonic(" ".join(words))
    except MnemonicError:
        raise _mistake(words) from None
    # Shares of a wallet, or of another threshold, are whole but not ours.
    threshold = (inner.group_threshold, inner.group_count, inner.member_threshold)
    if threshold != (1, 1, ENOUGH) or not inner.extendable or inner.iteration_exponent not in PURPOSE_OF:
        raise ShareError("These words are a sheet, but not one of a study's key.")
    return Share(inner)


def _mistake(words: Sequence[str]) -> ShareError:
    """What is wrong with words that are all in the list. Where it is one of them, which; never what it should be."""
    values = [WORD_INDEX_MAP[word] for word in words]
    fault = _checked(values) ^ 1
    places = [place for place in range(len(values)) if fault in _faults_of_one(place, len(values))]
    if fault and len(places) == 1:
        place = places[0] + 1
        return ShareError(f"Word {place}, “{words[place - 1]}”, is not the right one. Please look again.", place)
    return ShareError("Some of these words are not the right ones, or have changed places. Please look again.")


def _checked(values: Sequence[int]) -> int:
    """SLIP-39's checksum over the words; 1 where it is right. Linear: a mistake changes it the same way everywhere."""
    return int(_polymod([*CUSTOMIZATION_STRING_EXTENDABLE, *values]))


def _faults_of_one(place: int, length: int) -> set[int]:
    """What the checksum can differ by when the word at this place alone is wrong."""
    nothing, found = _checked([0] * length), {0}
    for bit in range(BITS):
        one = [0] * length
        one[place] = 1 << bit
        changed = _checked(one) ^ nothing
        found |= {changed ^ other for other in found}
    return found
