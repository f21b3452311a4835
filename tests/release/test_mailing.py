"""What leaves the identity desk: no cell is a formula, only the columns asked for, each letter in its language."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from errors import ReleaseError
from release.mailing import Letter, harmless, letters, mail_merge, wished
from release.people import Contactable

AMINA = Contactable("a1", "0" * 32, frozenset({"o_results"}), {"v_name": "Amina", "v_email": "amina@example.org"}, "en")
YUSUF = Contactable(
    "b2", "1" * 32, frozenset({"o_recontact"}), {"v_name": '=HYPERLINK("x")', "v_phone": "+44 7700 900123"}, "ar"
)
FORMULAS = (
    "=1+1",
    "+44 7700",
    "-1",
    "@sum",
    "|cmd",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "\t=1",
    "\ttext",
    "\rx",
    "'=1",
    '"=1',
)


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_that_would_be_calculated_begins_with_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Amina", "07700 900123", "a=b", "أمينة", "", "after 6 - text first"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_the_file_holds_the_columns_asked_for_and_the_language_and_nothing_else() -> None:
    made = mail_merge((AMINA, YUSUF), ("v_name", "v_phone"), with_bom=False)
    assert list(csv.reader(io.StringIO(made.decode(), newline=""))) == [
        ["name", "phone", "language"],
        ["Amina", "", "en"],
        ['\'=HYPERLINK("x")', "'+44 7700 900123", "ar"],
    ]
    assert b"amina@example.org" not in made
    assert made.count(b"\r\n") == 3
    assert mail_merge((AMINA,), ("v_name",), with_bom=True).startswith(b"\xef\xbb\xbf")
    assert not {one.person.encode() in made or one.handle.encode() in made for one in (AMINA, YUSUF)} - {False}


@pytest.mark.parametrize(("people", "fields"), [((), ("v_name",)), ((AMINA,), ())])
def test_an_empty_file_is_not_made(people: tuple[Contactable, ...], fields: tuple[str, ...]) -> None:
    with pytest.raises(ReleaseError):
        mail_merge(people, fields, with_bom=False)


def test_a_purpose_reaches_only_those_who_wished_for_it() -> None:
    people = (AMINA, YUSUF)
    assert [wished(people, purpose) for purpose in ("results", "recontact", "other")] == [(AMINA,), (YUSUF,), people]
    with pytest.raises(KeyError):
        wished(people, "advertising")


def test_a_letter_is_in_its_persons_language_where_there_are_words_in_it() -> None:
    english = "Dear {name},\r\n\r\nthank you.\nThe team"
    first, second = letters((AMINA, YUSUF), {"en": english, "ar": "{name}"}, ("v_name",))
    assert first == Letter("Amina", "en", ("Dear \u2068Amina\u2069,", "thank you.\nThe team"))
    assert (second.language, second.paragraphs) == ("ar", ('\u2068=HYPERLINK("x")\u2069',))
    (only,) = letters((YUSUF,), {"en": "Hello {phone}{name}", "ar": "  "}, ("v_name", "v_phone"))
    assert (only.language, only.paragraphs) == ("en", ('Hello \u2068+44 7700 900123\u2069\u2068=HYPERLINK("x")\u2069',))


@pytest.mark.parametrize("text", ["Dear {nmae}", "{person}", "{contact_how}", "{}", "   "])
def test_a_letter_with_an_unknown_placeholder_or_without_words_is_refused(text: str) -> None:
    with pytest.raises(ReleaseError):
        letters((AMINA,), {"en": text}, ("v_name",))


def test_what_somebody_is_called_is_not_read_as_a_placeholder() -> None:
    called = Contactable("c3", "2" * 32, frozenset({"o_results"}), {"v_name": "{email}", "v_email": "x@y.org"}, "en")
    (one,) = letters((called,), {"en": "Dear {name}"}, ("v_name", "v_email"))
    assert one.paragraphs == ("Dear \u2068{email}\u2069",)


def test_what_somebody_is_called_makes_no_paragraph_and_stays_apart_from_the_words_around_it() -> None:
    called = Contactable("c3", "2" * 32, frozenset({"o_results"}), {"v_name": "Amina\r\n\r\nPay to"}, "en")
    (one,) = letters((called,), {"en": "Dear {name},\n\nthank you."}, ("v_name",))
    assert one.paragraphs == ("Dear \u2068Amina\u2069\n\u2068Pay to\u2069,", "thank you.")


def test_a_language_is_no_formula_either() -> None:
    made = mail_merge((replace(AMINA, language='=HYPERLINK("x")'),), ("v_name",), with_bom=False)
    assert made.splitlines()[1] == b'"Amina","\'=HYPERLINK(""x"")"'
