"""Proposals that wait for a second person, as the office keeps them. Decides nothing; a step is one conditional update.

Whoever takes a step takes the proposal first ("held"), so that of two who press a button at the same moment one is
too late. One proposal is held at a time, whichever process holds it: the database sees to it. What a process held when
it died waits again after a while. Holds nothing about a participant: keys, sheets and names of staff only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Update,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from errors import SettingsError
from storage.coarse import MINUTE, rounded_down
from storage.office import Office, metadata

WAITING, HELD = "waiting", "held"
HELD_FOR = timedelta(minutes=10)  # no step takes so long, and no server lets a request live so long
proposals = Table(
    "proposals",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("kind", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("base", String, nullable=False),
    Column("words", String, nullable=False),
    Column("proposer", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("needed", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("agreed", String, nullable=False),
    Column("state", String, nullable=False),
    # When whoever holds it must be done; it stays where they never were.
    Column("until", DateTime, nullable=True),
    # Two that are carried out at once could each find the world as it was before the other. So of all rows one is held:
    # the others have nothing in this index.
    Index("proposals_one_held", text(f"(case when state = '{HELD}' then 1 end)"), unique=True),
)
IS_HELD = proposals.c.state == HELD


@dataclass(frozen=True)
class Proposal:
    """Something that one person wants done and another must confirm.

    `payload`: what is carried out, byte for byte. `base`: what the world was like when it was proposed. `words`: what
    it changes, as JSON. `needed`: how many must confirm. `agreed`: who did so first, where two must. `digest`: of all
    that stays the same until it is decided. `until`: when whoever holds it must be done; while it waits, that somebody
    began to decide it and never came to the end.
    """

    key: str
    kind: str
    payload: bytes = field(repr=False)
    base: str
    words: str
    proposer: str
    day: date
    needed: int
    digest: str
    agreed: str = ""
    state: str = WAITING
    until: datetime | None = None


def keep_proposal(office: Office, proposal: Proposal) -> None:
    """Keep a new proposal."""
    with office.engine.begin() as connection:
        connection.execute(insert(proposals).values(asdict(proposal)))


def open_proposals(office: Office) -> tuple[Proposal, ...]:
    """The proposals that wait or are held, the oldest first."""
    is_open = proposals.c.state.in_((WAITING, HELD))
    asked = select(proposals).where(is_open).order_by(proposals.c.day, proposals.c.key)
    with office.engine.connect() as connection:
        return tuple(_read(dict(row._mapping)) for row in connection.execute(asked))


def confirmed_proposals(office: Office, kind: str) -> tuple[Proposal, ...]:
    """The proposals of a kind that were carried out, the oldest first."""
    asked = select(proposals).where(proposals.c.kind == kind, proposals.c.state == "confirmed")
    with office.engine.connect() as connection:
        rows = connection.execute(asked.order_by(proposals.c.day, proposals.c.key))
        return tuple(_read(dict(row._mapping)) for row in rows)


def proposal_of(office: Office, key: str) -> Proposal | None:
    """The proposal of this key."""
    with office.engine.connect() as connection:
        row = connection.execute(select(proposals).where(proposals.c.key == key)).first()
    return _read(dict(row._mapping)) if row else None


def take_to_confirm(office: Office, key: str, digest: str, who: str, earliest: date, now: datetime) -> bool:
    """Hold it for somebody who confirms it. False for its proposer, who agreed before, or what waits no longer.

    Raises SettingsError, as all of these do, while another proposal is held.
    """
    others = (proposals.c.proposer != who, proposals.c.agreed != who)
    return _take(office, key, now, proposals.c.digest == digest, proposals.c.day >= earliest, *others)


def take_to_refuse(office: Office, key: str, who: str, earliest: date, now: datetime) -> bool:
    """Hold it for somebody who refuses it. False for its proposer, or what waits no longer."""
    return _take(office, key, now, proposals.c.proposer != who, proposals.c.day >= earliest)


def take_to_withdraw(office: Office, key: str, who: str, now: datetime) -> bool:
    """Hold it for its proposer. False for anybody else, or what waits no longer."""
    return _take(office, key, now, proposals.c.proposer == who)


def take_expired(office: Office, key: str, earliest: date, now: datetime) -> bool:
    """Hold what has waited for too long."""
    return _take(office, key, now, proposals.c.day < earliest)


def let_go(office: Office, now: datetime) -> None:
    """Let what was held for too long wait again: whoever held it is gone."""
    late = select(proposals.c.key).where(_is_over(now))
    with office.engine.connect() as connection:
        is_any = connection.execute(late).first()
    if is_any:  # every page of the staff asks: most of the time nothing is to be written
        with office.engine.begin() as connection:
            connection.execute(_lapsed(now))


def put_back(office: Office, key: str, agreed: str = "") -> None:
    """Let a held proposal wait again; `agreed`: for one more person, after this one."""
    _put(office, key, WAITING, until=None, **({"agreed": agreed} if agreed else {}))


def settle(office: Office, key: str, state: str) -> None:
    """End a held proposal for good."""
    _put(office, key, state)


def end_proposals_of(connection: Connection, who: str) -> None:
    """End what this member proposed, and take their word back where one more must confirm."""
    waits = proposals.c.state == WAITING
    connection.execute(update(proposals).where(waits, proposals.c.proposer == who).values(state="ended"))
    connection.execute(update(proposals).where(waits, proposals.c.agreed == who).values(agreed=""))


def overdue(office: Office, earliest: date) -> tuple[str, ...]:
    """The keys of what has waited for too long."""
    late = select(proposals.c.key).where(proposals.c.state == WAITING, proposals.c.day < earliest)
    with office.engine.connect() as connection:
        return tuple(connection.scalars(late))


def _take(office: Office, key: str, now: datetime, *conditions: ColumnElement[bool]) -> bool:
    asked = update(proposals).where(proposals.c.key == key, proposals.c.state == WAITING, *conditions)
    until = _naive(rounded_down(now + HELD_FOR, MINUTE))
    try:
        with office.engine.begin() as connection:
            connection.execute(_lapsed(now))
            return connection.execute(asked.values(state=HELD, until=until)).rowcount == 1
    except IntegrityError:
        raise SettingsError(
            "Another proposal is being decided this moment. Please press the button once more."
        ) from None


def _lapsed(now: datetime) -> Update:
    return update(proposals).where(_is_over(now)).values(state=WAITING)


def _is_over(now: datetime) -> ColumnElement[bool]:
    return IS_HELD & (proposals.c.until <= _naive(now))


def _put(office: Office, key: str, state: str, **more: str | None) -> None:
    held = update(proposals).where(proposals.c.key == key, proposals.c.state == HELD)
    with office.engine.begin() as connection:
        connection.execute(held.values(state=state, **more))


def _read(row: dict[str, Any]) -> Proposal:
    return Proposal(**row | {"payload": bytes(row["payload"])})


def _naive(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(tzinfo=None)
