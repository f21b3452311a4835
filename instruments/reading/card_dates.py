"""The last day on a person's card, in the words of each language: a promise that follows the study's cut-off.

Sheets hold it as the bracket CARD_DATE, the same one in every language. The number of days and its plural are Babel's.
Drafts until a native speaker has reviewed them, but for English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache

IN_DAYS = 1000  # below so many days Babel says days, and no weeks or months
CARD_DATE = "[date on your card: 28 days after you take part]"
# What stands for it; %s is a number of days. A language that is not here has the English words.
SENTENCES: Mapping[str, str] = {
    "en": "the date on your card: %s after you take part",
    "ur": "آپ کے کارڈ پر لکھی تاریخ (آپ کے حصہ لینے کے %s بعد)",
    "ar": "التاريخ المكتوب على بطاقتكم (بعد %s من مشاركتكم)",
    "bn": "আপনার কার্ডে লেখা তারিখ (আপনি অংশ নেওয়ার %s পর)",
    "so": "taariikhda ku qoran kaarkaaga (%s kaddib markaad ka qayb gasho)",
    "tr": "kartınızda yazan tarih (katıldıktan %s sonra)",
}


@cache
def card_date(cut_off_days: int, language: str) -> str:
    """What stands for the bracket in a study with this cut-off. It is written back out as the bracket."""
    from babel.dates import format_timedelta

    known = _known(language)
    days = format_timedelta(timedelta(cut_off_days), granularity="day", threshold=IN_DAYS, locale=known)
    return SENTENCES[known] % days


def named_days(words: str, language: str) -> Iterator[int]:
    """The numbers of days that words name for the last day on the card, written out instead of the bracket."""
    yield from map(int, _pattern(_known(language)).findall(words))


def _known(language: str) -> str:
    code = language.partition("-")[0].lower()
    return code if code in SENTENCES else "en"


@cache
def _pattern(known: str) -> re.Pattern[str]:
    before = SENTENCES[known].partition("%s")[0].removeprefix("the ").strip()
    return re.compile(rf"{re.escape(before)}\s*(\d+)")
