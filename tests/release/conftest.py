"""One whole ceremony for all tests of the desk's keys: each Argon2id takes its time."""

from __future__ import annotations

from pathlib import Path

import pytest

from privacy.keys import PURPOSES
from release.ceremony import finish
from tests.ceremonies import PHRASES, begun, proven, words
from tests.conftest import TODAY


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """A study's keys after a whole ceremony, and the words of its sheets."""
    home, ceremony = tmp_path_factory.mktemp("desk"), proven(begun())
    sheets = {purpose: [words(ceremony, purpose, number) for number in (1, 2, 3)] for purpose in PURPOSES}
    finish(ceremony, home / "keys", PHRASES, TODAY, releases=home / "releases")
    return home, sheets
