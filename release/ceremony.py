"""Make the study's keys, so that one forgotten passphrase loses nothing. Nothing is written before every key was
rebuilt from two shares that somebody typed; seeds and shares are in no file but the key files, and there sealed.

begin → sheets are printed, or copied by hand → prove, for each key → finish. The same files are written for a key
that was recovered from its sheets, and for one that other custodians shall hold: `keep`.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from errors import CeremonyError, ShareError
from privacy.key_files import LONGEST_NAME, HeldShare, RandomBytes, lock, lock_share
from privacy.keys import PURPOSES, Keyring, PublicKey, Purpose
from privacy.opening import PrivateKey, new_private_key
from privacy.shares import Share, rebuild, split
from privacy.shares import read_share as read_share
from release.ceremony_record import Record
from release.folders import refuse_taken, write_folder
from release.journal import write_act
from release.passphrases import refuse_weak, same
from storage.journal import COMMAND_LINE, Act

SHEETS = 3  # a key; any two of them rebuild it
FEWEST_CUSTODIANS, MOST_CUSTODIANS = 2, 3


@dataclass(frozen=True)
class Sheet:
    """What is printed for one trustee: a share of one key. Shown, never written."""

    number: int
    key: PublicKey
    share: Share = field(repr=False)

    @property
    def purpose(self) -> Purpose:
        """Which key it helps to rebuild."""
        return self.key.purpose

    @property
    def words(self) -> tuple[str, ...]:
        """The 33 words."""
        return self.share.words

    @property
    def code(self) -> str:
        """What tells this sheet from every other; no secret."""
        return f"{self.share.identifier:05d}-{self.number}"


@dataclass(frozen=True)
class Holder:
    """Whose passphrase locks which file."""

    file: str
    purpose: Purpose
    custodian: str = ""

    @property
    def whose(self) -> str:
        """As a sentence names their passphrase."""
        return f"of {self.custodian}" if self.custodian else "of the research key"


@dataclass
class Ceremony:
    """Keys in the making, in memory only. `forget` it when it ends, however it ends."""

    study: str
    keys: tuple[PrivateKey, ...] = field(repr=False)
    holders: tuple[Holder, ...]
    sheets: tuple[Sheet, ...] = field(repr=False)
    ring: Keyring
    is_rotation: bool
    random_bytes: RandomBytes = field(repr=False)
    proven: set[Purpose] = field(default_factory=set)

    def unproven(self) -> tuple[Purpose, ...]:
        """The keys of which two sheets have not been typed back."""
        return tuple(key.purpose for key in self.keys if key.purpose not in self.proven)

    def forget(self) -> None:
        """Overwrite the seeds and let go of the sheets."""
        for key in self.keys:
            key.forget()
        self.keys, self.sheets = (), ()


def begin(
    study: str,
    purposes: Sequence[Purpose],
    custodians: Sequence[str],
    random_bytes: RandomBytes,
    ring: Keyring | None = None,
) -> Ceremony:
    """New keys for these purposes, with their sheets. `ring`: the public keyring to add to, for a rotation.

    Raises CeremonyError.
    """
    wanted = tuple(purpose for purpose in PURPOSES if purpose in purposes)
    if not wanted:
        raise CeremonyError("Please say which key to make: research, identity, or both.")
    if ring is None and wanted != PURPOSES:
        raise CeremonyError("A study begins with both keys. To make one anew, give the keyring that it belongs to.")
    if ring is not None and ring.study != study:
        raise CeremonyError(f"This keyring is of the study {ring.study}, not of {study}.")
    holders = holders_of(wanted, custodians)
    keys = tuple(new_private_key(purpose, study, random_bytes) for purpose in wanted)
    rung = ring or Keyring(study, ())
    for key in keys:
        rung = rung.rotated(key.public())
    return Ceremony(study, keys, holders, _sheets(keys), rung, ring is not None, random_bytes)


def holders_of(purposes: Sequence[Purpose], custodians: Sequence[str]) -> tuple[Holder, ...]:
    """The key files of these keys, each with whose passphrase locks it. Raises CeremonyError for a wrong list."""
    research = (Holder("research.key", "research"),) if "research" in purposes else ()
    if "identity" not in purposes:
        return research
    names = [" ".join(name.split()) for name in custodians]
    if not FEWEST_CUSTODIANS <= len(names) <= MOST_CUSTODIANS:
        raise CeremonyError("Two custodians hold the identity key together; a third can be their substitute.")
    if not all(0 < len(name) <= LONGEST_NAME and name.isprintable() for name in names):
        raise CeremonyError(f"Please give each custodian's name or initials, up to {LONGEST_NAME} characters.")
    if len({name.casefold() for name in names}) < len(names):
        raise CeremonyError("The custodians must be different people, with different names.")
    return research + tuple(Holder(f"identity-{number}.key", "identity", name) for number, name in enumerate(names, 1))


def prove(ceremony: Ceremony, purpose: Purpose, first: str, second: str) -> None:
    """Rebuild a key from the words of two of its sheets, as typed. Raises ShareError, and the key is not proven."""
    key = next((key for key in ceremony.keys if key.purpose == purpose), None)
    if key is None:
        raise CeremonyError("This ceremony makes no such key.")
    of, rebuilt = _rebuilt(first, second)
    try:
        if of != purpose or not hmac.compare_digest(rebuilt, key.seed):
            raise ShareError("These sheets are of another key. Take two sheets of this one.")
    finally:
        rebuilt[:] = bytes(len(rebuilt))
    ceremony.proven.add(purpose)


def finish(
    ceremony: Ceremony,
    folder: Path,
    passphrases: Sequence[str],
    today: date,
    *,
    releases: Path,
    actor: str = COMMAND_LINE,
) -> Record:
    """Write key files, keyring.json and the record into a new folder, whole or not at all; then forget the keys.

    `passphrases`: one for each of `ceremony.holders`, in their order. `releases`: where the desk's journal stands, in
    which the act is written first. Raises CeremonyError, and JournalNotWritten; then nothing was written, and the
    ceremony goes on.
    """
    if not ceremony.keys:
        raise CeremonyError("This ceremony is over. Begin a new one.")
    if missing := ceremony.unproven():
        raise CeremonyError(f"First type two sheets of the {missing[0]} key back.")
    act = Act.KEY_ROTATED if ceremony.is_rotation else Act.KEYS_MADE
    codes = tuple((sheet.purpose, sheet.code) for sheet in ceremony.sheets)
    record = Record(act, today, ceremony.ring, _public(ceremony.keys), _names(ceremony.holders), codes)
    _write(ceremony.keys, ceremony.holders, passphrases, folder, record, ceremony.random_bytes, releases, actor)
    ceremony.forget()
    return record


def recover(ring: Keyring, first: str, second: str) -> PrivateKey:
    """The key of this keyring that two sheets rebuild, as typed. Raises ShareError; CeremonyError for a false keyring.

    The sheets say what it is for, never the keyring: an identity key is not written as a research key.
    """
    purpose, seed = _rebuilt(first, second)
    found = PrivateKey(purpose, ring.study, seed)
    try:
        known = ring.own_of(found.public())
    except CeremonyError:
        found.forget()
        raise
    if known is None:
        found.forget()
        raise ShareError("These sheets rebuild a key that is not in this keyring. Take the keyring of the same study.")
    return found


def keep(
    key: PrivateKey,
    custodians: Sequence[str],
    ring: Keyring,
    folder: Path,
    passphrases: Sequence[str],
    today: date,
    random_bytes: RandomBytes,
    *,
    act: Act,
    releases: Path,
    actor: str = COMMAND_LINE,
) -> Record:
    """Write new files for a key that there is: recovered from its sheets, or to be held by other custodians.

    Its sheets and the keyring stay as they are. The key is not forgotten: the caller does that. Raises CeremonyError.
    """
    kept = ring.own_of(key.public())
    if kept is None:
        raise CeremonyError("This key is not in this keyring. Take the keyring of the same study.")
    holders = holders_of((key.purpose,), custodians)
    record = Record(act, today, ring, (kept,), _names(holders), ())
    _write((key,), holders, passphrases, folder, record, random_bytes, releases, actor)
    return record


def refuse_passphrases(holders: Sequence[Holder], passphrases: Sequence[str], study: str) -> None:
    """Raises CeremonyError unless there is a good passphrase for each holder, and each is another."""
    if len(passphrases) != len(holders):
        raise CeremonyError(f"{len(holders)} passphrases are needed, one for each file; {len(passphrases)} were given.")
    known = [study, *study.split("_"), *(holder.custodian for holder in holders)]
    for at, (holder, passphrase) in enumerate(zip(holders, passphrases, strict=True)):
        refuse_weak(passphrase, holder.whose, known)
        if any(same(passphrase, other) for other in passphrases[:at]):
            raise CeremonyError("Every passphrase must differ from the others: nobody may open what two people guard.")


def _rebuilt(first: str, second: str) -> tuple[Purpose, bytearray]:
    shares = [read_share(first), read_share(second)]
    return shares[0].purpose, rebuild(shares)


def _sheets(keys: Sequence[PrivateKey]) -> tuple[Sheet, ...]:
    made: list[Sheet] = []
    for key in keys:
        shares = split(key.seed, key.purpose, SHEETS, [sheet.share.identifier for sheet in made])
        made += [Sheet(share.place, key.public(), share) for share in shares]
    return tuple(made)


def _write(
    keys: Sequence[PrivateKey],
    holders: Sequence[Holder],
    passphrases: Sequence[str],
    folder: Path,
    record: Record,
    random_bytes: RandomBytes,
    releases: Path,
    actor: str,
) -> None:
    refuse_passphrases(holders, passphrases, record.study)
    refuse_taken(folder)
    files: dict[str, bytes] = {}
    for key in keys:
        mine = [(one, phrase) for one, phrase in zip(holders, passphrases, strict=True) if one.purpose == key.purpose]
        files |= _key_files(key, mine, random_bytes)
    files |= {"keyring.json": record.ring.to_json(), "ceremony.txt": record.text.encode()}
    write_act(releases, actor, record.act, record.day, detail=record.in_journal)
    write_folder(folder, files)


def _key_files(key: PrivateKey, held: Sequence[tuple[Holder, str]], random_bytes: RandomBytes) -> dict[str, bytes]:
    if key.purpose == "research":
        return {holder.file: lock(key, phrase, random_bytes) for holder, phrase in held}
    shares, short = split(key.seed, key.purpose, len(held)), key.public().short
    return {
        holder.file: lock_share(HeldShare(key.study, short, holder.custodian, share), phrase, random_bytes)
        for (holder, phrase), share in zip(held, shares, strict=True)
    }


def _public(keys: Sequence[PrivateKey]) -> tuple[PublicKey, ...]:
    return tuple(key.public() for key in keys)


def _names(holders: Sequence[Holder]) -> tuple[tuple[str, str], ...]:
    return tuple((holder.file, holder.custodian) for holder in holders)
