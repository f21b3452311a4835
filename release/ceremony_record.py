"""The record of a ceremony: which keys, whose files, which sheets, on which day. To print and sign; holds no secret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from privacy.envelope import Suite
from privacy.keys import Digest, Keyring, PublicKey, Purpose
from storage.journal import Act

TITLES = {
    Act.KEYS_MADE: "Keys were made",
    Act.KEY_ROTATED: "New keys take the place of old ones",
    Act.KEY_RECOVERED: "A key was recovered from two sheets",
    Act.CUSTODIANS_CHANGED: "The identity key is held by other custodians",
}
SIGNED_BY = ("Who made them", "Who watched")


@dataclass(frozen=True)
class Record:
    """What was done, as data for a page; `text` is the same to print."""

    act: Act
    day: date
    ring: Keyring
    keys: tuple[PublicKey, ...]  # those that the ceremony was about
    files: tuple[tuple[str, str], ...]  # name of the key file, name of the custodian
    sheets: tuple[tuple[Purpose, str], ...]  # of which key, and their codes; none where no sheet was made

    @property
    def study(self) -> str:
        """The study's id."""
        return self.ring.study

    @property
    def title(self) -> str:
        """What was done, in words."""
        return TITLES[self.act]

    @property
    def fingerprints(self) -> tuple[tuple[Purpose, Digest], ...]:
        """Each key's digest, to compare in words or in digits."""
        return tuple((key.purpose, key.digest(Suite.XWING)) for key in self.keys)

    @property
    def others(self) -> tuple[tuple[Purpose, Digest], ...]:
        """What else the keyring seals to: whoever signs the record must see every key, not the new one alone."""
        found = (key for key in self.ring.keys if key.status == "active" and key not in self.keys)
        return tuple((key.purpose, key.digest(Suite.XWING)) for key in found)

    @property
    def in_journal(self) -> str:
        """Which keys, as the desk's journal has it."""
        return ", ".join(f"{key.purpose} {key.short}" for key in self.keys)

    @property
    def text(self) -> str:
        """The record to print and sign."""
        return "\n".join(_lines(self)) + "\n"


def _lines(record: Record) -> Iterator[str]:
    yield f"{record.title}\n"
    yield f"Study: {record.study}"
    yield f"Day: {record.day.isoformat()}"
    for purpose, digest in record.fingerprints:
        yield f"\nThe {purpose} key\n  {' '.join(digest.words)}\n  {digest.groups}"
    for purpose, digest in record.others:
        yield f"\nThe {purpose} key, not made here: compare it with an earlier record"
        yield f"  {' '.join(digest.words)}\n  {digest.groups}"
    yield f"\nThe whole keyring (keyring.json)\n  {' '.join(record.ring.words)}\n  {record.ring.fingerprint}"
    yield "\nKey files"
    yield from (f"  {file}{f': {custodian}' if custodian else ''}" for file, custodian in record.files)
    if record.sheets:
        yield "\nSheets, and the trustee of each"
        yield from (f"  {purpose} key, {code}: ____________________" for purpose, code in record.sheets)
    yield "\nThis page holds no secret."
    yield from (f"\n{who}, date, signature: ________________________________________" for who in SIGNED_BY)
