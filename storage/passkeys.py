"""Passkeys of the staff, as the office keeps them: public keys only, and the day of the last use, never its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from storage.coarse import MINUTE, rounded_up
from storage.engines import upsert
from storage.office import Office, metadata

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", LargeBinary, primary_key=True),
    Column("member", String, nullable=False),
    Column("label", String, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("rp_id", String, nullable=False),
    Column("last_used", Date, nullable=True),
    # Over member, credential, key and host, under a key that is not in this store (fieldwork/staff/passkeys.py): a row
    # without a right one is no passkey.
    Column("seal", LargeBinary(32), nullable=False),
)
# What a device calls a member by: random, so that a device that is lost or searched does not name them.
user_handles = Table(
    "user_handles",
    metadata,
    Column("member", String, primary_key=True),
    Column("handle", LargeBinary(32), nullable=False, unique=True),
)
# A challenge that was answered rightly, until it would have ended anyway: so that no answer works twice.
spent_challenges = Table(
    "spent_challenges",
    metadata,
    Column("challenge_hash", LargeBinary(32), primary_key=True),
    Column("until", DateTime, nullable=False),
)


@dataclass(frozen=True)
class Passkey:
    """One passkey of a member of staff, for the one host that it was made on."""

    credential_id: bytes
    member: str
    label: str
    public_key: bytes
    sign_count: int
    rp_id: str
    last_used: date | None = None
    seal: bytes = b""


def add_passkey(office: Office, passkey: Passkey) -> bool:
    """Keep a new passkey; False when its credential is known already."""
    try:
        with office.engine.begin() as connection:
            connection.execute(insert(passkeys).values(**vars(passkey)))
    except IntegrityError:
        return False
    return True


def passkey_of(office: Office, credential_id: bytes) -> Passkey | None:
    """The passkey of this credential."""
    with office.engine.connect() as connection:
        row = connection.execute(select(passkeys).where(passkeys.c.credential_id == credential_id)).first()
    return _passkey(row) if row else None


def passkeys_of(office: Office, member: str) -> tuple[Passkey, ...]:
    """Every passkey of a member, by label."""
    asked = select(passkeys).where(passkeys.c.member == member).order_by(passkeys.c.label, passkeys.c.credential_id)
    with office.engine.connect() as connection:
        return tuple(_passkey(row) for row in connection.execute(asked))


def all_passkeys(office: Office) -> tuple[Passkey, ...]:
    """Every passkey of everyone."""
    with office.engine.connect() as connection:
        return tuple(_passkey(row) for row in connection.execute(select(passkeys)))


def count_use(office: Office, passkey: Passkey, sign_count: int, today: date) -> bool:
    """Write a use down; False when somebody else used the passkey since it was read."""
    unchanged = (passkeys.c.credential_id == passkey.credential_id) & (passkeys.c.sign_count == passkey.sign_count)
    used = update(passkeys).where(unchanged).values(sign_count=sign_count, last_used=today)
    with office.engine.begin() as connection:
        return bool(connection.execute(used).rowcount)


def remove_passkey(office: Office, member: str, credential_id: bytes, may_be_last: bool) -> bool:
    """Take a passkey of this member away; False when they have no such one, or when it is the last and may not be."""
    theirs = passkeys.c.member == member
    with office.engine.begin() as connection:
        # Touching them all first lets nobody else remove another of them meanwhile: two could else go at once.
        connection.execute(update(passkeys).where(theirs).values(label=passkeys.c.label))
        left = connection.scalar(select(func.count()).where(theirs, passkeys.c.credential_id != credential_id))
        if not left and not may_be_last:
            return False
        gone = delete(passkeys).where(theirs, passkeys.c.credential_id == credential_id)
        return bool(connection.execute(gone).rowcount)


def forget_passkeys(connection: Connection, member: str) -> None:
    """Take every passkey of a member away, and what devices call them by, as a part of something larger."""
    connection.execute(delete(passkeys).where(passkeys.c.member == member))
    connection.execute(delete(user_handles).where(user_handles.c.member == member))


def handle_of(office: Office, member: str, proposed: bytes = b"") -> bytes:
    """What devices call this member by; `proposed` (32 random bytes) from now on, where nothing was yet."""
    with office.engine.begin() as connection:
        if proposed:
            first = upsert(office.engine, user_handles).values(member=member, handle=proposed)
            connection.execute(first.on_conflict_do_nothing())
        found = connection.scalar(select(user_handles.c.handle).where(user_handles.c.member == member))
    return bytes(found or b"")


def spend_challenge(office: Office, challenge_hash: bytes, until: datetime, now: datetime) -> bool:
    """Use a challenge up; False when it was used before. Those that have ended anyway are forgotten."""
    # Never forgotten before it has ended.
    kept = rounded_up(until, MINUTE)
    try:
        with office.engine.begin() as connection:
            connection.execute(delete(spent_challenges).where(spent_challenges.c.until <= _naive(now)))
            connection.execute(insert(spent_challenges).values(challenge_hash=challenge_hash, until=_naive(kept)))
    except IntegrityError:
        return False
    return True


def _passkey(row: Row[tuple[object, ...]]) -> Passkey:
    told = {name: bytes(getattr(row, name)) for name in ("credential_id", "public_key", "seal")}
    return Passkey(
        member=row.member,
        label=row.label,
        sign_count=row.sign_count,
        rp_id=row.rp_id,
        last_used=row.last_used,
        **told,
    )


def _naive(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(tzinfo=None)
