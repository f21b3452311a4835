"""A specification to begin with, one for each preset: every line that a person should think about, with why.

It is the text that `flask release spec` prints. With the study's groups and language it builds as it is; it invents
neither for a study that it does not know.
"""

from __future__ import annotations

from collections.abc import Sequence

from release.presets import FILLED

PURPOSE = "say what it is for"

SENTENCES = {
    "team": "A working file for the team: rows, for safe people in a safe setting.",
    "archive": "A file for a safeguarded archive: only people who agreed to it, without the interviewer's code.",
    "public": "Tables for anybody: no rows, cells under 10 withheld.",
}
OF_ROWS = """\
k = {k}                                # nobody shares their traits with fewer, themselves included
formats = ["csv", "sav", "codebook"]   # also: parquet, dta, ddi, datapackage, scoring
largest_suppression = 5                # percent of people; beyond it, traits are made coarser
open_text = "withheld"                 # or "reviewed", "themes"
"""
LINES = """\
# {sentence}
# Every key is told in docs/specification.md. Fill in the words between quotes.
preset = "{preset}"
purpose = "{purpose}"   # ids follow from these words: another purpose, other ids
recipient = ""          # who gets it
legal_ground = ""       # why they may
licence = "not licensed for others"
groups = [{groups}]
language = "{language}"         # of labels
"""


def start_of(preset: str, groups: Sequence[str] = ("name the groups",), language: str = "en") -> str:
    """The text. `groups`: the study's. It reads back as a specification."""
    named = ", ".join(f'"{group}"' for group in groups)
    told = LINES.format(sentence=SENTENCES[preset], preset=preset, purpose=PURPOSE, groups=named, language=language)
    return told + (OF_ROWS.format(k=FILLED[preset]["k"]) if "k" in FILLED[preset] else "")


def usual_language(languages: Sequence[str]) -> str:
    """The language of labels where nobody says another."""
    return "en" if "en" in languages else languages[0]
