"""A checkpoint: the journal's head, signed, in a small text for a witness outside, who can then show a cut tail.

It says how far the journal had come and names nobody. The format is documented in docs/journal.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from errors import CheckpointRefused
from storage.journal import Act, head, write_entry
from storage.journal_key import is_signed, signer_in
from storage.office import Office

TITLE = "Amanah journal checkpoint, version 1"
SIGNED = b"amanah-journal-1 checkpoint\n"  # stands before what is signed, so that no entry can pass for a checkpoint
LONGEST = 2048  # bytes
WRITTEN = re.compile(
    re.escape(TITLE) + r"\nstudy: ([^\n]{1,100})\nentries: ([1-9][0-9]{0,15})\nhead: ([0-9a-f]{64})\n"
    r"day: ([0-9]{4}-[0-9]{2}-[0-9]{2})\nkey: ([0-9a-f]{64})\nsignature: ([0-9a-f]{128})\n"
)


@dataclass(frozen=True)
class Checkpoint:
    """How far a journal had come on a day. `key`: the public key that signed it, in hex."""

    study: str
    entries: int
    head: str
    day: str
    key: str
    signature: str = ""

    @property
    def said(self) -> str:
        """The lines that are signed."""
        told = {"study": self.study, "entries": self.entries, "head": self.head, "day": self.day, "key": self.key}
        return "".join(f"{line}\n" for line in (TITLE, *(f"{name}: {value}" for name, value in told.items())))

    @property
    def text(self) -> str:
        """The whole file."""
        return f"{self.said}signature: {self.signature}\n"


def make_checkpoint(office: Office, study: str, actor: str, today: date) -> Checkpoint:
    """A checkpoint of the journal as it now stands; that it was made is its last entry. Raises JournalNotWritten."""
    write_entry(office, actor, Act.CHECKPOINT_MADE, today)
    entries, last = head(office)
    signer = signer_in(office.journal_key)
    unsigned = Checkpoint(study, entries, last, today.isoformat(), signer.public.hex())
    signature = signer.sign(SIGNED + unsigned.said.encode()).hex()
    return Checkpoint(study, entries, last, unsigned.day, unsigned.key, signature)


def read_checkpoint(data: bytes, study: str) -> Checkpoint:
    """The checkpoint in a file. Raises CheckpointRefused for one that is altered, no checkpoint, or another study's."""
    try:
        text = data[: LONGEST + 1].decode().replace("\r\n", "\n").strip() + "\n"
    except UnicodeDecodeError:
        text = ""
    found = WRITTEN.fullmatch(text)
    if not found:
        raise CheckpointRefused("This is no journal checkpoint of a known version, or a part of it is missing.")
    told, entries, last, day, key, signature = found.groups()
    checkpoint = Checkpoint(told, int(entries), last, day, key, signature)
    if not is_signed(bytes.fromhex(key), bytes.fromhex(signature), SIGNED + checkpoint.said.encode()):
        raise CheckpointRefused("This checkpoint was altered: its signature is not right.")
    if told != study:
        raise CheckpointRefused(f"This checkpoint is of the study {told!r}, and this journal is of {study!r}.")
    return checkpoint
