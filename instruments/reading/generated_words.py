"""Words that the software adds to a form, such as "Other", in the languages that it knows; English elsewhere.

Drafts until a native speaker has reviewed them, as every translation here (translations/README.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from instruments.model import Text

Name = Literal["other", "specify", "another", "any", "yes", "no", "agree"]
WORDS: Mapping[str, Mapping[Name, str]] = {
    "en": {
        "other": "Other", "specify": "Please say which", "another": "Is there another one?", "any": "Is there one?",
        "yes": "Yes", "no": "No", "agree": "OK",
    },
    "ar": {
        "other": "غير ذلك", "specify": "يرجى التوضيح", "another": "هل هناك آخر؟", "any": "هل يوجد؟",
        "yes": "نعم", "no": "لا", "agree": "موافق",
    },
    "ur": {
        "other": "کوئی اور", "specify": "براہ کرم بتائیں کون سا", "another": "کیا کوئی اور ہے؟", "any": "کیا کوئی ہے؟",
        "yes": "ہاں", "no": "نہیں", "agree": "ٹھیک ہے",
    },
    "bn": {
        "other": "অন্যান্য", "specify": "অনুগ্রহ করে লিখুন কোনটি", "another": "আরও একটি আছে কি?", "any": "কোনোটি আছে কি?",
        "yes": "হ্যাঁ", "no": "না", "agree": "ঠিক আছে",
    },
    "so": {
        "other": "Mid kale", "specify": "Fadlan sheeg midkee", "another": "Ma jiraa mid kale?", "any": "Ma jiraa mid?",
        "yes": "Haa", "no": "Maya", "agree": "Waa yahay",
    },
    "tr": {
        "other": "Diğer", "specify": "Lütfen hangisi olduğunu yazın", "another": "Başka var mı?", "any": "Var mı?",
        "yes": "Evet", "no": "Hayır", "agree": "Tamam",
    },
}  # fmt: skip


def generated(name: Name, languages: Iterable[str], before: Text | None = None) -> Text:
    """These words in each of the languages that has them, else in English, behind the words of what they are about."""
    told = []
    for language in [language for language in languages if language in WORDS] or ["en"]:
        words = WORDS[language][name]
        told.append((language, f"{before.in_language(language)}: {words}" if before else words))
    return Text(tuple(told))
