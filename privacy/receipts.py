"""Receipts and their one-way labels: the only link between answers and their person that outlives the cut-off.

A receipt is 115 random bits in Crockford base 32 and a check symbol, shown once and never kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from errors import ReceiptError
from privacy.check_symbol import ALPHABET, check_symbol, is_complete

SYMBOLS = 24  # 23 of 5 random bits each, and the check symbol
GROUP = 4
TAG = b"amanah tag 1"  # stands before a proof, so that no other digest can pass for a tag
# What people write for what we print, and the digits of Arabic, Persian and Bengali.
LOOKALIKES = str.maketrans(
    "OIL" + "٠١٢٣٤٥٦٧٨٩" + "۰۱۲۳۴۵۶۷۸۹" + "০১২৩৪৫৬৭৮৯",
    "011" + "0123456789" * 3,
    " -\t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014._",
)


@dataclass(frozen=True)
class Receipt:
    """24 symbols. `repr` does not show them."""

    code: str = field(repr=False)

    @property
    def grouped(self) -> str:
        """Six groups of four, as people read it."""
        return "-".join(self.code[at : at + GROUP] for at in range(0, SYMBOLS, GROUP))


@dataclass(frozen=True)
class Labels:
    """One-way labels of a receipt, 16 bytes each. None leads to another, or back.

    `participant` joins the rows of one person's answers with each other, `person` those of the same one's identity;
    each stands in sealed documents of its own vault only. A proof is what the holder of a receipt sends, kept nowhere;
    its tag finds rows until the cut-off, and lets nobody in: it is kept, and no proof can be had from it.
    """

    participant: bytes
    research_proof: bytes = field(repr=False)
    identity_proof: bytes = field(repr=False)
    person: bytes

    @property
    def research_tag(self) -> bytes:
        """The tag in the answers' vault."""
        return tag_of(self.research_proof)

    @property
    def identity_tag(self) -> bytes:
        """The tag in the identity vault."""
        return tag_of(self.identity_proof)


def new_receipt(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> Receipt:
    """A new receipt from 15 random bytes, of which 115 bits are used."""
    number = int.from_bytes(random_bytes(15), "big") >> 5
    symbols = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(SYMBOLS - 1)))
    return Receipt(symbols + check_symbol(symbols))


def read_receipt(typed: str) -> Receipt:
    """The receipt that a person typed. Raises ReceiptError with a sentence for a wrong length or a slip."""
    code = typed.upper().translate(LOOKALIKES)
    if len(code) != SYMBOLS:
        raise ReceiptError("The code has six groups of four letters and numbers. Please check it against your slip.")
    if not is_complete(code):
        raise ReceiptError("There is a mistake in the code. Please check each group against your slip.")
    return Receipt(code)


def labels_of(receipt: Receipt, study: str) -> Labels:
    """The labels of a receipt in a study (HKDF-SHA-256, RFC 5869; salt: the study; one info each)."""
    names = (b"participant", b"research tag", b"identity tag", b"person")
    return Labels(*(_label(receipt, study, name) for name in names))


def tag_of(proof: bytes) -> bytes:
    """The tag that this proof shows to be its sender's own."""
    return hashlib.sha256(TAG + proof).digest()[:16]


def cut_off(day: date, days: int) -> date:
    """The last day on which the receipt works: `days` after `day`, rounded up to the Sunday that ends the week."""
    end = day + timedelta(days)
    return end + timedelta(6 - end.weekday())


def _label(receipt: Receipt, study: str, name: bytes) -> bytes:
    return HKDF(SHA256(), 16, study.encode(), b"amanah label 1 " + name).derive(receipt.code.encode("ascii"))
