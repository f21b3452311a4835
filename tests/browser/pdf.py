"""What a PDF of Chromium's says of its glyphs: which fonts they are of, and which letters each of them stands for."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from contextlib import suppress

BEGIN = re.compile(rb"(?<!end)stream\r?\n")
ONE = re.compile(r"^<([0-9A-F]+)> <([0-9A-F]+)>$", re.MULTILINE)
RANGE = re.compile(r"^<([0-9A-F]+)> <([0-9A-F]+)> <([0-9A-F]+)>$", re.MULTILINE)


def fonts_in(pdf: bytes) -> set[str]:
    """The names of the fonts, without what marks a subset."""
    return {name.decode().partition("+")[2] for name in re.findall(rb"/BaseFont /([A-Za-z0-9+-]+)", pdf)}


def letters_in(pdf: bytes) -> dict[str, int]:
    """What glyphs stand for, and how many different glyphs of one font stand for it."""
    found: dict[str, int] = defaultdict(int)
    for table in _tables(pdf):
        own: dict[str, int] = defaultdict(int)
        for _glyph, letters in ONE.findall(table):
            own[_text(letters)] += 1
        for first, last, letters in RANGE.findall(table):
            for more in range(int(last, 16) - int(first, 16) + 1):
                own[chr(int(letters, 16) + more)] += 1
        for letters, number in own.items():
            found[letters] = max(found[letters], number)
    return dict(found)


def _tables(pdf: bytes) -> list[str]:
    streams = (pdf[found.end() : pdf.index(b"endstream", found.end())] for found in BEGIN.finditer(pdf))
    tables = []
    for packed in streams:
        with suppress(zlib.error):
            data = zlib.decompress(packed)
            if b"beginbfchar" in data or b"beginbfrange" in data:
                tables.append(data.decode("latin-1"))
    return tables


def _text(digits: str) -> str:
    return bytes.fromhex(digits.zfill(4)).decode("utf-16-be")
