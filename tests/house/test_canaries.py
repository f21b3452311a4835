"""A visit full of marker strings leaves none of them: not in the stores, logs, temporary files, error pages."""

from __future__ import annotations

import base64
import gzip
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from config import Settings
from fieldwork.bundles import make_bundle
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from instruments.model import Instrument
from tests.house.scanner import files_with, found_in
from tests.house.served import Answer, Served, serving
from tests.visits import amina
from views.logs import FIELDS

RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
SAID = {
    "yp_text_1": "canary-openone-7c1d کینری",
    "yp_text_2": "canary-opentwo-81ff",
    "v_name": "Canaryname Amina-e9b2",
    "v_phone": "07700 900613",
    "v_email": "canary-mail-4f@example.org",
    "v_contact_how": "canary-how-55 evenings only",
}
AGENT, FORWARDED, ODDITY = "canary-agent-0b77", "203.0.113.77", "canary-oddity-c3d4"
FROM = "127.0.0.99"


@pytest.fixture
def served(settings: Settings, tmp_path: Path) -> Iterator[Served]:
    with serving(settings.home, tmp_path) as running:
        yield running


def post(served: Served, typed: dict[str, list[str]], path: str = "/visit/young_person?lang=en") -> Answer:
    headers = {"User-Agent": AGENT, "X-Forwarded-For": FORWARDED, "Forwarded": f"for={FORWARDED}"}
    return served.send("POST", path, typed, headers, source=FROM)


@dataclass(frozen=True)
class Left:
    """What a visit might have left, and where to look."""

    markers: tuple[str, ...]
    home: Path
    served: Served

    def anywhere(self) -> dict[str, set[str]]:
        found = files_with(self.home, self.markers) | files_with(self.served.scratch, self.markers)
        printed = found_in(self.served.said, self.markers)
        return found | ({"printed": printed} if printed else {})


@pytest.fixture
def left(served: Served, settings: Settings, instrument: Instrument) -> Left:
    typed = amina(instrument, o_recontact="yes", **SAID)
    answer = post(served, typed)
    assert answer.status == 200
    receipt = RECEIPT.search(answer.text)
    assert receipt, answer.text
    code = receipt.group()
    markers = (*SAID.values(), AGENT, FORWARDED, FROM, ODDITY, code, code.replace("-", ""))
    return Left(markers, settings.home, served)


@pytest.mark.parametrize(
    "hide",
    [
        str.encode,
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode().hex().upper().encode(),
        lambda text: base64.b64encode(b"x" + text.encode() + b"yy"),
        lambda text: zlib.compress(text.encode()),
        lambda text: b"before" + gzip.compress(text.encode()),
    ],
)
def test_the_scanner_finds_what_it_looks_for(tmp_path: Path, hide) -> None:
    (tmp_path / "a").write_bytes(b"\0" * 100 + hide(f"so {SAID['yp_text_1']} there") + b"\0" * 100)
    assert files_with(tmp_path, [SAID["yp_text_1"], AGENT]) == {"a": {SAID["yp_text_1"]}}


def test_the_scanner_looks_into_zip_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("inside", ODDITY * 20)
    assert files_with(tmp_path, [ODDITY])


def test_the_scanner_finds_a_marker_that_is_put_into_a_store(left: Left) -> None:
    with sqlite3.connect(left.home / "stores" / "office.db") as office:
        office.execute("create table stray as select ? as said", (AGENT,))
    office.close()
    assert set.union(*left.anywhere().values()) == {AGENT}


def test_a_visit_leaves_no_plaintext_in_any_file_or_output(left: Left) -> None:
    assert left.anywhere() == {}
    lines = [json.loads(line) for line in left.served.said.decode().splitlines()]
    assert "field.finish" in {line.get("route") for line in lines}
    assert all(set(line) <= set(FIELDS) for line in lines)


def test_upkeep_and_bundles_leave_none_either(left: Left, study: Study) -> None:
    for purpose in ("research", "identity"):
        make_bundle(study, left.home / f"{purpose}.amanah", "Mara", date(2026, 11, 23), purpose)
    maintain(study, date(2026, 11, 23))
    assert left.anywhere() == {}


def test_withdrawing_leaves_no_trace_of_the_code(left: Left) -> None:
    answer = left.served.send("POST", "/withdraw", {"code": left.markers[-1]}, {"User-Agent": AGENT})
    assert answer.status == 200
    assert not found_in(answer.body, left.markers)
    assert left.anywhere() == {}


def provoked(served: Served, typed: dict[str, list[str]]) -> dict[str, Answer]:
    """Error pages of every kind that a person or a prober can provoke while sending answers."""
    head = {"User-Agent": AGENT, "X-Forwarded-For": FORWARDED}
    urlencoded = head | {"Content-Type": "application/x-www-form-urlencoded"}
    packed = head | {"Content-Type": f"multipart/form-data; boundary={ODDITY}"}
    return {
        "404": served.send("POST", f"/visit/{ODDITY}", typed, head),
        "405": served.send("DELETE", f"/visit/young_person?x={ODDITY}", typed, head),
        "413": served.send("POST", "/visit/young_person", {"yp_text_1": ODDITY * 100_000}, head),
        "400 parts": served.send("POST", "/visit/young_person", ODDITY.encode(), packed),
        "422 bytes": served.send("POST", "/visit/young_person", b"age=%ff%fe&elig_muslim=\xff", urlencoded),
        "host": served.send("GET", "/", None, head | {"Host": f"{ODDITY}.example"}),
    }


def test_error_pages_show_nothing_of_what_was_sent(served: Served, instrument: Instrument, settings: Settings) -> None:
    pages = provoked(served, amina(instrument, **SAID))
    assert all(page.status >= 400 for name, page in pages.items() if name != "host"), {
        n: p.status for n, p in pages.items()
    }
    markers = (*SAID.values(), AGENT, FORWARDED, ODDITY)
    assert {name: found_in(page.body, markers) for name, page in pages.items()} == {name: set() for name in pages}
    assert Left(markers, settings.home, served).anywhere() == {}


def test_a_crash_while_storing_shows_and_logs_nothing_of_the_visit(
    served: Served, instrument: Instrument, settings: Settings
) -> None:
    with sqlite3.connect(settings.home / "stores" / "research.db") as research:
        research.execute("drop table records")
    research.close()
    answer = post(served, amina(instrument, o_recontact="yes", **SAID))
    markers = (*SAID.values(), AGENT, FORWARDED, FROM)
    assert answer.status == 500
    assert not found_in(answer.body, markers)
    assert served.said, "the crash itself is logged"
    assert Left(markers, settings.home, served).anywhere() == {}
