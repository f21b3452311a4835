"""Make the study's keys and unlock them, on the desk's machine only. Key files are written once, never overwritten."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ReleaseError
from privacy.keys import PURPOSES, Keyring, Purpose
from privacy.opening import PrivateKey as PrivateKey
from privacy.opening import lock, new_private_key, unlock

SHORTEST_PASSPHRASE = 15  # characters
DEMO_WORDS = 6  # of a list of 1,024: 60 bits, for invented people only


@dataclass(frozen=True)
class DemoKeys:
    """A demo's keyring file, and what its demo.json says of the key files."""

    keyring: bytes
    note: Mapping[str, Any]


def make_keys(study: str, out: Path, passphrases: Mapping[Purpose, str]) -> Keyring:
    """Make both keys in a new folder (0700): two key files and the public keyring. Raises ReleaseError."""
    for purpose in PURPOSES:
        if len(passphrases[purpose]) < SHORTEST_PASSPHRASE:
            raise ReleaseError(
                f"The {purpose} passphrase needs at least {SHORTEST_PASSPHRASE} characters. Use several words."
            )
    if passphrases["research"] == passphrases["identity"]:
        raise ReleaseError("The two passphrases must differ: nobody may open both vaults.")
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=False)
    except FileExistsError:
        raise ReleaseError(f"{out} exists already. Choose a new folder; nothing was written.") from None
    keys = [new_private_key(purpose, study, secrets.token_bytes) for purpose in PURPOSES]
    for key in keys:
        _write(out / f"{key.purpose}.key", lock(key, passphrases[key.purpose], secrets.token_bytes))
    ring = Keyring(study, tuple(key.public() for key in keys))
    _write(out / "keyring.json", ring.to_json())
    return ring


def make_demo_keys(study: str, out: Path) -> DemoKeys:
    """Make both keys for a demo, with passphrases that its demo.json tells."""
    phrases = {purpose: _phrase() for purpose in PURPOSES}
    ring = make_keys(study, out, phrases)
    told = {purpose: {"file": f"{out.name}/{purpose}.key", "passphrase": phrases[purpose]} for purpose in PURPOSES}
    return DemoKeys(ring.to_json(), {"research": told["research"], "identity": [told["identity"]]})


def unlock_key(data: bytes, passphrase: str) -> PrivateKey:
    """The key in a key file. Raises EnvelopeError, alike for a wrong passphrase and a damaged file."""
    return unlock(data, passphrase)


def research_keys(folder: Path) -> tuple[Path, ...]:
    """The files in this folder that say they hold a research key. None is opened for that."""
    return tuple(path for path in sorted(folder.glob("*.key")) if _stated_purpose(path) == "research")


def _stated_purpose(path: Path) -> str:
    try:
        return str(json.loads(path.read_bytes())["purpose"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _phrase() -> str:
    from shamir_mnemonic.wordlist import WORDLIST

    return " ".join(secrets.choice(WORDLIST) for _ in range(DEMO_WORDS))


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
