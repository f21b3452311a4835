"""A disk that is full or silent, a wrong clock, no more descriptors: clean refusals, nothing lost, no hands needed."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app import create_app
from commands import opened_study
from config import Settings, read_settings
from fieldwork.progress import MAINTAINED
from fieldwork.study import Study
from privacy.receipts import new_receipt
from storage.meta import tell
from storage.stores import close_stores
from tests.conftest import TODAY
from tests.crash.disks import Disk, small_disk
from tests.crash.supervised import SOON, Field, amanah, kept_running
from tests.crash.tablets import Heard, Tablets, enrolled
from tests.crash.whole import assert_kept, assert_sound, assert_withdrawn, left_over

FEW_FILES = 140  # descriptors of a process
HELD = 200  # connections that are opened and say nothing
ROOM = 200_000  # bytes that a disk still has when it is nearly full: a few visits
A_YEAR = 365 * 24 * 3600


@dataclass
class Place:
    """A served instance on a small disk, and what tablets have heard there so far. `study` serves to seal alone."""

    study: Study
    token: str
    served: Field
    disk: Disk
    heard: Heard = field(default_factory=Heard)

    def tablets(self, visits: int) -> Tablets:
        return Tablets(self.study, self.served.port, visits, token=self.token, heard=self.heard)


@pytest.fixture(scope="module")
def place(unused: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Shared, as a start takes longer than what is tried: each test leaves it as good as it was."""
    around = tmp_path_factory.mktemp("hostile")
    (around / "disk").mkdir()
    with small_disk(around / "disk") as disk:
        shutil.copytree(unused, around / "before")
        study = opened_study(read_settings(around / "before", {}))
        token = enrolled(study)
        close_stores(study.stores)
        shutil.copytree(around / "before", disk.path / "instance")
        few = ["prlimit", f"--nofile={FEW_FILES}", *disk.inside]
        with kept_running(disk.place / "instance", around, workers=1, before=few) as served:
            yield Place(study, token, served, disk)


def test_a_full_disk_refuses_in_a_sentence_and_takes_all_when_there_is_room_again(place: Place, tmp_path: Path) -> None:
    tablets = place.tablets(30)
    writers = place.served.kept.children()
    place.disk.fill(ROOM, writers)
    tablets.start()
    wait_until(lambda: place.heard.statuses[503] >= 3 or not tablets.are_busy)
    place.disk.fill(0, writers)
    refused = place.heard.statuses[503]
    wait_until(lambda: place.heard.statuses[503] > refused + 5)
    assert refusals(place.heard) == {(503, "10")}
    place.disk.clear(writers)
    tablets.finish(3 * SOON)
    assert_all_is_well(place, tmp_path)


def test_connections_that_say_nothing_take_no_descriptor_from_the_stores(place: Place, tmp_path: Path) -> None:
    workers = place.served.kept.children()
    with ExitStack() as held:
        for _ in range(HELD):
            held.enter_context(socket.create_connection(("127.0.0.1", place.served.port)))
        tablets = place.tablets(10)
        tablets.start()
        time.sleep(1)
    tablets.finish(3 * SOON)
    assert place.served.kept.children() == workers, "a worker fell"
    assert_all_is_well(place, tmp_path)


def assert_all_is_well(place: Place, beside: Path) -> None:
    # SQLite opens no file of another's disk, so a copy is looked at; nobody writes by now.
    shutil.copytree(place.disk.path / "instance", beside / "instance")
    settings = read_settings(beside / "instance", {})
    study = opened_study(settings)
    assert_kept(study, place.heard)
    assert_withdrawn(study, settings, place.heard)
    assert_sound(study)
    close_stores(study.stores)
    assert left_over([settings.home]) == []
    assert place.served.kept.starts == 1
    assert "Traceback" not in place.served.said
    assert place.heard.statuses[500] == 0


def refusals(heard: Heard) -> set[tuple[int, str]]:
    assert all("send it again" in sentence for _, _, sentence in heard.refusals)
    return {(status, after) for status, after, _ in heard.refusals}


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + SOON
    while not is_so():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.02)


@dataclass(frozen=True)
class Hostile:
    """A disk and a clock that do what they are told, for whoever is started in this environment."""

    order: Path
    environment: Mapping[str, str]

    def tell(self, slow: int = 0, refused: int = 0, back: int = 0) -> None:
        """Milliseconds of each fsync, the error of each write, seconds that the clock is back."""
        self.order.write_text(f"{slow} {refused} {back} .")


@pytest.fixture
def disk(tmp_path: Path) -> Hostile:
    library, source = tmp_path / "hostile.so", Path(__file__).with_name("hostile.c")
    made = subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], capture_output=True)
    assert made.returncode == 0, "please run: apt install gcc libc6-dev"
    given = Hostile(tmp_path / "order", {"LD_PRELOAD": str(library), "AMANAH_HOSTILE": str(tmp_path / "order")})
    given.tell()
    return given


@pytest.mark.torture
@pytest.mark.parametrize("refused", [errno.EROFS, errno.EIO, errno.ENOSPC], ids=errno.errorcode.get)
def test_a_disk_that_refuses_every_write_loses_nothing(
    settings: Settings, tmp_path: Path, disk: Hostile, refused: int
) -> None:
    study = opened_study(settings)
    with kept_running(settings.home, tmp_path, more=disk.environment) as served:
        tablets = Tablets(study, served.port, 400)
        tablets.start()
        heard = tablets.heard
        for number in range(5):
            wanted = len(heard.kept) + 40
            wait_until(lambda wanted=wanted: len(heard.kept) >= wanted)  # type: ignore[misc]
            disk.tell(refused=refused)
            wanted = heard.statuses[503] + 10
            wait_until(lambda wanted=wanted: heard.statuses[503] >= wanted)  # type: ignore[misc]
            if number == 2:
                assert_commands_refuse(settings.home, disk, tmp_path / "out")
                served.kept.kill(whole_group=True)
                wait_until(lambda: served.kept.starts > 1)
                time.sleep(3)  # it tries to start, and cannot even say why: its log lies on the same disk
            disk.tell()
        tablets.finish(10 * SOON)
    assert refusals(heard) == {(503, "10")}
    assert_whole(settings, study, heard, 400)


def assert_commands_refuse(home: Path, disk: Hostile, out: Path) -> None:
    """Each command says in one line why it does nothing."""
    out.mkdir()
    for words in (["maintain"], ["bundle", f"{out}/one.bundle"], ["withdraw", new_receipt().grouped]):
        command = amanah(home, *words, **disk.environment)
        said = command.communicate(timeout=SOON)[0].decode()
        assert (command.returncode, said.count("\n"), said[:6]) == (1, 1, "Error:"), said
    assert list(out.iterdir()) == []


@pytest.mark.torture
def test_a_slow_disk_makes_visits_slow_and_loses_none(settings: Settings, tmp_path: Path, disk: Hostile) -> None:
    study = opened_study(settings)
    with kept_running(settings.home, tmp_path, more=disk.environment) as served:
        disk.tell(slow=300)
        tablets = Tablets(study, served.port, 80, at_once=8)
        tablets.start()
        heard = tablets.finish(10 * SOON)
        disk.tell()
    assert served.kept.starts == 1
    assert_whole(settings, study, heard, 80)


@pytest.mark.torture
def test_a_clock_that_is_set_back_a_year_takes_no_visit_and_loses_none(
    settings: Settings, tmp_path: Path, disk: Hostile
) -> None:
    study = opened_study(settings)
    tell(study.stores.office.engine, MAINTAINED, TODAY.isoformat())
    with kept_running(settings.home, tmp_path, more=disk.environment) as served:
        tablets = Tablets(study, served.port, 200)
        tablets.start()
        wait_until(lambda: len(tablets.heard.kept) >= 50)
        disk.tell(back=A_YEAR)
        wait_until(lambda: tablets.heard.statuses[503] >= 20)
        kept = len(tablets.heard.kept)
        served.kept.kill(whole_group=True)
        wait_until(lambda: served.kept.starts == 2 and tablets.heard.statuses[503] >= 60)
        assert len(tablets.heard.kept) <= kept + tablets.at_once
        disk.tell()
        heard = tablets.finish(10 * SOON)
    assert refusals(heard) == {(503, "10")}
    assert_whole(settings, study, heard, 200)


def assert_whole(settings: Settings, study: Study, heard: Heard, visits: int) -> None:
    close_stores(create_app(settings).extensions["amanah"].stores)
    assert len(heard.kept) == visits
    assert_kept(study, heard)
    assert_withdrawn(study, settings, heard)
    assert_sound(study)
    assert left_over([settings.home]) == []
    close_stores(study.stores)
