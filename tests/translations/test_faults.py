"""A catalogue that was spoilt in one place is refused for that, and a good one for nothing."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st

from translations.catalogues import keep, po_of, read, update
from translations.deeds import HEAD, main, outliers, problems, write_review
from translations.faults import faults_of, numbers_of
from translations.handing import fill, missing, unreviewed
from views.reviews import Review, review_of

PLAIN = "Please type %(name)s and press <b>Send</b> in Amanah."
COUNT = ("One person", "%(num)s people")
SAID = {
    "ar": ("نرجو كتابة %(name)s ثم <b>إرسال</b> في Amanah.",
           ("لا أحد", "شخص واحد", "شخصان", "%(num)s أشخاص", "%(num)s شخص", "%(num)s شخصًا")),
    "ur": ("%(name)s لکھیں اور Amanah میں <b>بھیجیں</b> دبائیں۔", ("ایک شخص", "%(num)s لوگ")),
    "bn": ("%(name)s লিখুন এবং Amanah-এ <b>পাঠান</b> চাপুন।", ("একজন", "%(num)s জন")),
    "so": ("Fadlan qor %(name)s oo riix <b>Dir</b> Amanah.", ("Hal qof", "%(num)s qof")),
    "tr": ("Lütfen %(name)s yazın ve Amanah içinde <b>Gönder</b> düğmesine basın.", ("Bir kişi", "%(num)s kişi")),
}  # fmt: skip


def template() -> Catalog:
    made = Catalog(project="Amanah", charset="utf-8", fuzzy=False)
    made.add(PLAIN)
    made.add(COUNT)
    made.add("Kind", context="of an invitation")
    return made


def spoken(language: str, plain: str | None = None, count: tuple[str, ...] | None = None) -> Catalog:
    """A catalogue of this language: right, save for what is said otherwise."""
    made = Catalog(locale=language, project="Amanah", charset="utf-8", fuzzy=False)
    if language == "tr":
        made.mime_headers = [("Plural-Forms", "nplurals=2; plural=(n != 1);")]
    made.add(PLAIN, SAID[language][0] if plain is None else plain)
    made.add(COUNT, SAID[language][1] if count is None else count)
    made.add("Kind", SAID[language][1][1].replace("%(num)s ", ""), context="of an invitation")
    return made


def folder_of(place: Path, *catalogs: Catalog) -> Path:
    for one in catalogs:
        path = po_of(str(one.locale_identifier), place)
        path.parent.mkdir(parents=True)
        keep(one, path)
    (place / "status.toml").write_text(HEAD + '\n[ur]\nname = "Urdu"\nstatus = "draft"\n', "utf-8")
    update(template(), place)
    return place


def found(place: Path, *catalogs: Catalog) -> list[str]:
    return list(problems(template(), folder_of(place, *catalogs)))


def test_good_catalogues_of_every_language_have_no_fault(tmp_path: Path) -> None:
    assert found(tmp_path, *map(spoken, SAID)) == []


def test_the_six_arabic_forms_are_for_the_numbers_that_arabic_has_them_for(tmp_path: Path) -> None:
    told = numbers_of(read(po_of("ar")))
    forms = {number: form for form, numbers in told.items() for number in numbers}
    assert [forms[number] for number in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111)] == [
        0, 1, 2, 3, 3, 5, 5, 4, 4, 3, 5
    ]  # fmt: skip


SPOILT = {
    "missing": spoken("ur", plain=""),
    "has a placeholder that the English has not": spoken("ur", plain=SAID["ur"][0] + " %(day)s"),
    "lacks a placeholder": spoken("ur", plain=SAID["ur"][0].replace("%(name)s", "نام")),
    "has other tags than the English": spoken("ur", plain=SAID["ur"][0].replace("</b>", "")),
    "has a sign of HTML": spoken("ur", plain=SAID["ur"][0] + " <!--"),
    "has a sign of HTML that": spoken("ur", plain="<\u200b" + SAID["ur"][0]),
    "has a sign of formatting": spoken("ur", plain=SAID["ur"][0] + " 9%"),
    "has a sign of formatting that": spoken("ur", plain=SAID["ur"][0] + " {0.__class__}"),
    "has letters of two scripts in one word": spoken("ur", plain=SAID["ur"][0].replace("دبائیں", "دبaئیں")),
    "has a word in another script": spoken("ur", plain=SAID["ur"][0].replace("دبائیں", "press")),
    "has a letter of another language": spoken("ur", plain=SAID["ur"][0].replace("بھیجیں", "بھيجیں")),
    "has a mark that overrides the direction": spoken("ur", plain="\u202e" + SAID["ur"][0]),
    "isolates a part and does not end it": spoken("ur", plain=SAID["ur"][0].replace("%", "\u2068%", 1)),
    "does not isolate 'flask keys add'": spoken("ur", plain=SAID["ur"][0].replace("لکھیں", "لکھیں flask keys add")),
    "does not isolate '-6'": spoken("ar", plain=SAID["ar"][0].replace("كتابة", "كتابة -6")),
    "lacks a placeholder in plural form 1": spoken("ur", count=("ایک شخص", "لوگ")),
    "lacks a placeholder in plural form 3": spoken("ar", count=(*SAID["ar"][1][:3], "أشخاص", *SAID["ar"][1][4:])),
    "has letters of two scripts in one word: Lütfеn": spoken("tr", plain=SAID["tr"][0].replace("Lütfen", "Lütfеn")),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_each_fault_is_found_and_named(fault: str, tmp_path: Path) -> None:
    (told,) = found(tmp_path, SPOILT[fault])
    assert fault in told


def test_a_fuzzy_sentence_is_refused(tmp_path: Path) -> None:
    place = folder_of(tmp_path, spoken("so"))
    path = po_of("so", place)
    path.write_text(path.read_text("utf-8").replace('\nmsgid "Please', '\n#, fuzzy\nmsgid "Please'), "utf-8")
    path.with_suffix(".mo").unlink()
    told = list(problems(template(), place))
    assert [one.split(":")[1].strip() for one in told] == ["messages.mo is out of date", "fuzzy"]


@pytest.mark.parametrize("forms", [1, 2, 5, 7])
def test_another_number_of_plural_forms_is_refused(forms: int, tmp_path: Path) -> None:
    path = po_of("ar", folder_of(tmp_path, spoken("ar")))
    text = path.read_text("utf-8").replace("nplurals=6", f"nplurals={forms}")
    path.write_text(text, "utf-8")
    assert f"ar: has {forms} plural forms, and the language has 6" in list(problems(template(), tmp_path))


def test_english_that_nobody_could_translate_is_refused(tmp_path: Path) -> None:
    spoilt = template()
    spoilt.add("%(count)s invitation(s)")
    spoilt.add("%s people")
    told = [one for one in problems(spoilt, folder_of(tmp_path)) if one.startswith("English")]
    assert len(told) == 2


def test_a_length_far_off_is_a_note_and_no_fault(tmp_path: Path) -> None:
    long = spoken("so", plain=SAID["so"][0] + " Qor" * 40)
    place = folder_of(tmp_path, long)
    assert list(problems(template(), place)) == []
    assert len(list(outliers(template(), place))) == 1


@given(st.text(alphabet=st.sampled_from("اآبپتٹمکگںہھیے aбаß\u0bae"), min_size=1))
def test_any_word_with_letters_of_two_scripts_is_refused(word: str) -> None:
    catalog, message = Catalog(locale="ur"), Catalog().add("Send")
    told = " ".join(faults_of(message, [word], catalog))
    of = [{letter in "اآبپتٹمکگںہھیے" for letter in part} for part in word.split()]
    assert ("two scripts" in told) >= any(len(one) == 2 for one in of)


def test_what_is_missing_goes_out_and_comes_back(tmp_path: Path) -> None:
    place = folder_of(tmp_path, spoken("ar", plain="", count=("",) * 6))
    handed = json.loads(missing("ar", template(), place))
    assert [row["english"] for row in handed] == [PLAIN, COUNT[0]]
    assert handed[1]["forms are for the numbers"][2:4] == ["2", "3, 4, 5, 6, 7, 8 ..."]
    handed[0]["translation"], handed[1]["translation"] = SAID["ar"]
    assert fill("ar", json.dumps(handed), template(), place) == []
    assert list(problems(template(), place)) == []
    assert json.loads(missing("ar", template(), place)) == []


def test_what_comes_back_with_a_fault_is_told_and_not_kept_and_the_rest_is(tmp_path: Path) -> None:
    place = folder_of(tmp_path, spoken("ur", plain="", count=("", "")))
    rows = json.loads(missing("ur", template(), place))
    rows[0]["translation"], rows[1]["translation"] = "لکھیں", list(SAID["ur"][1])
    rows.append({"english": "Nobody says this", "translation": "x"})
    told = fill("ur", json.dumps(rows), template(), place)
    assert [one.split(":")[0] for one in told] == [
        "lacks a placeholder", "has other tags than the English", "is not a sentence of the interface"
    ]  # fmt: skip
    assert [row["english"] for row in json.loads(missing("ur", template(), place))] == [PLAIN]


def test_a_sentence_that_changed_after_the_review_is_a_draft_again_and_no_other(tmp_path: Path) -> None:
    place = folder_of(tmp_path, spoken("ur"))
    write_review("ur", 'Dr "A" Khan', datetime.date(2026, 12, 1), place)
    assert review_of("ur", place) == Review("reviewed", 'Dr "A" Khan', "2026-12-01", 0)
    assert json.loads(unreviewed("ur", template(), place)) == []

    later = folder_of(tmp_path / "later", spoken("ur", count=("ایک فرد", "%(num)s افراد")))
    for name in ("status.toml", "ur/reviewed.txt"):
        (later / name).write_bytes((place / name).read_bytes())
    assert review_of("ur", later).since == 1
    assert [row["english"] for row in json.loads(unreviewed("ur", template(), later))] == [COUNT[0]]


def test_a_list_of_sentences_that_was_written_by_hand_is_no_review(tmp_path: Path) -> None:
    place = folder_of(tmp_path, spoken("ur"))
    write_review("ur", "Dr A Khan", datetime.date(2026, 12, 1), place)
    with (place / "ur" / "reviewed.txt").open("a", encoding="utf-8") as file:
        file.write("0000000000000000\n")
    assert review_of("ur", place) == Review("draft")


def test_words_that_mean_nothing_are_told_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nothing"]) == 2
    assert "docs/languages.md" in capsys.readouterr().err
