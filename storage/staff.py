"""Staff as the office keeps them: names, roles, hashes, sealed TOTP secrets. Holds no password and no address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from errors import SettingsError
from storage.office import Office, metadata

staff = Table(
    "staff",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    # None for somebody who signs in with a passkey only.
    Column("password_phc", String),
    Column("disabled", Boolean, nullable=False),
    # Until when somebody who chose a password with a link must have set a second factor. None: no such link.
    Column("finish_before", DateTime),
    # Sealed under a key that is not in this store (fieldwork/staff/totp.py).
    Column("totp", LargeBinary),
    # The time step of the last code that was used: neither it nor an earlier one works again.
    Column("totp_step", Integer, nullable=False),
)
# A code for the day on which the telephone is lost, by its hash. Using it deletes it.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", LargeBinary(32), primary_key=True),
    Column("name", String, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class StaffMember:
    """A member of staff. `totp` is sealed."""

    name: str
    role: str
    password_phc: str | None = field(repr=False)
    disabled: bool = False
    totp: bytes | None = field(default=None, repr=False)
    finish_before: datetime | None = None


def add_staff(office: Office, name: str, role: str, password_phc: str | None, totp: bytes | None = None) -> None:
    """Add a member of staff. Raises SettingsError when the name is taken."""
    kept = {"name": name, "role": role, "password_phc": password_phc, "totp": totp, "totp_step": 0, "disabled": False}
    try:
        with office.engine.begin() as connection:
            connection.execute(insert(staff).values(kept))
    except IntegrityError:
        raise SettingsError(f"There is already a member of staff called {name}.") from None


def staff_named(office: Office, name: str) -> StaffMember | None:
    """The member of staff of this name, disabled or not."""
    with office.engine.connect() as connection:
        row = connection.execute(select(staff).where(staff.c.name == name)).first()
    return _member(row) if row else None


def everyone(office: Office) -> tuple[StaffMember, ...]:
    """Every member of staff, by name."""
    with office.engine.connect() as connection:
        return tuple(_member(row) for row in connection.execute(select(staff).order_by(staff.c.name)))


def set_password(office: Office, name: str, password_phc: str) -> None:
    """Put another password hash in the place of a member's."""
    with office.engine.begin() as connection:
        connection.execute(update(staff).where(staff.c.name == name).values(password_phc=password_phc))


def set_totp(office: Office, name: str, sealed: bytes, step: int, instead_of: bytes | None) -> bool:
    """Put another sealed TOTP secret in the place of the one that was read, with the step of the code that showed it.

    False when the member's secret has changed in between: of two who set a first one up, one does.
    """
    same = staff.c.totp.is_(None) if instead_of is None else staff.c.totp == instead_of
    with office.engine.begin() as connection:
        changed = update(staff).where((staff.c.name == name) & same).values(totp=sealed, totp_step=step)
        return connection.execute(changed).rowcount == 1


def spend_step(office: Office, name: str, step: int) -> bool:
    """Use the code of this time step up. False when it, or a later one, was used before, were it this very moment."""
    unused = (staff.c.name == name) & (staff.c.totp_step < step)
    with office.engine.begin() as connection:
        return connection.execute(update(staff).where(unused).values(totp_step=step)).rowcount == 1


def set_recovery_codes(office: Office, name: str, hashes: list[bytes]) -> None:
    """Put these codes in the place of all that a member had."""
    with office.engine.begin() as connection:
        connection.execute(delete(recovery_codes).where(recovery_codes.c.name == name))
        if hashes:
            connection.execute(insert(recovery_codes), [{"code_hash": one, "name": name} for one in hashes])


def spend_recovery_code(office: Office, name: str, code_hash: bytes) -> bool:
    """Use a recovery code up. False when the member has no such code, or it was used at this very moment."""
    own = (recovery_codes.c.code_hash == code_hash) & (recovery_codes.c.name == name)
    with office.engine.begin() as connection:
        return connection.execute(delete(recovery_codes).where(own)).rowcount == 1


def has_recovery_code(office: Office, name: str, code_hash: bytes) -> bool:
    """Whether a member has this recovery code."""
    own = (recovery_codes.c.code_hash == code_hash) & (recovery_codes.c.name == name)
    with office.engine.connect() as connection:
        return connection.execute(select(recovery_codes.c.name).where(own)).first() is not None


def recovery_codes_left(office: Office, name: str) -> int:
    """How many recovery codes a member has left."""
    with office.engine.connect() as connection:
        return len(connection.execute(select(recovery_codes.c.name).where(recovery_codes.c.name == name)).all())


def _member(row: Row[Any]) -> StaffMember:
    totp = None if row.totp is None else bytes(row.totp)
    finish_before = row.finish_before and row.finish_before.replace(tzinfo=UTC)
    return StaffMember(row.name, row.role, row.password_phc, row.disabled, totp, finish_before)
