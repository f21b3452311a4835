"""Rule R4: wording about one person's own risk is noticed, ordinary wording is not, in every language with a list.

The sentences beside English are drafts, as the lists are.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instruments.model import Instrument
from instruments.reading.risk_word_lists import WORDS
from instruments.reading.risk_words import risk_words_in

# The six of the study's rule, then: Did you ever join a group that uses violence?
CAUGHT = {
    "en": (
        "Do you feel any sympathy with people who use violence?",
        "Would you report a friend to the police?",
        "Have you ever broken the law?",
        "Is violence ever justified?",
        "Which branch of Islam do you follow?",
        "What is your immigration status?",
        "Did you ever join a group that uses violence?",
    ),
    "ar": (
        "هل تشعر بأي تعاطف مع من يستخدمون العنف؟",
        "هل ستبلغ الشرطة عن صديق؟",
        "هل سبق لك أن خالفت القانون؟",
        "هل العنف مبرر في أي وقت؟",
        "أي مذهب من مذاهب الإسلام تتبع؟",
        "ما وضعك فيما يتعلق بالهجرة؟",
        "هل سبق لك أن انضممت إلى جماعة تستخدم العنف؟",
    ),
    "ur": (
        "کیا آپ کو تشدد کرنے والوں سے کوئی ہمدردی ہے؟",
        "کیا آپ کسی دوست کی اطلاع پولیس کو دیں گے؟",
        "کیا آپ نے کبھی قانون توڑا ہے؟",
        "کیا تشدد کبھی جائز ہوتا ہے؟",
        "آپ اسلام کے کس فرقے سے تعلق رکھتے ہیں؟",
        "آپ کی امیگریشن کی حیثیت کیا ہے؟",
        "کیا آپ کبھی کسی ایسے گروہ میں شامل ہوئے جو تشدد کرتا ہے؟",
    ),
    "bn": (
        "যারা সহিংসতা করে তাদের প্রতি আপনার কি কোনো সহানুভূতি আছে?",
        "আপনি কি পুলিশের কাছে কোনো বন্ধুর নামে রিপোর্ট করবেন?",
        "আপনি কি কখনও আইন ভেঙেছেন?",
        "সহিংসতা কি কখনও ন্যায়সঙ্গত?",
        "আপনি ইসলামের কোন শাখা অনুসরণ করেন?",
        "আপনার অভিবাসন অবস্থা কী?",
        "আপনি কি কখনও এমন কোনো দলে যোগ দিয়েছেন যারা সহিংসতা করে?",
    ),
    "so": (
        "Ma u damqataa dadka isticmaala rabshadaha?",
        "Saaxiibkaa booliska ma u sheegi lahayd?",
        "Weligaa ma jebisay sharciga?",
        "Weligeed rabshadda ma loo heli karaa qiil?",
        "Laantee Islaamka ayaad raacdaa?",
        "Waa maxay xaaladdaada socdaalka?",
        "Weligaa ma ku biirtay koox isticmaasha rabshado?",
    ),
    "tr": (
        "Şiddet kullanan insanlara karşı bir sempati duyuyor musunuz?",
        "Bir arkadaşınızı polise bildirir miydiniz?",
        "Hiç yasaları çiğnediniz mi?",
        "ŞİDDET HİÇ HAKLI OLABİLİR Mİ?",
        "Hangi mezhebe mensupsunuz?",
        "Göçmenlik durumunuz nedir?",
        "Hiç şiddet kullanan bir gruba katıldınız mı?",
    ),
}
# The six of the study's rule, then: Would you like to join a meeting? In which section or sector do you work?
PASSED = {
    "en": (
        "How often do officers listen?",
        "How much do people here trust the police?",
        "Did you get a copy of the results?",
        "How could the project improve?",
        "How easy was this form to read?",
        "How many meetings were held last year?",
        "Would you like to join a meeting?",
        "In which section or sector do you work?",
    ),
    "ar": (
        "كم مرة يستمع أفراد الشرطة؟",
        "إلى أي مدى يثق الناس هنا بالشرطة؟",
        "هل حصلت على نسخة من النتائج؟",
        "كيف يمكن تحسين المشروع؟",
        "ما مدى سهولة قراءة هذا النموذج؟",
        "كم عدد الاجتماعات التي عُقدت العام الماضي؟",
        "هل تود الانضمام إلى اجتماع؟",
        "في أي قسم أو قطاع تعمل؟",
        "كم تبلغ من العمر؟",
    ),
    "ur": (
        "افسران کتنی بار بات سنتے ہیں؟",
        "یہاں کے لوگ پولیس پر کتنا اعتماد کرتے ہیں؟",
        "کیا آپ کو نتائج کی ایک نقل ملی؟",
        "منصوبے کو کیسے بہتر بنایا جا سکتا ہے؟",
        "یہ فارم پڑھنا کتنا آسان تھا؟",
        "پچھلے سال کتنے اجلاس ہوئے؟",
        "کیا آپ کسی اجلاس میں شامل ہونا چاہیں گے؟",
        "آپ کس شعبے یا سیکشن میں کام کرتے ہیں؟",
        "کیا آپ نے اس جائزے کے بارے میں سنا؟",
    ),
    "bn": (
        "কর্মকর্তারা কত ঘন ঘন কথা শোনেন?",
        "এখানকার মানুষ পুলিশকে কতটা বিশ্বাস করে?",
        "আপনি কি ফলাফলের একটি কপি পেয়েছেন?",
        "প্রকল্পটি কীভাবে আরও ভালো হতে পারে?",
        "এই ফর্মটি পড়া কতটা সহজ ছিল?",
        "গত বছর কতটি সভা হয়েছিল?",
        "আপনি কি একটি সভায় যোগ দিতে চান?",
        "আপনি কোন শাখা বা বিভাগে কাজ করেন?",
        "পুলিশ কি আপনার সম্প্রদায়ের সঙ্গে ন্যায্য আচরণ করে?",
    ),
    "so": (
        "Immisa jeer ayay askartu wax dhegaystaan?",
        "Intee in le'eg ayay dadka halkan ku kalsoon yihiin booliska?",
        "Ma heshay nuqul natiijooyinka ah?",
        "Sidee loo hagaajin karaa mashruuca?",
        "Sidee u fududayd akhrinta foomkan?",
        "Immisa kulan ayaa la qabtay sannadkii hore?",
        "Ma jeclaan lahayd inaad ku biirto kulan?",
        "Waaxdee ama qaybtee ayaad ka shaqaysaa?",
    ),
    "tr": (
        "Polisler ne sıklıkla dinliyor?",
        "Buradaki insanlar polise ne kadar güveniyor?",
        "Sonuçların bir kopyasını aldınız mı?",
        "Proje nasıl iyileştirilebilir?",
        "Bu formu okumak ne kadar kolaydı?",
        "Geçen yıl kaç toplantı yapıldı?",
        "Bir toplantıya katılmak ister misiniz?",
        "Hangi bölümde veya sektörde çalışıyorsunuz?",
        "Haklarınız hakkında bilgi aldınız mı?",
    ),
}
# What the rule names, in words around it.
NAMED = (
    "How sympathetic are you?", "Do you show support for violence?", "Was it justified?",
    "Do you hold extremist views?",
    "Are you a radical?", "Have you been radicalised?", "Would you ever report it?", "Have you ever broken a rule?",
    "Have you ever joined them?", "Would you join a march?", "Would you travel to fight abroad?",
    "your IMMIGRATION STATUS", "Which sect are you of?", "Is the sectarian divide yours?",
)  # fmt: skip
ORDINARY = ("The police section", "public sector", "insects", "a joint project", "Please join us", "How radiant!")


def sentences(told: dict[str, tuple[str, ...]]) -> Iterator[object]:
    return (pytest.param(language, text, id=f"{language} {text}") for language, texts in told.items() for text in texts)


def test_every_list_has_its_sentences() -> None:
    assert set(WORDS) == set(CAUGHT) == set(PASSED) == {"en", "ar", "ur", "bn", "so", "tr"}
    assert {len(texts) for texts in CAUGHT.values()} == {7}
    assert min(len(texts) for texts in PASSED.values()) == 8


@pytest.mark.parametrize(("language", "text"), list(sentences(CAUGHT)))
def test_wording_of_a_risk_kind_is_caught(language: str, text: str) -> None:
    assert risk_words_in(text, language)


@pytest.mark.parametrize(("language", "text"), list(sentences(PASSED)))
def test_ordinary_wording_passes(language: str, text: str) -> None:
    assert risk_words_in(text, language) == ()


@pytest.mark.parametrize("text", NAMED)
def test_what_the_rule_names_is_caught(text: str) -> None:
    assert risk_words_in(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_words_that_only_begin_alike_pass(text: str) -> None:
    assert risk_words_in(text) == ()


@pytest.mark.parametrize("language", ["ar", "bn", "ur"])
def test_a_text_in_another_script_than_its_column_says_is_caught(language: str) -> None:
    assert all(risk_words_in(text, "en") for text in CAUGHT[language])
    assert risk_words_in("Is violence ever justified?", language) == ("justif*",)


def test_a_language_without_a_list_has_the_english_one() -> None:
    assert risk_words_in("Etes-vous radical?", "fr") == ("radical*",)
    assert risk_words_in("هل العنف مبرر؟", "ar-EG") == ("مبرر*",)


def test_no_item_of_the_default_study_is_of_a_risk_kind(instrument: Instrument) -> None:
    asked = [item for group in instrument.groups for item in instrument.research_items(group.name)]
    assert len(asked) > 100
    assert [item.name for item in asked if risk_words_in(item.label.in_language("en"))] == []
