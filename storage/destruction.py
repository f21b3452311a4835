"""The certificate of a destruction: what was destroyed, by which rules, on which day, signed by the journal's key.

One line of canonical JSON. Counts are in steps of five, and it names nobody. docs/retention.md tells the form.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import DestructionRefused
from storage.journal_key import Signer, is_signed

FORMAT = "amanah destruction 1"
SIGNED = b"amanah-journal-1 destruction\n"  # stands before what is signed, so that nothing else can pass for one
LARGEST = 65_536  # bytes
MEMBERS = {
    "format", "study", "ended", "begun", "day", "destroyed", "kept", "archive", "rules", "still", "journal", "key",
    "signature",
}  # fmt: skip


@dataclass(frozen=True)
class Certificate:
    """A certificate whose signature is right. `told`: all that it says. `key`: the public key, in hex."""

    told: Mapping[str, Any]
    key: str
    signature: str

    @property
    def data(self) -> bytes:
        """The file."""
        return spelled({**self.told, "signature": self.signature}) + b"\n"


def spelled(told: Mapping[str, Any]) -> bytes:
    """The one spelling: names in order, no space between, UTF-8."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def signed(told: Mapping[str, Any], signer: Signer) -> Certificate:
    """A certificate of these facts."""
    whole = {**told, "format": FORMAT, "key": signer.public.hex()}
    return Certificate(whole, signer.public.hex(), signer.sign(SIGNED + spelled(whole)).hex())


def read_certificate(data: bytes) -> Certificate:
    """The certificate in a file. Raises DestructionRefused for one that was altered, and for anything else."""
    try:
        told = json.loads(data) if len(data) <= LARGEST else {}
        signature, key = told.pop("signature"), told["key"]
        found = Certificate(told, key, signature)
        is_whole = {*told, "signature"} == MEMBERS and told["format"] == FORMAT and found.data == data
        if is_whole and is_signed(bytes.fromhex(key), bytes.fromhex(signature), SIGNED + spelled(told)):
            return found
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass
    raise DestructionRefused("This is no certificate of a destruction, or it was altered: its signature is not right.")


def keep_certificate(path: Path, certificate: Certificate) -> bytes:
    """Write a certificate (0600), at once or not at all, in the place of an earlier one. Returns its bytes."""
    beside = path.with_name(path.name + ".part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(certificate.data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return certificate.data


def in_lines(certificate: Certificate) -> tuple[str, ...]:
    """What it says, a line each, for people."""
    told, archive = certificate.told, certificate.told["archive"]
    gone = ", ".join(f"{name.replace('_', ' ')}: {_at_least(number)}" for name, number in told["destroyed"].items())
    consents = told["kept"]["consent_records_until"]
    return (
        f"Certificate of destruction: study {told['study']}.",
        f"Ended on {told['ended']}; destruction begun on {told['begun']} and finished on {told['day']}.",
        f"Destroyed: {gone}.",
        f"Consent records are kept until {consents}, and then erased." if consents else "No consent record is kept.",
        f"Archived before, by the manifest with the SHA-256 {archive['manifest_sha256']}."
        if archive
        else "Nothing was archived.",
        f"Entry {told['journal']['entry']} of the journal says that it began, with the hash {told['journal']['hash']}.",
        f"Backups: the last of them must be gone by {told['still']['backups_until']}.",
    )


def _at_least(number: int) -> str:
    return f"{number} or more" if number else "fewer than 5"
