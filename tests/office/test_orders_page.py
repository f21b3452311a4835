"""The page Orders: what an order holds in counts, then the deed; the answer never tells what was found."""

from __future__ import annotations

import base64
import re
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app import create_app
from commands import opened_study
from config import Settings, read_settings
from fieldwork.study import Study
from forms.orders import LARGEST_ORDER
from privacy.orders import LONGEST
from storage.journal import Act, read_journal, write_entry
from tests.conftest import STUDY, TODAY, Keys
from tests.deliveries import sealed_visit
from tests.ordering import Kept, an_order, both, delivered
from tests.staff import csrf_in, sign_in_as

PAGE = "/office/orders"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, unused: Path) -> Settings:
    home = tmp_path_factory.mktemp("orders") / "instance"
    shutil.copytree(unused, home)
    return read_settings(home, {})


@pytest.fixture(scope="module")
def study(settings: Settings) -> Study:
    return opened_study(settings)


@pytest.fixture(scope="module")
def mara(settings: Settings, study: Study) -> FlaskClient:
    return sign_in_as(create_app(settings).test_client(), study, "administrator", "Mara")


def look(client: FlaskClient, data: bytes) -> TestResponse:
    file = FileStorage(BytesIO(data), "order.amanah-order")
    boundary, body = encode_multipart({"csrf_token": csrf_in(client.get(PAGE).text), "file": file})
    return client.post(f"{PAGE}/look", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def press(client: FlaskClient, shown: TestResponse) -> TestResponse:
    order = re.search(r'name="order"[^>]*value="([^"]*)"', shown.text)
    assert order
    typed = {"csrf_token": csrf_in(shown.text), "order": order[1]}
    return client.post(f"{PAGE}/carry-out", data=typed, follow_redirects=True)


def without_marks(page: str) -> str:
    """A page without what differs of every order: its mark, its file, the page's token, how long one is signed in."""
    return re.sub(r"[0-9a-f]{4}( [0-9a-f]{4}){3}|(?:value|data-rest|data-end)=\"[^\"]*\"", "…", page)


def test_an_order_is_shown_in_counts_and_nothing_is_erased_before_the_button(
    mara: FlaskClient, study: Study, keys: Keys
) -> None:
    gone, quiet = delivered(study, "gone"), delivered(study, "quiet")
    before, entries = both(study), len(read_journal(study.stores.office))
    data = an_order(keys.identity, STUDY, [gone], [quiet.row("contact"), b"r" * 16])
    shown = look(mara, data)
    assert re.findall(r"<dd>(\d+)</dd>", shown.text) == ["1", "2"]
    assert (both(study), len(read_journal(study.stores.office))) == (before, entries)
    done = press(mara, shown)
    assert (done.status_code, done.request.path) == (200, PAGE)
    assert both(study) == (before[0] - 1, before[1] - 4)
    mark = read_journal(study.stores.office)[-1].detail
    assert mark in shown.text
    assert f"The order {mark} was carried out" in done.text
    for name in (*gone.pair, quiet.row("contact")):
        assert name.hex() not in shown.text + done.text


def test_the_answer_is_the_same_whether_or_not_anything_was_found(mara: FlaskClient, study: Study, keys: Keys) -> None:
    there, unknown = delivered(study, "there"), Kept(sealed_visit(study, "never delivered"))
    pages = []
    for one in (there, unknown):
        shown = look(mara, an_order(keys.identity, STUDY, [one]))
        pages.append((without_marks(shown.text), without_marks(press(mara, shown).text)))
    assert pages[0] == pages[1]
    assert "Tell the custodians its mark" in pages[0][1]


@pytest.mark.parametrize("data", [b"", b"not an order", b"x" * (LARGEST_ORDER + 1)], ids=["nothing", "other", "large"])
def test_what_is_no_order_is_refused_with_what_to_do(mara: FlaskClient, data: bytes) -> None:
    told = look(mara, data)
    assert told.status_code == 422
    assert "not a whole order" in told.text or "too large for an order" in told.text
    assert "Erase it" not in told.text


def test_an_order_that_was_changed_between_looking_and_pressing_is_refused(
    mara: FlaskClient, study: Study, keys: Keys
) -> None:
    kept = delivered(study, "changed")
    shown, before = look(mara, an_order(keys.identity, STUDY, [kept])), both(study)
    token = csrf_in(shown.text)
    other = base64.b64encode(an_order(keys.identity, "another", [kept])).decode()
    refused = mara.post(f"{PAGE}/carry-out", data={"csrf_token": token, "order": other})
    assert (refused.status_code, "not a whole order" in refused.text) == (422, True)
    # Neither bytes that are no base64 nor a page of somebody else's do anything.
    for typed in ({"csrf_token": token, "order": "%"}, {"order": other}):
        assert mara.post(f"{PAGE}/carry-out", data=typed).status_code == 303
    assert both(study) == before


def test_the_command_says_in_counts_what_it_erases_and_asks(
    settings: Settings, study: Study, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMANAH_HOME", str(settings.home))
    order = create_app(settings).cli.commands["order"]
    kept, file = delivered(study, "command"), settings.home / "order.amanah-order"
    file.write_bytes(an_order(keys.identity, STUDY, [kept]))
    before = both(study)
    for answer, said in (("n", "Nothing was erased."), ("y", "Carried out. Tell the custodians its mark")):
        told = CliRunner().invoke(order, [str(file)], input=answer)
        assert (told.exit_code, said in told.output, "so many people: 1\n" in told.output) == (0, True, True)
        assert both(study) == (before if answer == "n" else (before[0] - 1, before[1] - 3))
    assert read_journal(study.stores.office)[-1].actor == "command line"
    file.write_bytes(b"not an order")
    told = CliRunner().invoke(order, [str(file)], input="y")
    assert (told.exit_code, told.output.count("\n"), "not a whole order" in told.output) == (1, 1, True)


def test_the_form_takes_as_much_as_an_order_may_have() -> None:
    assert LARGEST_ORDER == LONGEST


def test_during_a_legal_hold_the_page_and_the_command_say_that_it_waits(
    mara: FlaskClient, settings: Settings, study: Study, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMANAH_HOME", str(settings.home))
    kept, file, before = delivered(study, "held"), settings.home / "held", both(study)
    write_entry(study.stores.office, "Nadia", Act.HOLD_SET, TODAY, reason="Order of the court", detail="d" * 64)
    data = an_order(keys.identity, STUDY, [kept])
    assert "A legal hold is on: what the order names" in press(mara, look(mara, data)).text
    file.write_bytes(data)
    told = CliRunner().invoke(create_app(settings).cli.commands["order"], [str(file)], input="y")
    assert "A legal hold is on: what the order" in told.output
    assert both(study) == (before[0], before[1])
