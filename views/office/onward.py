"""Where a member goes on once they have shown again that it is them: a page of ours, or the very deed they pressed.

A deed is signed into the page that asks, with what was typed and whose session it is: two pages that stand open side by
side cannot be mixed up, and what another page carries is never done in its place. Never an address from a request.
"""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlencode

from flask import current_app, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer

LONGEST_QUERY = 500
Typed = list[tuple[str, str]]


def keep_page() -> None:
    """Remember the page that was asked for, in the signed cookie."""
    session["onward"] = [request.endpoint, _query()]


def kept_page() -> str:
    """The address of the page remembered, or of the start page where it was a deed."""
    endpoint, query = session.pop("onward", ["office.home", {}])
    shows = any("GET" in (rule.methods or ()) for rule in current_app.url_map.iter_rules(endpoint))
    return _address(endpoint, query) if shows else url_for("office.home")


def sign_deed(typed: Typed) -> str:
    """The deed that this request is, bound to this session and to what was typed."""
    return str(_signer().dumps([request.endpoint, _query(), _bound(typed)]))


def signed_deed(carried: str, typed: Typed) -> str | None:
    """The address of a deed that this session signed with these words; None for any other."""
    try:
        endpoint, query, bound = _signer().loads(carried)
    except BadSignature:
        return None
    return _address(endpoint, query) if bound == _bound(typed) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="a deed that waits for a factor")


def _bound(typed: Typed) -> str:
    # The secret of a session's forms lasts as long as the session, over every new token that proving brings.
    return hashlib.sha256(json.dumps([session.get("csrf_token"), typed]).encode()).hexdigest()


def _query() -> dict[str, str]:
    return dict(request.args) if len(request.query_string) <= LONGEST_QUERY else {}


def _address(endpoint: str, query: dict[str, str]) -> str:
    # Names that url_for would take for its own stay what they are: parameters.
    return url_for(endpoint) + (f"?{urlencode(query)}" if query else "")
