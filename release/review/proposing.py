"""Proposes what in somebody's words could point to a person: names, places, numbers, dates, schools, mosques.

Only proposes: a person decides. Never takes away or changes anything outside the spans that were accepted, and never
says that a text without proposals points to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("words")
# What belongs to a word besides letters: vowel signs of Bengali and of Arabic script, which `\w` leaves out.
IN_WORD = r"[\w\u0610-\u061a\u064b-\u065f\u0670\u0980-\u09ff]"
CAPITALISED = r"(?-i:[A-ZÀ-ÖØ-Þ])[\w'’-]{0,40}"  # only Latin letters have capitals that tell a name
BEFORE_ARABIC = "(?:و|ف)?(?:بال|لل|ال|ب|ل|ك)?"
AFTER_BENGALI = "(?:দের|ের|এর|কে|তে|রা|র|ে|য়)?"
# What stands behind a noun in Urdu, and is no part of a name: "in", "of", "from", "to", "on", "and".
AFTER_URDU = rf"(?:میں|کے|کی|کا|سے|کو|پر|نے|اور|ہے|تک)(?!{IN_WORD})"
TITLES = (
    "mr|mrs|ms|miss|dr|pc|pcso|sgt|sergeant|inspector|imam|sheikh|shaykh|mufti|maulana|ustadh|ustadha|hafiz|uncle|"
    "auntie|aunty|councillor|cllr|officer|macallin|ustaad"
)
DIGIT = r"[0-9٠-٩۰-۹০-৯]"


@dataclass(frozen=True)
class Span:
    """A stretch of a text, from `start` up to before `end`, and what it seems to be."""

    start: int
    end: int
    kind: str

    @property
    def placeholder(self) -> str:
        """What would stand there instead."""
        return f"[{self.kind}]"


def proposals(text: str) -> tuple[Span, ...]:
    """What could point to somebody, from the first on; spans never overlap."""
    found = [span for kind, pattern in _patterns() for span in _spans(kind, pattern, text)]
    kept: list[Span] = []
    for span in sorted(found, key=lambda one: (one.start, -one.end)):
        if kept and span.start < kept[-1].end:
            kept[-1] = _together(kept[-1], span)
        else:
            kept.append(span)
    return tuple(kept)


def redacted(text: str, accepted: Sequence[Span]) -> str:
    """The text with a placeholder for each accepted span. Spans are in order and do not overlap, as proposed."""
    parts, at = [], 0
    for span in accepted:
        parts += [text[at : span.start], span.placeholder]
        at = span.end
    return "".join([*parts, text[at:]])


def _spans(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        start, end = match.span("it")
        if start < end:
            yield Span(start, end, kind)


def _together(first: Span, second: Span) -> Span:
    """Two that overlap become one that covers both, of the longer one's kind."""
    longer = second if second.end - second.start > first.end - first.start else first
    return Span(first.start, max(first.end, second.end), longer.kind)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _spelled())


def _spelled() -> Iterator[tuple[str, str]]:
    yield "link", r"(?P<it>(?:https?://|www\.)[^\s<>\"]+|\b[a-z0-9-]{1,63}\.(?:com|org|net|uk|info)\b(?:/[^\s<>\"]*)?)"
    yield "handle", r"(?<![\w.@])(?P<it>@[\w.]{2,50})"
    yield "email", r"(?P<it>[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})"
    yield "postcode", r"\b(?P<it>[a-z]{1,2}[0-9][a-z0-9]?\s?[0-9][a-z]{2}|(?-i:[BEWN]|SE|SW|NW|EC|WC)[0-9]{1,2})\b"
    yield from _dates(_any("months"))
    yield "phone", rf"(?<!{DIGIT})(?P<it>\+?{DIGIT}(?:[ ()./-]{{0,2}}{DIGIT}){{6,14}})(?!{DIGIT})"
    yield "mosque", rf"\b(?P<it>(?:{CAPITALISED}\s+){{1,5}}(?:mosque|masjid|masaajid|islamic cent(?:re|er))\b)"
    yield "mosque", rf"\b(?P<it>(?:masjid|masaajidka|jamia)\s+(?:al[- ])?{CAPITALISED}(?:\s+{CAPITALISED}){{0,3}})"
    yield "mosque", rf"(?P<it>(?:{BEFORE_ARABIC}مسجد|জামে মসজিদ)\s+(?!{AFTER_URDU}){IN_WORD}{{1,60}})"
    yield "mosque", rf"(?<!{IN_WORD})(?P<it>(?!{AFTER_URDU}){IN_WORD}{{1,60}}\s+مسجد)(?=\s+{AFTER_URDU}|[۔،.]|$)"
    yield "mosque", rf"(?<!{IN_WORD})(?P<it>{IN_WORD}{{1,60}}\s+(?:জামে\s+)?মসজিদ{IN_WORD}*)"
    schools = "school|academy|college|university|madrasa|madrasah|madrassa|sixth form|iskuul|dugsi"
    yield "school", rf"\b(?P<it>(?:{CAPITALISED}\s+){{1,5}}(?:{schools})\b)"
    yield (
        "school",
        rf"\b(?P<it>(?:university|college|school|iskuulka|dugsiga) (?:of )?{CAPITALISED}(?: {CAPITALISED})*)",
    )
    yield "school", rf"(?P<it>{BEFORE_ARABIC}(?:مدرسة|مدرسہ|جامعة|اسکول)\s+{IN_WORD}{{1,60}})"
    yield "school", rf"(?<!{IN_WORD})(?P<it>{IN_WORD}{{1,60}}\s+(?:স্কুল|কলেজ|মাদ্রাসা){IN_WORD}*)"
    yield (
        "place",
        rf"\b(?P<it>(?:[0-9]+[a-z]?\s+)?(?:{CAPITALISED}\s+){{1,3}}(?:road|street|lane|avenue|close|drive|rd|st)\b)",
    )
    yield "place", rf"(?<!{IN_WORD})(?P<it>{_any('places')})(?!{IN_WORD})"
    name = rf"(?:{_any('names')})(?:[ '’-]+{CAPITALISED})*"
    yield "name", rf"(?<!{IN_WORD})(?P<it>(?:{CAPITALISED} )?{name})(?!{IN_WORD})"
    yield "name", rf"\b(?:{TITLES})\.?\s+(?P<it>{CAPITALISED}(?:\s+{CAPITALISED})*)"
    yield "name", rf"\b(?:my name is|i am called|named|magacaygu waa)\s+(?P<it>{IN_WORD}+(?:\s+{CAPITALISED})*)"


def _dates(months: str) -> Iterator[tuple[str, str]]:
    day, year = rf"{DIGIT}{{1,2}}(?:st|nd|rd|th)?", rf"{DIGIT}{{4}}"
    yield "date", rf"(?<!{DIGIT})(?P<it>{DIGIT}{{1,4}}[./-]{DIGIT}{{1,2}}[./-]{DIGIT}{{2,4}})(?!{DIGIT})"
    yield "date", rf"(?<!{IN_WORD})(?P<it>{day}(?: of)?\s+(?:{months})(?:,?\s+{year})?)(?!{IN_WORD})"
    yield "date", rf"(?<!{IN_WORD})(?P<it>(?:{months})\s+(?:{year}|{day}(?:,?\s+{year})?))(?!{IN_WORD})"


def _any(name: str) -> str:
    """Any of a file's words, the longest first, as each script joins what belongs to it."""
    lines = (WORDS / f"{name}.txt").read_text("utf-8").splitlines()
    words = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    return "|".join(_word(one) for one in sorted(words, key=lambda one: (-len(one), one)))


def _word(word: str) -> str:
    spelled = r"\s+".join(map(re.escape, word.split()))
    if "\u0600" <= word[0] <= "\u06ff":
        return BEFORE_ARABIC + spelled
    return spelled + AFTER_BENGALI if "\u0980" <= word[0] <= "\u09ff" else spelled
