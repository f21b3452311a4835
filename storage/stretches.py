"""Stretches of a bundle's records: where a thousand of them lie in its file, so that several can read at once.

Apart from the bundle, so that a process that only opens records needs no database. Refuses, as one EnvelopeError,
whatever does not lie there as it did when the bundle was checked.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from errors import EnvelopeError
from privacy.envelope import Envelope

REFUSED = "This file is not a whole Amanah bundle of a known version. Ask for it again."
ID, LENGTH = 16, 4  # bytes before each envelope: its id, its length (big-endian)
CHUNK = 1 << 20
PER_STRETCH = 1_000  # records
# The head that a zip file has before each member: the lengths of its name and of what else stands there come last.
MEMBER = struct.Struct("<26x2H")


@dataclass(frozen=True)
class Stretch:
    """Records that lie one after another. `place`: how many lie before; `start`: their first byte in the file."""

    place: int
    count: int
    start: int
    length: int
    crc: int

    def rows(self, file: Path) -> Iterator[tuple[int, bytes, memoryview]]:
        """Each record's place, id and envelope. Raises EnvelopeError before the first where it is not as it was."""
        view, at = memoryview(self._read(file)), 0
        for place in range(self.place, self.place + self.count):
            begin = at + ID + LENGTH
            end = begin + int.from_bytes(view[at + ID : begin], "big")
            yield place, bytes(view[at : at + ID]), view[begin:end]
            at = end

    def _read(self, file: Path) -> bytes:
        try:
            with file.open("rb", 0) as opened:
                opened.seek(self.start)
                data = opened.read(self.length)
        except (OSError, ValueError):
            raise EnvelopeError(REFUSED) from None
        if (len(data), zlib.crc32(data)) != (self.length, self.crc):
            raise EnvelopeError(REFUSED)
        return data


def stretches_of(records: BinaryIO, start: int) -> Iterator[Stretch]:
    """The stretches of these records, each envelope looked at once. Raises ValueError, EnvelopeError.

    `start`: where the first of them lies in the file.
    """
    place, count, length, crc, before = 0, 0, 0, 0, b""
    for head, sealed in rows_in(records):
        if head[:ID] <= before:
            raise ValueError
        before = head[:ID]
        Envelope.parse(sealed)
        count, length, crc = count + 1, length + len(head) + len(sealed), zlib.crc32(sealed, zlib.crc32(head, crc))
        if count == PER_STRETCH:
            yield Stretch(place, count, start, length, crc)
            place, start, count, length, crc = place + count, start + length, 0, 0, 0
    if count:
        yield Stretch(place, count, start, length, crc)


def rows_in(records: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Each record's id and length, and its envelope. Raises ValueError where one is cut short."""
    while head := records.read(ID + LENGTH):
        sealed = records.read(length := int.from_bytes(head[ID:], "big"))
        if len(head) < ID + LENGTH or len(sealed) < length:
            raise ValueError
        yield head, sealed


def first_byte(file: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Where what a member holds begins in the zip file. Raises struct.error, OSError."""
    file.seek(member.header_offset)
    name, more = MEMBER.unpack(file.read(MEMBER.size))
    return member.header_offset + MEMBER.size + int(name) + int(more)
