"""A request may be so large, so long and of so many parts. What is beyond is refused before it is read."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from fieldwork.study import Study
from tests.staff import csrf_in
from views.limits import LARGEST_BODY, LARGEST_FORM, LONGEST_ADDRESS, MOST_FIELDS, MOST_HEADERS, MOST_PARTS

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("count", "codes"), [(MOST_FIELDS - 1, {422}), (MOST_FIELDS, {422}), (MOST_FIELDS + 1, {413}), (300_000, {413})]
)
def test_a_form_has_so_many_fields_at_most(visitor: FlaskClient, count: int, codes: set[int]) -> None:
    answer = visitor.post("/visit/young_person", data="&".join(["a="] * count), content_type=FORM)
    assert answer.status_code in codes


def packed(typed: dict[str, Any]) -> dict[str, Any]:
    """An upload, made in memory too."""
    boundary, data = encode_multipart(typed)
    return {"data": data, "content_type": f'multipart/form-data; boundary="{boundary}"'}


def parts(count: int, weight: int = 1) -> dict[str, Any]:
    return {"lang": "en"} | {f"part{number}": "x" * weight for number in range(count)}


def test_an_upload_has_so_many_parts_at_most(visitor: FlaskClient) -> None:
    assert visitor.post("/visit/young_person", **packed(parts(MOST_PARTS - 1))).status_code == 422
    assert visitor.post("/visit/young_person", **packed(parts(MOST_PARTS))).status_code == 413


def test_a_body_is_so_large_at_most(visitor: FlaskClient) -> None:
    for path in ("/visit/young_person", "/withdraw", "/outcomes", "/office/sign-in"):
        body = b"a=" + b"x" * LARGEST_BODY
        assert visitor.post(path, data=body, content_type=FORM).status_code in (401, 413), path
    assert visitor.post("/withdraw", data=b"code=" + b"x" * LARGEST_BODY, content_type=FORM).status_code == 413


def test_an_address_is_so_long_at_most(visitor: FlaskClient) -> None:
    assert visitor.get("/?" + "a" * (LONGEST_ADDRESS - 2)).status_code == 200
    assert visitor.get("/?" + "a" * (LONGEST_ADDRESS - 1)).status_code == 414
    assert visitor.get("/" + "a" * LONGEST_ADDRESS).status_code == 414


def test_so_many_headers_at_most(visitor: FlaskClient) -> None:
    assert visitor.get("/", headers={f"X-{number}": "x" for number in range(MOST_HEADERS - 5)}).status_code == 200
    assert visitor.get("/", headers={f"X-{number}": "x" for number in range(MOST_HEADERS)}).status_code == 431


@pytest.fixture
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world in which nothing can be spooled to a file."""

    def refuse(*told: object, **words: object) -> None:
        raise AssertionError("spooled to a file")

    for where in ("werkzeug.formparser.SpooledTemporaryFile", "tempfile.TemporaryFile", "tempfile.NamedTemporaryFile"):
        monkeypatch.setattr(where, refuse)


@pytest.mark.usefixtures("no_files")
def test_files_among_answers_stay_in_memory(visitor: FlaskClient) -> None:
    typed = parts(500) | {"file": FileStorage(BytesIO(b"x" * 900_000), "a.bin")}
    assert visitor.post("/visit/young_person", **packed(typed)).status_code == 422


@pytest.mark.usefixtures("no_files")
@pytest.mark.parametrize(("weight", "code"), [(LARGEST_FORM - 20_000, 422), (LARGEST_FORM, 413)])
def test_a_questionnaire_stays_in_memory_too(signed_in: FlaskClient, study: Study, weight: int, code: int) -> None:
    token = csrf_in(signed_in.get("/office/instruments").text)
    typed = {"csrf_token": token, "place": "", "file": FileStorage(BytesIO(b"x" * weight), "form.xlsx")}
    answer = signed_in.post("/office/instruments/check", **packed(typed))
    assert answer.status_code == code
    assert ("form.xlsx" in answer.text) == (code == 422), "it was read, and said to be no workbook"
