"""What somebody with every right over the office store can do to its journal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, text, update

from storage.engines import is_sqlite
from storage.journal import FIRST, Entry
from storage.journal_key import Signer
from storage.office import Office, journal


def disarm(office: Office) -> None:
    """Take away what stops mistakes: whoever has the file can."""
    if is_sqlite(office.engine):
        with office.engine.begin() as connection:
            for deed in ("update", "delete"):
                connection.execute(text(f"drop trigger if exists journal_no_{deed}"))


def stored(office: Office) -> list[dict[str, Any]]:
    with office.engine.connect() as connection:
        rows = connection.execute(select(journal).order_by(journal.c.number))
        return [dict(row._mapping) for row in rows]


def put(office: Office, rows: list[dict[str, Any]]) -> None:
    """Make the table hold these rows and no others."""
    disarm(office)
    with office.engine.begin() as connection:
        connection.execute(delete(journal))
        if rows:
            connection.execute(insert(journal), rows)


def change(office: Office, number: int, **values: Any) -> None:
    disarm(office)
    with office.engine.begin() as connection:
        connection.execute(update(journal).where(journal.c.number == number).values(**values))


def entry_of(row: dict[str, Any]) -> Entry:
    return Entry(**json.loads(row["entry"]))


def row_of(entry: Entry, signer: Signer, number: int | None = None) -> dict[str, Any]:
    return {
        "number": entry.number if number is None else number,
        "entry": entry.written,
        "hash": entry.hash,
        "signature": signer.sign(entry.signed),
    }


def rebuilt(rows: list[dict[str, Any]], signer: Signer, since: int = 1) -> list[dict[str, Any]]:
    """The same journal with another actor from this entry on, every hash and signature made right again."""
    kept = rows[: since - 1]
    before = kept[-1]["hash"] if kept else FIRST
    for row in rows[since - 1 :]:
        entry = replace(entry_of(row), actor="Eve", before=before, key=signer.public.hex())
        kept.append(row_of(entry, signer))
        before = entry.hash
    return kept


def key_of(file: Path | None) -> Signer:
    from storage.journal_key import signer_in

    return signer_in(file)
