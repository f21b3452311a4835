"""The codebook page's own words, in the languages of the study."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "codebook": "Codebook", "purpose": "Purpose", "recipient": "For", "licence": "Licence", "people": "People",
        "versions": "Versions of the study", "variables": "Variables", "type": "Type", "measure": "Measure",
        "privacy": "Privacy class", "groups": "Asked of", "scales": "Scale", "level": "Level of coarsening",
        "code": "Code", "meaning": "Meaning", "missing": "no answer", "absent": "Not in this release",
        "nominal": "categories", "ordinal": "ordered categories", "scale": "number",
    },
    "ar": {
        "codebook": "دليل الرموز", "purpose": "الغرض", "recipient": "إلى", "licence": "الترخيص", "people": "الأشخاص",
        "versions": "نسخ الدراسة", "variables": "المتغيرات", "type": "النوع", "measure": "مستوى القياس",
        "privacy": "فئة الخصوصية", "groups": "سُئل عنه", "scales": "المقياس", "level": "درجة التعميم",
        "code": "الرمز", "meaning": "المعنى", "missing": "لا إجابة", "absent": "ليست في هذا الإصدار",
        "nominal": "فئات", "ordinal": "فئات مرتبة", "scale": "عدد",
    },
    "ur": {
        "codebook": "کوڈ بک", "purpose": "مقصد", "recipient": "برائے", "licence": "اجازت نامہ", "people": "افراد",
        "versions": "مطالعے کے نسخے", "variables": "متغیرات", "type": "قسم", "measure": "پیمائش",
        "privacy": "رازداری کا درجہ", "groups": "کن سے پوچھا گیا", "scales": "پیمانہ", "level": "عمومیت کی سطح",
        "code": "کوڈ", "meaning": "مطلب", "missing": "کوئی جواب نہیں", "absent": "اس ریلیز میں نہیں",
        "nominal": "زمرے", "ordinal": "ترتیب وار زمرے", "scale": "عدد",
    },
    "bn": {
        "codebook": "কোডবুক", "purpose": "উদ্দেশ্য", "recipient": "যাঁর জন্য", "licence": "অনুমতিপত্র", "people": "ব্যক্তি",
        "versions": "গবেষণার সংস্করণ", "variables": "চলক", "type": "ধরন", "measure": "পরিমাপ",
        "privacy": "গোপনীয়তার শ্রেণি", "groups": "যাঁদের জিজ্ঞাসা করা হয়েছে", "scales": "স্কেল", "level": "সাধারণীকরণের স্তর",
        "code": "কোড", "meaning": "অর্থ", "missing": "উত্তর নেই", "absent": "এই প্রকাশে নেই",
        "nominal": "শ্রেণি", "ordinal": "ক্রমিক শ্রেণি", "scale": "সংখ্যা",
    },
}  # fmt: skip


def page_words(language: str) -> Mapping[str, str]:
    """The words in this language, else in English."""
    return WORDS.get(language.split("-")[0], WORDS["en"])
