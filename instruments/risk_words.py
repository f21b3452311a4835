"""Words that hint at an item about one person's own risk (rule R4 of the study description). A helper, never a verdict.

A hit means that a person must look and name an ethics reference; a text without a hit may still be wrong.
"""

from __future__ import annotations

import re

# Plain words in data, in the languages that there is a list for; each is matched from the start of a word.
LANGUAGES = ("en",)
RISK_WORDS: tuple[str, ...] = (
    "sympath",
    "support for violence",
    "support violence",
    "justif",
    "extremist view",
    "radical",
    "would you report",
    "have you ever broken",
    "broken the law",
    "have you ever join",
    "did you join",
    "would you join",
    "travel to fight",
    "immigration status",
    "sect",
    "sects",
    "branch of islam",
    "school of islam",
)
# These count with any ending.
STEMS = ("sympath", "justif", "extremist view", "radical")
_PATTERNS = tuple(
    (word, re.compile(r"\b" + re.escape(word) + ("" if word in STEMS else r"\b"), re.IGNORECASE)) for word in RISK_WORDS
)


def risk_words_in(text: str) -> tuple[str, ...]:
    """The risk words that stand in this text, in the order of the list."""
    return tuple(word for word, pattern in _PATTERNS if pattern.search(text))
