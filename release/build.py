"""Build a release: choose levels, leave out who would stand alone, give pseudonyms, order rows by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from errors import ReleaseError
from instruments.codebook import variables
from instruments.hierarchies import coarsen
from instruments.model import NOT_APPLICABLE, Answers, Instrument, Item, Value
from privacy.disclosure import Levels, Risk, choose_levels, risk_of, uniform_classes
from privacy.opening import PrivateKey
from privacy.pseudonyms import pseudonym, pseudonym_key
from release.custody import unlock_key
from release.dataset import Dataset, Fault, Person, Report, open_records
from release.export import write_release
from release.source import Source, open_source
from release.specification import Specification, read_specification

NEVER_RELEASED = ("direct", "open")  # open text waits for a person's review


@dataclass(frozen=True)
class Release:
    """A release before it is written. `rows` are in pseudonym order and as wide as `columns`."""

    specification: Specification
    instruments: tuple[Instrument, ...]
    columns: tuple[Item, ...]
    withheld: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    levels: Levels
    before: Risk
    after: Risk
    left_out: int
    declined_archive: int
    faults: tuple[Fault, ...]
    uniform: Mapping[str, int]
    checked: tuple[str, ...]


def release_to(source: Path, key: bytes, passphrase: str, specification: Path, out: Path, report: Report) -> str:
    """The whole way from sealed records to a written release; returns one line about it. Raises AmanahError."""
    ordered = read_specification(specification.read_text("utf-8"))
    found = open_source(source)
    opened = open_source_with(found, unlock_key(key, passphrase), report)
    made = build_release(found, opened, unlock_key(key, passphrase), ordered)
    write_release(made, out)
    return summary(made, out)


def open_source_with(source: Source, key: PrivateKey, report: Report) -> Dataset:
    """Open every record of a source. Raises ReleaseError for a key of another study or purpose."""
    if (key.purpose, key.study) != ("research", source.study):
        raise ReleaseError(
            f"This is the {key.purpose} key of {key.study}. Records of {source.study} need its research key."
        )
    return open_records(source.rows(), key, source.instruments, report, len(source.records))


def build_release(source: Source, dataset: Dataset, key: PrivateKey, ordered: Specification) -> Release:
    """The release as ordered. Raises ReleaseError when it cannot be made so."""
    instrument = _newest(source)
    _check_order(instrument, ordered)
    wanted = [person for person in dataset.people if person.group in ordered.groups]
    people = [person for person in wanted if not ordered.archive_only or person.choices.get("o_archive") == "yes"]
    columns = _columns(instrument, ordered)
    table = _Table(instrument, people, columns)
    chosen = choose_levels(
        table.traits,
        table.highest,
        instrument.release.coarsening,
        ordered.levels,
        ordered.k,
        instrument.release.largest_suppression if ordered.largest_suppression is None else ordered.largest_suppression,
    )
    failing = set(chosen.failing)
    kept = [place for place in range(len(people)) if place not in failing]
    traits = table.traits(chosen.levels)
    after = [traits[place] for place in kept]
    names = pseudonym_key(key.derive, ordered.purpose)
    rows = [(pseudonym(names, people[place].participant), *table.row(place, chosen.levels)) for place in kept]
    return Release(
        specification=ordered,
        instruments=tuple(source.instruments.values()),
        columns=columns,
        withheld=tuple(item.name for item in variables(instrument, ordered.groups) if item.privacy in NEVER_RELEASED),
        rows=tuple(sorted(rows)),
        levels=chosen.levels,
        before=risk_of(table.traits({name: 0 for name in table.highest}), ordered.k),
        after=risk_of(after, ordered.k),
        left_out=len(failing),
        declined_archive=len(wanted) - len(people),
        faults=dataset.faults,
        uniform={name: uniform_classes(after, table.values(name, kept)) for name in table.diverse},
        checked=tuple(table.highest),
    )


def summary(release: Release, out: Path) -> str:
    """One line about a written release."""
    faults = f", {len(release.faults)} records not usable (see README.txt)" if release.faults else ""
    return (
        f"{len(release.rows)} people in {out}; {release.left_out} left out for k = {release.specification.k}{faults}."
    )


def _newest(source: Source) -> Instrument:
    return max(source.instruments.values(), key=lambda instrument: (instrument.version, instrument.digest))


def _check_order(instrument: Instrument, ordered: Specification) -> None:
    known = {group.name for group in instrument.groups}
    strangers = [group for group in ordered.groups if group not in known]
    if strangers:
        raise ReleaseError(f"There is no group {', '.join(strangers)}. The study has: {', '.join(sorted(known))}.")
    checked = {item.name: item for item in _columns(instrument, ordered) if item.name in instrument.release.coarsening}
    for name, level in ordered.levels.items():
        highest = _highest(instrument, checked[name]) if name in checked else 0
        if level > highest:
            raise ReleaseError(f"{name} has levels 0 to {highest}, and the specification asks for {level}.")


def _columns(instrument: Instrument, ordered: Specification) -> tuple[Item, ...]:
    return tuple(item for item in variables(instrument, ordered.groups) if item.privacy not in NEVER_RELEASED)


def _highest(instrument: Instrument, item: Item) -> int:
    return len(instrument.hierarchy(item.hierarchy).levels) if item.hierarchy else 0


class _Table:
    """People as a table, at any levels of coarsening."""

    def __init__(self, instrument: Instrument, people: Sequence[Person], columns: Sequence[Item]) -> None:
        self.instrument, self.columns = instrument, columns
        self.answers: list[Answers] = [_flat(person) for person in people]
        checked = [item for item in columns if item.name in instrument.release.coarsening or item.privacy == "quasi"]
        self.highest = {item.name: _highest(instrument, item) for item in checked}
        self.diverse = [item.name for item in columns if item.name in instrument.release.diversity]
        self.items = {item.name: item for item in columns}

    def traits(self, levels: Levels) -> list[tuple[Value, ...]]:
        """The quasi-identifiers of everyone at these levels."""
        return [tuple(self._at(name, answers, levels) for name in self.highest) for answers in self.answers]

    def row(self, place: int, levels: Levels) -> tuple[str, ...]:
        """One person's cells."""
        return tuple(_cell(self._at(item.name, self.answers[place], levels)) for item in self.columns)

    def values(self, name: str, places: Sequence[int]) -> list[Value]:
        """One variable of these people."""
        return [self.answers[place].get(name, NOT_APPLICABLE) for place in places]

    def _at(self, name: str, answers: Answers, levels: Levels) -> Value:
        value, item = answers.get(name, NOT_APPLICABLE), self.items[name]
        level = levels.get(name, 0)
        if not level or not item.hierarchy or name not in answers:
            return value
        return coarsen(self.instrument.hierarchy(item.hierarchy), level, value, answers)


def _flat(person: Person) -> Answers:
    return {"respondent_group": person.group, **person.recorded, **person.answers}


def _cell(value: Value) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
