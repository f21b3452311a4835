"""A passphrase is called strong only where that can be said honestly; random words are offered."""

from __future__ import annotations

import random

import pytest

from errors import CeremonyError
from release.passphrases import ENOUGH, new_passphrase, refuse_weak, same, strength_of

WEAK = (
    "",
    " " * 40,
    "short words",
    "passwordpassword1234",
    "aaaaaaaaaaaaaaaaaaaaaa",
    "Nadia Nadia Nadia Nadia Nadia",
    "to be or not to be to be or not",
    "a long passphrase for research",
    "12345678901234567890",
    "ডাল ভাত মাছ আর নুন দিয়ে",
    "qwertyuiopasdfghjkl",
)
STRONG = (
    "legend adorn debut ajar paid step",
    "candle harbor mitten saddle turnip",
    "x7!Kq2-vR9#mB4-tZ8%w",
    "xkqzjvbnmwrtplfghw",
    "নৌকা বৃষ্টি আকাশ পাহাড় জানালা সমুদ্র",
)


@pytest.mark.parametrize("passphrase", WEAK)
def test_what_is_easily_guessed_is_refused(passphrase: str) -> None:
    assert not strength_of(passphrase, ("Nadia",)).is_enough
    with pytest.raises(CeremonyError, match="The passphrase of Nadia"):
        refuse_weak(passphrase, "of Nadia", ("Nadia",))


@pytest.mark.parametrize("passphrase", STRONG)
def test_what_is_hard_to_guess_is_taken(passphrase: str) -> None:
    assert strength_of(passphrase).is_enough
    refuse_weak(passphrase, "of Nadia")


def test_more_than_the_words_allow_is_never_claimed() -> None:
    # zxcvbn alone takes this saying for 10 to the 32: it knows the words, and not that they belong together.
    assert strength_of("to be or not to be that is the question").guesses < 1e15


def test_a_name_that_is_known_counts_for_little() -> None:
    phrase = "Oluwaseun-Adeyemi-Birmingham-1987"
    assert strength_of(phrase, ("Oluwaseun Adeyemi", "Birmingham")).guesses < strength_of(phrase).guesses / 1000


def test_what_it_would_take_is_told_in_years() -> None:
    strength = strength_of(STRONG[0])
    assert strength.years == pytest.approx(strength.guesses / 2 / 1_000_000 / 31_557_600)
    assert strength_of("candle harbor mitten saddle turnip").years > 10


def test_a_very_long_passphrase_is_refused_and_never_truncated() -> None:
    assert strength_of("legend adorn debut ajar paid step " * 20).length == 680
    with pytest.raises(CeremonyError, match="longer than 500"):
        refuse_weak("legend adorn debut ajar paid step " * 20, "of Nadia")


def test_an_offered_passphrase_is_random_and_strong_enough() -> None:
    chance = random.Random(1)
    offered = {new_passphrase(chance.sample) for _ in range(50)} | {new_passphrase()}
    assert len(offered) == 51
    assert all(strength_of(one).guesses >= ENOUGH and len(set(one.split())) == 6 for one in offered)


def test_two_spellings_of_one_passphrase_are_the_same() -> None:
    assert same("ﬁrst light", "first light")
    assert not same("first light", "First light")
