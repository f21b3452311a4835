"""The rules of an instance's health, fact by fact, and facts of a real instance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from commands import instance_of
from config import Settings
from fieldwork.backups.making import make_backup
from fieldwork.certificate import issue, keep_certificate
from fieldwork.examining import Around, examine
from fieldwork.health import GIB, Backups, Certificate, Disk, Facts, findings, is_wrong
from fieldwork.hold import Hold
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.meta import SCHEMA, tell
from views.office.health_words import SUBJECTS, WORDS

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY, DAY = NOW.date(), timedelta(days=1)
WELL = Facts(
    disks=(Disk("instance", 50 * GIB, 100 * GIB),),
    sizes={"research": 2048},
    schemas={"research": SCHEMA},
    backups=Backups(True, TODAY - DAY, TODAY - 30 * DAY),
    backup_days=35,
    rehearsed=TODAY - 183 * DAY,
    maintained=NOW.date(),
    certificate=Certificate(NOW + 60 * DAY),
    journal_holds=True,
    journal_checked=False,
    newest_day=NOW.date(),
    newest_file=NOW,
    loose=(),
    has_keys=True,
    keys_vouched=True,
    keys_active=("research 0a 2026-11-23",),
    keys_retired=(),
    unfilled=(),
    links=40,
    contact=35,
    late=0,
    plain_path=False,
    demo=False,
    secure_cookies=True,
    hosts=("study.example.org",),
    security_contact="mailto:security@example.org",
)
# What is not well, and what is then said of it.
UNWELL = {
    "hold_on": ("attention", {"hold": Hold("2026-11-20", "an order", "0" * 64)}),
    "hold_unvouched": ("stop", {"hold": Hold("2026-11-20", "an order", "0" * 64, is_vouched=False)}),
    "hold_cut": ("stop", {"hold_is_cut": True}),
    "hold_words_open": ("attention", {"hold_words_ready": False}),
    "disk_low": ("attention", {"disks": (Disk("instance", 9 * GIB, 100 * GIB),)}),
    "disk_full": ("stop", {"disks": (Disk("tombstones", 1000, 100 * GIB),)}),
    "schema_older": ("stop", {"schemas": {"office": "3"}}),
    "schema_other": ("stop", {"schemas": {"office": "2"}}),
    "backup_untold": ("attention", {"backups": None}),
    "backup_none": ("attention", {"backups": Backups(True)}),
    "backup_old": ("attention", {"backups": Backups(True, TODAY - 3 * DAY, TODAY - 3 * DAY)}),
    "backup_kept": ("attention", {"backups": Backups(True, TODAY, TODAY - 37 * DAY)}),
    "backup_broken": ("stop", {"backups": Backups(True, TODAY, TODAY, is_whole=False)}),
    "rehearsed_never": ("attention", {"rehearsed": None}),
    "rehearsed_old": ("attention", {"rehearsed": TODAY - 184 * DAY}),
    "upkeep_never": ("attention", {"maintained": None}),
    "upkeep_old": ("attention", {"maintained": date(2026, 11, 23)}),
    "kept_late": ("attention", {"late": 1}),
    "tasks_due": ("attention", {"due": ("audio", "unreviewed_text")}),
    "destruction_interrupted": ("stop", {"ended": date(2026, 11, 1), "interrupted": True}),
    "certificate_untold": ("attention", {"certificate": None}),
    "certificate_unreadable": ("attention", {"certificate": Certificate(None)}),
    "certificate_ends": ("attention", {"certificate": Certificate(NOW + 29 * DAY)}),
    "certificate_ended": ("stop", {"certificate": Certificate(NOW)}),
    "clock_back": ("stop", {"newest_file": NOW + timedelta(minutes=6)}),
    "journal_broken": ("stop", {"journal_holds": False, "newest_day": None}),
    "modes_loose": ("stop", {"loose": ("settings.toml",)}),
    "modes_unknown": ("attention", {"loose": None}),
    "keys_missing": ("stop", {"has_keys": False}),
    "keys_unvouched": ("stop", {"keys_vouched": False}),
    "brackets_open": ("attention", {"unfilled": ("date",)}),
    "plain_on": ("attention", {"plain_path": True}),
    "demo_on": ("attention", {"demo": True}),
    "cookies_plain": ("attention", {"secure_cookies": False}),
    "hosts_untold": ("attention", {"hosts": ()}),
    "contact_untold": ("attention", {"security_contact": ""}),
}


def test_a_well_instance_has_nothing_to_look_at() -> None:
    found = findings(WELL, NOW)
    assert not is_wrong(found)
    assert [name for name in SUBJECTS if name not in {one.subject for one in found}] == []


@pytest.mark.parametrize("case", UNWELL)
def test_what_is_not_well_is_said_and_nothing_else_is(case: str) -> None:
    state, changed = UNWELL[case]
    found = findings(replace(WELL, **changed), NOW)  # type: ignore[arg-type]
    assert [(one.case, one.state) for one in found if one.state != "ok"] == [(case, state)]
    assert is_wrong(found)


def test_every_case_has_its_words_and_every_word_its_case() -> None:
    elsewhere = replace(WELL, certificate=None, secure_cookies=False, hosts=(), journal_checked=True)
    here = findings(replace(elsewhere, keys_retired=("research 0b 2026-11-23",)), NOW)
    old = Backups(True, TODAY, TODAY - 37 * DAY)
    held = findings(replace(WELL, late=3, backups=old, hold=Hold("2026-11-20", "an order", "0" * 64)), NOW)
    over = findings(replace(WELL, ended=date(2026, 11, 1)), NOW)
    gone = findings(replace(WELL, ended=date(2026, 11, 1), destroyed=TODAY), NOW)
    well = {one.case for one in (*findings(WELL, NOW), *here, *held, *over, *gone) if one.state == "ok"}
    assert well | set(UNWELL) == set(WORDS)


@pytest.mark.parametrize(
    "changed",
    [
        {"disks": (Disk("instance", 10 * GIB, 100 * GIB),)},
        {"backups": Backups(True, TODAY - 2 * DAY, TODAY - 36 * DAY)},
        {"maintained": date(2026, 11, 24)},
        {"certificate": Certificate(NOW + 30 * DAY)},
        {"newest_day": date(2026, 11, 26)},
        {"newest_file": NOW + timedelta(minutes=5)},
    ],
    ids=str,
)
def test_what_is_just_well_enough_is_in_order(changed: dict[str, object]) -> None:
    assert not is_wrong(findings(replace(WELL, **changed), NOW))  # type: ignore[arg-type]


@pytest.mark.parametrize("changed", [{"newest_day": date(2026, 11, 27)}, {"maintained": date(2026, 11, 27)}], ids=str)
def test_a_day_that_has_not_come_shows_that_the_clock_went_back(changed: dict[str, object]) -> None:
    assert "clock_back" in {one.case for one in findings(replace(WELL, **changed), NOW)}  # type: ignore[arg-type]


def test_facts_are_read_from_a_real_instance(settings: Settings, study: Study, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    around = Around(settings.home, tmp_path / "backups", None, settings.demo, settings.secure_cookies)
    facts = examine(study, around, now.date())
    assert (facts.loose, facts.backups, facts.maintained, facts.certificate) == ((), Backups(False), None, None)
    assert set(facts.schemas.values()) == {SCHEMA}
    assert all(size > 0 for size in facts.sizes.values())

    for days in (9, 1):
        make_backup(study.stores, instance_of(settings), tmp_path / "backups", now.date() - days * DAY)
    write_entry(study.stores.office, COMMAND_LINE, Act.RESTORE_REHEARSED, now.date())
    (settings.home / "settings.toml").chmod(0o644)
    keep_certificate(settings.home, issue(["192.0.2.7"], now))
    assert (facts.journal_holds, examine(study, around, now.date(), with_chain=True).journal_holds) == (True, True)
    before = examine(study, around, now.date())
    with study.stores.office.engine.begin() as connection:
        connection.execute(text("drop trigger journal_no_update"))
        connection.execute(text("update journal set entry = replace(entry, 'command line', 'Mara') where number = 1"))
    found = [examine(study, around, now.date(), with_chain).journal_holds for with_chain in (False, True)]
    assert found == [True, False]
    tell(study.stores.office.engine, "schema", "2")
    maintain(study, now.date())
    facts = examine(study, around, now.date())
    assert facts.loose == ("settings.toml",)
    assert facts.backups
    assert (facts.backups.newest, facts.backups.oldest) == (now.date() - DAY, now.date() - 9 * DAY)
    assert (facts.backups.is_whole, before.rehearsed) == (True, now.date())
    with (tmp_path / "backups" / f"{now.date() - DAY}" / "research.db").open("r+b") as file:
        file.write(b"x")
    seen = [examine(study, around, now.date(), with_chain).backups for with_chain in (False, True)]
    assert [one.is_whole for one in seen if one] == [True, False]
    assert (facts.maintained, facts.schemas["office"]) == (now.date(), "2")
    assert facts.certificate
    assert facts.certificate.until
    assert (facts.certificate.until - now).days in (364, 365)


def test_a_certificate_that_cannot_be_read_is_no_crash(settings: Settings, study: Study, tmp_path: Path) -> None:
    (tmp_path / "torn.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    for name in ("torn.pem", "missing.pem"):
        around = Around(settings.home, None, tmp_path / name, False, True)
        assert examine(study, around, NOW.date()).certificate == Certificate(None)
