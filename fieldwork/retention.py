"""How long what is kept, as data: one rule for each line of the study's promise, and who carries it out.

The numbers are the study's (`[retention]` of study.toml, approved by two people) and its cut-off; what happens, and by
whom, is the same for every study and stands here. docs/retention.md tells the same in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from errors import JournalBroken, JournalNotWritten, SettingsError
from fieldwork.ending import Ending
from fieldwork.study import Study
from instruments.consent import AUDIO
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.journal_vouched import vouched_entries
from storage.office import shown_tallies

Since = Literal["visit", "end of the study", "backup", "delivery"]
By = Literal["upkeep", "person", "backup", "device"]
UNITS = {"days": "day", "months": "month", "years": "year"}
AUDIO_MONTHS = 3  # where a study that records does not say


@dataclass(frozen=True)
class Rule:
    """One line of the promise. `setting`: where its length stands, which ends in its unit; "" for what has none.

    `since`: from when it counts. `then`: what happens. `by`: the nightly upkeep, a person whose task is shown as due,
    the backup command, or the device by itself.
    """

    name: str
    what: str
    setting: str
    since: Since
    then: str
    by: By


RULES: tuple[Rule, ...] = (
    Rule("tags", "Tags by which receipts find records", "cut_off_days", "visit", "deleted on the next day", "upkeep"),
    Rule("links", "Links between the two vaults", "cut_off_days", "visit", "erased on the next day", "upkeep"),
    Rule(
        "contact_results", "Contact details of who wants the results", "contact_results_months", "visit",
        "no longer listed at the desk; erased with the longer of both, as nobody can tell them apart here", "upkeep",
    ),
    Rule(
        "contact_recontact", "Contact details of who may be asked again", "contact_recontact_months", "visit",
        "erased", "upkeep",
    ),
    Rule(
        "audio", "Recordings of interviews, which Amanah does not hold", "audio_months", "visit",
        "deleted, once typed up and checked", "person",
    ),
    Rule(
        "unreviewed_text", "People's own words that nobody has reviewed", "unreviewed_text_months", "visit",
        "reviewed at the desk, which shows them no longer", "person",
    ),
    Rule("consent_records", "Consent records", "consent_records_years", "end of the study", "erased", "upkeep"),
    Rule(
        "research_records", "Research records", "research_records_years", "end of the study",
        "reviewed; archived where people agreed, and destroyed", "person",
    ),
    Rule(
        "backups", "Backups", "backup_days", "backup",
        "removed by flask backup, and by flask maintain where the setting backups is made", "backup",
    ),
    Rule("device_copies", "Sealed copies on devices", "", "delivery", "wiped, as the server has them", "device"),
)  # fmt: skip
TASKS = tuple(rule.name for rule in RULES if rule.by == "person")


@dataclass(frozen=True)
class Due:
    """A person's task: which rule, and the day by which it must be done. `is_due`: whether that day has come."""

    rule: Rule
    day: date
    is_due: bool


def rules_of(study: Study) -> tuple[Rule, ...]:
    """The rules that this study has: of recordings only where it asks for them."""
    return tuple(rule for rule in RULES if rule.name != "audio" or AUDIO in study.instrument.items)


def length_of(study: Study, rule: Rule) -> int:
    """How many days, months or years a rule gives; 0 for what has no length of its own."""
    if rule.setting == "cut_off_days":
        return study.instrument.cut_off_days
    return study.settings.retention.get(rule.setting, AUDIO_MONTHS if rule.name == "audio" else 0)


def in_words(study: Study, rule: Rule) -> str:
    """How long, with its unit: `28 days`."""
    if not rule.setting:
        return "no fixed time"
    length, unit = length_of(study, rule), rule.setting.rpartition("_")[2]
    return f"1 {UNITS[unit]}" if length == 1 else f"{length} {unit}"


def due_tasks(study: Study, today: date) -> tuple[Due, ...]:
    """What people themselves must do, and by when. Nothing that has no day yet."""
    done = last_done(study)
    return tuple(
        Due(rule, day, today >= day)
        for rule in rules_of(study)
        if rule.by == "person" and (day := _day_of(study, rule, done.get(rule.name)))
    )


def write_done(study: Study, name: str, today: date) -> None:
    """Write down that a person has done a task of these. Raises SettingsError for what is nobody's task."""
    if name not in TASKS:
        raise SettingsError(f"{name} is no task of a person's. Known: {', '.join(TASKS)}.")
    write_entry(study.stores.office, COMMAND_LINE, Act.RETENTION_TASK_DONE, today, detail=name)


def last_done(study: Study) -> Mapping[str, date]:
    """On which day each task was last done, as the signed journal says; nothing where it cannot be relied on."""
    try:
        return dict(_done(study))
    except (JournalBroken, JournalNotWritten):
        return {}


def consents_until(study: Study, ending: Ending) -> date:
    """The last day of the consent records of a study that has ended."""
    return years_after(ending.day, study.settings.retention["consent_records_years"])


def years_after(day: date, years: int) -> date:
    """The same day so many years later; the last that there is at most."""
    return months_after(day, 12 * years)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the 28th at most, as every month has one."""
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, min(day.day, 28)) if whole < 12 * 10_000 else date.max


def _done(study: Study) -> Iterator[tuple[str, date]]:
    entries = [one for one in vouched_entries(study.stores.office) if one.act == Act.RETENTION_TASK_DONE]
    # The newest come first, and the newest must win.
    for entry in reversed(entries):
        yield entry.detail, date.fromisoformat(entry.day)


def _day_of(study: Study, rule: Rule, done: date | None) -> date | None:
    ending, length = study.ending, length_of(study, rule)
    if rule.since == "end of the study":
        begins = ending.day if ending and not ending.destroyed else None
        return years_after(max(begins, done or begins), length) if begins else None
    if ending and (ending.begun or (done and done > ending.takes_until)):
        return None  # nothing came in since it was done, or there is nothing any more
    begins = max(filter(None, (_first_month(study), done)), default=None)
    return months_after(begins, length) if begins else None


def _first_month(study: Study) -> date | None:
    """The first day of the first month of which staff are shown a visit."""
    shown = shown_tallies(study.stores.office)
    months = [tally.month for tally in shown if tally.outcome == "finished" and tally.count]
    return date.fromisoformat(f"{min(months)}-01") if months else None
