"""Names of staff: two that look alike are one, nothing in one is unseen, and real names of many scripts are kept."""

from __future__ import annotations

import pytest

from errors import SettingsError
from fieldwork.staff.names import folded, name_from

LOOK_LIKE_MARA = {
    "a variation selector": "Mara\ufe0f",
    "a grapheme joiner": "Mara\u034f",
    "a Hangul filler": "Mara\u115f",
    "another Hangul filler": "Mara\u1160",
    "a blank letter": "Mara\u3164",
    "a blank letter of half width": "Mara\uffa0",
    "an empty Braille pattern": "Mara\u2800",
    "a mark that hangs on a letter": "Mara\u0323\u0488",
    "a mark of another script": "Mara\u064e",
    "a mark on nothing": "\u0301Mara",
    "a Cyrillic letter": "M\u0430ra",
    "a Greek letter": "M\u03b1ra",
    "an Armenian letter": "Mara \u0585",
    "no space": "Mara\u200b",
    "another direction": "\u202eMara",
}


@pytest.mark.parametrize("typed", LOOK_LIKE_MARA.values(), ids=LOOK_LIKE_MARA)
def test_a_name_with_something_unseen_or_of_two_alphabets_is_refused(typed: str) -> None:
    with pytest.raises(SettingsError):
        name_from(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "administrator\ufe0f",
        "ADM1NISTRAT0R",
        "command line\u3164",
        "comm\u0430nd line",
        "Command  Line",
        "command Iine",
    ],
)
def test_nobody_is_called_what_the_journal_calls_a_command(typed: str) -> None:
    with pytest.raises(SettingsError):
        name_from(typed)


REAL = [
    "Amina Yusuf", "نور الهدى", "مُحَمَّد", "محمد علی خان", "ڈاکٹر عائشہ", "রহিমা খাতুন", "শেখ মুজিবুর রহমান",
    "Cabdiraxmaan Xasan", "Ayşe Işık", "İbrahim Çağlar Öztürk", "Zoë O'Brien-Núñez", "Nguyễn Thị Hồng", "Иван Ковалёв",
    "Ελένη Παπαδοπούλου", "नन्दिनी शर्मा", "שָׂרָה כֹּהֵן", "ཚེ་རིང", "王小明", "김민수", "Nadia 2", "தமிழரசி",
]  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_names_as_people_have_them_are_kept(name: str) -> None:
    assert folded(name_from(name)) == folded(name)


def test_real_names_stay_apart() -> None:
    assert len({folded(name) for name in REAL}) == len(REAL)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tom", "Тоm".replace("m", "м")),
        ("Max", "Мах"),
        ("Mara", "Мага".replace("г", "r")),
        ("Zoe", "ΖΟΕ"),
        ("Nadia l", "Nadia 1"),
        ("محمد", "مُحَمَّد"),
        ("محمد", "محمـد"),
    ],
)
def test_names_that_look_alike_are_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)
