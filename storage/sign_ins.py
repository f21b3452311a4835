"""The staff's sessions as the office keeps them, by hashes of their tokens. Holds no token, no address, no agent.

A session is in one of two tables. What `sign_ins` holds is whole; what `half_sign_ins` holds has shown a password
and waits for the second factor, and no page but that one ever looks there. Times are rounded down as they are written
(storage/coarse.py): a session ends a little early rather than late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Integer, LargeBinary, Row, String, Table, delete, func, insert, select, update

from storage.coarse import FIVE_MINUTES, MINUTE, rounded_down
from storage.engines import upsert
from storage.office import Office, metadata

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("name", String, nullable=False),
    # Which began after which; `began` is too coarse to tell.
    Column("turn", Integer, nullable=False),
    Column("began", DateTime, nullable=False),
    Column("used", DateTime, nullable=False),
    Column("proved", DateTime, nullable=False),
    sqlite_with_rowid=False,
)
half_sign_ins = Table(
    "half_sign_ins",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("name", String, nullable=False),
    Column("until", DateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    sqlite_with_rowid=False,
)
# A TOTP secret that a page has shown and no code has confirmed yet; it belongs to the session that saw it.
totp_offers = Table(
    "totp_offers",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", DateTime, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class SignIn:
    """A session: whose it is, when it began, was used last, and when its holder last showed a factor."""

    token_hash: bytes
    name: str
    began: datetime
    used: datetime
    proved: datetime


@dataclass(frozen=True)
class HalfSignIn:
    """A session that waits for the second factor."""

    token_hash: bytes
    name: str
    tries: int


def start_sign_in(office: Office, token_hash: bytes, name: str, now: datetime) -> None:
    """Keep a session, with a factor shown now."""
    then = _naive(rounded_down(now, FIVE_MINUTES))
    when = {"began": then, "used": then, "proved": _naive(rounded_down(now, MINUTE))}
    turn = select(func.coalesce(func.max(sign_ins.c.turn), 0) + 1).scalar_subquery()
    with office.engine.begin() as connection:
        connection.execute(insert(sign_ins).values(token_hash=token_hash, name=name, turn=turn, **when))


def keep_newest(office: Office, name: str, token_hash: bytes, most: int) -> None:
    """End a member's oldest sessions, so that `most` are left. The one of this token's hash is left in any case."""
    others = (sign_ins.c.name == name) & (sign_ins.c.token_hash != token_hash)
    newest = select(sign_ins.c.token_hash).where(others).order_by(sign_ins.c.turn.desc()).limit(most - 1)
    with office.engine.begin() as connection:
        connection.execute(delete(sign_ins).where(others & sign_ins.c.token_hash.not_in(newest)))


def sign_in_of(office: Office, token_hash: bytes) -> SignIn | None:
    """The session of this token, however old."""
    with office.engine.connect() as connection:
        row = connection.execute(select(sign_ins).where(sign_ins.c.token_hash == token_hash)).first()
    return _sign_in(row) if row else None


def sign_ins_of(office: Office, name: str) -> tuple[SignIn, ...]:
    """Every session of a member, the newest first."""
    own = select(sign_ins).where(sign_ins.c.name == name).order_by(sign_ins.c.turn.desc())
    with office.engine.connect() as connection:
        return tuple(_sign_in(row) for row in connection.execute(own))


def mark_used(office: Office, token_hash: bytes, now: datetime) -> None:
    """Write down that a session was used."""
    _mark(office, token_hash, used=_naive(rounded_down(now, FIVE_MINUTES)))


def mark_proved(office: Office, token_hash: bytes, now: datetime) -> None:
    """Write down that the holder of a session has shown a factor."""
    _mark(office, token_hash, proved=_naive(rounded_down(now, MINUTE)))


def change_token(office: Office, token_hash: bytes, new_hash: bytes, now: datetime) -> None:
    """A session goes on under another token, with a factor shown now. The token before opens nothing from then on."""
    with office.engine.begin() as connection:
        kept = {"token_hash": new_hash, "proved": _naive(rounded_down(now, MINUTE))}
        connection.execute(update(sign_ins).where(sign_ins.c.token_hash == token_hash).values(kept))
        # What it was shown to set an app up is still on the page of whoever goes on.
        offered = update(totp_offers).where(totp_offers.c.token_hash == token_hash)
        connection.execute(offered.values(token_hash=new_hash))


def end_sign_in(office: Office, token_hash: bytes, name: str | None = None) -> None:
    """End a session; with a name, only if it is that member's."""
    one = sign_ins.c.token_hash == token_hash
    with office.engine.begin() as connection:
        connection.execute(delete(sign_ins).where(one if name is None else one & (sign_ins.c.name == name)))


def end_sign_ins_of(office: Office, name: str, but: bytes = b"") -> None:
    """End every session of a member, half or whole, but the one of this token's hash."""
    with office.engine.begin() as connection:
        for table in (sign_ins, half_sign_ins):
            connection.execute(delete(table).where((table.c.name == name) & (table.c.token_hash != but)))


def end_every_sign_in(office: Office) -> None:
    """End every session of everybody, half or whole."""
    with office.engine.begin() as connection:
        for table in (sign_ins, half_sign_ins, totp_offers):
            connection.execute(delete(table))


def forget_sign_ins(office: Office, now: datetime, used_before: datetime, began_before: datetime) -> None:
    """Delete the sessions that are over."""
    over = (sign_ins.c.used < _naive(used_before)) | (sign_ins.c.began < _naive(began_before))
    with office.engine.begin() as connection:
        connection.execute(delete(sign_ins).where(over))
        for table in (half_sign_ins, totp_offers):
            connection.execute(delete(table).where(table.c.until <= _naive(now)))


def start_half(office: Office, token_hash: bytes, name: str, until: datetime) -> None:
    """Keep a session that waits for the second factor."""
    with office.engine.begin() as connection:
        row = {"token_hash": token_hash, "name": name, "until": _naive(rounded_down(until, MINUTE)), "tries": 0}
        connection.execute(insert(half_sign_ins).values(row))


def half_of(office: Office, token_hash: bytes, now: datetime) -> HalfSignIn | None:
    """The session of this token that waits for the second factor, while it may."""
    here = (half_sign_ins.c.token_hash == token_hash) & (half_sign_ins.c.until > _naive(now))
    with office.engine.connect() as connection:
        row = connection.execute(select(half_sign_ins).where(here)).first()
    return HalfSignIn(bytes(row.token_hash), row.name, row.tries) if row else None


def count_try(office: Office, token_hash: bytes, most: int) -> bool:
    """Count one more try of a waiting session. False when it has had them all, were it this very moment."""
    left = (half_sign_ins.c.token_hash == token_hash) & (half_sign_ins.c.tries < most)
    with office.engine.begin() as connection:
        counted = update(half_sign_ins).where(left).values(tries=half_sign_ins.c.tries + 1)
        return connection.execute(counted).rowcount == 1


def end_half(office: Office, token_hash: bytes) -> bool:
    """End a waiting session. False when it was over already: two at the same time do not both make a whole one."""
    with office.engine.begin() as connection:
        one = half_sign_ins.c.token_hash == token_hash
        return connection.execute(delete(half_sign_ins).where(one)).rowcount == 1


def offer_totp(office: Office, token_hash: bytes, sealed: bytes, until: datetime) -> None:
    """Keep the sealed secret that a session is shown, until it is confirmed."""
    row = {"sealed": sealed, "until": _naive(rounded_down(until, MINUTE))}
    shown = upsert(office.engine, totp_offers).values(token_hash=token_hash, **row)
    with office.engine.begin() as connection:
        connection.execute(shown.on_conflict_do_update(index_elements=totp_offers.primary_key, set_=row))


def offered_totp(office: Office, token_hash: bytes, now: datetime) -> bytes | None:
    """The sealed secret that this session was shown, while it may be confirmed."""
    here = (totp_offers.c.token_hash == token_hash) & (totp_offers.c.until > _naive(now))
    with office.engine.connect() as connection:
        found = connection.scalar(select(totp_offers.c.sealed).where(here))
    return None if found is None else bytes(found)


def drop_offer(office: Office, token_hash: bytes) -> None:
    """Forget the secret that a session was shown."""
    with office.engine.begin() as connection:
        connection.execute(delete(totp_offers).where(totp_offers.c.token_hash == token_hash))


def _mark(office: Office, token_hash: bytes, **when: datetime) -> None:
    with office.engine.begin() as connection:
        connection.execute(update(sign_ins).where(sign_ins.c.token_hash == token_hash).values(when))


def _sign_in(row: Row[Any]) -> SignIn:
    began, used, proved = (when.replace(tzinfo=UTC) for when in (row.began, row.used, row.proved))
    return SignIn(bytes(row.token_hash), row.name, began, used, proved)


def _naive(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(tzinfo=None)
