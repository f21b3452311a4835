"""The staff's pages as the coordinator meets them."""

from __future__ import annotations

from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from commands import addresses_of
from fieldwork.instance import open_study
from fieldwork.staff.members import hire
from fieldwork.study import Study
from tests.conftest import Keys, new_instance
from tests.staff import PASSWORD, open_session, sign_in_as

NOBODY = count(1)


@pytest.fixture
def coordinator(field: FlaskClient, study: Study) -> FlaskClient:
    """The field app's client with Idris signed in as coordinator."""
    return sign_in_as(field, study, "coordinator", "Idris")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> tuple[Flask, Study]:
    """One instance for all of these tests, in which Mara and Nadia look after the staff."""
    settings = new_instance(tmp_path_factory.mktemp("staff") / "instance", keys)
    study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    for name in ("Mara", "Nadia"):
        hire(study.stores.office, name, "administrator", PASSWORD)
    return create_app(settings), study


@pytest.fixture
def here(house: tuple[Flask, Study]) -> Study:
    return house[1]


@pytest.fixture
def visitor(house: tuple[Flask, Study]) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return house[0].test_client()


@pytest.fixture
def mara(house: tuple[Flask, Study]) -> FlaskClient:
    client = house[0].test_client()
    open_session(client, house[1], "Mara")
    return client


@pytest.fixture
def newcomer(here: Study) -> str:
    """Somebody's name whom no other test knows."""
    return f"Newcomer {next(NOBODY)}"
