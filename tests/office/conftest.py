"""The staff's pages as the coordinator meets them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fieldwork.study import Study
from tests.staff import sign_in_as


@pytest.fixture
def coordinator(field: FlaskClient, study: Study) -> FlaskClient:
    """The field app's client with Idris signed in as coordinator."""
    return sign_in_as(field, study, "coordinator", "Idris")
