"""Long work of the office says how far it is, is cancelled by leaving its page, and leaves nothing half done."""

from __future__ import annotations

import io
import os
import re
import threading
import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from config import Settings
from fieldwork.bundles import WAITING, WAITS
from fieldwork.drafts import TAKING, has_draft
from fieldwork.study import Study
from storage.bundle import open_bundle
from tests.house.test_commands import flask
from tests.staff import csrf_in

DRAFT = "/office/instruments/draft"


@pytest.fixture(autouse=True)
def _nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.office.long_work.PATIENCE", 0.0)
    monkeypatch.setattr("views.office.long_work.EVERY", 0.01)


@pytest.fixture
def held_up() -> Iterator[None]:
    """No draft takes the place of another for as long as this lasts."""
    TAKING.acquire()
    yield
    if TAKING.locked():
        TAKING.release()


def bring(client: FlaskClient) -> TestResponse:
    """Bring the study's own workbook as the next version of all of it."""
    token = csrf_in(client.get("/office/instruments").text)
    ours = io.BytesIO(client.get("/office/instruments/workbook").data)
    return client.post(
        "/office/instruments/check", data={"file": (ours, "ours.xlsx"), "place": "*", "csrf_token": token}
    )


def test_a_page_says_that_work_goes_on_and_then_where_to_go(
    signed_in: FlaskClient, settings: Settings, held_up: None
) -> None:
    page = iter(bring(signed_in).response)
    assert b"Making the draft" in next(page)
    assert b"<progress" in next(page)
    assert not has_draft(settings.study_folder)
    TAKING.release()
    assert f'href="{DRAFT}"' in b"".join(page).decode()
    assert has_draft(settings.study_folder)


def test_whoever_leaves_the_page_has_cancelled_it(signed_in: FlaskClient, settings: Settings, held_up: None) -> None:
    before = set(settings.home.rglob("*"))
    answer = bring(signed_in)
    next(iter(answer.response))
    answer.close()
    TAKING.release()
    for thread in threading.enumerate():
        if "(_run)" in thread.name:  # the work, which may not even have begun
            thread.join(120)
    assert not [thread.name for thread in threading.enumerate() if "(_run)" in thread.name]
    assert not has_draft(settings.study_folder)
    assert not [path for path in set(settings.home.rglob("*")) - before if path.is_file()]


def test_a_bundle_that_took_long_waits_sealed_and_is_handed_over_once(
    signed_in: FlaskClient, study: Study, settings: Settings
) -> None:
    token = csrf_in(signed_in.get("/office").text)
    page = signed_in.post("/office/bundle", data={"csrf_token": token}).text
    found = re.search(r'name="name" value="([^"]+)"', page)
    assert found
    assert "The bundle is whole" in page
    told = {"csrf_token": token, "name": found[1]}
    bundle = open_bundle(io.BytesIO(signed_in.post("/office/bundle/save", data=told).data))
    assert bundle.study == study.name
    assert list(settings.home.glob(f"{WAITING}*")) == []
    assert signed_in.post("/office/bundle/save", data=told).status_code == 404
    assert signed_in.post("/office/bundle/save", data=told | {"name": "../secret"}).status_code == 404


def test_what_nobody_saved_is_swept_away_by_the_upkeep_and_at_the_start(settings: Settings) -> None:
    for tidy in (lambda: flask("maintain", home=settings.home), lambda: create_app(settings)):
        for name, age in (("old", WAITS + 1), ("written", WAITS + 1), ("new", 1)):
            folder = settings.home / f"{WAITING}{name}"
            folder.mkdir(exist_ok=True)
            (folder / "records.amanah").write_bytes(b"sealed")
            since = time.time() - age
            if name != "written":
                os.utime(folder / "records.amanah", (since, since))
            os.utime(folder, (since, since))
        tidy()
        assert {path.name for path in settings.home.glob(f"{WAITING}*")} == {".bundle-new", ".bundle-written"}
