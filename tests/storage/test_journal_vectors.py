"""The journal's format is what its document says: a verifier written from docs/journal.md alone reads our vectors."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from errors import CheckpointRefused, JournalBroken
from storage.checkpoints import read_checkpoint
from storage.engines import open_engine
from storage.journal import Act, write_entry
from storage.journal_check import verify_journal
from storage.journal_key import fingerprint
from storage.office import Office, create_office
from tests.storage.tampering import put, stored

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "journal_v1.json").read_text("utf-8"))
MEMBERS = {"format", "number", "actor", "act", "day", "count", "reason", "detail", "before", "key"}


def by_the_document(rows: list[dict[str, Any]], checkpoint: str = "") -> bool:
    """Whether a journal holds, and stands against a checkpoint. Uses nothing of ours."""
    before, key = "0" * 64, ""
    for number, row in enumerate(rows, 1):
        entry = json.loads(row["entry"])
        spelled = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        right = set(entry) == MEMBERS and entry["format"] == "amanah-journal-1" and spelled == row["entry"]
        right &= row["number"] == entry["number"] == number and entry["before"] == before
        right &= hashlib.sha256(spelled.encode()).hexdigest() == row["hash"]
        right &= key in ("", entry["key"]) or entry["act"] == "journal_key_renewed"
        if not right or not signed(entry["key"], row["signature"], f"amanah-journal-1 entry\n{spelled}"):
            return False
        before, key = row["hash"], entry["key"]
    return not checkpoint or stands_against(rows, checkpoint)


def stands_against(rows: list[dict[str, Any]], checkpoint: str) -> bool:
    title, study, entries, head, day, key, signature = (line.partition(": ")[2] for line in checkpoint.splitlines())
    said = checkpoint[: checkpoint.index("signature: ")]
    if not signed(key, signature, f"amanah-journal-1 checkpoint\n{said}") or len(rows) < int(entries):
        return False
    row = rows[int(entries) - 1]
    return (row["hash"], json.loads(row["entry"])["key"]) == (head, key)


def signed(key: str, signature: str, message: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message.encode())
    except InvalidSignature:
        return False
    return True


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("vector")
    (folder / "journal.key").write_bytes(f"amanah-journal-key-1 {VECTOR['seed']}\n".encode())
    made = Office(open_engine(f"sqlite:///{folder}/office.db", new=True), folder / "journal.key")
    create_office(made)
    yield made
    made.engine.dispose()


def binary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as the table takes them, in the order in which they stand."""
    return [row | {"signature": bytes.fromhex(row["signature"]), "number": n} for n, row in enumerate(rows, 1)]


def test_our_reader_and_the_documents_read_the_vector(office: Office) -> None:
    put(office, binary(VECTOR["rows"]))
    checkpoint = read_checkpoint(VECTOR["checkpoint"].encode(), VECTOR["study"])
    assert verify_journal(office, [checkpoint]).keys == ((1, VECTOR["public"]),)
    assert by_the_document(VECTOR["rows"], VECTOR["checkpoint"])
    assert fingerprint(bytes.fromhex(VECTOR["public"])).replace(" ", "") == VECTOR["fingerprint"]


def test_our_writer_writes_the_vector_byte_for_byte(office: Office) -> None:
    put(office, [])
    for row in VECTOR["rows"]:
        told = json.loads(row["entry"])
        write_entry(office, told["actor"], Act(told["act"]), date.fromisoformat(told["day"]))
    assert stored(office) == binary(VECTOR["rows"])


@pytest.mark.parametrize("why", VECTOR["refused"])
def test_both_refuse_what_the_vector_says_is_wrong(office: Office, why: str) -> None:
    rows = VECTOR["refused"][why]
    put(office, binary(rows))
    with pytest.raises(JournalBroken):
        verify_journal(office, [read_checkpoint(VECTOR["checkpoint"].encode(), VECTOR["study"])])
    assert not by_the_document(rows, VECTOR["checkpoint"])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("entries: 4", "entries: 3"), "altered"),
        (lambda text: text.replace("2026-11-25", "2026-11-24"), "altered"),
        (lambda text: text.replace("study: working_together", "study: another"), "altered"),
        (lambda text: re.sub("head: .", "head: 0", text), "altered"),
        (lambda text: re.sub("key: [0-9a-f]{8}", "key: 00000000", text), "altered"),
        (lambda text: re.sub("signature: ..", "signature: 00", text), "altered"),
        (lambda text: text.replace("version 1", "version 2"), "known version"),
        (lambda text: text.replace("day:", "Day:"), "known version"),
        (lambda text: text[:-30], "part of it is missing"),
        (lambda text: "", "no journal checkpoint"),
        (lambda text: "x" * 10**6, "no journal checkpoint"),
    ],
)
def test_a_checkpoint_that_was_altered_is_refused_by_name(change: Any, why: str) -> None:
    text = change(VECTOR["checkpoint"])
    assert text != VECTOR["checkpoint"]
    with pytest.raises(CheckpointRefused, match=why):
        read_checkpoint(text.encode(), VECTOR["study"])


def test_a_checkpoint_of_another_study_and_one_that_is_no_text_are_refused_by_name() -> None:
    with pytest.raises(CheckpointRefused, match="of the study 'working_together', and this journal is of 'another'"):
        read_checkpoint(VECTOR["checkpoint"].encode(), "another")
    with pytest.raises(CheckpointRefused, match="no journal checkpoint"):
        read_checkpoint(b"\xff\xfe", VECTOR["study"])


def test_a_checkpoint_that_came_by_mail_is_read_too() -> None:
    mailed = VECTOR["checkpoint"].replace("\n", "\r\n") + "\r\n  \r\n"
    assert read_checkpoint(mailed.encode(), VECTOR["study"]).entries == 4
