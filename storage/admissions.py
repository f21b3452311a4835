"""Tablets and invitations, as the office keeps them: hashes of tokens only. Nothing here leads to a record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from errors import SettingsError
from storage.asking import rows_with
from storage.engines import at_once
from storage.office import Office, enrolments, invitations, tablets

InvitationKind = Literal["single", "open"]
# Built once: each delivery asks, and to build one takes as long as to ask.
INVITATION_OF = select(invitations).where(invitations.c.token_hash == bindparam("hash"))


@dataclass(frozen=True)
class Tablet:
    """A tablet that was enrolled. `site` is a code of the study's, or empty for any."""

    token_hash: bytes
    name: str
    site: str
    revoked: bool


@dataclass(frozen=True)
class Invitation:
    """An invitation. `group`, `site` and `language` are empty where it leaves them open; `until` is its last day.

    `pin`: of the keyring that its link holds to, after a rotation in vain; empty where it holds to none.
    """

    token_hash: bytes
    kind: InvitationKind
    group: str
    site: str
    language: str
    until: date
    spent: bool = False
    withdrawn: bool = False
    pin: str = ""


def open_enrolment(office: Office, code_hash: bytes, name: str, site: str, until: datetime) -> None:
    """Let whoever brings this code enrol a tablet, once, until `until` (UTC, naive). Raises SettingsError."""
    with office.engine.begin() as connection:
        if connection.scalar(select(tablets.c.name).where(tablets.c.name == name, tablets.c.revoked.is_(False))):
            raise SettingsError(f"There is a tablet called {name} already.")
        connection.execute(delete(enrolments).where(enrolments.c.name == name))
        connection.execute(insert(enrolments).values(code_hash=code_hash, name=name, site=site, until=until))


def enrol(office: Office, code_hash: bytes, token_hash: bytes, now: datetime) -> Tablet | None:
    """Swap a code for an enrolled tablet; None for a code that is unknown, used or too old."""
    with office.engine.begin() as connection:
        row = connection.execute(
            delete(enrolments)
            .where(enrolments.c.code_hash == code_hash, enrolments.c.until > now)
            .returning(enrolments.c.name, enrolments.c.site)
        ).first()
        if row is None:
            return None
        told = {"token_hash": token_hash, "site": row.site, "revoked": False}
        # A revoked tablet that came back is enrolled anew under the label it has; its old token is then nobody's.
        again = update(tablets).where(tablets.c.name == row.name, tablets.c.revoked.is_(True))
        if not connection.execute(again.values(**told)).rowcount:
            connection.execute(insert(tablets).values(name=row.name, **told))
    return Tablet(token_hash, row.name, row.site, False)


def open_enrolments(office: Office, now: datetime) -> tuple[tuple[str, str], ...]:
    """Name and site of every tablet whose code was not used yet and still works."""
    asked = select(enrolments.c.name, enrolments.c.site).where(enrolments.c.until > now).order_by(enrolments.c.name)
    with office.engine.connect() as connection:
        return tuple((row.name, row.site) for row in connection.execute(asked))


def forget_enrolments(office: Office, now: datetime) -> None:
    """Forget the codes that nobody used in time."""
    with office.engine.begin() as connection:
        connection.execute(delete(enrolments).where(enrolments.c.until <= now))


def tablet_of(office: Office, token_hash: bytes) -> Tablet | None:
    """The tablet that holds this token, revoked or not."""
    for kept, name, site, revoked in rows_with(office.engine, tablets.c.token_hash, (token_hash,)):
        return Tablet(bytes(kept), name, site, bool(revoked))
    return None


def all_tablets(office: Office) -> tuple[Tablet, ...]:
    """Every tablet, by name."""
    with office.engine.connect() as connection:
        found = connection.execute(select(tablets).order_by(tablets.c.name)).all()
    return tuple(Tablet(bytes(row.token_hash), row.name, row.site, row.revoked) for row in found)


def revoke_tablet(office: Office, name: str) -> bool:
    """Take a tablet's right to deliver away; False when there is none of this name."""
    with office.engine.begin() as connection:
        return bool(connection.execute(update(tablets).where(tablets.c.name == name).values(revoked=True)).rowcount)


def add_invitation(office: Office, invitation: Invitation) -> None:
    """Keep a new invitation."""
    try:
        with office.engine.begin() as connection:
            connection.execute(insert(invitations).values(**vars(invitation)))
    except IntegrityError:
        raise SettingsError("This invitation is there already.") from None


def invitation_of(office: Office, token_hash: bytes) -> Invitation | None:
    """The invitation with this token, spent or not."""
    with at_once(office.engine) as connection:
        row = connection.execute(INVITATION_OF, {"hash": token_hash}).first()
    return _invitation(row) if row else None


def all_invitations(office: Office) -> tuple[Invitation, ...]:
    """Every invitation, the one that ends last first."""
    with office.engine.connect() as connection:
        found = connection.execute(select(invitations).order_by(invitations.c.until.desc())).all()
    return tuple(_invitation(row) for row in found)


def withdraw_invitation(office: Office, token_hash: bytes) -> bool:
    """Withdraw an invitation, used or not; False when there is none, or when it was withdrawn before.

    It stays until it is forgotten: if only those that were used stayed, a list would tell how many those are.
    """
    there = (invitations.c.token_hash == token_hash) & invitations.c.withdrawn.is_(False)
    with office.engine.begin() as connection:
        return bool(connection.execute(update(invitations).where(there).values(withdrawn=True)).rowcount)


def forget_invitations(office: Office, before: date) -> int:
    """Forget the invitations whose last day lies before this one."""
    with office.engine.begin() as connection:
        return connection.execute(delete(invitations).where(invitations.c.until < before)).rowcount


def count_run_out(office: Office, before: date) -> int:
    """How many invitations have a last day before this one."""
    with office.engine.connect() as connection:
        asked = select(func.count()).select_from(invitations).where(invitations.c.until < before)
        return connection.scalar(asked) or 0


@contextmanager
def spending(office: Office, token_hash: bytes) -> Iterator[bool]:
    """Spend a single invitation around what is done in here; gives False when it was spent or withdrawn before.

    It counts as spent only if what is done in here succeeds. Until then nobody else can spend it: they wait.
    """
    with office.engine.begin() as connection:
        is_live = invitations.c.spent.is_(False) & invitations.c.withdrawn.is_(False)
        used = update(invitations).where((invitations.c.token_hash == token_hash) & is_live).values(spent=True)
        yield bool(connection.execute(used).rowcount)


def _invitation(row: object) -> Invitation:
    told = row._mapping  # type: ignore[attr-defined]  # noqa: SLF001 (SQLAlchemy's public name for it)
    return Invitation(**{**told, "token_hash": bytes(told["token_hash"])})
