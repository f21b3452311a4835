"""How far the interface's words in a language have been reviewed, sentence by sentence. Reads files and changes none.

translations/status.toml says who reviewed a language and when; reviewed.txt beside its catalogue holds a digest of each
sentence as it was then. A sentence that was changed or added since is a draft again, and no other.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo

DIGITS = 16  # of a sentence's digest, in hex
PLURAL, CONTEXT = "\0", "\4"


@dataclass(frozen=True)
class Review:
    """What is known of a language: `status`: "source", "draft", "reviewed" or "missing". `since`: changed since."""

    status: str
    by: str = ""
    date: str = ""
    since: int = 0


def review_of(language: str, folder: Path) -> Review:
    """How far the words of this folder in this language were reviewed. A language it does not know is a draft."""
    told = _status(folder / "status.toml").get(language, {"status": "draft"})
    if told["status"] != "reviewed":
        return Review(told["status"])
    reviewed = folder / language / "reviewed.txt"
    if not reviewed.is_file() or digest_of(reviewed) != told.get("digest"):
        return Review("draft")
    return Review("reviewed", told["by"], told["date"], _changed(folder / language))


def digest_of(path: Path) -> str:
    """What status.toml says of the list of sentences that were reviewed."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(catalog: Catalog) -> Iterator[str]:
    """A digest of each sentence together with what it is said with in this language."""
    # A compiled file says a count that nobody translated in English.
    said = (message for message in catalog if message.id and message.string)
    return (_digest(message) for message in said if list(message.string or "") != list(message.id))


def _digest(message: Message) -> str:
    # What is read from a compiled file has its context in bytes.
    context = message.context.decode() if isinstance(message.context, bytes) else message.context or ""
    said = [context, _joined(message.id), _joined(message.string or "")]
    return hashlib.sha256(CONTEXT.join(said).encode()).hexdigest()[:DIGITS]


def _joined(forms: str | tuple[str, ...] | list[str]) -> str:
    return forms if isinstance(forms, str) else PLURAL.join(forms)


@cache
def _status(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


@cache
def _changed(folder: Path) -> int:
    known = set((folder / "reviewed.txt").read_text("utf-8").split())
    with (folder / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        return sum(one not in known for one in digests(read_mo(file)))
