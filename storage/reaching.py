"""How PostgreSQL is reached: which of several servers, how soon a dead one is noticed, and that it keeps what it takes.

An address may name several servers. The one that may be written to is taken, and no other is ever asked: what a
standby says may lack a withdrawal that was acknowledged.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL

from errors import SettingsError, StorageError, StoreAway

WRITABLE = ("read-write", "primary")
# libpq's own words, each unless the address says otherwise. A server that vanished is noticed within ten seconds: by
# no answer to a connection, by nothing acknowledged of what was sent, or by nothing said while an answer is due.
REACHED: dict[str, str] = {
    "target_session_attrs": "read-write",
    "connect_timeout": "3",  # seconds, for each server in turn
    "tcp_user_timeout": "6000",  # milliseconds
    "keepalives_idle": "4",  # seconds
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "application_name": "amanah",
}
LONGEST_WAIT = 15_000  # milliseconds for somebody else's lock: as long as SQLite waits
# With one of these, what was acknowledged can be lost: in a crash, or with the server where it alone stood.
LOSES = {"fsync": ("off",), "synchronous_commit": ("off", "local")}
# A statement is given no time limit, whatever the server or role has: a commit that waits for its standby and is cut
# short is reported as done, though the standby may never get it.
ASKED = (
    "select pg_is_in_recovery() or current_setting('transaction_read_only')::bool, "
    f"set_config('lock_timeout', '{LONGEST_WAIT}', false), set_config('statement_timeout', '0', false), "
    + ", ".join(f"current_setting('{name}')" for name in LOSES)
)


def reached(address: URL) -> URL:
    """This address with what it leaves open. Raises SettingsError for one that would read from a standby."""
    wanted = address.query.get("target_session_attrs", WRITABLE[0])
    if wanted not in WRITABLE:
        raise SettingsError(
            f"A database address may say target_session_attrs={WRITABLE[0]} and no other: "
            "a standby may not know yet what was withdrawn."
        )
    return address.set(drivername="postgresql+psycopg", query=REACHED | dict(address.query))


def check_server(connection: Any, record: Any) -> None:
    """Refuse a server that is no primary, or may lose what it acknowledges. Raises StoreAway, StorageError."""
    is_standby, _, _, *kept = connection.execute(ASKED).fetchone()
    connection.commit()  # else what was set would end with this transaction
    lost = [name for name, value in zip(LOSES, kept, strict=True) if value in LOSES[name]]
    if is_standby or lost:
        connection.close()
    if is_standby:
        raise StoreAway("The store cannot be written to just now. Please try again in a minute.")
    if lost:
        raise StorageError(f"PostgreSQL's {lost[0]} must be on. Nothing was opened.")
