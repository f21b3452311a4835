"""Patterns of regex(): a safe subset, written anew so that it means the same in Python and in the page's script.

Kept: characters, classes, `.`, alternatives, plain groups, and repeats of one piece. Refused: repeated groups,
references back, look-around, anchors inside, and more than two repeats without a limit: those can take very long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_REPEATS = 2  # without a limit, in one pattern
MANY = 100  # a limit as high as this counts as none
SETS = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t\n\r\f\v"}
CONTROLS = {"n": r"\n", "r": r"\r", "t": r"\t", "f": r"\f", "v": r"\v"}
SPECIAL = set(r"^$\.*+?()[]{}|/")
SPECIAL_IN_CLASS = set(r"\]^-[")
# Python warns of these when doubled in a class, and the page's script knows no backslash before them.
CODED_IN_CLASS = {"&": r"\x26", "~": r"\x7e", "|": r"\x7c"}
PIECE = re.compile(
    r"(?P<class>\[\^?(?:\\.|[^\]\\])+\])|(?P<escape>\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.))|(?P<open>\((?!\?))"
    r"|(?P<close>\))|(?P<or>\|)|(?P<any>\.)|(?P<plain>[^\\\[\](){}.*+?|^$])",
    re.DOTALL,
)
REPEAT = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<least>[0-9]{0,4})(?P<comma>,?)(?P<most>[0-9]{0,4})\})(?P<lazy>\??)")
MEMBER = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)|[^\\]", re.DOTALL)


class PatternRefused(ValueError):
    """A pattern is outside the subset; the text says what to do."""


def normal_pattern(pattern: str) -> str:
    """The same pattern, spelled so that `re.fullmatch` and a RegExp with `u` agree. Raises PatternRefused."""
    at, end = pattern.startswith("^"), len(pattern) - _has_final_anchor(pattern)
    pieces = list(_pieces(pattern, int(at), end))
    if sum(endless for _, endless in pieces) > MOST_REPEATS:
        raise PatternRefused(f"may repeat at most {MOST_REPEATS} of its pieces without a limit")
    written = "".join(piece for piece, _ in pieces)
    try:
        re.compile(written)
    except (re.error, OverflowError):
        raise PatternRefused(f"has a pattern {pattern!r} that cannot be read") from None
    return written


def _has_final_anchor(pattern: str) -> bool:
    before = pattern[:-1]
    return pattern.endswith("$") and (len(before) - len(before.rstrip("\\"))) % 2 == 0


def _pieces(pattern: str, at: int, end: int) -> Iterator[tuple[str, bool]]:
    """Each piece with its repeat, and whether that has no limit."""
    while at < end:
        found = PIECE.match(pattern, at, end)
        if found is None:
            raise PatternRefused(
                f"has {pattern[at]!r} in a place where it is not supported; a backslash makes it plain"
            )
        kind, at = str(found.lastgroup), found.end()
        repeat = REPEAT.match(pattern, at, end)
        written, endless = _repeat(kind, repeat) if repeat else ("", False)
        at = repeat.end() if repeat else at
        yield _written(kind, found.group()) + written, endless


def _repeat(kind: str, repeat: re.Match[str]) -> tuple[str, bool]:
    if kind in ("open", "close", "or"):
        raise PatternRefused("must be plain text without repeated groups and without references back")
    sign, least, comma, most = repeat["sign"], repeat["least"], repeat["comma"], repeat["most"]
    if sign:
        return sign + repeat["lazy"], sign != "?"
    if not (least or most) or (not comma and not least):
        raise PatternRefused("has braces that say no number; a backslash makes a brace plain")
    endless = bool(comma) and (not most or int(most) >= MANY) or int(least or 0) >= MANY
    return "{" + (least or "0") + comma + most + "}" + repeat["lazy"], endless


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
        return CONTROLS[name]
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
    members = [_member(one) for one in MEMBER.findall(text[start:-1])]
    return text[:start] + "".join(members) + "]"


def _member(text: str) -> str:
    if text == "-":
        return "-"
    name = text[1:]
    if text[0] != "\\":
        return _plain_in_class(text)
    if name in CONTROLS:
        return CONTROLS[name]
    if name in SETS:
        return SETS[name]
    return _plain_in_class(_meant(text))


def _plain_in_class(character: str) -> str:
    return CODED_IN_CLASS.get(character) or ("\\" + character if character in SPECIAL_IN_CLASS else character)
