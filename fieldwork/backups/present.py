"""The office that stands in an instance now, where a backup is put back: what it knows that the backup cannot.

It is believed where it can be read, its journal holds under this instance's key, and that journal begins as the
backup's does. Anything else may be another instance's, or what an intruder left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from errors import AmanahError
from fieldwork.backups.places import Instance
from fieldwork.ending import Ending, ending_of
from fieldwork.hold import Hold, hold_in_force
from storage.doors import first_hash, parting
from storage.engines import open_engine
from storage.journal import read_journal
from storage.journal_check import verify_journal
from storage.meta import recognise
from storage.office import Office
from storage.placing import is_there
from storage.tombstones import remembered


@dataclass(frozen=True)
class Since:
    """What an instance knows that a backup does not: acts of its journal that would be lost, by name, the hold, and how
    far the end of the study is."""

    acts: Mapping[str, int]
    hold: Hold | None
    ending: Ending | None = None


@contextmanager
def present_office(instance: Instance, backup: Office) -> Iterator[Office | None]:
    """The office that stands there now, where it can be believed; else None."""
    office = _found(instance, backup)
    try:
        yield office
    finally:
        if office:
            office.engine.dispose()


def since(present: Office, backup: Office) -> Since:
    """What happened after the backup, as the present office tells it."""
    last = parting(present, backup)
    acts = Counter(str(entry.act) for entry in read_journal(present) if entry.number > last)
    return Since(acts, hold_in_force(present), ending_of(present))


def tombstones_since(
    present: Office | None, files: tuple[Path, ...], backup: frozenset[bytes]
) -> frozenset[bytes] | None:
    """Every tag that is remembered now; None where nobody can say that none is missing.

    A file that lacks what the backup remembers is not its successor, and an empty one may be a new instance's. Raises
    StorageError for a damaged file.
    """
    known, continued = frozenset[bytes](), present is not None
    for path in files:
        tags = remembered(None, (path,))
        continued = continued or bool(tags) and backup <= tags
        known |= tags
    return known | (remembered(present, ()) if present else frozenset()) if continued else None


def _found(instance: Instance, backup: Office) -> Office | None:
    office = None
    # Whatever is wrong with what stands there, the backup is what helps.
    with suppress(AmanahError, SQLAlchemyError):
        if is_there(instance.addresses.office):
            office = Office(open_engine(instance.addresses.office), instance.addresses.journal_key)
            recognise(office.engine, "office")
            verify_journal(office)
            if first_hash(office) == first_hash(backup):
                return office
    if office:
        office.engine.dispose()
    return None
