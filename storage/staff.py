"""Staff and their sessions, as the office keeps them: hashes only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, LargeBinary, String, Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from errors import SettingsError
from storage.office import Office, metadata

staff = Table(
    "staff",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password_phc", String, nullable=False),
)
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("name", String, nullable=False),
    Column("until", DateTime, nullable=False),
)


@dataclass(frozen=True)
class StaffMember:
    """A member of staff."""

    name: str
    role: str
    password_phc: str = field(repr=False)


def add_staff(office: Office, name: str, role: str, password_phc: str) -> None:
    """Add a member of staff. Raises SettingsError when the name is taken."""
    try:
        with office.engine.begin() as connection:
            connection.execute(insert(staff).values(name=name, role=role, password_phc=password_phc))
    except IntegrityError:
        raise SettingsError(f"There is already a member of staff called {name}.") from None


def staff_named(office: Office, name: str) -> StaffMember | None:
    """The member of staff of this name."""
    with office.engine.connect() as connection:
        row = connection.execute(select(staff).where(staff.c.name == name)).first()
    return StaffMember(row.name, row.role, row.password_phc) if row else None


def remove_staff(office: Office, name: str) -> None:
    """Take a member of staff out, with every session of theirs."""
    with office.engine.begin() as connection:
        connection.execute(delete(sign_ins).where(sign_ins.c.name == name))
        connection.execute(delete(staff).where(staff.c.name == name))


def start_sign_in(office: Office, token_hash: bytes, name: str, until: datetime) -> None:
    """Keep a session by the hash of its token."""
    with office.engine.begin() as connection:
        connection.execute(insert(sign_ins).values(token_hash=token_hash, name=name, until=_naive(until)))


def signed_in_by(office: Office, token_hash: bytes, now: datetime) -> StaffMember | None:
    """Who holds this session, while it lasts."""
    with office.engine.connect() as connection:
        here = (sign_ins.c.token_hash == token_hash) & (sign_ins.c.until > _naive(now))
        name = connection.scalar(select(sign_ins.c.name).where(here))
    return staff_named(office, name) if name else None


def end_sign_in(office: Office, token_hash: bytes) -> None:
    """End a session."""
    with office.engine.begin() as connection:
        connection.execute(delete(sign_ins).where(sign_ins.c.token_hash == token_hash))


def _naive(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(tzinfo=None)
