"""What desks of the tests stand on, made once: a research key's file, and an instance in which six people took part."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from commands import opened_study
from config import read_settings
from privacy.key_files import lock
from storage.stores import close_stores
from tests.conftest import Keys
from tests.desk.answers import GoesOn
from tests.rehearsing import PHRASE
from tests.visits import amina

MARKER = "marker-of-amina-77"


@pytest.fixture(scope="session", autouse=True)
def goes_on() -> Iterator[None]:
    """Every client of these tests reads the answer to its form where the desk shows it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "test_client_class", GoesOn)
        yield


@pytest.fixture(scope="session")
def research_file(keys: Keys) -> bytes:
    """The research key under the tests' passphrase: stretching one takes half a second."""
    return lock(keys.research, PHRASE, os.urandom)


@pytest.fixture(scope="session")
def six(unused: Path, research_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with six visits and the research key's file, of which each test takes a copy."""
    home = tmp_path_factory.mktemp("six") / "instance"
    shutil.copytree(unused, home)
    settings = read_settings(home, {})
    study = opened_study(settings)
    with create_app(settings).test_client() as field:
        for _ in range(6):
            told = amina(study.instrument, yp_text_1=MARKER, yp_fair_1="4")
            assert field.post("/visit/young_person", data=told).status_code == 200
    close_stores(study.stores)
    (home / "keys").mkdir()
    (home / "keys" / "research.key").write_bytes(research_file)
    return home
