"""Patterns of regex(): a safe subset, written anew so that it means the same in Python and in the page's script.

Kept: characters, classes, `.`, alternatives, groups that may be left out, and repeats of one piece. Refused: repeated
groups, references back, look-around, anchors inside, and what could be tried in too many ways to be quick
(instruments/rules/backtracking.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from instruments.rules.backtracking import CONTROLS, MEMBER, Piece, tries

LONGEST_INPUT = 4000  # characters that a pattern is tried on
MOST_TRIES = 5000  # of what stands last, on one text: one repeat without a limit, or several short ones
LONGEST = 500  # characters of a pattern
MOST_NESTED = 20  # groups in each other
SETS = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t\n\r\f\v"}
SPECIAL = set(r"^$\.*+?()[]{}|/")
SPECIAL_IN_CLASS = set(r"\]^-[")
# Python warns of these when doubled in a class, and the page's script knows no backslash before them.
CODED_IN_CLASS = {"&": r"\x26", "~": r"\x7e", "|": r"\x7c"}
PIECE = re.compile(
    r"(?P<class>\[\^?(?:\\.|[^\]\\])+\])|(?P<escape>\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.))|(?P<open>\((?!\?))"
    r"|(?P<close>\))|(?P<or>\|)|(?P<any>\.)|(?P<plain>[^\\\[\](){}.*+?|^$])",
    re.DOTALL,
)
REPEAT = re.compile(
    r"(?:(?P<sign>[*+?])|\{(?P<least>[0-9]{0,4})(?P<comma>,?)(?P<most>(?<=,)[0-9]{0,4}|)\})(?P<lazy>\??)"
)


class PatternRefused(ValueError):
    """A pattern is outside the subset; the text says what to do."""


def normal_pattern(pattern: str) -> str:
    """The same pattern, spelled so that `re.fullmatch` and a RegExp with `u` agree. Raises PatternRefused."""
    if len(pattern) > LONGEST:
        raise PatternRefused(f"has a pattern of more than {LONGEST} characters")
    at, end = pattern.startswith("^"), len(pattern) - _has_final_anchor(pattern)
    told = list(_pieces(pattern, int(at), end))
    written = "".join(piece.written + repeat for piece, repeat in told)
    _check_groups(pattern, [piece.written for piece, _ in told])
    try:
        re.compile(written)
    except (re.error, OverflowError):
        raise PatternRefused(f"has a pattern {pattern!r} that cannot be read") from None
    if tries([piece for piece, _ in told]) > MOST_TRIES:
        raise PatternRefused(
            "would take too long on some answers, as several of its repeats or alternatives take the same characters;"
            " limit them, as in [a-z]{1,20}, or put between them what none of them takes"
        )
    return written


def _check_groups(pattern: str, marks: list[str]) -> None:
    depth = 0
    for mark in marks:
        depth += (mark == "(") - (mark == ")")
        if not 0 <= depth <= MOST_NESTED:
            raise PatternRefused(f"has a pattern {pattern!r} with too many brackets of one kind")
    if depth:
        raise PatternRefused(f"has a pattern {pattern!r} in which a bracket stands open")


def _has_final_anchor(pattern: str) -> bool:
    before = pattern[:-1]
    return pattern.endswith("$") and (len(before) - len(before.rstrip("\\"))) % 2 == 0


def _pieces(pattern: str, at: int, end: int) -> Iterator[tuple[Piece, str]]:
    """Each piece with its repeat as written."""
    while at < end:
        found = PIECE.match(pattern, at, end)
        if found is None:
            raise PatternRefused(
                f"has {pattern[at]!r} in a place where it is not supported; a backslash makes it plain"
            )
        kind, at = str(found.lastgroup), found.end()
        repeat = REPEAT.match(pattern, at, end)
        written, least, most = _repeat(kind, repeat) if repeat else ("", 1, 1)
        at = repeat.end() if repeat else at
        yield Piece(_written(kind, found.group()), least, most), written


def _repeat(kind: str, repeat: re.Match[str]) -> tuple[str, int, int]:
    """A repeat as it is written anew, and how often its piece may come on the longest text."""
    sign, least, comma, most = repeat["sign"], repeat["least"], repeat["comma"], repeat["most"]
    if kind in ("open", "or") or (kind == "close" and sign != "?"):
        raise PatternRefused("must be plain text without repeated groups and without references back")
    if sign:
        return sign + repeat["lazy"], int(sign == "+"), 1 if sign == "?" else LONGEST_INPUT
    if not (least or most) or (not comma and not least):
        raise PatternRefused("has braces that say no number; a backslash makes a brace plain")
    low = int(least or 0)
    high = int(most or LONGEST_INPUT) if comma else low
    written = "{" + (least or "0") + comma + most + "}" + repeat["lazy"]
    return written, low, max(low, min(high, LONGEST_INPUT))


def _written(kind: str, text: str) -> str:
    if kind == "class":
        return _class(text)
    if kind == "escape":
        return _escape(text)
    if kind == "any":
        return r"[^\n]"
    return _plain(text) if kind == "plain" else text


def _plain(character: str) -> str:
    return "\\" + character if character in SPECIAL else character


def _escape(text: str) -> str:
    name = text[1:]
    if name in CONTROLS:
        return text
    if name.lower() in SETS:
        return f"[{'^' if name.isupper() else ''}{SETS[name.lower()]}]"
    if name == "b":
        raise PatternRefused(r"has \b, which is not supported")
    return _plain(_meant(text))


def _meant(text: str) -> str:
    """The one character that an escape stands for."""
    name = text[1:]
    if len(name) > 1:
        character = chr(int(name[1:], 16))
        if "\ud800" <= character <= "\udfff":
            raise PatternRefused(f"has {text!r}, which is half a character")
        return character
    if name.isascii() and not name.isalnum():
        return name
    raise PatternRefused(f"must do without {text!r}: repeated groups and references back are not supported")


def _class(text: str) -> str:
    start = 2 if text[1] == "^" else 1
    return text[:start] + "".join(_told_apart(MEMBER.findall(text[start:-1]))) + "]"


def _told_apart(members: list[str]) -> Iterator[str]:
    """The members as written anew, with a backslash before each hyphen that stands for itself beside another hyphen.

    Python warns of two hyphens in a row: in a later version they will take one set from another.
    """
    before = ""
    while members:
        # A hyphen between two members makes them a range; in any other place it stands for itself.
        taken, members = _first_of(members)
        beside = len(taken) > 1 or "-" in (before, *members[:1])
        yield "-".join(r"\-" if one == "-" and beside else _member(one) for one in taken[::2])
        before = taken[-1]


def _first_of(members: list[str]) -> tuple[list[str], list[str]]:
    length = 3 if len(members) > 2 and members[1] == "-" else 1
    if length > 1 and {members[0][1:], members[2][1:]} & SETS.keys():
        raise PatternRefused(f"has {''.join(members[:3])!r}, which is no range; a backslash makes a hyphen plain")
    return members[:length], members[length:]


def _member(text: str) -> str:
    if text == "-":
        return text
    name = text[1:]
    if text[0] != "\\":
        return _plain_in_class(text)
    if name in CONTROLS:
        return text
    if name in SETS:
        return SETS[name]
    return _plain_in_class(_meant(text))


def _plain_in_class(character: str) -> str:
    return CODED_IN_CLASS.get(character) or ("\\" + character if character in SPECIAL_IN_CLASS else character)
