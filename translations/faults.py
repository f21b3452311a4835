"""What can be wrong with a translated sentence that a program can see. Judges no words: that is for who speaks them.

Looked for: nothing there, fuzzy, placeholders, tags, the number of plural forms, letters of two scripts in one word,
letters of another language that look alike, marks that turn the direction of text, and (as a note) a length far off.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?\w[^>]*>")
# What begins HTML, and what else a format string would read: a width, an attribute of what is put in.
OPENING = re.compile(r"[<&]")
FORMATTING = re.compile(r"[%{}]")
# Letters with the marks that belong to them, which Python does not count as parts of a word, and joiners.
MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0981-\u0983\u09bc-\u09d7\u200c\u200d"
WORD = re.compile(rf"(?:[^\W\d_]|[{MARKS}])+")
# In Latin letters in every language: commands, addresses, options, files, names of the code, single letters.
A = "[A-Za-z0-9_]"
COMMAND = r"flask(?: -?-?[A-Za-z]+[A-Za-z-]*)+"
PLAIN = (COMMAND, r"https?://\S*", f"--?{A}[A-Za-z0-9_-]*", rf"{A}+\.{A}+", f"{A}*_{A}+", "[A-Za-z][0-9]?")
ADDRESS = re.compile(rf"(?<!\w)(?:{'|'.join(PLAIN)})(?!\w)")
# Overrides of direction hide what a sentence says; isolates and marks do not.
# What a page from right to left would turn around: a command, an option, a number below zero.
TURNED = re.compile(rf"(?<![\w/])(?:{COMMAND}|--[a-z]+|-[0-9]+)")
RIGHT_TO_LEFT = ("ur", "ar")
OVERRIDES = re.compile("[\u202a-\u202e]")
ISOLATES, END = "\u2066\u2067\u2068", "\u2069"
NAMED = {"%(num)s", "%(count)s"}
NUMBERS = range(201)  # by which every plural rule shows itself
LONG, SHORT, JUDGED_FROM = 1.8, 0.5, 12  # times the English; and only of sentences of so many letters
SCRIPTS = {"ur": "ARABIC", "ar": "ARABIC", "bn": "BENGALI"}
DATA = Path(__file__).with_name("letters.toml")


def faults(message: Message, catalog: Catalog) -> Iterator[str]:
    """Everything that is wrong with what this catalogue says for a message of the template."""
    found = catalog.get(message.id, message.context)
    if found and found.fuzzy:
        yield "fuzzy"
    yield from faults_of(message, forms_of(found.string) if found else [], catalog)


def faults_of(message: Message, strings: list[str], catalog: Catalog) -> Iterator[str]:
    """Everything that is wrong with these words for the message, in the language of this catalogue."""
    if not strings or not all(one.strip() for one in strings):
        yield "missing"
        return
    yield from _plurals(message, strings, catalog)
    language = str(catalog.locale_identifier)
    for string in strings:
        yield from _placeholders_added(message, string)
        yield from _tags(message, string)
        yield from _signs(message, string)
        yield from _letters(forms_of(message.id), string, language)
        yield from _marks(string, language)


def notes(message: Message, catalog: Catalog) -> Iterator[str]:
    """What is worth a look, and may well be right: a sentence far longer or shorter than the English."""
    found = catalog.get(message.id, message.context)
    english = len(forms_of(message.id)[-1])
    for string in forms_of(found.string)[-1:] if found and english >= JUDGED_FROM else []:
        if string == forms_of(message.id)[-1]:
            yield "the same as the English"
        elif string and not SHORT <= len(string) / english <= LONG:
            yield f"{len(string) / english:.1f} times as long as the English"


def catalog_faults(catalog: Catalog) -> Iterator[str]:
    """Whether the catalogue has as many plural forms as Unicode's data say that its language has."""
    wanted = len(catalog.locale.plural_form.tags) + 1 if catalog.locale else 0
    if catalog.num_plurals != wanted:
        yield f"has {catalog.num_plurals} plural forms, and the language has {wanted}"


def source_faults(message: Message) -> Iterator[str]:
    """What nobody could translate well: a number without its plural, a placeholder without a name."""
    for english in forms_of(message.id):
        if "(s)" in english:
            yield "a count without its plural: use ngettext"
        if re.search(r"%[sd]", english):
            yield "a placeholder without a name"


def forms_of(value: str | Sequence[str] | None) -> list[str]:
    """The forms of a sentence: one, or several of a plural."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def placeholders(*strings: str) -> set[str]:
    """What is put into these sentences."""
    return {found for string in strings for found in PLACEHOLDER.findall(string)}


def numbers_of(catalog: Catalog) -> dict[int, list[int]]:
    """Which numbers each plural form of this language is for."""
    rule = _rule(catalog.plural_expr)
    told: dict[int, list[int]] = {}
    for number in NUMBERS:
        told.setdefault(rule(number), []).append(number)
    return told


def _plurals(message: Message, strings: list[str], catalog: Catalog) -> Iterator[str]:
    english = forms_of(message.id)
    if len(english) == 1:
        if len(strings) != 1:
            yield "has plural forms that the English has not"
        elif placeholders(*english) - placeholders(*strings):
            yield "lacks a placeholder"
        return
    if len(strings) != catalog.num_plurals:
        yield f"has {len(strings)} plural forms, not {catalog.num_plurals}"
        return
    for form, string in enumerate(strings):
        lacking = placeholders(english[-1]) - placeholders(string)
        # A form for one number alone may say it in a word: "one person", "two people".
        named = len(numbers_of(catalog).get(form, [])) == 1
        if lacking - (NAMED if named else set()):
            yield f"lacks a placeholder in plural form {form}"


def _placeholders_added(message: Message, string: str) -> Iterator[str]:
    if placeholders(string) - placeholders(*forms_of(message.id)):
        yield "has a placeholder that the English has not"


def _tags(message: Message, string: str) -> Iterator[str]:
    if Counter(TAG.findall(string)) not in [Counter(TAG.findall(one)) for one in forms_of(message.id)]:
        yield "has other tags than the English"


def _signs(message: Message, string: str) -> Iterator[str]:
    english = forms_of(message.id)
    if Counter(_openings(string)) not in [Counter(_openings(one)) for one in english]:
        yield "has a sign of HTML that the English has not, or lacks one"
    if Counter(_unplaced(string)) not in [Counter(_unplaced(one)) for one in english]:
        yield "has a sign of formatting that the English has not, or lacks one"


def _openings(string: str) -> list[str]:
    return OPENING.findall(TAG.sub("", string))


def _unplaced(string: str) -> list[str]:
    return FORMATTING.findall(PLACEHOLDER.sub("", string))


def _letters(english: list[str], string: str, language: str) -> Iterator[str]:
    data = letters()
    for word in WORD.findall(_bare(string)):
        scripts = {script_of(letter) for letter in word if unicodedata.category(letter)[0] == "L"}
        if len(scripts) > 1:
            yield f"has letters of two scripts in one word: {word}"
        elif scripts - {SCRIPTS.get(language, "LATIN")} and word not in names():
            yield f"has a word in another script: {word}"
    for letter in sorted(set(string) & set(data["foreign"].get(language, ""))):
        yield f"has a letter of another language: {letter} (U+{ord(letter):04X})"


def _bare(string: str) -> str:
    """The sentence without what stands in Latin letters in every language."""
    return ADDRESS.sub(" ", TAG.sub(" ", PLACEHOLDER.sub(" ", string)))


def _marks(string: str, language: str) -> Iterator[str]:
    if OVERRIDES.search(string):
        yield "has a mark that overrides the direction of text"
    if language in RIGHT_TO_LEFT:
        turned = (one for one in TURNED.finditer(string) if string[: one.start()][-1:] not in tuple(ISOLATES))
        yield from (f"does not isolate {one[0]!r} (U+2066 before it, U+2069 after it)" for one in turned)
    depth = 0
    for letter in string:
        depth += (letter in ISOLATES) - (letter == END)
        if depth < 0:
            break
    if depth:
        yield "isolates a part and does not end it, or ends what it did not begin"


def script_of(letter: str) -> str:
    """The script of a letter by the first word of its name in Unicode's data, which is that of its Script property."""
    return unicodedata.name(letter, "UNKNOWN").split()[0]


@cache
def names() -> frozenset[str]:
    """Names and acronyms that stand in Latin letters in every language."""
    return frozenset(str(letters()["names"]).split())


@cache
def letters() -> dict[str, Any]:
    """Names that stand in Latin letters anywhere, and letters that belong to a neighbour language."""
    return tomllib.loads(DATA.read_text("utf-8"))


@cache
def _rule(expression: str) -> Callable[[int], int]:
    return c2py(expression)
