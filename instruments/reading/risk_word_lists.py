"""The words of instruments/reading/risk_words.py, one list a language. Nothing but words.

`*` stands for any ending, `…` for up to four words between; large letters and accents do not matter. The English list
is the study's own (rule R4). THE OTHERS ARE DRAFTS until a native speaker has reviewed them: each catches a translation
of what the rule's own list catches, and nobody has said yet what else it should.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "sympath*", "support for violence", "support violence", "support … use of violence", "justif*", "extremis*",
        "radical*", "would you … report", "ever broken", "broken the law", "break the law", "committed a crime",
        "ever … join", "ever … joined", "did you join", "would you join", "have you joined", "join … fight",
        "travel to fight", "travelled to fight", "traveled to fight", "travelling to fight", "immigration status",
        "sect", "sects", "sectarian*", "branch of islam", "school of islam",
    ),
    "ar": (
        "تعاطف*", "تتعاطف*", "يتعاطف*", "متعاطف*", "دعم … عنف", "تدعم … عنف", "تاييد … عنف", "تويد … عنف", "مبرر*",
        "تبرير*", "يبرر*", "تبرر*", "متطرف*", "تطرف*", "راديكالي*", "ستبلغ*", "تبلغ … شرطه", "ستخبر … شرطه",
        "خالفت … قانون", "مخالفه … قانون", "انتهكت … قانون", "خرقت … قانون", "سبق … انضم*", "هل انضم*", "ستنضم*",
        "قتال", "وضع* … هجره", "حاله … هجره", "طايفه", "طايفت*", "طايفي*", "مذهب*", "مذاهب", "فرع … اسلام",
    ),
    "ur": (
        "ہمدرد*", "حمایت … تشدد", "تشدد … حمایت", "جائز", "حق بجانب", "انتہا پسند*", "انتہاپسند*", "شدت پسند*",
        "ریڈیکل*", "بنیاد پرست*", "اطلاع … دیں گ*", "رپورٹ کریں گ*", "قانون … توڑ*", "قانون … خلاف ورزی",
        "کبھی … شامل ہو*", "شمولیت اختیار کی", "لڑنے … سفر", "سفر … لڑنے", "امیگریشن*", "فرقہ*", "فرقے*", "مسلک*",
        "مکتب فکر", "اسلام … شاخ*",
    ),
    "bn": (
        "সহানুভূতি*", "সমবেদনা*", "সহিংসতা* … সমর্থন*", "সমর্থন* … সহিংসতা*", "ন্যায়সঙ্গত*", "যুক্তিযুক্ত*", "চরমপন্থ*",
        "উগ্রপন্থ*", "উগ্রবাদ*", "জঙ্গি*", "জঙ্গী*", "মৌলবাদ*", "র‍্যাডিক্যাল*", "রিপোর্ট করবেন", "পুলিশ* … জানাবেন",
        "আইন ভেঙে*", "আইন ভাঙ*", "আইন ভঙ্গ*", "আইন লঙ্ঘন*", "কখনও … যোগ দিয়ে*", "কখনো … যোগ দিয়ে*", "যুদ্ধ করতে",
        "লড়াই করতে", "লড়তে", "অভিবাসন*", "ইমিগ্রেশন*", "মাযহাব*", "মাজহাব*", "ফেরকা*", "উপদল*", "ইসলামের … শাখা*",
    ),
    "so": (
        "damqa*", "dareen wadaag*", "taageer* … rabshad*", "rabshad* … taageer*", "qiil*", "rabshad* … xaq ah",
        "xagjir*", "xag jir*", "mayal* adag*", "sheegi lahay*", "ogeysiin lahay*", "jebis* … sharci*",
        "sharci* … jebi*",
        "weligaa … biir*", "ma ku biirtay", "safar* … dagaal*", "dagaal* … safar*", "xaalad* … socdaal*",
        "xaalad* … qaxooti*", "madhab*", "mad hab*", "firqo*", "laan* … islaam*", "islaam* … laan*",
    ),
    "tr": (
        "sempati*", "siddet* … destek*", "destek* … siddet*", "hakli*", "mesru*", "asiri gorus*", "asirilik*",
        "asirici*", "radikal*", "ihbar*", "polise … bildir*", "sikayet eder m*", "yasa* … cigne*", "kanun* … cigne*",
        "suc isle*", "hic … katil*", "savasmak icin", "savasmaya", "gocmenlik*", "goc statu*", "oturum durum*",
        "mezhep*", "mezheb*", "tarikat*", "islam* … koluna",
    ),
}  # fmt: skip
