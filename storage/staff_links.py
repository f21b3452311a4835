"""One-time links for staff, as the office keeps them: by a hash of their token. Holds no token.

A link lets one named person set their factors, once: to join the staff, or again after they lost them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Column, Connection, DateTime, LargeBinary, Row, String, Table, delete, insert, select

from storage.coarse import MINUTE, rounded_down
from storage.office import Office, metadata

LinkKind = Literal["invitation", "reset"]
staff_links = Table(
    "staff_links",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    # The name as it is compared: nobody can be invited under a name that looks like one that waits.
    Column("folded", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("until", DateTime, nullable=False),
    # Who handed it out: when their right ends, so does the link.
    Column("by", String, nullable=False),
)


@dataclass(frozen=True)
class StaffLink:
    """A link that waits. `folded` is the name as it is compared."""

    token_hash: bytes
    folded: str
    name: str
    role: str
    kind: LinkKind
    until: datetime
    by: str


def insert_link(connection: Connection, link: StaffLink) -> None:
    """Keep a new link as a part of something larger."""
    connection.execute(insert(staff_links).values(vars(link) | {"until": _naive(rounded_down(link.until, MINUTE))}))


def link_of(office: Office, token_hash: bytes, now: datetime) -> StaffLink | None:
    """The link with this token, while it works."""
    with office.engine.connect() as connection:
        row = connection.execute(select(staff_links).where(_live(token_hash, now))).first()
    return _link(row) if row else None


def take_link(connection: Connection, token_hash: bytes, now: datetime) -> StaffLink | None:
    """Use a link up, as a part of something larger; None for one that is unknown, used or too old."""
    gone = delete(staff_links).where(_live(token_hash, now)).returning(*staff_links.c)
    row = connection.execute(gone).first()
    return _link(row) if row else None


def all_links(office: Office) -> tuple[StaffLink, ...]:
    """Every link that was not used, also those that are too old, by name."""
    with office.engine.connect() as connection:
        return tuple(_link(row) for row in connection.execute(select(staff_links).order_by(staff_links.c.name)))


def drop_link(connection: Connection, folded: str) -> bool:
    """Take the link of this name away; False when none waits."""
    return bool(connection.execute(delete(staff_links).where(staff_links.c.folded == folded)).rowcount)


def void_links_of(connection: Connection, by: str) -> None:
    """Make every link void that this member handed out."""
    connection.execute(delete(staff_links).where(staff_links.c.by == by))


def forget_links(connection: Connection, now: datetime) -> None:
    """Forget the invitations that nobody used in time. A reset stays: its member is still without a factor."""
    over = (staff_links.c.until <= _naive(now)) & (staff_links.c.kind == "invitation")
    connection.execute(delete(staff_links).where(over))


def _live(token_hash: bytes, now: datetime) -> Any:
    return (staff_links.c.token_hash == token_hash) & (staff_links.c.until > _naive(now))


def _link(row: Row[Any]) -> StaffLink:
    until = row.until.replace(tzinfo=UTC)
    return StaffLink(bytes(row.token_hash), row.folded, row.name, row.role, row.kind, until, row.by)


def _naive(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(tzinfo=None)
