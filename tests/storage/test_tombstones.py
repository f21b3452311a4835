"""A withdrawal is remembered in the office and apart from it, whatever happens to either."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import delete, event

from errors import StorageError
from storage.office import Office, tombstones
from storage.stores import Stores
from storage.tombstones import FIRST_LINE, bury, create_file, is_buried, replay


@pytest.fixture
def office(stores: Stores) -> Office:
    return stores.office


def restore_old_backup(office: Office) -> None:
    """An office from before any withdrawal."""
    with office.engine.begin() as connection:
        connection.execute(delete(tombstones))


def tags_in(path: Path) -> list[str]:
    first, *lines = path.read_text().splitlines()
    assert first == FIRST_LINE
    return lines


def test_a_withdrawn_tag_is_known_and_another_is_not(office: Office, tmp_path: Path) -> None:
    mine, other = os.urandom(16), os.urandom(16)
    bury(office, [tmp_path / "t"], [mine])
    assert is_buried(office, mine)
    assert not is_buried(office, other)


def test_withdrawing_twice_is_no_error(office: Office, tmp_path: Path) -> None:
    mine = os.urandom(16)
    bury(office, [tmp_path / "t"], [mine])
    bury(office, [tmp_path / "t"], [mine])
    assert replay(office, [tmp_path / "t"]) == {mine}
    assert tags_in(tmp_path / "t") == [mine.hex()]


def test_the_files_bring_back_what_an_old_backup_forgot(office: Office, tmp_path: Path) -> None:
    files, tags = [tmp_path / "t", tmp_path / "stick" / "t"], [os.urandom(16) for _ in range(6)]
    bury(office, files, tags)
    restore_old_backup(office)
    assert not is_buried(office, tags[0])
    assert replay(office, files) == set(tags)
    assert all(is_buried(office, tag) for tag in tags)


def test_one_file_and_the_office_make_up_for_what_the_other_file_lacks(office: Office, tmp_path: Path) -> None:
    first, second, third = (os.urandom(16) for _ in range(3))
    bury(office, [tmp_path / "a"], [first])
    bury(office, [tmp_path / "b"], [second])
    bury(office, [], [third])
    assert replay(office, [tmp_path / "a", tmp_path / "b", tmp_path / "c"]) == {first, second, third}
    written = sorted(tag.hex() for tag in (first, second, third))
    assert tags_in(tmp_path / "a") == tags_in(tmp_path / "b") == tags_in(tmp_path / "c") == written


def test_the_file_is_written_before_the_office(office: Office, tmp_path: Path) -> None:
    mine = os.urandom(16)
    tombstones.drop(office.engine)
    with pytest.raises(Exception, match="tombstones"):
        bury(office, [tmp_path / "t"], [mine])
    assert tags_in(tmp_path / "t") == [mine.hex()]


def test_after_a_replay_neighbours_are_no_longer_the_two_tags_of_one_receipt(office: Office, tmp_path: Path) -> None:
    pairs = [(os.urandom(16), os.urandom(16)) for _ in range(40)]
    for pair in pairs:
        bury(office, [tmp_path / "t"], pair)
    together = [one.hex() + other.hex() for one, other in pairs]
    assert all(pair in "".join(tags_in(tmp_path / "t")) for pair in together)
    replay(office, [tmp_path / "t"])
    assert tags_in(tmp_path / "t") == sorted(tag.hex() for pair in pairs for tag in pair)


def test_a_file_is_its_owners_only_however_it_was_written(office: Office, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        bury(office, [tmp_path / "t"], [os.urandom(16)])
        assert (tmp_path / "t").stat().st_mode & 0o777 == 0o600
        bury(office, [], [os.urandom(16)])
        replay(office, [tmp_path / "t"])
        assert (tmp_path / "t").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_a_line_torn_by_a_power_cut_stops_nothing_and_costs_no_other(office: Office, tmp_path: Path) -> None:
    first, second = os.urandom(16), os.urandom(16)
    bury(office, [tmp_path / "t"], [first])
    with (tmp_path / "t").open("a") as file:
        file.write("0123456789")
    restore_old_backup(office)
    assert replay(office, [tmp_path / "t"]) == {first}
    with (tmp_path / "t").open("a") as file:
        file.write("0123456789")
    bury(office, [tmp_path / "t"], [second])
    restore_old_backup(office)
    assert replay(office, [tmp_path / "t"]) == {first, second}


@pytest.mark.parametrize("damage", ["", "nonsense\n", "amanah tombstones 2\n", FIRST_LINE + "\nnot a tag, but long\n"])
def test_a_damaged_file_stops_everything(office: Office, tmp_path: Path, damage: str) -> None:
    (tmp_path / "t").write_text(damage)
    with pytest.raises(StorageError, match="nothing was served|Nothing was served"):
        replay(office, [tmp_path / "t"])
    assert (tmp_path / "t").read_text() == damage


def test_when_every_file_is_gone_nothing_is_served(office: Office, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is missing"):
        replay(office, [tmp_path / "a", tmp_path / "b"])


def test_many_withdrawals_at_once_are_all_remembered(office: Office, tmp_path: Path) -> None:
    create_file(tmp_path / "t")
    tags = [os.urandom(16) for _ in range(60)]
    with ThreadPoolExecutor(6) as many:
        list(many.map(lambda tag: bury(office, [tmp_path / "t"], [tag]), tags))
    restore_old_backup(office)
    assert replay(office, [tmp_path / "t"]) == set(tags)


def test_a_file_begun_by_two_at_once_is_still_one_file(office: Office, tmp_path: Path) -> None:
    mine = os.urandom(16)
    (tmp_path / "t").write_text(f"{FIRST_LINE}\n{mine.hex()}\n{FIRST_LINE}\n")
    assert replay(office, [tmp_path / "t"]) == {mine}


def test_a_start_asks_a_few_times_however_many_tombstones_strangers_have_left(office: Office, tmp_path: Path) -> None:
    files, asked = [tmp_path / "t"], []
    bury(office, files, [os.urandom(16) for _ in range(1500)])
    event.listen(office.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert len(replay(office, files)) == 1500
    restore_old_backup(office)
    assert len(replay(office, files)) == 1500
    assert len(asked) < 10
    assert len(tags_in(files[0])) == 1500


def test_a_withdrawal_while_files_are_written_anew_is_in_them_afterwards(office: Office, tmp_path: Path) -> None:
    files, tags = [tmp_path / "t"], [os.urandom(16) for _ in range(40)]
    bury(office, files, [os.urandom(16)])
    with ThreadPoolExecutor(4) as many:
        started = [many.submit(replay, office, files) for _ in range(40)]
        list(many.map(lambda tag: bury(office, files, [tag]), tags))
        for one in started:
            one.result()
    assert {tag.hex() for tag in tags} <= set(tags_in(files[0]))
    assert [path.name for path in tmp_path.glob("t*.part")] == []


def test_a_file_that_a_crash_left_beside_is_gone_after_the_next_start(office: Office, tmp_path: Path) -> None:
    mine, files = os.urandom(16), [tmp_path / "t"]
    bury(office, files, [mine])
    (tmp_path / "t.part").write_text("amanah tomb")
    assert replay(office, files) == {mine}
    assert [path.name for path in tmp_path.glob("t*.part")] == []


def test_a_file_begins_whole_or_not_at_all(tmp_path: Path) -> None:
    def look() -> set[str]:
        seen = set()
        for _ in range(3000):
            with suppress(FileNotFoundError):
                seen.add((tmp_path / "t").read_text())
        return seen

    with ThreadPoolExecutor(1) as other:
        looking = other.submit(look)
        for _ in range(20):
            create_file(tmp_path / "t")
            (tmp_path / "t").rename(tmp_path / "old")
        assert looking.result() <= {f"{FIRST_LINE}\n"}
