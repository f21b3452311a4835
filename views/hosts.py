"""Whose requests are answered: those for a host of ours. Any other is refused before an address is looked up.

A link that this app makes (an invitation, an enrolment) names the host that was asked for, and a passkey is bound to
it: so no stranger's name may get this far. What a proxy says about a request is believed only where settings say
how many proxies of ours stand before the app.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from flask import Flask, Request, request
from werkzeug.datastructures import ImmutableDict
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter

from config import LOOPBACK

FOR_GOOD = 365 * 24 * 3600  # seconds
PORT = re.compile(r":[0-9]{1,5}\Z")


class HostBound(Flask):
    """A Flask app that answers for the hosts in its setting OUR_HOSTS, and for nobody else.

    A static file may be kept for good, since its address names its content; no other file that it sends is kept at all.
    It answers OPTIONS with a refusal, as every method that a page does not use: nobody else's page may ask ours.
    """

    default_config = ImmutableDict(Flask.default_config | {"PROVIDE_AUTOMATIC_OPTIONS": False})

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Refuse a stranger's host where Flask would begin to look for the address. Raises SecurityError (400)."""
        if request is not None and not is_ours(request.environ.get("HTTP_HOST", ""), self.config["OUR_HOSTS"]):
            raise SecurityError("another host")
        return super().create_url_adapter(request)

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """How long a file may be kept. A download is none of our static files: it may hold names, or answers."""
        return FOR_GOOD if request.endpoint == "static" else None


def is_ours(asked: str, ours: Collection[str]) -> bool:
    """Whether a Host header names one of our hosts, at whatever port. A missing header names none."""
    return PORT.sub("", asked.lower()) in ours


def answer_for(app: HostBound, hosts: Collection[str] = LOOPBACK, proxies: int = 0) -> None:
    """Bind the app to these hosts; believe exactly so many proxies about a visitor's address and about TLS.

    The host itself is never taken from what a proxy adds: it hands the Host header on.
    """
    app.config["OUR_HOSTS"] = frozenset(hosts)
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
