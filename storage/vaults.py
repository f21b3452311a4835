"""A vault: envelopes under random ids, tags that find them until the cut-off, limits by which some go on a day.

Holds no time, site or sequence. A limit's day is a week's last day or a quarter's first, the same for everybody who
came in that week or quarter, so it tells nothing of one person. Nothing here knows what stands in an envelope.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Engine,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    delete,
    exists,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from errors import IdTaken
from privacy.envelope import Envelope
from storage.engines import at_once, checkpoint
from storage.gathering import Gathering
from storage.inserting import insert_rows
from storage.rewriting import rewrite_tables
from storage.turns import turn, writing

Kind = Literal["contact", "link"]
AT_ONCE = 500  # ids in one statement: a database takes only so many
metadata = MetaData()
# WITHOUT ROWID: SQLite otherwise keeps rows in order of arrival, whatever their key.
records = Table(
    "records",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    # SHA-256 of the envelope as it was delivered: the collector tells the same bytes from others without reading them.
    Column("digest", LargeBinary(32), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
tags = Table(
    "tags",
    metadata,
    Column("tag", LargeBinary(16), nullable=False),
    Column("id", LargeBinary(16), nullable=False),
    Column("until", Date, nullable=False),
    PrimaryKeyConstraint("tag", "id"),
    sqlite_with_rowid=False,
)

# Of the identity vault alone: what goes on a day of its own, its envelope and tag with it (study.md, section 7).
limits = Table(
    "limits",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("kind", String, nullable=False),
    Column("until", Date, nullable=False),
    sqlite_with_rowid=False,
)
_HAS_NO_LIMIT = ~exists().where(limits.c.id == records.c.id)


@dataclass(frozen=True)
class Vault:
    """One vault. `purpose` is what its envelopes are sealed for; `arriving`: what is deposited at this moment."""

    engine: Engine
    purpose: Literal["research", "identity"]
    arriving: Gathering[Lot, bool | IdTaken] = field(default_factory=lambda: Gathering(), repr=False, compare=False)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables in the order in which they are written: two that lock in one order never wait for each other."""
        return (tags, records) if self.purpose == "research" else (tags, records, limits)


@dataclass(frozen=True)
class Limit:
    """The last day on which a record is kept, and which kind of record it is."""

    kind: Kind
    until: date


@dataclass(frozen=True)
class Deposit:
    """One envelope to keep.

    `delivered` is what the field sent, where that was wrapped once more on arrival: wrapping gives new bytes each
    time, so what tells a repeated delivery is the digest of what was sent.
    """

    record_id: bytes
    envelope: Envelope
    delivered: Envelope | None = None
    limit: Limit | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of what was sent."""
        return hashlib.sha256((self.delivered or self.envelope).to_bytes()).digest()


@dataclass(frozen=True)
class Lot:
    """Envelopes of one tag, which are kept all or none. The first is the one that stays longest."""

    tag: bytes
    until: date
    deposits: tuple[Deposit, ...]


def create_vault(vault: Vault) -> None:
    """Make the vault's tables."""
    metadata.create_all(vault.engine, tables=vault.tables)


def deposit(
    vault: Vault,
    record_id: bytes,
    tag: bytes,
    envelope: Envelope,
    until: date,
    delivered: Envelope | None = None,
    limit: Limit | None = None,
) -> bool:
    """Keep an envelope. True when it is new, False when the same was kept already. Raises IdTaken for another."""
    return deposit_all(vault, tag, until, (Deposit(record_id, envelope, delivered, limit),))


def deposit_all(
    vault: Vault, tag: bytes, until: date, deposits: Sequence[Deposit], in_place_of: Kind | None = None
) -> bool:
    """Keep envelopes of one tag, all or none. True when they are new, False when the first was kept already.

    The first is the one that stays: where it is known, the others are not kept again, though their day may have passed
    since. `in_place_of` takes the earlier records of that kind and this tag out in the same transaction. Raises IdTaken
    where other bytes stand under one of the ids; then nothing was changed.
    """
    lot = Lot(tag, until, tuple(deposits))
    (came,) = deposit_lots(vault, (lot,)) if in_place_of is None else (_replace(vault, lot, in_place_of),)
    if isinstance(came, IdTaken):
        raise came
    return came


def deposit_lots(vault: Vault, lots: Sequence[Lot]) -> list[bool | IdTaken]:
    """Keep several lots, each all or none, together with what others deposit now. What `deposit_all` says of each."""
    if not lots:
        return []
    return vault.arriving.do(lots, lambda all_lots: _deposit_lots(vault, all_lots))


def _deposit_lots(vault: Vault, lots: Sequence[Lot]) -> list[bool | IdTaken]:
    new = _rows_in_order(lots)
    try:
        # With PostgreSQL it is one statement, and so a transaction by itself.
        with turn(vault.engine), at_once(vault.engine) as connection:
            insert_rows(connection, new)
        return [True] * len(lots)
    except IntegrityError:
        if len(lots) == 1:
            return [_known_or_taken(vault, lots[0])]
        # One of them is known, or comes twice. Half by half, so that one of many costs the others a few tries more.
        middle = len(lots) // 2
        return _deposit_lots(vault, lots[:middle]) + _deposit_lots(vault, lots[middle:])


def _replace(vault: Vault, lot: Lot, kind: Kind) -> bool | IdTaken:
    came: bool | IdTaken = True
    try:
        with writing(vault.engine) as connection:
            insert_rows(connection, _rows_in_order((lot,)))
            former = _of_kind(connection, lot.tag, kind, [one.record_id for one in lot.deposits])
            _take_out(connection, vault, former, lot.tag)
    except IntegrityError:
        came = _known_or_taken(vault, lot)
    # Also of one that is known: its first coming may have ended before the log was empty.
    checkpoint(vault.engine)
    return came


def _known_or_taken(vault: Vault, lot: Lot) -> bool | IdTaken:
    return False if _is_known(vault, lot.deposits) else IdTaken("Another record has this id already.")


def write_semblance(vault: Vault, lengths: Sequence[int], random_bytes: Callable[[int], bytes]) -> None:
    """Write rows of these lengths and take them out in the same transaction: as much work, and nothing of anybody's.

    For where somebody's rows are not here, and the time that an answer takes must not tell.
    """
    tag, ids = random_bytes(16), [random_bytes(16) for _ in lengths]
    sealed = zip(ids, lengths, strict=True)
    rows_like = [{"id": one, "digest": random_bytes(32), "envelope": random_bytes(length)} for one, length in sealed]
    with writing(vault.engine) as connection:
        connection.execute(insert(tags), [{"tag": tag, "id": one, "until": date.max} for one in ids])
        connection.execute(insert(records), rows_like)
        _take_out(connection, vault, ids, tag)


def take_back(vault: Vault, *ids: bytes, tag: bytes | None = None) -> None:
    """Take envelopes out again with all that belongs to them, because what they belong to could not be kept.

    `tag`: theirs; where nobody knows it, every tag is looked at.
    """
    with writing(vault.engine) as connection:
        _take_out(connection, vault, ids, tag)
    checkpoint(vault.engine)


def erase(vault: Vault, tag: bytes) -> int:
    """Erase every envelope with this tag, and the tag. Returns how many envelopes went. Raises StorageError."""
    with writing(vault.engine) as connection:
        ids = connection.scalars(delete(tags).where(tags.c.tag == tag).returning(tags.c.id)).all()
        _take_out(connection, vault, ids, tag)
    checkpoint(vault.engine)
    return len(ids)


def erase_records(vault: Vault, ids: Sequence[bytes]) -> int:
    """Erase contact details by the ids of their records: for an order of the custodians. Returns how many went.

    An id of anything else is passed over: a consent record, a link and an answer are not erased so.
    """
    wanted = set(ids)
    with writing(vault.engine) as connection:
        contact = connection.scalars(select(limits.c.id).where(limits.c.kind == "contact")).all()
        found = [one for one in contact if bytes(one) in wanted]
        _take_out(connection, vault, found)
    checkpoint(vault.engine)
    return len(found)


def until_of(vault: Vault, tag: bytes) -> date | None:
    """The day until which this tag is kept; None when it is not here."""
    with vault.engine.connect() as connection:
        found: date | None = connection.scalar(select(func.min(tags.c.until)).where(tags.c.tag == tag))
    return found


def how_many(vault: Vault, tag: bytes) -> int:
    """How many envelopes stand under this tag."""
    with vault.engine.connect() as connection:
        return connection.scalar(select(func.count()).where(tags.c.tag == tag)) or 0


def limit_of(vault: Vault, tag: bytes, kind: Kind) -> Limit | None:
    """The limit of the records of this kind under a tag, the first of several; None where there is none."""
    asked = select(func.min(limits.c.until)).join(tags, tags.c.id == limits.c.id)
    with vault.engine.connect() as connection:
        until = connection.scalar(asked.where(tags.c.tag == tag, limits.c.kind == kind))
    return Limit(kind, until) if until else None


def rows(vault: Vault) -> Iterator[tuple[bytes, Envelope]]:
    """Every envelope with its id, in id order, a few hundred at a time."""
    asked = select(records.c.id, records.c.envelope).order_by(records.c.id)
    with vault.engine.connect().execution_options(yield_per=500) as connection, connection.execute(asked) as found:
        for row in found:
            yield bytes(row.id), Envelope.parse(bytes(row.envelope))


def count(vault: Vault) -> int:
    """How many envelopes the vault holds."""
    with vault.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(records)) or 0


def expire_tags(vault: Vault, today: date) -> int:
    """Delete the tags whose last day has passed. From then on their envelopes cannot be found."""
    with vault.engine.begin() as connection:
        gone = connection.execute(delete(tags).where(tags.c.until < today)).rowcount
    checkpoint(vault.engine)
    return gone


def expire_limits(vault: Vault, today: date) -> dict[Kind, int]:
    """Erase the records of the identity vault whose last day has passed. Returns how many went of each kind."""
    due = select(limits.c.id).where(limits.c.until < today)
    with vault.engine.begin() as connection:
        gone = Counter(connection.scalars(select(limits.c.kind).where(limits.c.until < today)))
        # By what the database finds itself: at a quarter's end these are many, and each few ids would be a search.
        for table in (tags, records):
            connection.execute(delete(table).where(table.c.id.in_(due)))
        connection.execute(delete(limits).where(limits.c.until < today))
    checkpoint(vault.engine)
    return dict(gone)


def count_unlimited(vault: Vault) -> int:
    """How many records the identity vault holds that no limit names: consent records, and later changes of them."""
    with vault.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(records).where(_HAS_NO_LIMIT)) or 0


def erase_unlimited(vault: Vault) -> int:
    """Erase those records of the identity vault, with their tags. Returns how many went."""
    due = select(records.c.id).where(_HAS_NO_LIMIT)
    with vault.engine.begin() as connection:
        # By what the database finds itself, as where limits end.
        connection.execute(delete(tags).where(tags.c.id.in_(due)))
        gone = connection.execute(delete(records).where(_HAS_NO_LIMIT)).rowcount
    checkpoint(vault.engine)
    return gone


def destroy(vault: Vault, but_consents: bool = False) -> None:
    """Erase everything that the vault holds; of the identity vault all but the consent records, if those are to stay.

    Doing it twice changes nothing more. Where a row once stood, `rewrite` clears afterwards.
    """
    goes = delete(records).where(~_HAS_NO_LIMIT) if but_consents and limits in vault.tables else delete(records)
    with vault.engine.begin() as connection:
        connection.execute(delete(tags))
        connection.execute(goes)
        if limits in vault.tables:
            connection.execute(delete(limits))
    checkpoint(vault.engine)


def rewrite(vault: Vault) -> None:
    """Write every table anew in key order, so that the place of a row in the file does not tell when it came."""
    rewrite_tables(vault.engine, vault.tables)


def _rows_in_order(lots: Sequence[Lot]) -> list[tuple[Table, Sequence[Mapping[str, Any]]]]:
    """Table by table in their order, and each in the order of its keys: two that write so never wait for each other.

    So the place of a row in a write-ahead log does not tell either what came together.
    """
    return [(table, sorted(rows_of_it, key=_key)) for table, rows_of_it in _rows_of(lots)]


def _rows_of(lots: Sequence[Lot]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    each = [(lot, one) for lot in lots for one in lot.deposits]
    yield tags, [{"tag": lot.tag, "id": one.record_id, "until": lot.until} for lot, one in each]
    yield records, [{"id": one.record_id, "digest": one.digest, "envelope": one.envelope.to_bytes()} for _, one in each]
    limited = [{"id": one.record_id, "kind": one.limit.kind, "until": one.limit.until} for _, one in each if one.limit]
    if limited:
        yield limits, limited


def _key(row: Mapping[str, Any]) -> tuple[bytes, bytes]:
    return row.get("tag", b""), row["id"]


def _take_out(connection: Connection, vault: Vault, ids: Sequence[bytes], tag: bytes | None = None) -> None:
    """Delete what stands under these ids. Tags are kept by tag: without theirs each few ids look at every one."""
    for table in vault.tables:
        for few in (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)):
            here = table.c.id.in_(few)
            connection.execute(delete(table).where(here & (tags.c.tag == tag) if tag and table is tags else here))


def _of_kind(connection: Connection, tag: bytes, kind: Kind, but: Sequence[bytes]) -> Sequence[bytes]:
    """The ids of the records of a kind under a tag, without those that come now."""
    here = select(limits.c.id).join(tags, tags.c.id == limits.c.id)
    found = here.where(tags.c.tag == tag, limits.c.kind == kind, limits.c.id.not_in(but))
    return connection.scalars(found).all()


def _is_known(vault: Vault, deposits: Sequence[Deposit]) -> bool:
    """Whether the first is kept, and none of the others stands there with other bytes."""
    asked = select(records.c.id, records.c.digest).where(records.c.id.in_([one.record_id for one in deposits]))
    with vault.engine.connect() as connection:
        kept = {bytes(row.id): bytes(row.digest) for row in connection.execute(asked)}
    return deposits[0].record_id in kept and all(kept.get(one.record_id, one.digest) == one.digest for one in deposits)
