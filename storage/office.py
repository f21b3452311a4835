"""The office: public keys, instruments, tallies, tables of staff and journal. Holds nothing of one participant."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    event,
    insert,
    select,
    update,
)

from storage.engines import at_once, inserting, upsert
from storage.gathering import Gathering
from storage.meta import tell, told
from storage.rewriting import rewrite_tables
from storage.turns import turn, writing

Outcome = Literal["finished", "refused", "not_eligible", "withdrawn"]
metadata = MetaData()
keyrings = Table(
    "keyrings", metadata, Column("number", Integer, primary_key=True), Column("keyring", LargeBinary, nullable=False)
)
instrument_table = Table(
    "instruments",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("study", String, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
)


def _counts(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("outcome", String, primary_key=True),
        Column("group", String, primary_key=True),
        Column("site", String, primary_key=True),
        Column("month", String, primary_key=True),
        Column("count", Integer, nullable=False),
        sqlite_with_rowid=False,
    )


tally_table = _counts("tallies")
# What of the tallies staff are shown; fieldwork/progress.py says when it grows.
shown_table = _counts("shown_tallies")
tombstones = Table("tombstones", metadata, Column("tag", LargeBinary(16), primary_key=True), sqlite_with_rowid=False)
journal = Table(
    "journal",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("entry", String, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
)
# Against our own mistakes only: whoever can write to the file can drop these too. PostgreSQL has rights instead.
for deed in ("update", "delete"):
    forbidden = f"create trigger journal_no_{deed} before {deed} on journal begin "
    forbidden += "select raise(abort, 'the journal is append-only'); end"
    event.listen(journal, "after_create", DDL(forbidden).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]  # it has no types
# A tablet that may collect, by the hash of its token.
tablets = Table(
    "tablets",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("site", String, nullable=False),
    Column("revoked", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
# A code that a tablet swaps for its token, once and soon.
enrolments = Table(
    "enrolments",
    metadata,
    Column("code_hash", LargeBinary(32), primary_key=True),
    Column("name", String, nullable=False),
    Column("site", String, nullable=False),
    Column("until", DateTime, nullable=False),
    sqlite_with_rowid=False,
)
# No column leads from an invitation to a record, or back. `pin`: of the keyring that its link holds to; empty where it
# holds to none.
invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("kind", String, nullable=False),
    Column("group", String, nullable=False),
    Column("site", String, nullable=False),
    Column("language", String, nullable=False),
    Column("pin", String, nullable=False),
    Column("until", Date, nullable=False),
    Column("spent", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    sqlite_with_rowid=False,
)


class Place(NamedTuple):
    """Where a visit is counted; what is not counted by is empty."""

    outcome: Outcome
    group: str
    site: str
    month: str


@dataclass(frozen=True)
class Office:
    """The office store. `journal_key`: the file of the key that signs its journal; without one it can only be read.

    `counting`: what is counted at this moment.
    """

    engine: Engine
    journal_key: Path | None = None
    counting: Gathering[Place, None] = field(default_factory=lambda: Gathering(), repr=False, compare=False)


@dataclass(frozen=True)
class Tally:
    """A count of visits that no record points to. `group`, `site`, `month` (YYYY-MM) are empty where not counted."""

    outcome: Outcome
    group: str
    site: str
    month: str
    count: int


def create_office(office: Office) -> None:
    """Make the office's tables."""
    metadata.create_all(office.engine)


def create_journal(office: Office) -> None:
    """Make the journal's table alone: a desk keeps a journal and no office."""
    metadata.create_all(office.engine, tables=[journal])


def add_keyring(office: Office, keyring: bytes) -> None:
    """Keep a public keyring; the newest is the one sealed to."""
    with office.engine.begin() as connection:
        connection.execute(insert(keyrings).values(keyring=keyring))


def keyring_json(office: Office) -> bytes | None:
    """The newest public keyring, or None."""
    with office.engine.connect() as connection:
        found = connection.scalar(select(keyrings.c.keyring).order_by(keyrings.c.number.desc()).limit(1))
    return None if found is None else bytes(found)


def add_instrument(office: Office, digest: str, study: str, canonical: bytes) -> None:
    """Keep an instrument for good and make it the current one of its study."""
    keep_instrument(office, digest, study, canonical)
    make_current(office, study, digest)


def keep_instrument(office: Office, digest: str, study: str, canonical: bytes) -> None:
    """Keep an instrument for good; which one is current stays."""
    kept = upsert(office.engine, instrument_table).values(digest=digest, study=study, canonical=canonical)
    with office.engine.begin() as connection:
        connection.execute(kept.on_conflict_do_nothing())


def make_current(office: Office, study: str, digest: str) -> None:
    """Let a study collect with this instrument, which is kept, from now on."""
    tell(office.engine, f"current {study}", digest)


def instruments(office: Office) -> dict[str, bytes]:
    """Every instrument's canonical JSON by its digest."""
    with office.engine.connect() as connection:
        return {row.digest: bytes(row.canonical) for row in connection.execute(select(instrument_table))}


def instrument_named(office: Office, digest: str) -> bytes | None:
    """The canonical JSON of the instrument of this digest; None when it was never added."""
    with office.engine.connect() as connection:
        found = connection.scalar(select(instrument_table.c.canonical).where(instrument_table.c.digest == digest))
    return None if found is None else bytes(found)


def current_digest(office: Office, study: str) -> str | None:
    """The digest of the instrument that the study now collects with; None when none was added."""
    return told(office.engine, f"current {study}")


def all_keyrings(office: Office) -> tuple[tuple[int, bytes], ...]:
    """Number and file of every public keyring that was ever added, the newest first."""
    with office.engine.connect() as connection:
        found = connection.execute(select(keyrings).order_by(keyrings.c.number.desc())).all()
    return tuple((row.number, bytes(row.keyring)) for row in found)


def newest_keyring(office: Office) -> int:
    """The number of the newest public keyring; 0 when there is none."""
    with office.engine.connect() as connection:
        return connection.scalar(select(keyrings.c.number).order_by(keyrings.c.number.desc()).limit(1)) or 0


def current_instrument(office: Office, study: str) -> bytes | None:
    """The canonical JSON of the instrument that the study now collects with."""
    digest = current_digest(office, study)
    return instrument_named(office, digest) if digest else None


def retention_in_force(office: Office, study: str) -> dict[str, int]:
    """How long the study keeps what: the retention that was approved last; empty before the study has begun."""
    found: dict[str, int] = json.loads(told(office.engine, f"retention {study}") or "{}")
    return found


def count_visit(office: Office, outcome: Outcome, group: str = "", site: str = "", month: str = "") -> None:
    """Add one to a tally."""
    count_visits(office, (Place(outcome, group, site, month),))


def count_visits(office: Office, places: Sequence[Place]) -> None:
    """Add one to a tally for each of these, together with what others count now."""
    office.counting.do(places, lambda all_places: _count(office, all_places))


def _count(office: Office, places: Sequence[Place]) -> list[None]:
    # In the order of their keys: two processes that count the same places never wait for each other.
    more = [{**place._asdict(), "more": count} for place, count in sorted(Counter(places).items())]
    # Mostly all of them are one.
    counting = at_once(office.engine) if len(more) == 1 else office.engine.begin()
    with turn(office.engine), counting as connection:
        connection.execute(_added(inserting(office.engine)), more)
    return [None] * len(places)


@cache
def _added(insert_here: Callable[[Table], Any]) -> Any:
    first = insert_here(tally_table).values(count=bindparam("more"))
    return first.on_conflict_do_update(
        index_elements=tally_table.primary_key, set_={"count": tally_table.c.count + first.excluded.count}
    )


def count_nothing(office: Office, outcome: Outcome, month: str) -> None:
    """Write as `count_visit` does and add nothing, so that the time which it takes tells nothing."""
    here = (tally_table.c.outcome == outcome) & (tally_table.c.month == month)
    first = upsert(office.engine, tally_table).values(outcome=outcome, group="", site="", month=month, count=1)
    more = first.on_conflict_do_update(index_elements=tally_table.primary_key, set_={"count": tally_table.c.count + 1})
    with writing(office.engine) as connection:
        connection.execute(more)
        connection.execute(update(tally_table).where(here).values(count=tally_table.c.count - 1))


def tallies(office: Office) -> tuple[Tally, ...]:
    """Every tally, as exact as it is. Staff are shown `shown_tallies`."""
    return _read(office, tally_table)


def shown_tallies(office: Office) -> tuple[Tally, ...]:
    """What of the tallies staff are shown."""
    return _read(office, shown_table)


def show(office: Office, counts: Iterable[Tally]) -> None:
    """Show staff these counts from now on, all of them or none. Doing it twice changes nothing more."""
    with office.engine.begin() as connection:
        for told in counts:
            first = upsert(office.engine, shown_table).values(**vars(told))
            again = first.on_conflict_do_update(index_elements=shown_table.primary_key, set_={"count": told.count})
            connection.execute(again)


def keep_shown_tallies_alone(office: Office) -> None:
    """Put what staff are shown, in steps, in the place of the exact tallies. Doing it twice changes nothing more."""
    with office.engine.begin() as connection:
        connection.execute(delete(tally_table))
        connection.execute(insert(tally_table).from_select(list(tally_table.columns.keys()), select(shown_table)))


def _read(office: Office, table: Table) -> tuple[Tally, ...]:
    with office.engine.connect() as connection:
        return tuple(Tally(*row) for row in connection.execute(select(table)))


def rewrite_office(office: Office) -> None:
    """Write tombstones and invitations anew in key order: their place does not tell when somebody withdrew, or came."""
    rewrite_tables(office.engine, (tombstones, invitations))
