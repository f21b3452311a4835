"""Every reader of bytes that somebody else made, with what it may raise and what its first check is.

A new reader of foreign bytes is added here; nothing else has to know of it.
"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from bench.fuzz import samples
from bench.fuzz.archives import inside, summed_bundle
from bench.fuzz.mutating import Change, some_bytes, some_values, some_words
from errors import (
    AmanahError,
    DeliveryRefused,
    EnvelopeError,
    ExpressionError,
    InstrumentError,
    ReceiptError,
    ReleaseError,
    ShareError,
)
from fieldwork.changes import read_changes, read_withdrawal
from fieldwork.deliveries import read_delivery
from instruments.rules.functions import ARGUMENTS
from instruments.rules.parsing import parse
from instruments.workbooks import read_bytes
from privacy.envelope import MAGIC, Envelope
from privacy.key_files import stated
from privacy.keys import Keyring
from privacy.receipts import LOOKALIKES, SYMBOLS, read_receipt
from privacy.shares import BY_STEM, letters_of, read_share
from release.source import source_of_bundle
from storage.bundle import open_bundle

CELLS = (
    b"select_one a", b"select_multiple freq5", b"begin_repeat", b"end_repeat", b"note", b"calculate", b"audio",
    b"label::Urdu (ur)", b"hint", b"relevant", b"choices", b"survey", b"settings", b"amanah", b"type", b"name", b"=1+1",
)  # fmt: skip
SIGNS = (
    b"and",
    b"or",
    b"div",
    b"mod",
    b"(",
    b")",
    b",",
    b"..",
    b".",
    b"-",
    b"!=",
    b"'a'",
    b'"b"',
    b"${c}",
    b"1.5",
    b"07",
)
SOME_WORDS = tuple(word.encode() for word in list(BY_STEM.values())[::64])
WORDS = (*SIGNS, *(f"{name}(".encode() for name in ARGUMENTS))


@dataclass(frozen=True)
class Target:
    """A reader: valid samples, what it may raise, whether bytes get past its first check, and how they are changed."""

    name: str
    samples: tuple[bytes, ...]
    read: Callable[[bytes], object]
    refusals: tuple[type[AmanahError], ...]
    gets_past: Callable[[bytes], bool]
    changes: tuple[Change, ...]

    def some_input(self, chance: random.Random) -> bytes:
        """A sample, changed once or twice."""
        data = chance.choice(self.samples)
        for _ in range(chance.choice((1, 1, 1, 2))):
            data = chance.choice(self.changes)(chance, data)
        return data


def envelope() -> Target:
    """The envelope parser."""
    return Target("envelope", samples.envelopes(), Envelope.parse, (EnvelopeError,),
                  lambda data: data.startswith(MAGIC), (_head, some_bytes))  # fmt: skip


def receipt() -> Target:
    """The reader of typed receipts."""
    return Target(
        "receipt",
        samples.receipts(),
        lambda data: read_receipt(_text(data)),
        (ReceiptError,),
        lambda data: len(_text(data).upper().translate(LOOKALIKES)) == SYMBOLS,
        (some_bytes, _retyped, _retyped, _retyped),
    )


def keyring() -> Target:
    """The keyring file."""
    return Target(
        "keyring",
        samples.keyrings(),
        Keyring.from_json,
        (EnvelopeError,),
        lambda data: b'"format":"amanah-keyring"' in data,
        (some_values, some_values, some_bytes),
    )


def key_file() -> Target:
    """What a key file says of itself: read before its passphrase is asked."""
    return Target(
        "key file",
        samples.key_files(),
        stated,
        (EnvelopeError,),
        lambda data: b'"format":"amanah-key"' in data,
        (some_values, some_values, some_bytes),
    )


def share() -> Target:
    """The reader of typed shares."""
    return Target(
        "share",
        samples.shares(),
        lambda data: read_share(_text(data)),
        (ShareError,),
        lambda data: all(word[:4] in BY_STEM for word in letters_of(_text(data))),
        (some_bytes, some_words(SOME_WORDS, b" "), some_words(SOME_WORDS, b"-")),
    )


def delivery() -> Target:
    """The reader of deliveries."""
    return Target(
        "delivery",
        samples.deliveries(),
        read_delivery,
        (DeliveryRefused,),
        lambda data: b'"format":"amanah-delivery"' in data,
        (some_values, some_values, some_bytes),
    )


def changes() -> Target:
    """The reader of changes of mind."""
    return Target(
        "changes",
        samples.changes(),
        read_changes,
        (DeliveryRefused,),
        lambda data: b'"format":"amanah-changes"' in data,
        (some_values, some_values, some_bytes),
    )


def withdrawal() -> Target:
    """The reader of withdrawals by proofs."""
    return Target(
        "withdrawal",
        samples.withdrawals(),
        read_withdrawal,
        (DeliveryRefused,),
        lambda data: b'"format":"amanah-withdrawal"' in data,
        (some_values, some_values, some_bytes),
    )


def bundle() -> Target:
    """The sealed bundle, every envelope of it."""
    return Target(
        "bundle",
        samples.bundles(),
        lambda data: list(open_bundle(BytesIO(data)).rows()),
        (EnvelopeError,),
        _is_zip,
        (summed_bundle, summed_bundle, inside(some_values, zipfile.ZIP_STORED), some_bytes),
    )


def source() -> Target:
    """The desk's whole way into a bundle, its instruments too."""
    return Target("source", samples.bundles(), lambda data: source_of_bundle(BytesIO(data), "a bundle"),
                  (EnvelopeError, ReleaseError, InstrumentError), _is_zip,
                  (summed_bundle,))  # fmt: skip


def markdown() -> Target:
    """A form as Markdown tables."""
    return Target(
        "markdown",
        samples.markdown(),
        lambda data: read_bytes("form.md", data),
        (InstrumentError,),
        lambda data: b"survey" in data,
        (some_words(CELLS, b" | "), some_words(CELLS, b"\n"), some_bytes),
    )


def comma_separated() -> Target:
    """A form as CSV."""
    return Target(
        "csv",
        samples.comma_separated(),
        lambda data: read_bytes("form.csv", data),
        (InstrumentError,),
        lambda data: b"survey" in data,
        (some_words(CELLS, b","), some_words(CELLS, b"\n"), some_bytes),
    )


def workbook() -> Target:
    """A form as .xlsx: its zip, its XML, its cells."""
    tags = (
        b"c",
        b"v",
        b"row",
        b"sheet",
        b"si",
        b"t",
        b"mergeCell",
        b'r="A1"',
        b't="s"',
        b'r="XFD1048576"',
        b"<f>1</f>",
    )
    return Target(
        "xlsx",
        samples.workbooks(),
        lambda data: read_bytes("form.xlsx", data),
        (InstrumentError,),
        _is_zip,
        (inside(), inside(some_words(tags, b"<")), inside(some_words(tags, b" "), zipfile.ZIP_STORED), some_bytes),
    )


def expression() -> Target:
    """The expressions of relevance and constraints."""
    given = tuple(text.encode() for text in samples.EXPRESSIONS)
    return Target(
        "expression",
        given,
        lambda data: parse(_text(data), ("region",)),
        (ExpressionError,),
        lambda data: _first_part_is_read(_text(data)),
        (some_words(WORDS, b" "), some_words(WORDS, b","), some_words(WORDS, b"("), some_bytes),
    )


READERS: tuple[Callable[[], Target], ...] = (
    envelope, receipt, keyring, key_file, share, delivery, changes, withdrawal, expression,
    markdown, comma_separated, workbook, bundle, source,
)  # fmt: skip


def _is_zip(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04") and b"PK\x05\x06" in data


def _text(data: bytes) -> str:
    # Text reaches these readers from JSON and forms, where a lone surrogate may stand.
    return data.decode("utf-8", "surrogateescape")


def _head(chance: random.Random, data: bytes) -> bytes:
    """Changed in the first bytes, or by whole blocks at the end."""
    if chance.random() < 0.5:
        return some_bytes(chance, data[:40]) + data[40:]
    return data + bytes(chance.choice((1, 15, 2047, 2048, 4096))) if chance.random() < 0.5 else data[:-2048]


def _retyped(chance: random.Random, data: bytes) -> bytes:
    """One symbol typed as another, as people do."""
    typed = list(_text(data))
    at = chance.randrange(len(typed) + 1)
    typed[at : at + 1] = chance.choice("0O1IL-. \u2013\u0663\u06f3\u09e9ßİıﬁU")
    return "".join(typed).encode("utf-8", "surrogateescape")


def _first_part_is_read(text: str) -> bool:
    from instruments.rules.parsing import TOKENS

    first = TOKENS.match(text)
    return bool(first and TOKENS.match(text, first.end()))
