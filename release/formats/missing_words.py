"""What the missing codes mean, in the languages of the study. A study's own words for -1 and -2 come before these."""

from __future__ import annotations

from collections.abc import Mapping

from instruments.codebook import MISSING_LABELS
from instruments.model import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_IN_VERSION, NOT_SAID, REMOVED

WORDS: Mapping[str, Mapping[int, str]] = {
    "en": MISSING_LABELS,
    "ar": {
        DONT_KNOW: "لا أعرف",
        NOT_SAID: "أفضّل عدم الإجابة",
        REMOVED: "حذفه الفريق لحماية هوية شخص",
        NOT_IN_VERSION: "لم يُسأل في هذه النسخة من الاستبيان",
        NOT_APPLICABLE: "لا ينطبق (تم تجاوز السؤال)",
        BLANK: "تُرك فارغًا",
    },
    "ur": {
        DONT_KNOW: "معلوم نہیں",
        NOT_SAID: "بتانا نہیں چاہتے",
        REMOVED: "کسی کی شناخت بچانے کے لیے ٹیم نے ہٹا دیا",
        NOT_IN_VERSION: "سوالنامے کے اس نسخے میں نہیں پوچھا گیا",
        NOT_APPLICABLE: "لاگو نہیں (سوال چھوڑ دیا گیا)",
        BLANK: "خالی چھوڑا گیا",
    },
    "bn": {
        DONT_KNOW: "জানি না",
        NOT_SAID: "বলতে চাই না",
        REMOVED: "কারও পরিচয় রক্ষার জন্য দল সরিয়ে দিয়েছে",
        NOT_IN_VERSION: "প্রশ্নমালার এই সংস্করণে জিজ্ঞাসা করা হয়নি",
        NOT_APPLICABLE: "প্রযোজ্য নয় (প্রশ্নটি বাদ গেছে)",
        BLANK: "ফাঁকা রাখা হয়েছে",
    },
}
CHOSEN: Mapping[str, tuple[str, str]] = {
    "en": ("Not chosen", "Chosen"),
    "ar": ("لم يُختر", "اختير"),
    "ur": ("نہیں چنا", "چنا"),
    "bn": ("বাছাই করা হয়নি", "বাছাই করা হয়েছে"),
}


def missing_words(language: str) -> Mapping[int, str]:
    """Every missing code in words of this language, in English where it has none."""
    return WORDS.get(language.split("-")[0], MISSING_LABELS)
