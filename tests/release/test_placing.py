"""A folder appears whole or not at all: whatever ends its making, nothing readable is left of it under its name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from errors import Cancelled, ReleaseError
from release.making import Way, release_to
from release.placing import new_folder, sweep, write_private
from tests.conftest import TODAY
from views.desk import new_desk

ROOT = Path(__file__).parents[2]
FILLING = """
import sys, time
from pathlib import Path
from release.placing import new_folder, write_private
with new_folder(Path(sys.argv[1])) as folder:
    write_private(folder / "data.csv", b"half of what was said")
    print("filling", flush=True)
    time.sleep(60)
"""


def filling(out: Path) -> subprocess.Popen[str]:
    """A process that has written half of its files."""
    found = subprocess.Popen(
        [sys.executable, "-c", FILLING, str(out)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert found.stdout
    assert found.stdout.readline() == "filling\n"
    return found


def fail(folder: Path, error: type[BaseException]) -> None:
    """Write half of it, then no more."""
    write_private(folder / "data.csv", b"half")
    raise error("no")


def take(out: Path) -> None:
    """Somebody else's file, put there meanwhile."""
    out.mkdir()
    (out / "mine.txt").write_text("mine", "utf-8")


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_what_is_whole_stands_under_its_name_and_is_private(tmp_path: Path) -> None:
    with new_folder(tmp_path / "out") as folder:
        assert (folder.stat().st_mode & 0o777, folder.parent) == (0o700, tmp_path)
        (folder / "scoring").mkdir()
        (folder / "scoring" / "by_another.txt").write_text("made by a library", "utf-8")
        assert names(tmp_path) == [folder.name]
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "out").rglob("*")}
    assert (names(tmp_path), modes) == (["out"], {"scoring": 0o700, "by_another.txt": 0o600})


@pytest.mark.parametrize("error", [ValueError, Cancelled, KeyboardInterrupt])
def test_a_failure_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), new_folder(tmp_path / "out") as folder:
        fail(folder, error)
    assert names(tmp_path) == []


def test_killed_outright_it_leaves_nothing_under_its_name_and_the_next_removes_the_rest(tmp_path: Path) -> None:
    killed = filling(tmp_path / "out")
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    killed.communicate()
    left = names(tmp_path)
    assert len(left) == 1
    assert left[0].startswith(".release-")
    with new_folder(tmp_path / "next") as folder:
        assert names(tmp_path) == [folder.name]
    assert names(tmp_path) == ["next"]


def test_what_a_killed_process_left_is_gone_when_the_desk_is_started_or_a_release_is_ordered(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    sweeping: tuple[Callable[[], object], ...] = (
        lambda: new_desk(tmp_path),
        lambda: release_to(tmp_path, [], tmp_path / "none.toml", Way(releases / "next", releases, TODAY)),
    )
    for order in sweeping:
        left = releases / ".release-abcd1234"
        left.mkdir(parents=True)
        (left / "data.csv").write_text("rows", "utf-8")
        with suppress(ReleaseError):  # there is no such order: what was left is gone before that is seen
            order()
        assert names(releases) == []
    assert new_desk(tmp_path / "nowhere")


def test_asked_to_end_it_removes_what_it_began_and_another_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    ended = filling(tmp_path / "out")
    assert sweep(tmp_path) == 0
    assert len(names(tmp_path)) == 1
    ended.send_signal(signal.SIGTERM)
    said = ended.communicate()[1]
    assert (ended.returncode, "Nothing was written" in said, names(tmp_path)) == (1, True, [])


def test_what_only_looks_like_a_temporary_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".release-notes").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".release-abcd1234").symlink_to(tmp_path / "elsewhere")
    assert sweep(tmp_path) == 0
    assert len(names(tmp_path)) == 3


def test_a_place_that_was_taken_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ReleaseError, match="Nothing was written"), new_folder(out):
        take(out)
    assert (names(tmp_path), names(out)) == (["out"], ["mine.txt"])
    with pytest.raises(ReleaseError, match="not an empty folder"), new_folder(out):
        os.abort()
