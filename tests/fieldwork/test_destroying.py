"""What a study kept is destroyed for good, by the rules, and a signed certificate says so; interrupted, it goes on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, create_engine, text

from config import Settings
from errors import DestructionRefused, SettingsError, StudyOver
from fieldwork.approvals import propose_hold
from fieldwork.destroying import FILE, Archive, Destruction, destroy_study, reminders
from fieldwork.ending import LATE, ending_of, refuse_late
from fieldwork.study import Study
from fieldwork.upkeep import put_right
from release.signing import fingerprint as desk_fingerprint
from release.signing import signature_of
from retention_commands import retention_show
from storage.destruction import read_certificate, signed
from storage.journal import Act, read_journal
from storage.journal_check import verify_journal
from storage.journal_key import fingerprint, signer_in, signer_of
from storage.office import shown_tallies, tallies
from storage.tombstones import bury, is_buried
from storage.vaults import count, count_unlimited, rows
from tests.approving import NADIA, OWEN
from tests.approving import TODAY as DAY
from tests.conftest import STUDY, TODAY, contents
from tests.ending_killed import ENDED
from tests.fieldwork.test_ending import Run, ended, open_now, run  # noqa: F401 (a fixture)
from tests.fieldwork.test_gone import CONTACT, visited
from tests.holding import WHY, with_staff
from tests.releases import SIGNER

ROOT = Path(__file__).parents[2]
VECTOR: dict[str, Any] = json.loads((ROOT / "tests" / "vectors" / "destruction_v1.json").read_text("utf-8"))
LATER = TODAY + LATE + timedelta(60)
NOTHING = Destruction(TODAY.isoformat(), None, False)
EVERYTHING = Destruction(TODAY.isoformat(), None, True)


def over(study: Study, people: int = 6) -> Study:
    for _ in range(people):
        visited(study, TODAY, CONTACT)
    return ended(study)


def pieces(study: Study) -> list[bytes]:
    """Bytes of every envelope that stand nowhere else: its beginning after the head, and its end."""
    sealed = [one.to_bytes() for vault in (study.stores.research, study.stores.identity) for _, one in rows(vault)]
    return [piece for data in sealed for piece in (data[20:60], data[-40:])]


def on_disk(home: Path) -> bytes:
    return b"".join(contents(home).values())


def test_everything_goes_but_consent_records_and_nothing_of_it_is_left_on_the_disk(
    study: Study, settings: Settings
) -> None:
    here = over(study)
    gone = pieces(here)
    (settings.home / ".bundle-waits").mkdir()
    (settings.home / ".bundle-waits" / "research.amanah").write_bytes(gone[0])
    assert all(piece in on_disk(settings.home) for piece in gone), "the search itself must find"
    file = settings.home / "stores" / "research.db"
    put_right(here, TODAY)
    before = file.stat().st_size
    made = destroy_study(here, settings.home, NOTHING, LATER)
    assert file.stat().st_size < before, "written anew: no page is left where rows once stood"
    assert (count(study.stores.research), count(study.stores.identity), count_unlimited(study.stores.identity)) == (
        0,
        6,
        6,
    )
    stay = set(pieces(here))
    held = on_disk(settings.home)
    assert not [piece for piece in gone if piece not in stay and piece in held]
    assert not (settings.home / ".bundle-waits").exists()
    assert made.told["destroyed"] == {"research_records": 5, "contact_details": 5, "links": 5, "consent_records": 0}
    assert made.told["kept"] == {"consent_records_until": "2029-11-23"}
    assert made.told["still"]["backups_until"] == (LATER + timedelta(35)).isoformat()
    told = " ".join(reminders(made))
    assert "Research key (research " in told
    assert "after 2029-11-23" in told


def test_where_no_key_was_ever_given_none_is_to_be_destroyed(study: Study, settings: Settings) -> None:
    made = destroy_study(replace(over(study), keyring=None), settings.home, EVERYTHING, LATER)
    told = reminders(made)
    assert [line.partition(":")[0] for line in told] == [
        "Backups",
        "Keys",
        "The desk's own folder, bundles and releases that are not archived",
        "Tablets",
    ]
    assert "(none)" not in " ".join(told)


def test_consent_records_go_too_where_two_people_want_it(study: Study, settings: Settings) -> None:
    made = destroy_study(over(study), settings.home, EVERYTHING, LATER)
    assert (count(study.stores.research), count(study.stores.identity)) == (0, 0)
    assert (made.told["destroyed"]["consent_records"], made.told["kept"]["consent_records_until"]) == (5, None)


def test_the_journal_tells_it_in_steps_before_and_by_the_certificate_after(study: Study, settings: Settings) -> None:
    made = destroy_study(over(study, 7), settings.home, NOTHING, LATER)
    begun, done = read_journal(study.stores.office)[-2:]
    assert (begun.act, done.act) == (Act.DESTRUCTION_BEGUN, Act.STUDY_DESTROYED)
    assert json.loads(begun.detail)["counted"]["research_records"] == 5
    now = ending_of(study.stores.office)
    assert now
    assert (now.destroyed, now.certificate) == (LATER, done.detail)
    assert made.told["journal"] == {"entry": begun.number, "hash": begun.hash}
    assert (settings.home / FILE).stat().st_mode & 0o777 == 0o600
    assert read_certificate((settings.home / FILE).read_bytes()) == made
    verify_journal(study.stores.office)


def test_counts_stay_as_staff_saw_them_and_tombstones_stay(study: Study, settings: Settings) -> None:
    bury(study.stores.office, study.tombstone_files, [b"t" * 16])
    here = over(study)
    assert tallies(study.stores.office)
    destroy_study(here, settings.home, NOTHING, LATER)
    assert tallies(study.stores.office) == shown_tallies(study.stores.office)
    assert is_buried(study.stores.office, b"t" * 16)


def test_a_visit_that_slipped_in_while_it_began_goes_with_the_next_upkeep(study: Study, settings: Settings) -> None:
    here = over(study)
    # Where nothing is archived nothing is waited for, nor is anything taken any more.
    destroy_study(here, settings.home, NOTHING, TODAY)
    now = replace(here, ending=ending_of(study.stores.office))
    with pytest.raises(StudyOver):
        refuse_late(now.ending, TODAY)
    visited(here, TODAY)
    put_right(now, TODAY)
    assert (count(study.stores.research), count_unlimited(study.stores.identity)) == (0, 7)


def test_nothing_begins_before_its_time(study: Study, settings: Settings) -> None:
    archive = Destruction(TODAY.isoformat(), Archive("a" * 64, "b" * 64, (study.instrument.digest,)), False)
    with pytest.raises(SettingsError, match="The study goes on"):
        destroy_study(study, settings.home, archive, LATER)
    here = over(study)
    with pytest.raises(SettingsError, match=f"taken until {TODAY + LATE}. Make the archive after that"):
        destroy_study(here, settings.home, archive, TODAY + LATE)
    with pytest.raises(SettingsError, match="Receipts still find records, until 2026-12-27"):
        destroy_study(here, settings.home, archive, LATER)
    put_right(here, LATER)
    strange = replace(archive, archive=Archive("a" * 64, "b" * 64, ("0" * 64,)))
    with pytest.raises(SettingsError, match="of another study"):
        destroy_study(here, settings.home, strange, LATER)
    assert count(study.stores.research) == 6
    assert not written(study, Act.DESTRUCTION_BEGUN)
    assert destroy_study(here, settings.home, archive, LATER).told["archive"] == {
        "manifest_sha256": "a" * 64,
        "key": "b" * 64,
    }
    with pytest.raises(SettingsError, match=f"destroyed on {LATER} already"):
        destroy_study(here, settings.home, archive, LATER)


def written(study: Study, act: Act) -> int:
    return sum(entry.act == act for entry in read_journal(study.stores.office))


def test_during_a_legal_hold_nothing_is_destroyed(study: Study, settings: Settings) -> None:
    here = with_staff(settings, study)
    visited(here.study, TODAY)
    late = replace(here.study, ending=ended(here.study).ending)
    here.confirm(NADIA, propose_hold(here.study, "Mara", WHY, DAY))
    with pytest.raises(SettingsError, match="A legal hold is on"):
        destroy_study(late, settings.home, NOTHING, LATER)
    assert count(study.stores.research) == 1


def test_another_destruction_than_the_one_that_was_begun_is_refused(study: Study, settings: Settings) -> None:
    here = over(study, 1)
    full = settings.home / (FILE + ".part")
    full.mkdir()  # the certificate cannot be written: it ends after everything is gone, and before it says so
    with pytest.raises(IsADirectoryError):
        destroy_study(here, settings.home, NOTHING, LATER)
    full.rmdir()
    with pytest.raises(SettingsError, match="Another destruction was begun"):
        destroy_study(here, settings.home, EVERYTHING, LATER)
    assert destroy_study(here, settings.home, NOTHING, LATER).told["begun"] == LATER.isoformat()
    assert written(study, Act.DESTRUCTION_BEGUN) == 1


def killed_everywhere(study: Study, settings: Settings, every: int) -> int:
    """Kill a destruction before every so manieth statement; returns how many times. Each came to its end afterwards."""
    for _ in range(6):
        visited(study, ENDED, CONTACT)
    gone = pieces(study)
    ended(study, ENDED)
    for store in (study.stores.research, study.stores.identity, study.stores.office):
        store.engine.dispose()
    run_here = [sys.executable, "-m", "tests.ending_killed", str(settings.home), str(every)]
    told = subprocess.run(run_here, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    homes = sorted(settings.home.parent.glob("killed at *"))
    for home in homes:
        check_home(home, gone)
    assert int(told.stdout) >= every * len(homes)
    return len(homes)


def check_home(home: Path, gone: list[bytes]) -> None:
    identity = create_engine(f"sqlite:///{home}/stores/identity.db")
    research = create_engine(f"sqlite:///{home}/stores/research.db")
    assert [number(research, "records"), number(research, "tags")] == [0, 0]
    assert [number(identity, name) for name in ("records", "tags", "limits")] == [6, 0, 0]
    with identity.connect() as connection:
        stay = b"".join(bytes(one) for one in connection.scalars(text("select envelope from records")))
    held = on_disk(home)
    assert not [piece for piece in gone if piece in held and piece not in stay]
    assert not list(home.rglob("*.part"))
    certificate = read_certificate((home / FILE).read_bytes())
    assert certificate.told["destroyed"]["research_records"] == 5
    for engine in (identity, research):
        with engine.connect() as connection:
            assert connection.scalar(text("pragma integrity_check")) == "ok"
        engine.dispose()


def number(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"select count(*) from {table}")) or 0)


def test_killed_anywhere_it_comes_to_its_end_when_it_is_run_again(study: Study, settings: Settings) -> None:
    assert killed_everywhere(study, settings, 19) >= 3


@pytest.mark.torture
def test_killed_before_every_statement_it_comes_to_its_end(study: Study, settings: Settings) -> None:
    assert killed_everywhere(study, settings, 1) >= 40


def manifest_of(study: Study, folder: Path, archive_only: bool = True) -> Path:
    folder.mkdir()
    told = {"format": "amanah-release", "version": 2, "kind": "rows", "instruments": [study.instrument.digest],
            "specification": {"preset": "archive", "archive_only": archive_only}, "sha256": {}}  # fmt: skip
    manifest = json.dumps(told).encode()
    (folder / "manifest.json").write_bytes(manifest)
    (folder / "manifest.sig").write_bytes(signature_of(SIGNER, manifest))
    return folder / "manifest.json"


def test_from_the_typed_name_to_the_certificate_by_commands(
    study: Study,
    settings: Settings,
    run: Run,  # noqa: F811 (a fixture)
    tmp_path: Path,
) -> None:
    here = with_staff(settings, study)
    long_ago = date(2020, 1, 6)
    for _ in range(6):
        visited(study, long_ago)
    ended(study, long_ago)
    put_right(study, date.today())
    manifest = manifest_of(study, tmp_path / "archived")
    for words, why in (
        (("--destroy",), "Say either"),
        (("--destroy", "--archive", manifest, "--without-archive"), "Say either"),
        (("--without-archive",), "belong to --destroy"),
        (("--archive", manifest), "belong to --destroy"),
        (("--consents",), "belong to --destroy"),
        (("--key", "0000"), "belongs to --verify"),
        (("--destroy", "--without-archive", "--verify", manifest), "Say either"),
    ):
        assert why in run(*words).output
    no_archive = manifest_of(study, tmp_path / "team", archive_only=False)
    assert "is no manifest of a release for an archive" in run("--destroy", "--archive", no_archive).output
    (tmp_path / "team" / "manifest.sig").unlink()
    assert "is not signed as" in run("--destroy", "--archive", no_archive).output
    words = ("--destroy", "--archive", manifest)
    first = run(*words)
    assert (first.exit_code, desk_fingerprint(SIGNER.public) in first.output) == (0, True), first.output
    assert "Then run this command again" in first.output
    assert count(study.stores.research) == 6
    (found,) = open_now(here)
    now = datetime.now(UTC)
    here.confirm(NADIA, found, now)
    assert "Then run this command again" in run(*words).output, "one of two is not enough"
    assert len(open_now(here)) == 1, "the same is not proposed twice"
    here.confirm(OWEN, found, now)
    wrong = run(*words, typed="yes")
    assert (wrong.exit_code, count(study.stores.research)) == (1, 6)
    done = run(*words)
    assert (done.exit_code, count(study.stores.research)) == (0, 0), done.output
    assert "Backups: the last of them must be gone by" in done.output
    file = settings.home / FILE
    named = run("--verify", file)
    key = fingerprint(signer_in(settings.journal_key).public)
    assert (named.exit_code, f"Signed by the journal's key {key}." in named.output) == (0, True), named.output
    for again in (run(*words), run(), CliRunner().invoke(retention_show, env={"AMANAH_HOME": str(settings.home)})):
        assert (again.exit_code, "was destroyed on" in again.output) == (0, True), again.output
    file.write_bytes(file.read_bytes().replace(b'"research_records":5', b'"research_records":0'))
    assert run("--verify", file).exit_code == 1


def test_a_certificate_is_what_the_vector_says_and_an_altered_one_is_refused() -> None:
    signer = signer_of(VECTOR["journal_key"].encode())
    assert signed(VECTOR["told"], signer).data.decode() == VECTOR["certificate"]
    found = read_certificate(VECTOR["certificate"].encode())
    assert {name: found.told[name] for name in VECTOR["told"]} == VECTOR["told"]
    assert VECTOR["refused"]
    for why, data in VECTOR["refused"].items():
        with pytest.raises(DestructionRefused):
            read_certificate(data.encode())
        assert re.search(r"\w", why)


def test_whoever_only_has_the_file_learns_that_nobody_checked_the_key(tmp_path: Path, run: Run) -> None:  # noqa: F811 (a fixture)
    file = tmp_path / "destruction.json"
    file.write_text(VECTOR["certificate"], "utf-8", newline="")
    key = fingerprint(signer_of(VECTOR["journal_key"].encode()).public)
    assert run("--verify", file).exit_code == 3
    assert run("--verify", file, "--key", key).exit_code == 0
    assert run("--verify", file, "--key", signer_of(VECTOR["journal_key"].encode()).public.hex()).exit_code == 0
    assert run("--verify", file, "--key", "0000 0000 0000 0000").exit_code == 1
    assert STUDY in run("--verify", file).output
    assert os.path.basename(FILE) == FILE
