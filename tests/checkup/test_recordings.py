"""A study with recordings loads what plays them, on the pages that can be listened to, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from checkup.headers import check_headers
from checkup.loading import check_pages
from checkup.manifest import AssetManifest
from tests.checkup.conftest import Deployed, Headers, app_of
from tests.conftest import Keys, new_instance
from tests.recordings import heard_study

VISIT, EASY = "/visit/young_person?lang=en", "/easy-read/young_person?lang=en"


@pytest.fixture(scope="module")
def heard(served: Deployed, tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Deployed]:
    around, before = tmp_path_factory.mktemp("heard"), served.operator.app
    served.operator.app = app_of(new_instance(around / "instance", keys, heard_study(around / "study")))
    yield served
    served.operator.app, served.operator.change = before, None


def found(deployed: Deployed, manifest: AssetManifest, *paths: str) -> list[str]:
    """What is wrong with these pages, save that they lead to pages that are not looked at here."""
    visited = {path: deployed.site.ask(path) for path in paths}
    told = [*check_pages(deployed.site, manifest, visited, False), *check_headers(deployed.site, visited, {}, False)]
    return [one.found for one in told if one.outcome == "WRONG" and one.about != "where the pages lead"]


def test_what_plays_recordings_belongs_there(heard: Deployed, manifest: AssetManifest) -> None:
    heard.operator.change = None
    assert b"listen.js" in heard.site.ask(VISIT).body
    assert found(heard, manifest, VISIT, EASY) == []


@pytest.mark.parametrize("lacking", [b"listen.js", b"listen.css", b"sounds.js"])
def test_a_part_of_it_alone_is_told(heard: Deployed, manifest: AssetManifest, lacking: bytes) -> None:
    def changed(asked: str, status: str, told: Headers, data: bytes) -> tuple[str, Headers, bytes]:
        kept = [line for line in data.splitlines(keepends=True) if lacking not in line]
        return status, told, b"".join(kept) if asked == "/visit/young_person" else data

    heard.operator.change = changed
    told = found(heard, manifest, VISIT)
    assert [one.split(":")[0] for one in told] == ["has what does not belong there"] * 2


def test_another_page_may_not_have_it(heard: Deployed, manifest: AssetManifest) -> None:
    lines = [line for line in heard.site.ask(VISIT).body.splitlines() if b"listen." in line or b"sounds." in line]

    def changed(asked: str, status: str, told: Headers, data: bytes) -> tuple[str, Headers, bytes]:
        return status, told, data.replace(b"</head>", b"".join(lines) + b"</head>") if asked == "/support" else data

    heard.operator.change = changed
    told = " ".join(found(heard, manifest, "/support", VISIT))
    assert "has what does not belong there: script listen.js (/support)" in told
