"""At the desk after a rotation: key files one after the other, and which records each opens."""

from __future__ import annotations

import io
import json
import os
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from app import create_desk
from config import Settings
from fieldwork.instance import add_keys
from fieldwork.study import Study
from privacy.key_files import lock
from privacy.keys import Keyring
from privacy.opening import new_private_key
from release_commands import release
from tests.conftest import STUDY, TODAY, Keys, counted_bytes
from tests.desk.test_desk import seen, specify, step, token_in
from tests.rehearsing import PHRASE
from tests.release.test_release import visit

OTHER = "six louder words of another row"
NEW = new_private_key("research", STUDY, counted_bytes("the desk's new key"))
NEW_ID = NEW.public().short


@pytest.fixture
def desk(settings: Settings, study: Study, keys: Keys, research_file: bytes) -> FlaskClient:
    """The desk of an instance with six visits from before a rotation and four from after it."""
    for _ in range(6):
        visit(study, {})
    old = [replace(key, status="retired") if key.purpose == "research" else key for key in keys.keyring.keys]
    ring = Keyring(STUDY, (*old, NEW.public()))
    add_keys(study.stores.office, STUDY, ring.to_json(), TODAY)
    for _ in range(4):
        visit(replace(study, keyring=ring), {})
    (settings.home / "keys").mkdir()
    (settings.home / "keys" / "research.key").write_bytes(research_file)
    app = create_desk(settings)
    client = app.test_client()
    client.get(f"/open/{app.extensions['amanah_desk'].token}")
    assert step(client, "/source", place=str(settings.home)).location == "/unlock"
    return client


def give_old(desk: FlaskClient, settings: Settings):
    return step(desk, "/unlock", place=str(settings.home / "keys" / "research.key"), passphrase=PHRASE)


@cache
def new_file() -> bytes:
    """The file of the key that came with the rotation."""
    return lock(NEW, OTHER, os.urandom)


def give_new(desk: FlaskClient):
    brought = (io.BytesIO(new_file()), "research-2.key")
    return step(desk, "/unlock", key=brought, passphrase=OTHER)


def opened(desk: FlaskClient) -> str:
    for _ in range(1200):
        if desk.get("/working").status_code == 303:
            return " ".join(desk.get("/specify").text.split())
        time.sleep(0.05)
    raise AssertionError("the records were never opened")


def test_keys_are_added_until_every_record_has_its_own(desk: FlaskClient, settings: Settings, keys: Keys) -> None:
    assert give_old(desk, settings).location == "/unlock"
    page = desk.get("/unlock").text
    assert f"The key {keys.research.public().short} opens 6 records." in page
    assert f"4 of 10 records need another key: {NEW_ID}. Add it below." in page
    assert give_new(desk).location == "/working"
    page = opened(desk)
    assert "<dd>10</dd>" in page
    assert NEW_ID not in page
    assert f"The key {NEW_ID} opens 4 records." in desk.get("/unlock").text


def test_one_may_go_on_without_a_key_and_is_told_at_every_step(desk: FlaskClient, settings: Settings) -> None:
    give_old(desk, settings)
    token = token_in(desk.get("/unlock").text)
    assert desk.post("/unlock/open", data={"csrf_token": "wrong"}).location == "/unlock"
    assert desk.post("/unlock/open", data={"csrf_token": token}).location == "/working"
    page = opened(desk)
    assert f"4 records are not among them: they need the research key {NEW_ID}, which was not given." in page
    assert "<dt>Not usable</dt><dd>0</dd>" in page
    specify(desk)
    assert f"Sealed to the key {NEW_ID}, which was not given</dt><dd>4</dd>" in seen(desk)


def test_without_the_oldest_key_the_desk_says_so_and_makes_new_ids_only_when_asked(
    desk: FlaskClient, keys: Keys
) -> None:
    oldest = keys.research.public().short
    give_new(desk)
    page = desk.get("/unlock").text
    assert f"ids of a release follow from the study's oldest research key, {oldest}" in " ".join(page.split()).replace(
        "&#39;", "'"
    )
    desk.post("/unlock/open", data={"csrf_token": token_in(page)})
    opened(desk)
    refused = specify(desk, k="2").text
    assert f"oldest research key of the keyring, {oldest}, was not given" in refused
    assert specify(desk, k="2", new_ids="y").location == "/preview"
    made = desk.application.extensions["amanah_desk"].release
    assert (made.keys, made.specification.new_ids) == ((NEW_ID,), True)


def test_a_key_that_opens_nothing_opens_nothing(desk: FlaskClient) -> None:
    other = lock(new_private_key("research", STUDY, counted_bytes("a stranger")), PHRASE, os.urandom)
    step(desk, "/unlock", key=(io.BytesIO(other), "other.key"), passphrase=PHRASE)
    page = desk.get("/unlock").text
    assert "opens 0 records" in page
    assert "Go on with these keys alone" not in page


def test_the_command_takes_several_key_files_with_a_passphrase_each(
    desk: FlaskClient, settings: Settings, keys: Keys, tmp_path: Path
) -> None:
    (tmp_path / "new.key").write_bytes(new_file())
    order, phrases = tmp_path / "order.toml", tmp_path / "phrases"
    order.write_text('purpose = "x"\ngroups = ["young_person"]\nk = 2\nformats = ["csv"]\nlanguage = "en"\n', "utf-8")
    phrases.write_text(f"{OTHER}\n{PHRASE}\n", "utf-8")
    given = ["--key", tmp_path / "new.key", "--key", settings.home / "keys" / "research.key"]
    where = ["--source", settings.home, "--passphrase-file", phrases, "--spec", order, "--out", tmp_path / "out" / "a"]
    told = CliRunner().invoke(release, list(map(str, [*where, *given])))
    assert (told.exit_code, told.output.split(" in ")[0]) == (0, "10 people"), told.output
    manifest = json.loads((tmp_path / "out" / "a" / "manifest.json").read_text("utf-8"))
    assert manifest["keys"] == [keys.research.public().short, NEW_ID]
    phrases.write_text(OTHER, "utf-8")
    refused = CliRunner().invoke(release, list(map(str, [*where, *given])))
    assert (refused.exit_code, "needs 2 lines: a passphrase for each key file" in refused.output) == (1, True)
