"""The page of every component is for whoever builds Amanah: a demo that says so has it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Settings, read_settings
from errors import SettingsError
from views.field.styleguide import MODES

PAGES = ("/styleguide", "/styleguide/staff", "/styleguide/amanah.css")


def test_it_is_nowhere_but_where_development_is_on(field: FlaskClient) -> None:
    for page in PAGES:
        assert field.get(page).status_code == 404
    assert not [rule for rule in field.application.url_map.iter_rules() if "styleguide" in rule.endpoint]


def test_only_a_demo_can_be_for_development(settings: Settings) -> None:
    assert not settings.development
    assert read_settings(settings.home, {"AMANAH_DEVELOPMENT": "true"}).development
    with pytest.raises(SettingsError, match="needs demo = true"):
        read_settings(settings.home, {"AMANAH_DEVELOPMENT": "true", "AMANAH_DEMO": "false"})


def test_it_shows_every_language_direction_and_mode(settings: Settings) -> None:
    client = create_app(replace(settings, development=True)).test_client()
    for spoken in client.application.extensions["amanah"].instrument.languages:
        for page in PAGES[:2]:
            answer = client.get(f"{page}?lang={spoken}")
            assert answer.status_code == 200
            assert f'<html lang="{spoken}"' in answer.text
    assert '<html lang="en" dir="rtl"' in client.get("/styleguide?dir=rtl").text
    sheets = {mode: client.get(f"/styleguide/amanah.css?mode={mode}").text for mode in MODES}
    assert sheets["device"] == (Path(client.application.root_path) / "static" / "amanah.css").read_text("utf-8")
    assert len(set(sheets.values())) == len(MODES)
