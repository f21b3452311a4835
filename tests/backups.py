"""An instance in which people took part, and its backup: for every test of making one and of putting one back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from commands import instance_of
from config import Settings, read_settings
from fieldwork.admissions import Admission
from fieldwork.backups.making import make_backup
from fieldwork.backups.places import Instance
from fieldwork.deliveries import read_delivery, take_in
from fieldwork.instance import open_study
from fieldwork.study import Study
from storage.stores import close_stores
from tests.conftest import TODAY
from tests.deliveries import Sent, sealed_visit

LATER = TODAY + timedelta(days=3)
WALK_IN = Admission("tablet", b"", "", "")


@dataclass(frozen=True)
class Lived:
    """An instance with a backup of TODAY in the folder `backups` beside it. `visits`: who had taken part by then."""

    home: Path
    visits: tuple[Sent, ...]

    @property
    def settings(self) -> Settings:
        return read_settings(self.home, {})

    @property
    def instance(self) -> Instance:
        return instance_of(self.settings)

    @property
    def backups(self) -> Path:
        return self.home.parent / "backups"

    @property
    def backup(self) -> Path:
        return self.backups / TODAY.isoformat()

    @contextmanager
    def study(self) -> Iterator[Study]:
        told = self.instance
        study = open_study(told.study, self.settings.study_folder, told.addresses, told.tombstone_files)
        try:
            yield study
        finally:
            close_stores(study.stores)

    def copy(self, folder: Path) -> Lived:
        """The same in a folder of its own."""
        shutil.copytree(self.home.parent, folder, dirs_exist_ok=True)
        return Lived(folder / self.home.name, self.visits)


def arrive(study: Study, *seeds: str, today: date = TODAY) -> tuple[Sent, ...]:
    """A visit for each of these seeds, delivered as a device does."""
    sent = tuple(sealed_visit(study, seed) for seed in seeds)
    for one in sent:
        assert take_in(study, read_delivery(one.data), WALK_IN, today)
    return sent


def lived(settings: Settings, people: int) -> Lived:
    """So many people take part in this new instance, which has a second place for tombstones; then it is backed up."""
    with (settings.home / "settings.toml").open("a", encoding="utf-8") as file:
        file.write('tombstones_copy = "../second/tombstones.txt"\n')
    told = Lived(settings.home, ())
    with told.study() as study:
        visits = arrive(study, *map(str, range(people)))
        make_backup(study.stores, told.instance, told.backups, TODAY)
    return Lived(settings.home, visits)
