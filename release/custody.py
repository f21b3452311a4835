"""Unlock the study's keys on the desk's machine: the research key by one passphrase, the identity key by two people.

Never opens an identity key with one file, whatever it says; names no passphrase in any sentence.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from errors import CeremonyError, EnvelopeError, ShareError
from privacy.key_files import lock, lock_share, stated, unlock, unlock_share
from privacy.keys import Keyring
from privacy.opening import CLOSED
from privacy.opening import PrivateKey as PrivateKey
from privacy.shares import rebuild
from release.folders import found_in, replace_file
from release.journal import write_act
from release.passphrases import refuse_weak
from release.rings import rings_in
from storage.journal import COMMAND_LINE, Act

LARGEST_KEY_FILE = 10_000  # bytes; a key file has less than 1,000


@dataclass(frozen=True)
class Custodians:
    """An identity key, open by two custodians, and their names as their files tell them."""

    key: PrivateKey
    names: tuple[str, ...]

    def forget(self) -> None:
        """Overwrite the key."""
        self.key.forget()


def unlock_research(data: bytes, passphrase: str) -> PrivateKey:
    """The research key in a key file. Raises EnvelopeError, alike for a wrong passphrase and a damaged file."""
    if _purpose(data) == "identity":
        raise EnvelopeError("This is another key: a custodian's. These records need the research key of their study.")
    return unlock(data, passphrase)


def unlock_identity(files: Sequence[tuple[bytes, str]]) -> Custodians:
    """The identity key out of two custodians' files and passphrases. Raises EnvelopeError with what to do."""
    if len(files) != 2:
        raise EnvelopeError("Two custodians' files are needed, each with its passphrase.")
    _refuse_unlike([_told(data) for data, _ in files])
    held = [unlock_share(data, passphrase) for data, passphrase in files]
    try:
        key = PrivateKey("identity", held[0].study, rebuild([one.share for one in held]))
    except ShareError:
        raise EnvelopeError(CLOSED) from None
    if key.public().short != held[0].key:
        key.forget()
        raise EnvelopeError(CLOSED)
    return Custodians(key, tuple(one.custodian for one in held))


def change_passphrase(
    path: Path, old: str, new: str, today: date, *, releases: Path, actor: str = COMMAND_LINE
) -> None:
    """Lock a key file with another passphrase. The old file is replaced whole; on any error it stays as it is.

    A copy of the old file elsewhere keeps the old passphrase. `releases`: where the desk's journal stands. Raises
    EnvelopeError, CeremonyError, JournalNotWritten.
    """
    data = key_file(path)
    refuse_weak(new, "of this file", [custodian_of(data)])
    if _purpose(data) == "research":
        key = unlock(data, old)
        try:
            changed = lock(key, new, secrets.token_bytes)
        finally:
            key.forget()
    else:
        changed = lock_share(unlock_share(data, old), new, secrets.token_bytes)
    told = stated(data)
    write_act(releases, actor, Act.PASSPHRASE_CHANGED, today, detail=f"{told['purpose']} {told['key']}")
    replace_file(path, changed)


def key_file(path: Path) -> bytes:
    """The bytes of a key file. Raises CeremonyError when it cannot be read, or is far too large to be one."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_KEY_FILE + 1)
    except OSError:
        raise CeremonyError(f"{path.name} cannot be read.") from None
    if len(data) > LARGEST_KEY_FILE:
        raise CeremonyError(f"{path.name} is not a key file.")
    return data


def research_keys(folder: Path) -> tuple[Path, ...]:
    """The files in this folder and below that say they hold a research key. None is opened for that."""
    return _files(folder, "research")


def identity_keys(folder: Path) -> tuple[Path, ...]:
    """The files in this folder and below that say they hold a custodian's share of an identity key."""
    return _files(folder, "identity")


def strangers_to(ring: Keyring, folder: Path) -> tuple[str, ...]:
    """Key files and keyrings here, of the same study, that know a key which this keyring has not. None is opened.

    Where there is one, the keyring is an old one, or not the study's at all.
    """
    known = {key.short for key in ring.keys}
    told = [(path, [head["key"]]) for path, head in _heads(folder) if head["study"] == ring.study]
    rings = [one for one in rings_in(folder) if one.ring.study == ring.study]
    told += [(folder / one.name, [key.short for key in one.ring.keys]) for one in rings]
    return tuple(path.relative_to(folder).as_posix() for path, keys in told if not known.issuperset(keys))


def custodian_of(data: bytes) -> str:
    """The custodian that a key file names, or nothing; believed only once it opened."""
    with suppress(EnvelopeError):
        return str(stated(data).get("custodian", ""))
    return ""


def _files(folder: Path, purpose: str) -> tuple[Path, ...]:
    return tuple(path for path, head in _heads(folder) if head["purpose"] == purpose)


def _heads(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in found_in(folder, "*.key"):
        with suppress(CeremonyError, EnvelopeError):
            yield path, stated(key_file(path))


def _purpose(data: bytes) -> str:
    with suppress(EnvelopeError):
        return str(stated(data)["purpose"])
    return ""


def _told(data: bytes) -> dict[str, Any]:
    head = stated(data)
    if head["holds"] != "share":
        raise EnvelopeError("This is the research key. The identity key opens with two custodians' files.")
    return head


def _refuse_unlike(heads: Sequence[dict[str, Any]]) -> None:
    one, two = heads
    if (one["study"], one["key"]) != (two["study"], two["key"]):
        raise EnvelopeError("These files are of two different identity keys. Take two of one key.")
    if one["split"] != two["split"]:
        raise EnvelopeError("These files are of two different divisions of the key. Take two that were made together.")
    if one["place"] == two["place"]:
        raise EnvelopeError("This is one custodian's file twice. The other custodian's is needed.")
