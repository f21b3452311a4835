"""Staff read their pages in their own language: by a link, kept in the cookie they have, else as the browser asks."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from views.speaking import staff_languages

DIRECTIONS = {"en": "ltr", "ur": "rtl", "ar": "rtl", "bn": "ltr", "so": "ltr", "tr": "ltr"}


def spoken(page: str) -> tuple[str, str]:
    found = re.search(r'<html lang="(\w+)" dir="(\w+)"', page)
    assert found
    return found[1], found[2]


def test_each_language_is_offered_in_its_own_name_and_direction(visitor: FlaskClient) -> None:
    headings = set()
    for code, direction in DIRECTIONS.items():
        page = visitor.get(f"/office/sign-in?lang={code}").text
        assert spoken(page) == (code, direction)
        assert 'aria-current="true">' in page
        headings |= set(re.findall(r"<h1>(.*?)</h1>", page))
    assert len(headings) == len(DIRECTIONS)
    assert all(name in page for name in ("English", "اردو", "العربية", "বাংলা", "Soomaali", "Türkçe"))


def test_the_choice_is_kept_through_signing_in_and_out_and_is_all_that_is_kept(mara: FlaskClient) -> None:
    assert spoken(mara.get("/office?lang=tr").text)[0] == "tr"
    assert spoken(mara.get("/office/health").text)[0] == "tr"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', mara.get("/office").text)
    assert token
    left = mara.post("/office/sign-out", data={"csrf_token": token[1]}, follow_redirects=True)
    assert spoken(left.text)[0] == "tr"
    with mara.session_transaction() as cookie:
        assert {name for name in cookie if name != "csrf_token"} == {"language"}


@pytest.mark.parametrize(
    ("asked", "heard"), [("ar-EG,en;q=0.5", "ar"), ("fr,so;q=0.8", "so"), ("fr", "en"), ("", "en"), ("ur;q=x,%%", "en")]
)
def test_until_something_is_chosen_the_browser_says(visitor: FlaskClient, asked: str, heard: str) -> None:
    headers = {"Accept-Language": asked} if asked else {}
    assert spoken(visitor.get("/office/sign-in", headers=headers).text)[0] == heard


def test_a_language_that_nobody_offers_changes_nothing_and_is_not_kept(visitor: FlaskClient) -> None:
    assert spoken(visitor.get("/office/sign-in?lang=xx").text)[0] == "en"
    with visitor.session_transaction() as cookie:
        assert "language" not in cookie


def test_a_page_that_was_answered_to_a_form_offers_no_way_that_would_lose_it(visitor: FlaskClient) -> None:
    assert 'class="languages"' in visitor.get("/office/sign-in").text
    assert 'class="languages"' not in visitor.post("/office/sign-in", data={"name": "Mara"}).text


def test_mistakes_are_told_in_the_same_language(visitor: FlaskClient) -> None:
    visitor.get("/office/sign-in?lang=ar")
    assert spoken(visitor.get("/office/nowhere").text) == ("ar", "rtl")


def test_a_visit_asks_no_cookie_and_no_browser(house: tuple[Flask, object], visitor: FlaskClient) -> None:
    answer = visitor.get("/", headers={"Accept-Language": "ar"})
    assert spoken(answer.text)[0] == "en"
    assert "Set-Cookie" not in answer.headers
    with house[0].test_request_context("/office"):
        assert staff_languages() == tuple(DIRECTIONS)
