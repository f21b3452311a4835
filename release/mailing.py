"""What leaves the identity desk on purpose: a file for a mail merge, and letters. Only the fields that are needed.

A cell of the file is never a formula. A letter names nobody but the person it is for, and says nothing of itself on its
outside: no study, no sender.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from errors import ReleaseError
from release.people import RECONTACT, RESULTS, WISHES, Contactable

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
ISOLATE, END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
# With what a cell begins that a spreadsheet calculates; the full-width ones in some languages.
FORMULA = re.compile(r"[\s'\"]*[=+\-@|＝＋－＠]|[\t\r\n]")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
NAME_PREFIX = "v_"
# For what somebody may be written to, and which of the two wishes it rests on; any other purpose is told in words.
PURPOSES: Mapping[str, frozenset[str]] = {
    "results": frozenset({RESULTS}),
    "recontact": frozenset({RECONTACT}),
    "wave": frozenset({RECONTACT}),
    "other": WISHES,
}


@dataclass(frozen=True)
class Letter:
    """One letter: in which language it is, its paragraphs. `how`: the safe way, for whoever sends it, never printed."""

    name: str = field(repr=False)
    language: str
    paragraphs: tuple[str, ...] = field(repr=False)


def wished(people: Sequence[Contactable], purpose: str) -> tuple[Contactable, ...]:
    """Those of the list whom this purpose may reach: who wished for it. Raises KeyError for an unknown purpose."""
    return tuple(one for one in people if one.wishes & PURPOSES[purpose])


def fields_of(people: Sequence[Contactable]) -> tuple[str, ...]:
    """The contact fields that any of them left, in the order in which they first stand."""
    return tuple(dict.fromkeys(name for one in people for name in one.contact))


def mail_merge(people: Sequence[Contactable], fields: Sequence[str], with_bom: bool) -> bytes:
    """A CSV file (RFC 4180) of these fields, with each person's language. Raises ReleaseError for an empty one."""
    if not people or not fields:
        raise ReleaseError("Please choose at least one person and one column. Nothing was written.")
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, quoting=csv.QUOTE_ALL)
    writer.writerow([*(placeholder(name) for name in fields), "language"])
    told = ([*(one.contact.get(name, "") for name in fields), one.language] for one in people)
    writer.writerows(map(harmless, row) for row in told)
    return ((BOM if with_bom else "") + sink.getvalue()).encode()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet calculates: what would begin a formula gets an apostrophe before it."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def placeholder(name: str) -> str:
    """What stands for a contact field in a letter's text, between braces, and over its column."""
    return name.removeprefix(NAME_PREFIX)


def letters(people: Sequence[Contactable], texts: Mapping[str, str], fields: Sequence[str]) -> tuple[Letter, ...]:
    """A letter for each of them, in their language where there is a text in it, else in the first that has one.

    `fields`: those that may stand in a letter. Raises ReleaseError for a text with an unknown placeholder, or none.
    """
    written = {language: text.strip() for language, text in texts.items() if text.strip()}
    if not people or not written:
        raise ReleaseError("Please choose at least one person, and write what the letter says. Nothing was made.")
    known = {placeholder(name): name for name in fields}
    for text in written.values():
        _refuse_unknown(text, known)
    first = next(iter(written))
    return tuple(_letter(one, one.language if one.language in written else first, written, known) for one in people)


def _refuse_unknown(text: str, known: Mapping[str, str]) -> None:
    for found in PLACEHOLDER.findall(text):
        if found not in known:
            told = ", ".join(f"{{{name}}}" for name in known)
            raise ReleaseError(f"There is no {{{found[:40]}}} to put in. These can stand in a letter: {told}.")


def _letter(one: Contactable, language: str, texts: Mapping[str, str], known: Mapping[str, str]) -> Letter:
    # The text alone says where a paragraph ends, and what somebody is called is read as nothing but words.
    parts = (part.strip() for part in re.split(r"\n\s*\n", texts[language].replace("\r\n", "\n")))
    told = (PLACEHOLDER.sub(lambda found: isolated(one.contact.get(known[found[1]], "")), part) for part in parts)
    return Letter(one.name, language, tuple(told))


def isolated(said: str) -> str:
    """Words that stand in a text without turning the direction of what stands around them."""
    return "\n".join(f"{ISOLATE}{line}{END}" for line in said.splitlines() if line.strip())
