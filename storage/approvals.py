"""Proposals that wait for a second person, as the office keeps them. Decides nothing; a step is one conditional update.

Whoever takes a step takes the proposal first ("held"), so that of two who press a button at the same moment one is
too late. Holds nothing about a participant: keys, sheets and names of staff only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, Integer, LargeBinary, String, Table, insert, select, update

from storage.office import Office, metadata

WAITING, HELD = "waiting", "held"
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
)


@dataclass(frozen=True)
class Proposal:
    """Something that one person wants done and another must confirm.

    `payload`: what is carried out, byte for byte. `base`: what the world was like when it was proposed. `words`: what
    it changes, as JSON. `needed`: how many must confirm. `agreed`: who did so first, where two must. `digest`: of all
    that stays the same until it is decided.
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


def keep_proposal(office: Office, proposal: Proposal) -> None:
    """Keep a new proposal."""
    with office.engine.begin() as connection:
        connection.execute(insert(proposals).values(asdict(proposal)))


def proposals_in(office: Office, state: str = WAITING) -> tuple[Proposal, ...]:
    """The proposals in this state, the oldest first."""
    asked = select(proposals).where(proposals.c.state == state).order_by(proposals.c.day, proposals.c.key)
    with office.engine.connect() as connection:
        return tuple(_read(dict(row._mapping)) for row in connection.execute(asked))


def proposal_of(office: Office, key: str) -> Proposal | None:
    """The proposal of this key."""
    with office.engine.connect() as connection:
        row = connection.execute(select(proposals).where(proposals.c.key == key)).first()
    return _read(dict(row._mapping)) if row else None


def take_to_confirm(office: Office, key: str, digest: str, who: str, earliest: date) -> bool:
    """Hold it for somebody who confirms it. False for its proposer, who agreed before, or what waits no longer."""
    others = (proposals.c.proposer != who, proposals.c.agreed != who)
    return _take(office, key, proposals.c.digest == digest, proposals.c.day >= earliest, *others)


def take_to_refuse(office: Office, key: str, who: str, earliest: date) -> bool:
    """Hold it for somebody who refuses it. False for its proposer, or what waits no longer."""
    return _take(office, key, proposals.c.proposer != who, proposals.c.day >= earliest)


def take_to_withdraw(office: Office, key: str, who: str) -> bool:
    """Hold it for its proposer. False for anybody else, or what waits no longer."""
    return _take(office, key, proposals.c.proposer == who)


def take_expired(office: Office, key: str, earliest: date) -> bool:
    """Hold what has waited for too long."""
    return _take(office, key, proposals.c.day < earliest)


def put_back(office: Office, key: str, agreed: str = "") -> None:
    """Let a held proposal wait again; `agreed`: for one more person, after this one."""
    _put(office, key, WAITING, **({"agreed": agreed} if agreed else {}))


def settle(office: Office, key: str, state: str) -> None:
    """End a held proposal for good."""
    _put(office, key, state)


def overdue(office: Office, earliest: date) -> tuple[str, ...]:
    """The keys of what has waited for too long."""
    late = select(proposals.c.key).where(proposals.c.state == WAITING, proposals.c.day < earliest)
    with office.engine.connect() as connection:
        return tuple(connection.scalars(late))


def _take(office: Office, key: str, *conditions: ColumnElement[bool]) -> bool:
    asked = update(proposals).where(proposals.c.key == key, proposals.c.state == WAITING, *conditions)
    with office.engine.begin() as connection:
        return connection.execute(asked.values(state=HELD)).rowcount == 1


def _put(office: Office, key: str, state: str, **more: str) -> None:
    held = update(proposals).where(proposals.c.key == key, proposals.c.state == HELD)
    with office.engine.begin() as connection:
        connection.execute(held.values(state=state, **more))


def _read(row: dict[str, Any]) -> Proposal:
    return Proposal(**row | {"payload": bytes(row["payload"])})
