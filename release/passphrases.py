"""How hard a passphrase is to guess, told honestly, and passphrases of random words. Keeps and writes none.

The estimate is zxcvbn's, and never more than what the words themselves allow: a dictionary of another language is as
easy to try as an English one. See docs/keys.md for what a guess costs.
"""

from __future__ import annotations

import itertools
import math
import secrets
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from errors import CeremonyError

SYSTEM = secrets.SystemRandom()
SHORTEST, LONGEST = 15, 500  # characters
ENOUGH = 1e15  # guesses: about 2 to the 50
# What a guess costs with Argon2id, 128 MiB and 3 passes: over a gigabyte moved in memory, so no graphics card of 2026
# makes a thousand a second. Whom we reckon with has a thousand such cards.
GUESSES_A_CARD, CARDS = 1_000, 1_000
YEAR = 365.25 * 24 * 3600
WORDS_OF_NEW = 6  # of a list of 1,024: 60 bits
LOOKED_AT = 72  # characters that zxcvbn is given; it would take long over more
# What people choose is not drawn: a word is one of a thousand, a small word one of sixteen, a repeated one free.
BITS_OF_WORD, BITS_OF_SMALL, SMALL, LONGEST_WORD = 10.0, 4.0, 3, 14
BITS_OF_LETTER, BITS_OF_DIGIT, BITS_OF_SIGN = math.log2(26), math.log2(10), 5.0


@dataclass(frozen=True)
class Strength:
    """How many guesses a passphrase withstands, as far as can be told: a line of a song withstands far fewer."""

    guesses: float
    length: int

    @property
    def is_enough(self) -> bool:
        """Whether it may lock a key."""
        return self.guesses >= ENOUGH and self.length >= SHORTEST

    @property
    def years(self) -> float:
        """Years until it is found, on average, by somebody with the key file and a thousand graphics cards."""
        return self.guesses / 2 / (GUESSES_A_CARD * CARDS) / YEAR


def strength_of(passphrase: str, known: Sequence[str] = ()) -> Strength:
    """How hard this is to guess for somebody who knows these words (names, the study) about its owner."""
    from zxcvbn import zxcvbn

    plain = unicodedata.normalize("NFKC", passphrase)
    if not plain.strip():
        return Strength(1.0, len(plain))
    told = float(zxcvbn(plain[:LOOKED_AT], [word for word in known if word])["guesses"])
    return Strength(min(told, 2.0 ** min(_bits(plain, known), 1000)), len(plain))


def refuse_weak(passphrase: str, whose: str, known: Sequence[str] = ()) -> None:
    """Raises CeremonyError for a passphrase that may not lock a key. `whose`: as the sentence names it."""
    strength = strength_of(passphrase, known)
    if strength.length > LONGEST:
        raise CeremonyError(f"The passphrase {whose} is longer than {LONGEST} characters. Please shorten it.")
    if strength.length < SHORTEST:
        raise CeremonyError(f"The passphrase {whose} needs at least {SHORTEST} characters. Use five or more words.")
    if not strength.is_enough:
        raise CeremonyError(
            f"The passphrase {whose} is too easy to guess. Use five or more unusual words that make no sentence."
        )


def new_passphrase(sample: Callable[[Sequence[str], int], list[str]] = SYSTEM.sample) -> str:
    """Six different random words of the SLIP-39 list: 60 bits."""
    from shamir_mnemonic.wordlist import WORDLIST

    return " ".join(sample(WORDLIST, WORDS_OF_NEW))


def same(one: str, other: str) -> bool:
    """Whether two spellings are one passphrase to a key file."""
    return unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)


def _bits(plain: str, known: Sequence[str]) -> float:
    seen = {run for name in known for _, run in _runs(name.casefold())}  # what is known of somebody counts for nothing
    return sum(_bits_of(kind, run, seen) for kind, run in _runs(plain.casefold()))


def _runs(plain: str) -> Iterator[tuple[str, str]]:
    for kind, letters in itertools.groupby(plain, _kind):
        yield kind, "".join(letters)


def _kind(letter: str) -> str:
    # Marks belong to their letters: Bengali and Urdu write vowels with them.
    if letter.isalpha() or unicodedata.category(letter).startswith("M"):
        return "word"
    return "digits" if letter.isdigit() else "space" if letter.isspace() else "signs"


def _bits_of(kind: str, run: str, seen: set[str]) -> float:
    if run in seen or kind == "space":
        return 0.0
    seen.add(run)
    if kind == "digits":
        return BITS_OF_DIGIT * len(run)
    if kind == "signs":
        return BITS_OF_SIGN * len(set(run))
    if len(run) > LONGEST_WORD:
        return BITS_OF_LETTER * len(run)
    return BITS_OF_SMALL if len(run) <= SMALL else BITS_OF_WORD
