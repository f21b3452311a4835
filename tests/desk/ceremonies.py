"""A ceremony at the desk through its pages, as people in one room hold it: hands for the tests."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_desk
from views.desk import new_desk

PHRASES = (
    "orchid gravel sextant umbrella quince",
    "walrus thimble cobalt fjord lantern",
    "zeppelin mustard trellis kayak obsidian",
    "pumice harpsichord eclair walnut gondola",
)
NAMES = {"manager": "Mara", "first": "Nadia", "second": "Owen"}


def opened(home: Path, app: Flask | None = None) -> FlaskClient:
    """A new desk over this folder, its one-time link opened."""
    app = app or create_desk()
    app.extensions["amanah_desk"] = desk = new_desk(home)
    client = app.test_client()
    client.get(f"/open/{desk.token}")
    return client


@dataclass
class Room:
    """The people around one desk."""

    desk: FlaskClient

    def page(self, path: str) -> str:
        """The text of a page, as it is read."""
        return html.unescape(" ".join(self.desk.get(path, follow_redirects=True).text.split()))

    def send(self, path: str, on: str = "", **typed: object) -> TestResponse:
        """Send the form that stands on a page (`on`, else at `path` itself)."""
        shown = self.desk.get(on or path, follow_redirects=True).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)
        assert token, path
        return self.desk.post(path, data={"csrf_token": token.group(1), **typed}, content_type="multipart/form-data")

    def begin(self, **changes: str) -> TestResponse:
        """Say who is here."""
        return self.send("/keys/new", **({"study": "working_together"} | NAMES | changes))

    def choose(self, phrases: Sequence[str]) -> None:
        """Each holder types a passphrase."""
        for phrase in phrases:
            answer = self.send("/keys/holder", phrase=phrase, again=phrase)
            assert answer.status_code == 303, answer.text

    def sheets(self) -> list[list[str]]:
        """The words of each sheet, as the page for the printer has them."""
        page = self.desk.get("/keys/sheets").text
        return [re.findall(r'<span class="word">([a-z]+)</span>', one) for one in page.split("<article")[1:]]

    def type_back(self, words: Sequence[str]) -> TestResponse:
        """One sheet, box by box."""
        return self.send("/keys/prove", word=list(words))

    def make_keys(self) -> list[list[str]]:
        """The whole ceremony; the sheets."""
        assert self.begin().location == "/keys/holder"
        self.choose(PHRASES[:3])
        sheets = self.sheets()
        assert self.send("/keys/sheets").location == "/keys/prove"
        for words in (sheets[2], sheets[0], sheets[3], sheets[4]):
            assert self.type_back(words).status_code == 303
        assert self.send("/keys/finish").location == "/keys/done"
        return sheets
