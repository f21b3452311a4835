"""Labels as long as a form takes them, cut between characters and never inside one. Says which were cut."""

from __future__ import annotations

import unicodedata

MORE = "…"
LONGEST = {"sav": (256, 120), "dta": (320, 32_000)}  # bytes of a variable's label, and of a code's words
LONGEST_DTA = 80  # Stata counts a variable's label in characters


def cut(text: str, most: int, letters: int | None = None) -> str:
    """At most `most` bytes of UTF-8 and `letters` characters, with … at the end of what was cut."""
    text = text.replace("\x00", "�")
    if _fits(text, most, letters):
        return text
    kept = text.encode()[: most - len(MORE.encode())].decode(errors="ignore")
    kept = kept[: letters - 1] if letters else kept
    # A mark belongs to the letter before it; what follows a joiner belongs to what stands before that.
    while kept and len(kept) < len(text) and _belongs(text[len(kept)], kept[-1]):
        kept = kept[:-1]
    return kept.rstrip() + MORE


def label_for(form: str, text: str) -> str:
    """A variable's label as `.sav` and `.dta` take it."""
    return cut(text, LONGEST[form][0], LONGEST_DTA if form == "dta" else None)


def words_for(form: str, text: str) -> str:
    """A code's words as `.sav` and `.dta` take them."""
    return cut(text, LONGEST[form][1])


def _fits(text: str, most: int, letters: int | None) -> bool:
    return len(text.encode()) <= most and (letters is None or len(text) <= letters)


def _belongs(following: str, last: str) -> bool:
    return unicodedata.category(following) in ("Mn", "Mc", "Me") or "\u200d" in (following, last)
