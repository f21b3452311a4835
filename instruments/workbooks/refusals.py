"""One sentence for a whole file that is refused, and what all files have in common."""

from __future__ import annotations

import re
from pathlib import PurePath

from errors import InstrumentError, Problem

LARGEST_FILE = 10_000_000  # bytes
DAMAGED = "this file is damaged or is not what its name says; open it in a spreadsheet program and save it again"
ENCRYPTED = "this workbook is encrypted; save it without a password"
MACROS = "macros are not supported; save it as a plain .xlsx workbook"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how an .xls workbook begins, and an encrypted one of either kind
SEALED = "EncryptedPackage".encode("utf-16-le")
UNSAFE = re.compile(r"[^\w .,()+-]")


def refused(file: str, message: str, text: str | None = None) -> InstrumentError:
    """The error for a file that is not read at all."""
    return InstrumentError((Problem(file, message, text=text),))


def shown_name(name: str) -> str:
    """A file's name as problems show it: somebody else chose it, so nothing in it can move a cursor or a line."""
    return UNSAFE.sub("_", PurePath(name.replace("\\", "/")).name)[-80:] or "file"


def check_size(file: str, size: int) -> None:
    """Refuse a file that is empty or too large to be a form."""
    if size == 0:
        raise refused(file, "this file is empty; save the form again")
    if size > LARGEST_FILE:
        told = (
            f"a form may have {LARGEST_FILE // 1_000_000} MB and this one has {size / 1e6:,.1f}; take out what is not"
        )
        raise refused(file, f"{told} a question, such as pictures")
