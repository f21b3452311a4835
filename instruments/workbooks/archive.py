"""Open an .xlsx file as a zip of XML. Believes nothing that the zip says of itself; runs and follows nothing."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, XMLPullParser
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from instruments.workbooks.refusals import DAMAGED, ENCRYPTED, MACROS, OLE, SEALED, refused

MOST_MEMBERS = 2_000
LARGEST_UNPACKED = 60_000_000  # bytes, all members together
LARGEST_RATIO = 200  # unpacked to packed
RATIO_COUNTS_FROM = 1_000_000  # bytes
MOST_ELEMENTS = 1_000_000  # in all members that are read: about 300,000 filled cells
ENTRY = b"PK\x01\x02"  # begins each entry of a zip's directory
STEP = 65_536
BOMB = "this file unpacks to far more than a form needs; make it again from a new workbook"
LINKS = "links to other files and data connections are not supported; type the values instead"
OBJECTS = "embedded objects are not supported; take them out"
FORBIDDEN: Mapping[str, str] = {
    r"vbaproject|vbadata|/macrosheets/|/dialogsheets/|customui": MACROS,
    r"/externallinks/|/connections\.xml|/querytables/": LINKS,
    r"oleobject|/embeddings/|/activex/|/ctrlprops/": OBJECTS,
    r"encryptedpackage|encryptioninfo": ENCRYPTED,
}


@dataclass(frozen=True)
class Archive:
    """The members of a workbook, seen from outside: none is forbidden, twice there or a bomb by its own word."""

    file: str
    zip: ZipFile
    members: Mapping[str, ZipInfo]
    elements_read: Iterator[int] = field(default_factory=itertools.count)

    def read(self, name: str) -> bytes:
        """The bytes of a member. Refuses one that is not there, or is not what the directory says."""
        member = self.members.get(name.lower())
        if member is None:
            raise refused(self.file, DAMAGED, name)
        try:
            with self.zip.open(member) as opened:
                data = opened.read(member.file_size + 1)
        except Exception:  # zipfile and zlib have many errors for a zip that was tampered with
            raise refused(self.file, DAMAGED, name) from None
        if len(data) != member.file_size:
            raise refused(self.file, DAMAGED, name)
        return data

    def elements(self, name: str) -> Iterator[tuple[str, Element]]:
        """Every element of a member as it ends, with its local name. Refuses a DTD, as entities need one."""
        data = self.read(name)
        self._refuse_dtd(name, data)
        for element in self._parsed(name, data):
            if next(self.elements_read) >= MOST_ELEMENTS:
                raise refused(self.file, "this workbook holds far more cells than a form needs; take out some")
            yield local(element.tag), element

    def _parsed(self, name: str, data: bytes) -> Iterator[Element]:
        parser: Any = XMLPullParser(("end",))  # its published types know the events of every kind at once
        try:
            for start in range(0, len(data), STEP):
                parser.feed(data[start : start + STEP])
                yield from (element for _, element in parser.read_events())
            parser.close()
            yield from (element for _, element in parser.read_events())
        except Exception:  # expat has many errors for what is not XML
            raise refused(self.file, DAMAGED, name) from None

    def _refuse_dtd(self, name: str, data: bytes) -> None:
        # A DTD can only stand before the first element: looking that far costs nothing, in whatever encoding.
        seen: list[str] = []
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = lambda *_: _stop(seen, "DOCTYPE")
        parser.StartElementHandler = lambda *_: _stop(seen, "element")
        try:
            parser.Parse(data, True)
        except Exception:  # also our own stop
            if seen == ["element"]:
                return
        raise refused(self.file, "a DOCTYPE stands in this workbook; save it again" if seen else DAMAGED, name)


def open_archive(file: str, data: bytes) -> Archive:
    """The workbook in these bytes. Refuses what a form has no need of, before anything is unpacked."""
    if data.startswith(OLE):
        raise refused(file, ENCRYPTED if SEALED in data else "this is an older .xls workbook; give it that ending")
    # Counted before zipfile reads the directory, which would take a second for a crafted one.
    if data.count(ENTRY) > MOST_MEMBERS:
        raise refused(file, BOMB)
    try:
        opened = ZipFile(BytesIO(data))
    except Exception:  # zipfile has many errors for what is not a zip
        raise refused(file, "this is not an .xlsx workbook, although its name says so; save it again as one") from None
    _check_members(file, opened.infolist())
    return Archive(file, opened, {member.filename.lower(): member for member in opened.infolist()})


def local(tag: str) -> str:
    """A name without its namespace; workbooks come in two dialects that differ in nothing else."""
    return tag.rpartition("}")[2]


def _stop(seen: list[str], what: str) -> None:
    seen.append(what)
    raise ValueError


def _check_members(file: str, members: list[ZipInfo]) -> None:
    if any(_is_bomb(member) for member in members) or sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise refused(file, BOMB)
    twice = [name for name, count in Counter(member.filename.lower() for member in members).items() if count > 1]
    if twice:
        raise refused(file, DAMAGED, twice[0])
    for member in members:
        for pattern, told in FORBIDDEN.items():
            if re.search(pattern, "/" + member.filename.lower()):
                raise refused(file, told, member.filename)
        if member.flag_bits & 1:
            raise refused(file, ENCRYPTED)
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise refused(file, DAMAGED, member.filename)


def _is_bomb(member: ZipInfo) -> bool:
    large = member.file_size > RATIO_COUNTS_FROM
    return large and member.file_size > LARGEST_RATIO * max(member.compress_size, 1)
