"""What the desk's rules refuse, in the page's language: they raise plain sentences, and the page says them.

Here are those that people meet in a day's work. What is not here stands in English, in a direction of its own.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

# Each is raised as it stands here: tests/desk/test_refusals.py looks for it where it is raised.
SENTENCES: tuple[Any, ...] = (
    _("Please choose where the sealed records are."),
    _("Please choose a key file."),
    _("This does not open: the key or passphrase is not the right one, or the bytes are damaged."),
    _("This is not a key file of a known version."),
    _("This is another key. These records need the research key of their study."),
    _("This is another key: a custodian's. These records need the research key of their study."),
    _("This is the research key. The identity key opens with two custodians' files."),
    _("This is one custodian's file twice. The other custodian's is needed."),
    _("This bundle holds identities. A release is made from the research bundle only."),
    _("This bundle holds answers. The custodians open the identity bundle only; ask for that one."),
    _("This file is not a whole Amanah bundle of a known version. Ask for it again."),
    _("These words are right, but of another sheet than those printed for this key."),
    _("These two sheets do not belong together. Take two sheets of the same key."),
    _("It was cancelled. Nothing was written."),
    _("Something went wrong. Nothing was written."),
    _("The folder for releases cannot be written. Nothing was written."),
)


def said(refused: object) -> str:
    """A refusal as the page says it; "" where nothing was refused."""
    return str(gettext(str(refused))) if refused else ""
