"""Where a member of staff may go from every page: a table of the ways, and what of it the table of roles lets them see.

A new page of the staff's is one row more. A row that names no page stops the app at its start, and a page that no row
leads to fails a test (tests/office/test_navigation.py): nothing is left out in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _

from fieldwork.roles import May, may
from views.office.guards import View

Page = tuple[str, str, str, May, View]
# What the page is called in the bar, by its endpoint, in the order of the bar.
TASKS: Mapping[str, Any] = {
    "home": _("Progress"),
    "study": _("Study"),
    "instruments": _("Questionnaires"),
    "invitations": _("Invitations"),
    "tablets": _("Tablets"),
    "keys": _("Keys"),
    "staff": _("Staff"),
    "approvals": _("Proposals"),
    "orders": _("Orders"),
    "journal": _("Journal"),
    "health": _("Health"),
}
# What stands at the inline end, beside the button to sign out.
OWN: Mapping[str, Any] = {"factors": _("Your sign-in")}


@dataclass(frozen=True)
class Way:
    """A link of the bar. `here`: "page" on that very page, "true" on one below it, else empty."""

    address: str
    words: Any
    here: str
    is_own: bool


def ways_of(acts: Mapping[str, May], role: str) -> tuple[Way, ...]:
    """The links that this role may follow. `acts`: what each page of the staff's is for, by its endpoint."""
    shown = [(endpoint, words) for endpoint, words in (*TASKS.items(), *OWN.items()) if may(role, acts[endpoint])]
    return tuple(_way(url_for(f"office.{endpoint}"), words, endpoint in OWN) for endpoint, words in shown)


def _way(address: str, words: Any, is_own: bool) -> Way:
    below = request.path.startswith(f"{address}/") and address != url_for("office.home")
    here = "page" if request.path == address else "true" if below else ""
    return Way(address, words, here, is_own)
