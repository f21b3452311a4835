"""The desk: a link that works once, five steps to a release, nothing opened on disk, nothing for anybody else."""

from __future__ import annotations

import html
import io
import os
import re
import shutil
import threading
import time
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from flask.testing import FlaskClient

from app import create_desk
from config import Settings, read_settings
from fieldwork.bundles import make_bundle
from fieldwork.study import Study
from instruments.model import Instrument
from privacy.key_files import HeldShare, lock, lock_share
from privacy.opening import PrivateKey, new_private_key
from privacy.shares import split
from release.dataset import Dataset
from release.frame import nobody
from release.obstacles import Obstacle
from tests.changing import english, with_item
from tests.conftest import Keys
from tests.desk.conftest import MARKER
from tests.house.scanner import files_with
from tests.rehearsing import PHRASE
from views.work import Work


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    return found.group(1)


@pytest.fixture
def settings(six: Path, tmp_path: Path) -> Settings:
    """An instance with six visits."""
    shutil.copytree(six, tmp_path / "instance")
    return read_settings(tmp_path / "instance", {})


@pytest.fixture
def desk(settings: Settings) -> FlaskClient:
    """The desk of that instance, opened by its link."""
    app = create_desk(settings)
    client = app.test_client()
    assert client.get(f"/open/{app.extensions['amanah_desk'].token}").status_code == 303
    return client


def step(desk: FlaskClient, path: str, **typed: object):
    token = token_in(desk.get(path).text)
    answer = desk.post(path, data={"csrf_token": token, **typed}, content_type="multipart/form-data")
    return ended(desk) if answer.location == "/working" and path != "/unlock" else answer


def ended(desk: FlaskClient):
    """Where the work in the background leads to, or its page where it failed."""
    for _ in range(1200):
        answer = desk.get("/working")
        if answer.status_code == 303 or "<progress" not in answer.text:
            return answer
        time.sleep(0.05)
    raise AssertionError("the work never ended")


def open_records(desk: FlaskClient, settings: Settings, **source: object) -> None:
    assert step(desk, "/source", **(source or {"place": str(settings.home)})).location == "/unlock"
    key = settings.home / "keys" / "research.key"
    assert step(desk, "/unlock", place=str(key), passphrase=PHRASE).location == "/working"
    assert ended(desk).location == "/specify"


def specify(desk: FlaskClient, **changes: object):
    order = {"purpose": "a trial", "groups": ["young_person"], "k": "5", "largest_suppression": "5"}
    return step(desk, "/specify", **(order | changes))


def seen(desk: FlaskClient) -> str:
    return html.unescape(" ".join(desk.get("/preview").text.split()))


def test_a_preview_of_nobody_names_what_sets_people_apart_and_what_helps(desk: FlaskClient, settings: Settings) -> None:
    open_records(desk, settings)
    specify(desk, k="1000")
    assert "fewer people in these groups than k asks for: 1,000" in seen(desk)
    specify(desk)
    kept = desk.application.extensions["amanah_desk"]
    made, apart = kept.release, Obstacle("age", 7, has_levels=False, left=4, left_together=5)
    kept.release = replace(made, frame=pl.DataFrame(), left_out=6, obstacles=(apart,))
    page = seen(desk)
    assert "What sets people apart" in page
    assert '<code>age</code></th><td class="number">7</td><td>none</td><td class="number">4</td>' in page
    assert "Lower k only where the files stay in a safe setting." in page
    assert "Write the release" not in page
    specify(desk)
    assert "What sets people apart" not in seen(desk)
    assert "several versions" not in seen(desk)


def test_the_preview_says_which_variables_cannot_be_compared_between_versions(
    desk: FlaskClient, settings: Settings, instrument: Instrument
) -> None:
    open_records(desk, settings)
    specify(desk)
    kept = desk.application.extensions["amanah_desk"]
    other = with_item(instrument, "yp_fair_3", lambda item: replace(item, label=english("Is the car blue?")))
    kept.release = replace(kept.release, instruments=(replace(other, version="2"), instrument))
    page = seen(desk)
    assert "Records of several versions of the study are together in this release: 2 and 1.0-draft." in page
    assert "<li>yp_fair_3, since 2: its words changed so" in page
    kept.release = replace(kept.release, instruments=(replace(instrument, version="2"), instrument))
    assert "No variable was found whose answers cannot be compared" in seen(desk)


def test_without_the_link_there_is_nothing(settings: Settings) -> None:
    stranger = create_desk(settings).test_client()
    for path in ("/", "/source", "/unlock", "/specify", "/preview", "/build", "/working", "/download", "/open/wrong"):
        assert stranger.get(path).status_code == 403


def test_the_link_works_once(settings: Settings) -> None:
    app = create_desk(settings)
    link = f"/open/{app.extensions['amanah_desk'].token}"
    assert app.test_client().get(link).status_code == 303
    assert app.test_client().get(link).status_code == 403


def test_a_page_of_another_name_is_not_the_desk(desk: FlaskClient) -> None:
    assert desk.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert desk.get("/", headers={"Host": "127.0.0.1:8001"}).status_code in (200, 403)


def test_five_steps_lead_to_a_release(desk: FlaskClient, settings: Settings) -> None:
    open_records(desk, settings)
    assert specify(desk).location == "/preview"
    assert "<dd>6</dd>" in desk.get("/preview").text
    page = desk.post("/build", data={"csrf_token": token_in(desk.get("/preview").text)}).text
    assert "The release is written" in page
    written = settings.home / "releases" / "a-trial-1"
    assert {"data.csv", "README.txt", "disclosure.html", "manifest.sig"} <= {path.name for path in written.iterdir()}
    answer = desk.get("/download")
    assert answer.headers["Cache-Control"] == "no-store", "no release stays in a browser"
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    assert packed.read("data.csv") == (written / "data.csv").read_bytes()
    assert packed.read("data.csv").count(b"\n") == 7


def test_a_bundle_can_be_brought_along(desk: FlaskClient, settings: Settings, study: Study, tmp_path: Path) -> None:
    make_bundle(study, tmp_path / "b.amanah", "Mara", date(2026, 11, 23), "research")
    open_records(desk, settings, bundle=(io.BytesIO((tmp_path / "b.amanah").read_bytes()), "b.amanah"))
    assert "<dd>6</dd>" in desk.get("/specify").text


def test_nothing_opened_touches_the_disk_before_the_release_is_written(desk: FlaskClient, settings: Settings) -> None:
    open_records(desk, settings)
    specify(desk)
    desk.get("/preview")
    assert files_with(settings.home, [MARKER, PHRASE]) == {}
    assert not (settings.home / "releases").exists()


def test_no_desk_page_shows_an_answer(desk: FlaskClient, settings: Settings) -> None:
    open_records(desk, settings)
    specify(desk)
    for path in ("/", "/source", "/unlock", "/specify", "/preview"):
        assert MARKER not in desk.get(path).text


def test_a_wrong_passphrase_is_a_sentence_and_nothing_is_lost(desk: FlaskClient, settings: Settings) -> None:
    step(desk, "/source", place=str(settings.home))
    key = settings.home / "keys" / "research.key"
    answer = step(desk, "/unlock", place=str(key), passphrase="not the passphrase")
    assert answer.status_code == 200
    assert "does not open" in answer.text
    assert "not the passphrase" not in answer.text
    assert step(desk, "/unlock", place=str(key), passphrase=PHRASE).location == "/working"


def test_a_key_of_another_study_is_refused_and_forgotten(
    desk: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange, gone, forget = new_private_key("research", "another", os.urandom), [], PrivateKey.forget
    monkeypatch.setattr(PrivateKey, "forget", lambda key: (gone.append(key.study), forget(key)))
    step(desk, "/source", place=str(settings.home))
    brought = (io.BytesIO(lock(strange, PHRASE, os.urandom)), "research.key")
    assert "This is another key." in step(desk, "/unlock", key=brought, passphrase=PHRASE).text
    assert gone == ["another"]


def test_the_identity_key_is_neither_offered_nor_taken(desk: FlaskClient, settings: Settings, keys: Keys) -> None:
    held = HeldShare(
        keys.identity.study, keys.identity.public().short, "Nadia", split(keys.identity.seed, "identity", 2)[0]
    )
    locked = lock_share(held, PHRASE, os.urandom)
    (settings.home / "keys" / "identity.key").write_bytes(locked)
    (settings.home / "keys" / "broken.key").write_bytes(b"no key")
    step(desk, "/source", place=str(settings.home))
    page = desk.get("/unlock").text
    assert "research.key" in page
    assert "identity.key" not in page
    answer = step(desk, "/unlock", key=(io.BytesIO(locked), "identity.key"), passphrase=PHRASE)
    assert "another key" in answer.text


def test_a_place_that_was_not_offered_is_not_opened(desk: FlaskClient, settings: Settings) -> None:
    for place in ("/etc", str(settings.home.parent)):
        assert step(desk, "/source", place=place).status_code == 200


def test_what_was_typed_survives_a_refused_specification(desk: FlaskClient, settings: Settings) -> None:
    open_records(desk, settings)
    answer = specify(desk, k="many", purpose="my own purpose")
    assert answer.status_code == 200
    assert 'value="my own purpose"' in answer.text


def test_a_button_without_our_token_does_nothing(desk: FlaskClient, settings: Settings) -> None:
    open_records(desk, settings)
    specify(desk)
    desk.post("/build", data={})
    desk.post("/close", data={})
    assert not (settings.home / "releases").exists()
    assert desk.get("/preview").status_code == 200


def test_no_page_of_the_desk_acts_without_our_token_nor_answers_without_the_cookie(
    desk: FlaskClient, settings: Settings
) -> None:
    open_records(desk, settings)
    specify(desk)
    state = desk.application.extensions["amanah_desk"]
    rules = [one for one in desk.application.url_map.iter_rules() if "POST" in (one.methods or ())]
    assert len(rules) > 20
    paths = [re.sub("<int:[^>]+>", "1", rule.rule) for rule in rules]
    before = (state.source, state.keys, state.dataset, state.specification, state.release, state.written)
    files = {path: path.read_bytes() for path in settings.home.rglob("*") if path.is_file()}
    for path in (re.sub("<[^>]+>", "x", path) for path in paths):
        assert desk.post(path, data={"purpose": "forged"}, headers={"Origin": "https://evil.example"}).status_code < 500
        assert desk.application.test_client().post(path).status_code in (403, 404), path
    assert before == (state.source, state.keys, state.dataset, state.specification, state.release, state.written)
    assert files == {path: path.read_bytes() for path in settings.home.rglob("*") if path.is_file()}


def test_locking_forgets_everything(desk: FlaskClient, settings: Settings) -> None:
    open_records(desk, settings)
    specify(desk)
    desk.post("/close", data={"csrf_token": token_in(desk.get("/preview").text)})
    assert desk.get("/preview").location == "/specify"
    state = desk.application.extensions["amanah_desk"]
    assert (state.source, state.keys, state.dataset, state.release) == (None, (), None, None)


def test_what_opens_after_locking_is_let_go(desk: FlaskClient, keys: Keys) -> None:
    state, locked = desk.application.extensions["amanah_desk"], threading.Event()

    def opened(work: Work) -> Dataset:
        locked.wait(10)
        return Dataset(nobody(), (), 0)

    state.start(opened, "dataset")
    work = state.work
    state.forget()
    locked.set()
    assert work.thread is not None
    work.thread.join(10)
    assert (state.dataset, work.is_running) == (None, False)


def test_steps_cannot_be_skipped(desk: FlaskClient) -> None:
    assert desk.get("/preview").location == "/specify"
    assert desk.get("/specify").location == "/unlock"
    assert desk.get("/unlock").location == "/source"
    assert desk.get("/download").status_code == 404
