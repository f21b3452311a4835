"""What must hold of an instance whatever fell: each visit there once, each withdrawal in force, nothing left."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from config import Settings
from fieldwork.study import Study
from storage.engines import is_sqlite
from storage.journal_check import verify_journal
from storage.office import tombstones
from storage.stores import engines_of
from storage.vaults import Vault, records, rows, tags
from tests.crash.tablets import Heard

# What a process writes beside its target or keeps for a while; a study is staged in a folder that begins with a dot.
LEFT_OVER = ("*.part", "*.new", ".bundle-*", ".working_together-*", "*.old", ".restore*")


def assert_kept(study: Study, heard: Heard) -> None:
    """Everything that was acknowledged is there once and as it was sent, and nothing else is."""
    assert heard.faults == []
    staying = [sent for record_id, sent in heard.kept.items() if record_id not in heard.withdrawn]
    for at, vault in enumerate((study.stores.research, study.stores.identity)):
        assert _envelopes(vault) == {one: digest for sent in staying for one, digest in sent.halves[at].items()}
        assert _tagged(vault) == {(sent.tags[at], one) for sent in staying for one in sent.halves[at]}


def assert_withdrawn(study: Study, settings: Settings, heard: Heard) -> None:
    """What was withdrawn is remembered in every place, and no row of it is left in either vault."""
    gone = {tag for sent in heard.withdrawn.values() for tag in sent.tags}
    with study.stores.office.engine.connect() as connection:
        assert gone <= {bytes(tag) for tag in connection.scalars(select(tombstones.c.tag))}
    for file in settings.tombstone_files:
        assert {tag.hex() for tag in gone} <= set(file.read_text().splitlines())
    for vault in (study.stores.research, study.stores.identity):
        assert not {tag for tag, _ in _tagged(vault)} & gone


def assert_sound(study: Study) -> None:
    """Every store is sound by its engine's own look, and the journal holds."""
    for engine in engines_of(study.stores).values():
        if is_sqlite(engine):
            with engine.connect() as connection:
                assert connection.exec_driver_sql("pragma integrity_check").scalars().all() == ["ok"]
    verify_journal(study.stores.office)


def left_over(folders: Iterable[Path]) -> list[str]:
    """The names of files that a process left behind."""
    return sorted(path.name for folder in folders for kind in LEFT_OVER for path in folder.rglob(kind))


def lacking(study: Study, heard: Heard) -> set[bytes]:
    """The ids of acknowledged records that are not there although nobody withdraws them. For a look meanwhile."""
    known, found = dict(heard.kept), _ids(study.stores.research) | _ids(study.stores.identity)
    wanted = {record_id: {one for half in sent.halves for one in half} for record_id, sent in known.items()}
    return {one for record_id, ids in wanted.items() if record_id not in set(heard.leaving) for one in ids - found}


def _ids(vault: Vault) -> set[bytes]:
    with vault.engine.connect() as connection:
        return {bytes(one) for one in connection.scalars(select(records.c.id))}


def _envelopes(vault: Vault) -> dict[bytes, bytes]:
    return {record_id: sha256(envelope.to_bytes()).digest() for record_id, envelope in rows(vault)}


def _tagged(vault: Vault) -> set[tuple[bytes, bytes]]:
    with vault.engine.connect() as connection:
        return {(bytes(row.tag), bytes(row.id)) for row in connection.execute(select(tags.c.tag, tags.c.id))}
