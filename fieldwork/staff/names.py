"""Names of staff: what may be one, and which are the same. Two that look alike are one name."""

from __future__ import annotations

import unicodedata

from errors import SettingsError
from storage.journal import COMMAND_LINE

LONGEST_NAME = 80
# What the journal calls, or a reader of it could take for, whoever typed a command: nobody is called so.
NOBODYS = (COMMAND_LINE, "administrator")


def name_from(typed: str) -> str:
    """The name as it is kept, spelled as sign-in spells what is typed. Raises SettingsError for what is none."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not (1 <= len(name) <= LONGEST_NAME and name.isprintable()):
        raise SettingsError(f"A name has 1 to {LONGEST_NAME} characters that can be printed.")
    if folded(name) in NOBODYS:
        raise SettingsError("In the journal this name would be taken for a command. Please choose another.")
    return name


def folded(name: str) -> str:
    """The name as names are compared: whatever its capitals, its width, its accents' spelling."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
