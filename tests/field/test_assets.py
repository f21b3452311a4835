"""Files and pages travel small: public ones packed and kept, private ones neither."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient
from shamir_mnemonic.wordlist import WORDLIST

PACKED = {"br": brotli.decompress, "gzip": gzip.decompress}


def static(field: FlaskClient) -> str:
    """The address of a static file, as a page names it."""
    found = re.search(r'href="(/static/[0-9a-f]{16}/amanah\.css)"', field.get("/").text)
    assert found
    return found.group(1)


@pytest.mark.parametrize("way", ["br", "gzip"])
def test_public_pages_and_files_are_packed_and_unpack_to_the_same(field: FlaskClient, way: str) -> None:
    for path in ("/visit/young_person", "/worker.js", "/manifest.webmanifest", static(field)):
        plain = field.get(path, buffered=True)
        packed = field.get(path, headers={"Accept-Encoding": way}, buffered=True)
        assert "Content-Encoding" not in plain.headers, path
        if len(plain.data) < 1000:
            continue
        assert packed.headers["Content-Encoding"] == way, path
        assert len(packed.data) < len(plain.data) / 2
        assert PACKED[way](packed.data) == plain.data


def test_a_page_beside_a_secret_is_never_packed(signed_in: FlaskClient) -> None:
    for path in ("/office", "/office/tablets", "/office/invitations", "/office/sign-in"):
        answer = signed_in.get(path, headers={"Accept-Encoding": "br, gzip"})
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "Content-Encoding" not in answer.headers, path
    refused = signed_in.post("/deliveries", headers={"Accept-Encoding": "br", "Accept": "application/json"})
    assert (refused.status_code, refused.headers["Cache-Control"]) == (401, "no-store")


def test_a_file_is_kept_for_good_and_another_version_has_another_address(field: FlaskClient) -> None:
    answer = field.get(static(field), buffered=True)
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert field.get(re.sub(r"[0-9a-f]{16}", "0" * 16, static(field))).status_code == 404


@pytest.mark.parametrize("path", ["/visit/young_person?lang=en", "/worker.js", "/keyring.json"])
def test_what_has_not_changed_is_not_sent_again(field: FlaskClient, path: str) -> None:
    mark = field.get(path).headers["ETag"]
    again = field.get(path, headers={"If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")


def test_a_tablets_words_are_those_of_the_desk_and_no_first_visit_loads_them(field: FlaskClient) -> None:
    written = (Path(__file__).parents[2] / "static" / "slip39.js").read_text("utf-8")
    assert written.split("`")[1].split() == list(WORDLIST)
    told = json.loads(field.get("/worker.js").text.partition("const KEPT = ")[2].partition(";\n")[0])
    for name in ("/slip39.js", "/newkeys.js"):
        assert [address for address in told["assets"] if address.endswith(name)]
        assert not [address for address in told["first"] if address.endswith(name)]
        assert name not in field.get("/visit/young_person").text
        assert name in field.get("/tablet").text  # kept when a shift begins, for a day without a network
