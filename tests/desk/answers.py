"""A test client that goes on to the answer of a form, as a browser does. Every other redirect stays to be looked at."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class GoesOn(FlaskClient):
    """Follows the desk to where it shows what a form was answered by."""

    def open(self, *asked: Any, **more: Any) -> TestResponse:
        answer = super().open(*asked, **more)
        # An upload of more than half a megabyte lies in a file that nobody else closes.
        answer.request.environ["wsgi.input"].close()
        if answer.status_code == 303 and "?answer=" in answer.location:
            return super().open(answer.location)
        return answer
