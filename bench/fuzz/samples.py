"""Valid bytes of each format, made without a study's private keys: what the changes start from."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from functools import cache
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED

from shamir_mnemonic.share import Share as Slip39

from bench.fuzz.archives import members_of, packed
from bench.fuzz.mutating import as_json
from commands import DEFAULT_STUDY
from instruments.catalogue import load_study
from privacy.envelope import BLOCK, Envelope, Suite
from privacy.keys import Keyring, PublicKey, Purpose
from privacy.receipts import new_receipt

FORM = {
    "survey": [
        ["type", "name", "label::English (en)", "label::Urdu (ur)", "relevant", "constraint", "bind::amanah:privacy"],
        ["select_one freq5", "fair", "How often | is it fair?", "کتنی بار؟", "", "", "ordinary"],
        ["begin_group", "more", "More", "مزید", "${fair} != '2'", "", ""],
        ["integer", "age", "  Your age  ", "آپ کی عمر", "", ". > 15 and . < 121", "quasi"],
        ["end_group", "", "", "", "", "", ""],
    ],
    "choices": [
        ["list_name", "name", "label::English (en)", "label::Urdu (ur)"],
        ["freq5", "1", "Cafe\u0301", "کبھی نہیں"],
        ["freq5", "2", "Always", "ہمیشہ"],
    ],
    "settings": [["form_title", "form_id", "version"], ["Trust", "trust", "2026.1"]],
}
HALVES = ("research", "identity")
KEY_FILES: dict[str, dict[str, object]] = {
    "research": {"holds": "seed"},
    "identity": {"holds": "share", "custodian": "Nadia", "split": 24395, "place": 1},
}
EXPRESSIONS = (
    "${age} >= 16 and (${site} = '1' or not(selected(${said}, 'b')))",
    "regex(., '[A-Z]{1,2}[0-9R][0-9A-Z]?') and string-length(.) <= 8",
    "if(${a} = 1, round(${b} div 3, 2), coalesce(${c}, -1.5)) mod 7 * (2 + count-selected(${d}))",
    "format-date(today(), '%d %n %Y') != concat(\"x\", substr(${e}, 0, 3))",
    "indexed-repeat(${item}, ${round}, position(..) - 1) + count(${round})",
    "weighted-checklist(1, 2, ${a}, 1, ${b}, 2) or once(int(number('3')))",
)


def some(seed: str, length: int) -> bytes:
    """Bytes that look random and are the same in every run."""
    return hashlib.shake_256(seed.encode()).digest(length)


def envelopes() -> tuple[bytes, ...]:
    """One envelope of each suite."""
    return tuple(
        Envelope(suite, some("key", 8), some("sealed", suite.enc_length + BLOCK + 16)).to_bytes() for suite in Suite
    )


def receipts() -> tuple[bytes, ...]:
    """Receipts as people write them."""
    codes = [new_receipt(lambda length, n=n: some(f"receipt {n}", length)).grouped for n in range(3)]  # type: ignore[misc]
    codes[1] = codes[1].lower().replace("-", " ")
    return tuple(code.encode() for code in codes)


def keyrings() -> tuple[bytes, ...]:
    """A new keyring, and one with a key that was retired."""
    halves: tuple[tuple[Purpose, bytes], ...] = (("research", b""), ("identity", some("orders", 32)))
    keys = [
        PublicKey(purpose, "working_together", some(purpose, 32), some(purpose, 1216), orders=orders)
        for purpose, orders in halves
    ]
    old = PublicKey("research", "working_together", some("old", 32), some("old", 1216), "retired")
    return tuple(Keyring("working_together", tuple(ring)).to_json() for ring in (keys, [*keys, old]))


def key_files() -> tuple[bytes, ...]:
    """A research key's file and a custodian's, sealed to nobody."""
    return tuple(as_json(_key_file(purpose, told)) for purpose, told in KEY_FILES.items())


def _key_file(purpose: str, told: dict[str, object]) -> dict[str, object]:
    kdf = {"name": "argon2id", "memory_kib": 131072, "passes": 3, "lanes": 4, "salt": some("salt", 16).hex()}
    head = {"format": "amanah-key", "version": 1, "purpose": purpose, "study": "working_together", "key": "00" * 8}
    cipher = {"name": "aes-256-gcm", "nonce": some("nonce", 12).hex()}
    return head | told | {"kdf": kdf, "cipher": cipher, "sealed": some("sealed", 58).hex()}


def shares() -> tuple[bytes, ...]:
    """Shares as people write them."""
    head = (24395, True, 0, 0, 1, 1)
    plain, numbered, short = (Slip39(*head, at, 2, some(f"share {at}", 32)).words() for at in range(3))
    typed = (plain, (f"{at}. {word}" for at, word in enumerate(numbered, 1)), (word[:4].upper() for word in short))
    return tuple(" ".join(words).encode() for words in typed)


def deliveries() -> tuple[bytes, ...]:
    """Two deliveries, one a suite."""
    return tuple(as_json(_delivery(envelope)) for envelope in envelopes())


def _delivery(envelope: bytes) -> dict[str, object]:
    head = {"format": "amanah-delivery", "version": 2, "instrument": some("digest", 32).hex(), "group": "young_person"}
    others = {kind: _parcel(kind, envelope) for kind in ("contact", "link")}
    return head | {half: _parcel(half, envelope, "tag") for half in HALVES} | others


def _parcel(name: str, envelope: bytes, beside: str = "") -> dict[str, str]:
    told = {"id": some(name, 16).hex(), "envelope": base64.b64encode(envelope).decode()}
    return told | ({beside: some(f"{name} {beside}", 16).hex()} if beside else {})


def changes() -> tuple[bytes, ...]:
    """Changes of mind, one a suite."""
    return tuple(as_json(_changes(envelope, at)) for at, envelope in enumerate(envelopes()))


def _changes(envelope: bytes, replaces: int) -> dict[str, object]:
    head = {"format": "amanah-changes", "version": 1, "instrument": some("digest", 32).hex()}
    halves = {half: _parcel(half, envelope, "proof") for half in HALVES}
    return head | halves | {"contact": _parcel("contact", envelope), "replaces_contact": replaces}


def withdrawals() -> tuple[bytes, ...]:
    """A withdrawal by its two proofs."""
    proofs = {half: some(f"{half} proof", 16).hex() for half in HALVES}
    return (as_json({"format": "amanah-withdrawal", "version": 1} | proofs),)


def outboxes() -> tuple[bytes, ...]:
    """The first line of an outbox file with two visits; the mark is put on later."""
    told = [json.loads(delivery) for delivery in deliveries()]
    return (as_json({"format": "amanah-outbox", "version": 1, "deliveries": told}),)


@cache
def bundles() -> tuple[bytes, ...]:
    """A research bundle of two records with a small but whole instrument; one in three as it may not be, compressed."""
    whole = load_study(DEFAULT_STUDY).instrument
    parts = tuple(part for part in whole.parts if part.name == "contact") or whole.parts[:1]
    small = replace(whole, parts=parts, scales=(), hierarchies=(), groups=whole.groups[:1])
    rows = sorted((some(f"row {n}", 16), envelope) for n, envelope in enumerate(envelopes()))
    tally = {"outcome": "finished", "group": "young_person", "site": "1", "month": "2026-11", "count": 2}
    members = [
        ("records.bin", b"".join(row + len(sealed).to_bytes(4, "big") + sealed for row, sealed in rows)),
        ("keyring.json", keyrings()[0]),
        ("tallies.json", as_json([tally])),
        (f"instruments/{small.digest}.json", small.canonical),
    ]
    manifest = {
        "format": "amanah-bundle", "version": 1, "study": small.study, "purpose": "research", "count": len(rows),
        "order": [small.digest], "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in members},
    }  # fmt: skip
    members.append(("manifest.json", as_json(manifest)))
    return packed(members, ZIP_STORED), packed(members, ZIP_STORED), packed(members, ZIP_DEFLATED)


def markdown() -> tuple[bytes, ...]:
    """A form as Markdown tables."""
    lines = [
        "| " + " | ".join(cell.replace("|", r"\|") for cell in [name if n == 0 else "", *row]) + " |"
        for name, rows in FORM.items()
        for n, row in enumerate(rows)
    ]
    return ("\n".join(lines).encode(),)


def comma_separated() -> tuple[bytes, ...]:
    """A form as CSV in pyxform's layout."""
    import csv
    from io import StringIO

    written = StringIO()
    for name, rows in FORM.items():
        csv.writer(written).writerows([[name], *[["", *row] for row in rows]])
    return (written.getvalue().encode(),)


@cache
def workbooks() -> tuple[bytes, ...]:
    """A form as .xlsx, with texts in their own part and with numbers as numbers."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in FORM.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([int(cell) if cell.isdecimal() else cell or None for cell in row])
    written = BytesIO()
    book.save(written)
    # What a form has no need of, and no reader looks at, only makes the changes miss.
    needed = [member for member in members_of(written.getvalue()) if not member[0].startswith(("docProps", "xl/theme"))]
    return (packed(needed, ZIP_DEFLATED),)
