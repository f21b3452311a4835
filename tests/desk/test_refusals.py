"""What the desk refuses is said in the page's language: the sentences that are translated are those that are raised."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from tests.house.served import ROOT
from views.desk.refusals import SENTENCES, said

RAISED = ("errors.py", "privacy", "release", "storage", "views", "forms")


def test_every_sentence_is_raised_somewhere() -> None:
    app = Flask("refusals")
    Babel(app)
    paths = [path for name in RAISED for path in [ROOT / name, *(ROOT / name).rglob("*.py")] if path.is_file()]
    code = " ".join(re.sub(r'"\s+"', "", path.read_text("utf-8")) for path in paths if path.name != "refusals.py")
    with app.test_request_context():
        assert [str(one) for one in SENTENCES if f'"{one}"' not in code] == []


@pytest.mark.parametrize("language", ["ur", "tr"])
def test_a_refusal_is_said_in_the_pages_language(language: str) -> None:
    app = Flask("refusals", root_path=str(ROOT))
    Babel(app)
    with app.test_request_context(), force_locale(language):
        told = [said(one._args[0]) for one in SENTENCES]
        assert not [one for one in told if one.isascii() and language == "ur"]
        assert said("100 % of another sentence") == "100 % of another sentence"
        assert said("") == ""
