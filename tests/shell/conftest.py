"""One field app, and one desk, for every test that only looks at how they answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app, create_desk
from config import Settings
from tests.conftest import Keys, new_instance


@pytest.fixture(scope="session")
def standing_settings(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Settings:
    """An instance that no test changes, with settings as behind TLS."""
    made = new_instance(tmp_path_factory.mktemp("shell") / "instance", keys)
    return replace(made, secure_cookies=True, security_contact="mailto:amina@example.org")


@pytest.fixture(scope="session")
def standing_app(standing_settings: Settings) -> Flask:
    app = create_app(standing_settings)
    # What goes wrong is answered as it would be to a visitor, never raised into the test.
    app.testing = False
    return app


@pytest.fixture
def visitor(standing_app: Flask) -> FlaskClient:
    """Somebody who has no cookie."""
    return standing_app.test_client()


@pytest.fixture(scope="session")
def standing_desk(standing_settings: Settings) -> Flask:
    return create_desk(standing_settings)
