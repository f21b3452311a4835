"""Each line of what people are promised is a rule: upkeep follows it and says so beforehand, people's tasks are due."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from config import Settings
from errors import SettingsError
from fieldwork.ending import Ending
from fieldwork.retention import RULES, TASKS, Due, due_tasks, in_words, months_after, rules_of, write_done
from fieldwork.study import Study
from fieldwork.upkeep import maintain, put_right
from instruments.settings import RETENTION
from retention_commands import maintain as maintain_command
from retention_commands import retention
from storage.journal import Act, read_journal
from storage.office import Tally, show
from storage.vaults import count, count_unlimited
from tests.conftest import TODAY
from tests.fieldwork.test_gone import CONTACT, LAST_OF_CONTACT, LONG_AGO, visited
from tests.holding import held, with_staff

DAY = timedelta(1)
ROOT = Path(__file__).parents[2]


def run(settings: Settings, *words: str) -> str:
    told = CliRunner().invoke(maintain_command, words, env={"AMANAH_HOME": str(settings.home)})
    assert told.exit_code == 0, told.output
    return told.output


def bytes_of(settings: Settings) -> dict[str, bytes]:
    """All that the instance holds on the disk. SQLite's own notes of who reads stand in -shm, and hold no row."""
    files = (path for path in settings.home.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
    return {str(path): path.read_bytes() for path in files if path.stat().st_size or not path.name.endswith("-wal")}


def test_every_setting_is_a_rule_and_every_rule_has_its_line_in_the_document(study: Study) -> None:
    settings = {name.rstrip("?") for name in RETENTION} | {"cut_off_days"}
    assert {rule.setting for rule in RULES if rule.setting} == settings
    written, _, _ = (ROOT / "docs" / "retention.md").read_text("utf-8").partition("## The end of the study")
    assert re.findall(r"(?m)^\| `(\w+)` \|", written) == [rule.name for rule in RULES]
    assert [in_words(study, rule) for rule in RULES] == [
        "28 days", "28 days", "12 months", "24 months", "3 months", "6 months", "3 years", "10 years", "35 days",
        "no fixed time",
    ]  # fmt: skip
    silent = replace(study.instrument, parts=tuple(part for part in study.instrument.parts if part.name != "consent"))
    assert "audio" not in {rule.name for rule in rules_of(replace(study, instrument=silent))}


def test_a_dry_run_says_what_upkeep_then_does_and_changes_no_byte(study: Study, settings: Settings) -> None:
    visited(study, LONG_AGO, CONTACT)
    visited(study, date.today())
    study.stores.research.engine.dispose()
    study.stores.identity.engine.dispose()
    study.stores.office.engine.dispose()
    before = bytes_of(settings)
    told = run(settings, "--dry-run")
    assert bytes_of(settings) == before
    # Of the visit of long ago: a tag at the answers, three at the consent record, the contact details and the link.
    assert told.splitlines() == [
        "4 tags past their last day would be deleted.",
        "1 links between the two vaults would be erased.",
        "1 contact details would be erased.",
        "0 consent records would be erased.",
        "0 withdrawn tags and forgotten contact details are here again and would be erased again.",
        "0 invitations that ran out would be forgotten.",
        "0 bundles that nobody saved would be taken away.",
        "Every table would be written anew in key order, and the counts that staff see brought up to date.",
        "Nothing was changed.",
    ]
    done = run(settings)
    assert "1 links and 1 contact details erased on their day" in done
    assert run(settings, "--dry-run").startswith("0 tags past their last day")


def test_during_a_hold_a_dry_run_says_that_nothing_would_go_and_nothing_goes(study: Study, settings: Settings) -> None:
    here = with_staff(settings, study)
    visited(here.study, LONG_AGO, CONTACT)
    over = replace(held(here), ending=Ending(date(2020, 1, 1)))
    assert run(settings, "--dry-run").startswith("A legal hold is on: nothing of a participant would be erased")
    assert put_right(over, TODAY).is_held
    assert (count(study.stores.research), count(study.stores.identity)) == (1, 3)


def test_consent_records_go_after_their_years_and_answers_stay_for_people_to_review(study: Study) -> None:
    for _ in range(6):
        visited(study, TODAY, CONTACT)
    ended = replace(study, ending=Ending(LAST_OF_CONTACT))
    last = date(2031, 10, 1)
    assert put_right(ended, last).consents == 0
    assert count_unlimited(study.stores.identity) == 6
    assert put_right(study, last + DAY).consents == 0, "of a study that goes on nothing goes"
    assert put_right(ended, last + DAY).consents == 6
    assert (count(study.stores.identity), count(study.stores.research)) == (0, 6)
    (entry,) = [one for one in read_journal(study.stores.office) if one.act == Act.CONSENT_EXPIRED]
    assert entry.count == 5, "never exact"


def test_what_people_must_do_is_due_by_the_first_month_and_again_after_it_was_done(study: Study) -> None:
    assert due_tasks(study, TODAY) == ()
    show(study.stores.office, [Tally("finished", "young_person", "1", "2026-03", 5)])
    assert days(due_tasks(study, date(2026, 9, 1))) == {
        "audio": ("2026-06-01", True),
        "unreviewed_text": ("2026-09-01", True),
    }
    assert not days(due_tasks(study, date(2026, 8, 31)))["unreviewed_text"][1]
    for day in (date(2026, 9, 1), date(2026, 9, 2)):
        write_done(study, "unreviewed_text", day)
    assert days(due_tasks(study, date(2026, 9, 2)))["unreviewed_text"] == ("2027-03-02", False)
    ended = replace(study, ending=Ending(date(2026, 10, 1)))
    assert days(due_tasks(ended, TODAY)) == {
        "audio": ("2026-06-01", True),
        "unreviewed_text": ("2027-03-02", False),
        "research_records": ("2036-10-01", False),
    }
    write_done(study, "audio", date(2026, 11, 1))
    assert "audio" not in days(due_tasks(ended, TODAY)), "nothing came in since"


def days(found: tuple[Due, ...]) -> dict[str, tuple[str, bool]]:
    return {due.rule.name: (due.day.isoformat(), due.is_due) for due in found}


def test_only_tasks_of_people_can_be_done(study: Study) -> None:
    assert TASKS == ("audio", "unreviewed_text", "research_records")
    with pytest.raises(SettingsError, match="no task of a person's. Known: audio, unreviewed_text, research_records"):
        write_done(study, "links", TODAY)


def test_the_command_shows_rules_and_what_is_due_and_upkeep_names_it_too(study: Study, settings: Settings) -> None:
    show(study.stores.office, [Tally("finished", "young_person", "1", "2024-03", 5)])

    def told(*words: str) -> str:
        shown = CliRunner().invoke(retention, list(words), env={"AMANAH_HOME": str(settings.home)})
        return shown.output

    assert (
        "contact_recontact: Contact details of who may be asked again: 24 months from the visit, then erased."
        in told("show")
    )
    assert "Due since 2024-06-01: audio. Once it is done: `flask retention done audio`." in told("show")
    assert "Due since 2024-06-01: Recordings of interviews" in run(settings, "--dry-run")
    assert told("done", "audio") == "Written down in the journal.\n"
    assert f"Next due on {months_after(date.today(), 3)}: audio." in told("show")
    assert "no task" in told("done", "tags")


def test_a_journal_that_does_not_hold_makes_no_task_done(study: Study) -> None:
    show(study.stores.office, [Tally("finished", "young_person", "1", "2026-03", 5)])
    write_done(study, "audio", date(2026, 9, 2))
    with study.stores.office.engine.begin() as connection:
        connection.execute(text("drop trigger journal_no_update"))
        connection.execute(text("update journal set hash = 'x' where number = (select max(number) from journal)"))
    assert days(due_tasks(study, TODAY))["audio"] == ("2026-06-01", True)


def test_upkeep_counts_nothing_in_exact_numbers_in_the_journal(study: Study) -> None:
    for _ in range(7):
        visited(study, LONG_AGO, CONTACT)
    maintain(study, TODAY)
    counts = [
        one.count for one in read_journal(study.stores.office) if one.act in ("links_destroyed", "contact_expired")
    ]
    assert counts == [5, 5]
