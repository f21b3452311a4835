"""No pattern that is kept takes long on any answer; what could is refused. So in the page: test_same_expressions.py."""

from __future__ import annotations

import itertools
import random
import re
from time import perf_counter
from warnings import catch_warnings, simplefilter

import pytest

from instruments.rules.backtracking import Piece, tries
from instruments.rules.functions import FUNCTIONS
from instruments.rules.patterns import PatternRefused, normal_pattern
from tests.patterns_at_random import ALIKE, LONG_TEXTS, NEAR_THE_LIMIT, REPEATS, some_patterns

SECONDS = 3  # for one answer; here it takes a tenth of that
RANDOM_ONES = 60


def slowest(pattern: str) -> float:
    took = []
    for text in LONG_TEXTS:
        start = perf_counter()
        FUNCTIONS["regex"](text, normal_pattern(pattern))
        took.append(perf_counter() - start)
    return max(took)


@pytest.mark.parametrize("pattern", NEAR_THE_LIMIT)
def test_the_slowest_pattern_that_is_kept_is_quick(pattern: str) -> None:
    assert slowest(pattern) < SECONDS


def test_random_patterns_of_pieces_that_are_alike_are_quick() -> None:
    patterns = itertools.islice(some_patterns(random.Random(3), ALIKE, REPEATS), RANDOM_ONES)
    assert [pattern for pattern in patterns if slowest(pattern) >= SECONDS] == []


@pytest.mark.parametrize(
    "pattern",
    ["a*a*a*b", "a?" * 30 + "a" * 30, "(a|a)" * 30, "(a|ab)(b|ba|a)" * 9, "a{0,99}" * 5 + "b",
     ".*a.*b", "[ab]{1,80}[bc]{1,80}b", "(a+|a*)?b?a+a", "(a*|b*)?(a*|b*)?(a*|b*)?c",
     "😀*[\U0001f600-\U0001f64f]*😀?.", r"\w*\d*1*x",
     "[^a]*[^b]*[^c]*x", "(((a*)))a*a*b"],
)  # fmt: skip
def test_what_could_take_long_is_refused_with_a_remedy(pattern: str) -> None:
    with pytest.raises(PatternRefused, match=r"too long on some answers.*limit them, as in \[a-z\]\{1,20\}"):
        normal_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"[\w-.]", r"[a-\d]", r"[--\s]",
     "(a+)+", "(a)*", "(a|b){2}", "(?=a)", "(?:a)", r"(a)\1", r"\bx", "a" * 501, "(" * 21 + "a" + ")" * 21, "(a", "a)",
     "[", "a{}", "a**", "x{2,1}", r"\ud83d", "^^a", "a$b", "a{99999}"],
)  # fmt: skip
def test_what_is_outside_the_subset_is_refused(pattern: str) -> None:
    with pytest.raises(PatternRefused):
        normal_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        (r"^[\w.%+-]+@[\w.-]+\.[A-Za-z]{2,}$", "amina@example.org", "amina@example"),
        (r"^(\+44|0)[0-9]{10}$", "07700900123", "7700900123"),
        (r"(\+?[0-9]{1,3} )?[0-9]{9}", "+44 123456789", "+ 123456789"),
        ("[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}", "B12 8AA", "B128AA"),
        ("a*b*c*d", "aad", "aab"),
        (r"[^@]*@[^@]*\.[^@]*", "a@b.c", "a@b@c"),
        ("yes|no|not known", "not known", "not"),
    ],
)
def test_what_teams_write_is_kept(pattern: str, fits: str, fits_not: str) -> None:
    assert re.fullmatch(normal_pattern(pattern), fits)
    assert not re.fullmatch(normal_pattern(pattern), fits_not)


@pytest.mark.parametrize(
    ("pattern", "normal"),
    [
        ("[--]", r"[\-\-]"),
        ("[!--]", r"[!-\-]"),
        ("[---]", r"[\--\-]"),
        ("[^--a]", r"[^\--a]"),
        ("[!---a]", r"[!-\-\-a]"),
        ("[a-z--9]", r"[a-z\--9]"),
        ("[a-z-9]", "[a-z-9]"),
        ("[.-]", "[.-]"),
    ],
)
def test_hyphens_in_a_class_are_told_apart_and_no_later_python_reads_them_otherwise(pattern: str, normal: str) -> None:
    assert normal_pattern(pattern) == normal == normal_pattern(normal)
    with catch_warnings():
        simplefilter("ignore", FutureWarning)
        meant = [sign for sign in map(chr, range(128)) if re.fullmatch(pattern, sign)]
    assert [sign for sign in map(chr, range(128)) if re.fullmatch(normal, sign)] == meant


@pytest.mark.parametrize(
    ("pieces", "bound"),
    [
        ([Piece("a", 0, 9), Piece("b")], 1),
        ([Piece("a", 0, 9), Piece("a")], 10),
        ([Piece("a", 0, 9), Piece("[^b]", 1, 3), Piece("c")], 10 * 3),
        ([Piece("("), Piece("a"), Piece("|"), Piece("b"), Piece(")"), Piece("c")], 1),
        ([Piece("("), Piece("a"), Piece("|"), Piece("a"), Piece(")"), Piece("c")], 2),
        ([Piece("("), Piece("a"), Piece(")", 0, 1), Piece("b")], 1),
        ([Piece("("), Piece("a"), Piece(")", 0, 1), Piece("a")], 2),
        ([Piece(r"\x26", 0, 4), Piece("&")], 5),
        ([Piece("[0-9]", 0, 4), Piece("[^0-9]")], 1),
        ([Piece(r"\n", 0, 4), Piece(r"[\t]")], 1),
        ([Piece("a", 0, 4)], 1),
    ],
)
def test_only_what_is_alike_is_tried_anew(pieces: list[Piece], bound: int) -> None:
    assert tries(pieces) == bound
