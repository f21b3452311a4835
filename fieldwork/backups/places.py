"""Where an instance's parts lie that a backup holds, and by what names they go in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from storage.store_copies import STORES, Store
from storage.stores import Addresses

SETTINGS, STUDIES, TOMBSTONES = "settings.toml", "studies", "tombstones.txt"
COPIES: Mapping[Store, str] = {store: f"{store}.db" for store in STORES}


@dataclass(frozen=True)
class Instance:
    """An instance by its folder, its study's short name, its stores, and the files that remember withdrawals."""

    home: Path
    study: str
    addresses: Addresses
    tombstone_files: tuple[Path, ...]

    @property
    def studies(self) -> Path:
        """The folder of its sheets."""
        return self.home / STUDIES

    @property
    def settings(self) -> Path:
        """The file of its settings."""
        return self.home / SETTINGS

    def address(self, store: Store) -> str:
        """The SQLAlchemy URL of one store."""
        return str(getattr(self.addresses, store))


def copies_in(folder: Path, journal_key: Path | None) -> Addresses:
    """The three copies in a folder as stores that can be opened."""
    research, identity, office = (f"sqlite:///{folder / name}" for name in COPIES.values())
    return Addresses(research, identity, office, journal_key)
