"""Who may come in, as an office says it: taken over from another office, or shut. For an office that is put back.

A backup remembers the doors of its day. A tablet that was revoked since, a member who left, a recovery code that was
used, would all come in again.
"""

from __future__ import annotations

from sqlalchemy import Table, delete, insert, select, update

from storage.office import Office, invitations, journal, tablets
from storage.passkeys import passkeys, user_handles
from storage.staff import recovery_codes, staff

DOORS: tuple[Table, ...] = (staff, recovery_codes, passkeys, user_handles, tablets, invitations)


def take_over_doors(office: Office, other: Office) -> None:
    """Let in whom the other office lets in, and nobody else."""
    with other.engine.connect() as source:
        found = {table: [dict(row) for row in source.execute(select(table)).mappings()] for table in DOORS}
    with office.engine.begin() as connection:
        for table, rows in found.items():
            connection.execute(delete(table))
            if rows:
                connection.execute(insert(table), rows)


def forget_recovery_codes(office: Office) -> None:
    """Let no recovery code count any longer: which were used since nobody knows."""
    with office.engine.begin() as connection:
        connection.execute(delete(recovery_codes))


def shut_doors(office: Office) -> None:
    """Revoke every tablet, withdraw every invitation, disable every member but administrators."""
    with office.engine.begin() as connection:
        connection.execute(update(tablets).values(revoked=True))
        connection.execute(update(invitations).values(withdrawn=True))
        connection.execute(update(staff).where(staff.c.role != "administrator").values(disabled=True))


def first_hash(office: Office) -> str | None:
    """The hash of the journal's first entry, which no two instances share; None where there is none."""
    with office.engine.connect() as connection:
        found: str | None = connection.scalar(select(journal.c.hash).where(journal.c.number == 1))
    return found


def parting(office: Office, other: Office) -> int:
    """The number of the last entry up to which two journals are the same."""
    mine, theirs = _hashes(office), _hashes(other)
    shared = (number for number, found in mine.items() if theirs.get(number) == found)
    return max(shared, default=0)


def _hashes(office: Office) -> dict[int, str]:
    with office.engine.connect() as connection:
        return {row.number: row.hash for row in connection.execute(select(journal.c.number, journal.c.hash))}
