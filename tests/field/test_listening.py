"""Recordings in the field app: all of a page in one list, by content, to be kept, and nothing else of the folder."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import read_settings
from fieldwork.drafts import Upload, check_upload
from instruments.back_out import backed_out
from instruments.catalogue import load_study
from tests.conftest import Keys, new_instance
from tests.recordings import heard_study, silence


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Path:
    around = tmp_path_factory.mktemp("heard")
    return new_instance(around / "instance", keys, heard_study(around / "study")).home


@pytest.fixture(scope="module")
def heard(home: Path) -> FlaskClient:
    return create_app(read_settings(home, {})).test_client()


def listed(page: str) -> list[str]:
    found = re.search(r"data-listen='([^']+)'", page)
    assert found
    return list(json.loads(unescape(found.group(1))))


def test_a_page_lists_all_that_it_could_play_in_one_order_and_what_that_costs(heard: FlaskClient) -> None:
    answer = heard.get("/visit/young_person?lang=en")
    listing = listed(answer.text)
    assert len(listing) == 4
    assert "Load the recordings (0.1 MB)" in answer.text
    assert answer.headers["Content-Security-Policy"].endswith("; media-src blob:")
    named = re.findall(r'data-recording="([^"]+)"', answer.text)
    # Also of what may never be asked: the list is the same for everybody.
    assert set(named) == set(listing)
    assert "<audio" not in answer.text
    assert len(listed(heard.get("/easy-read/young_person?lang=en").text)) == 1


def test_where_there_is_none_nothing_of_it_is_loaded(heard: FlaskClient, field: FlaskClient) -> None:
    for page in (heard.get("/visit/young_person?lang=ur").text, field.get("/visit/young_person?lang=en").text):
        assert "listen.js" not in page
        assert "data-listen" not in page
        assert "data-recording" not in page
    assert "media-src" not in field.get("/visit/young_person").headers["Content-Security-Policy"]
    assert "media-src" not in heard.get("/").headers["Content-Security-Policy"]
    assert "Recordings" not in field.get("/tablet").text
    assert "Recordings" in heard.get("/tablet").text


def test_a_recording_is_sound_may_be_kept_and_is_read_in_parts(heard: FlaskClient) -> None:
    address = listed(heard.get("/easy-read/young_person?lang=en").text)[0]
    answer = heard.get(address, buffered=True)
    assert answer.data == silence(0.3, b"easy.mp3")
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {"Set-Cookie", "ETag", "Last-Modified", "Content-Disposition"}.isdisjoint(answer.headers)
    part = heard.get(address, headers={"Range": "bytes=3-9"}, buffered=True)
    assert (part.status_code, part.data) == (206, answer.data[3:10])


@pytest.mark.parametrize("name", ["easy.mp3", "0" * 64 + ".mp3", "..%2fstudy.toml", "%00", "study.toml"])
def test_nothing_else_of_the_folder_is_served(heard: FlaskClient, name: str) -> None:
    assert heard.get(f"/recordings/{name}").status_code == 404


def test_a_file_that_was_changed_is_offered_to_nobody(home: Path, heard: FlaskClient) -> None:
    file = home / "studies" / "working_together" / "media" / "we.mp3"
    address = next(one for one in listed(heard.get("/visit/young_person?lang=en").text))
    before = file.read_bytes()
    try:
        file.write_bytes(silence(0.4, b"another"))
        assert len(listed(heard.get("/visit/young_person?lang=en").text)) == 3
        assert heard.get(address, buffered=True).status_code == 200
    finally:
        file.write_bytes(before)


def test_a_workbook_written_out_names_them_and_comes_back_beside_the_studys_own(home: Path) -> None:
    folder = home / "studies" / "working_together"
    found = load_study(folder)
    book = backed_out(found.instrument, found.settings)
    assert [one for one in check_upload(Upload("study.xlsx", book), folder) if not one.is_warning] == []
