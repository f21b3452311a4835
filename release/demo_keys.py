"""A demo's keys: made without typing, with passphrases and sheets that its demo.json tells. For invented people."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from privacy.keys import PURPOSES
from release.ceremony import Ceremony, begin, finish, prove
from release.passphrases import new_passphrase

CUSTODIANS = ("Nadia", "Owen")


@dataclass(frozen=True)
class DemoKeys:
    """A demo's keyring file, and what its demo.json says of the key files."""

    keyring: bytes
    note: Mapping[str, Any]


def make_demo_keys(study: str, out: Path, today: date) -> DemoKeys:
    """Hold a whole ceremony for a demo, into this folder: its own sheets prove its keys."""
    ceremony = begin(study, PURPOSES, CUSTODIANS, secrets.token_bytes)
    told = _sheets(ceremony)
    for purpose in PURPOSES:
        prove(ceremony, purpose, *told[purpose][:2])
    phrases = [new_passphrase() for _ in ceremony.holders]
    files = [
        {"file": f"{out.name}/{holder.file}", "passphrase": phrase, "custodian": holder.custodian}
        for holder, phrase in zip(ceremony.holders, phrases, strict=True)
    ]
    record = finish(ceremony, out, phrases, today, releases=out.parent / "releases")
    return DemoKeys(record.ring.to_json(), {"research": files[0], "identity": files[1:], "sheets": told})


def _sheets(ceremony: Ceremony) -> dict[str, list[str]]:
    """The words of each key's sheets: with them a demo can show how a key is recovered."""
    return {
        purpose: [" ".join(sheet.words) for sheet in ceremony.sheets if sheet.purpose == purpose]
        for purpose in PURPOSES
    }
