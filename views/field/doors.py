"""What stands open without a role, and to whom: one table. An address that nobody listed keeps the app from starting.

Every other page is the staff's, and names its act (views/office/guards.py); the table of roles says whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from flask import Flask

from errors import SettingsError

# "anyone": no cookie, no token, no name. "device": a bearer token says who asks, never a cookie. "sign-in": the way in
# and out of the staff's pages, before there is a role to ask.
Door = Literal["anyone", "device", "sign-in"]
DOORS: Mapping[str, Door] = {
    "static": "anyone",
    "field.start": "anyone",
    "field.security": "anyone",
    "field.no_icon": "anyone",
    "field.support": "anyone",
    "field.sheet": "anyone",
    "field.cards": "anyone",
    "field.easy_read": "anyone",
    "field.recording": "anyone",
    "field.away": "anyone",
    "field.done": "anyone",
    "field.agreed": "anyone",
    "field.visit": "anyone",
    "field.finish": "anyone",
    "field.withdraw": "anyone",
    "field.erase": "anyone",
    "field.choices": "anyone",
    "field.take_changes": "anyone",
    "field.withdraw_tags": "anyone",
    "field.tablet": "anyone",
    "field.worker": "anyone",
    "field.manifest": "anyone",
    "field.keyring": "anyone",
    "field.walk_in": "anyone",
    "field.deliver": "device",
    "field.deliver_several": "device",
    "field.admission": "device",
    "field.outcome": "device",
    "field.enrol": "device",
    "office.sign_in": "sign-in",
    "office.code": "sign-in",
    "office.set_up": "sign-in",
    "office.sign_out": "sign-in",
    "office.left": "sign-in",
    "office.sign_in_passkey": "sign-in",
    "office.sign_in_challenge": "sign-in",
    "office.join": "sign-in",
    "office.join_challenge": "sign-in",
    "office.join_passkey": "sign-in",
    "office.join_password": "sign-in",
}
# There only where the setting `development` is on, which only a demo can have.
IN_DEVELOPMENT: Mapping[str, Door] = {
    "styleguide.visit": "anyone",
    "styleguide.staff": "anyone",
    "styleguide.sheet": "anyone",
}
UNLISTED = (
    "The address {} ({}) names no act and stands in no list of what is open. Give its page an act in "
    "views/office/__init__.py, or a line in views/field/doors.py."
)


def check_doors(app: Flask) -> None:
    """Refuse to start with an address that neither names an act nor is listed, or does both. Raises SettingsError."""
    for rule in app.url_map.iter_rules():
        has_act = hasattr(app.view_functions[rule.endpoint], "act")
        if has_act == (rule.endpoint in {*DOORS, *IN_DEVELOPMENT}):
            raise SettingsError(UNLISTED.format(rule.rule, rule.endpoint))
