"""The commands of the journal as a person at a shell meets them, and what other commands write into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from app import create_app
from config import Settings
from errors import JournalNotWritten, ReleaseError
from fieldwork.study import Study
from privacy.receipts import new_receipt
from release.journal import desk_journal, refused_releases_written, write_release_made
from storage.journal import Act, read_journal
from storage.journal_check import verify_journal
from storage.vaults import count
from tests.conftest import TODAY

Run = Callable[..., Result]


@pytest.fixture
def flask(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A flask command of the instance."""
    monkeypatch.setenv("AMANAH_HOME", str(settings.home))
    commands = create_app(settings).cli.commands
    return lambda name, *words: CliRunner().invoke(commands[name], [str(word) for word in words])


def forbid(study: Study) -> None:
    with study.stores.office.engine.begin() as connection:
        connection.execute(text("create trigger full before insert on journal begin select raise(abort, 'full'); end"))


def last_act(study: Study) -> tuple[str, str]:
    entry = read_journal(study.stores.office)[-1]
    return entry.actor, entry.act


def test_a_checkpoint_is_written_and_the_journal_stands_against_it_until_its_tail_is_cut(
    flask: Run, study: Study, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    assert flask("journal", "checkpoint", first).exit_code == 0
    assert last_act(study) == ("command line", "checkpoint_made")
    again = flask("journal", "checkpoint", first)
    assert (again.exit_code, "exists already" in again.output) == (1, True)
    flask("journal", "checkpoint", second)
    entries = len(read_journal(study.stores.office))
    told = flask("journal", "verify", "--against", first, "--against", second)
    assert told.output.startswith(f"The chain holds: {entries} entries, signatures right, and 2 checkpoint(s) with it.")
    with study.stores.office.engine.begin() as connection:
        connection.execute(text("drop trigger journal_no_delete"))
        connection.execute(text(f"delete from journal where number = {entries}"))
    assert flask("journal", "verify", "--against", first).exit_code == 0
    told = flask("journal", "verify", "--against", first, "--against", second)
    assert (told.exit_code, told.output.count("\n")) == (1, 1)
    assert f"does not hold at entry {entries}: it is missing" in told.output


def test_a_checkpoint_that_cannot_be_used_is_refused_by_its_files_name(flask: Run, tmp_path: Path) -> None:
    file = tmp_path / "altered.txt"
    flask("journal", "checkpoint", file)
    file.write_text(file.read_text("utf-8").replace("entries: 4", "entries: 3"), "utf-8")
    told = flask("journal", "verify", "--against", file)
    assert (told.exit_code, "altered.txt: This checkpoint was altered" in told.output) == (1, True)
    told = flask("journal", "verify", "--against", tmp_path / "none")
    assert (told.exit_code, "cannot be read" in told.output) == (1, True)


def test_a_lost_key_stops_what_must_be_written_until_it_is_renewed(
    flask: Run, study: Study, settings: Settings, tmp_path: Path
) -> None:
    before = settings.journal_key.read_bytes()
    settings.journal_key.unlink()
    told = flask("journal", "checkpoint", tmp_path / "none.txt")
    assert (told.exit_code, "no readable journal.key" in told.output) == (1, True)
    assert not (tmp_path / "none.txt").exists()
    assert flask("journal", "verify").exit_code == 0
    assert flask("journal", "renew", "--reason", "The disk was lost.").exit_code == 0
    assert read_journal(study.stores.office)[-1].reason == "The disk was lost."
    assert settings.journal_key.read_bytes() != before
    assert settings.journal_key.stat().st_mode & 0o777 == 0o600
    told = flask("journal", "verify")
    assert told.output.count("Signed from entry") == 2
    settings.journal_key.write_bytes(before)
    told = flask("journal", "verify")
    assert (told.exit_code, "this instance's is" in told.output) == (1, True)


@pytest.mark.parametrize(
    ("words", "act", "leaves"),
    [
        (("certificate", "--host", "192.168.8.2"), Act.CERTIFICATE_MADE, lambda o, s: (o.home / "tls").exists()),
        (("simulate", "--people", "1"), Act.PEOPLE_SIMULATED, lambda o, s: count(s.stores.research) > 0),
    ],
)
def test_a_command_that_changes_something_is_written_down_first(
    flask: Run, study: Study, settings: Settings, words: tuple[str, ...], act: Act, leaves: Callable[..., bool]
) -> None:
    forbid(study)
    assert (flask(*words).exit_code, leaves(settings, study)) == (1, False)
    with study.stores.office.engine.begin() as connection:
        connection.execute(text("drop trigger full"))
    assert (flask(*words).exit_code, leaves(settings, study)) == (0, True)
    assert last_act(study) == ("command line", act)


@pytest.mark.parametrize("words", [("withdraw", new_receipt().grouped), ("maintain",)], ids=["withdraw", "maintain"])
def test_what_would_tell_when_somebody_withdrew_and_what_nobody_decides_is_not_written(
    flask: Run, study: Study, words: tuple[str, ...]
) -> None:
    before = read_journal(study.stores.office)
    assert flask(*words).exit_code == 0
    assert read_journal(study.stores.office) == before


def test_releases_and_refused_releases_stand_in_the_desks_own_journal(flask: Run, tmp_path: Path) -> None:
    write_release_made(tmp_path, "teaching", TODAY)
    for _ in range(3):
        with pytest.raises(ReleaseError), refused_releases_written(tmp_path, "press", TODAY):
            raise ReleaseError("Nobody can be released.")
    with desk_journal(tmp_path) as office:
        told = [(entry.act, entry.detail) for entry in read_journal(office)]
        assert verify_journal(office).entries == 2
    assert told == [("release_made", "teaching"), ("release_refused", "press")]
    told = flask("journal", "verify", "--releases", tmp_path)
    assert told.output.startswith("The chain holds: 2 entries")
    assert flask("journal", "verify", "--releases", tmp_path / "none").exit_code == 1
    (tmp_path / "release-journal" / "journal.key").unlink()
    (tmp_path / "release-journal" / "journal.key").mkdir()
    with pytest.raises(JournalNotWritten):
        write_release_made(tmp_path, "teaching", TODAY)
