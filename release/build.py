"""Build a release: choose levels, leave out who would stand alone, give pseudonyms, order rows by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from errors import ReleaseError
from instruments.model import NOT_APPLICABLE, NOT_IN_VERSION, Instrument, Value
from privacy.disclosure import Choice, Levels, Risk, choose_levels, class_sizes, risk_of, uniform_classes
from privacy.opening import PrivateKey
from privacy.pseudonyms import pseudonym_key
from release.dataset import Dataset, Fault, Report, open_records
from release.export import write_release
from release.frame import frame_of, kinds_of
from release.journal import refused_releases_written, write_release_made
from release.obstacles import Obstacle, in_one_line, obstacles
from release.research_ids import research_ids
from release.source import Source, open_source
from release.specification import Specification, read_specification_file
from release.table import FORM_VERSION, NOT_ARCHIVED, WITHHELD, Column, Table, columns_of
from release.unlocked import check_keys, in_order, key_of_ids, lacking_in_words, unlocked
from release.versions import answered_by, versions_of
from release.waves import of_one_wave

Places = np.ndarray[tuple[int], np.dtype[np.int64]]  # of people in a frame


@dataclass(frozen=True)
class Release:
    """A release before it is written. `frame`: `research_id`, then `columns`; sorted by it, no null.

    `instruments`: the newest version and every one that somebody answered, newest first; `answered`: by how many of
    the people released; `is_order_known`: whether it is not guessed which is newer. `levels`: of each variable that is
    coarser than it was asked.
    `checked`: the variables whose combination counts as known to others. `uniform`: classes alike, by variable.
    `obstacles`: what sets people apart, where nobody can be released.
    `sizes`: for each person, before and after, how many are alike in these variables (themselves included).
    `lacking`: how many records need a key that was not given, by its id. `keys`: the ids of those that were, the oldest
    first; the pseudonyms follow from the first.
    """

    specification: Specification
    instruments: tuple[Instrument, ...]
    columns: tuple[Column, ...]
    withheld: tuple[str, ...]
    not_archived: tuple[str, ...]
    frame: pl.DataFrame = field(repr=False)
    levels: Levels
    before: Risk
    after: Risk
    sizes: tuple[pl.Series, pl.Series] = field(repr=False)
    left_out: int
    declined_archive: int
    faults: tuple[Fault, ...]
    uniform: Mapping[str, int]
    answered: tuple[int, ...]
    is_order_known: bool
    checked: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    lacking: Mapping[str, int]
    keys: tuple[str, ...]
    unjoined: int


def release_to(
    source: Path,
    files: Sequence[tuple[bytes, str]],
    specification: Path,
    out: Path,
    report: Report,
    today: date,
) -> str:
    """The whole way from sealed records to a written release; returns one line about it. Raises AmanahError.

    `files`: each research key file with its passphrase.

    The journal beside the release tells that it was made, or refused.
    """
    ordered = read_specification_file(specification)
    with refused_releases_written(out.parent, ordered.purpose, today):
        found = open_source(source)
        with unlocked(files) as keys:
            made = build_release(found, open_source_with(found, keys, report, today), keys, ordered)
        if made.left_out and not made.frame.height:
            raise ReleaseError(in_one_line(made.obstacles, made.left_out, ordered.k))
    write_release_made(out.parent, ordered.purpose, today)
    write_release(made, out)
    return summary(made, out)


def open_source_with(
    source: Source, keys: Sequence[PrivateKey], report: Report, today: date = date.max
) -> Dataset:
    """Open every record of a source; no change dated after `today` is believed.

    Raises ReleaseError for keys that are not the ones of these records.
    """
    check_keys(source, keys)
    whole = len(source.records)
    opened = open_records(source.rows(), keys, source.instruments, report, whole, today)
    if whole and opened.opened == 0:
        which = "this key" if len(keys) == 1 else "these keys"
        told = f"Not one of the {whole} records opens with {which}. Is it another one?"
        raise ReleaseError(f"{told} {lacking_in_words(opened.lacking, whole)}".strip())
    return opened


def build_release(source: Source, dataset: Dataset, keys: Sequence[PrivateKey], ordered: Specification) -> Release:
    """The release as ordered. Raises ReleaseError when it cannot be made so."""
    _check_groups(source, ordered)
    ids_of = key_of_ids(source, keys, ordered.new_ids)
    wanted, people = _people(_frame(source, dataset), ordered)
    versions = versions_of(source.newest_first, people)
    known = columns_of(versions, ordered.groups)
    dropped = tuple(name for name in known if ordered.archive_only and name in NOT_ARCHIVED)
    columns = {name: one for name, one in known.items() if one.item.privacy not in WITHHELD and name not in dropped}
    _check_levels(columns, ordered.levels)
    checked = _checked(versions, columns)
    table = Table(people, columns)
    chosen = _choose(table, checked, versions[0], ordered)
    kept = np.setdiff1d(np.arange(people.height), np.array(chosen.failing, np.int64))
    levels = {**ordered.levels, **chosen.levels}
    before, traits = _tuples(table, checked, {}), _tuples(table, checked, levels)
    after = [traits[place] for place in kept]
    return Release(
        specification=ordered,
        instruments=versions,
        columns=tuple(columns.values()),
        withheld=tuple(name for name, one in known.items() if one.item.privacy in WITHHELD),
        not_archived=dropped,
        frame=_rows(table, kept, levels, ids_of, ordered.purpose),
        levels={name: level for name, one in columns.items() if (level := max(levels.get(name, 0), one.stored))},
        before=risk_of(before, ordered.k),
        after=risk_of(after, ordered.k),
        sizes=(pl.Series(class_sizes(before), dtype=pl.UInt32), pl.Series(class_sizes(after), dtype=pl.UInt32)),
        left_out=len(chosen.failing),
        declined_archive=wanted - people.height,
        faults=dataset.faults,
        answered=answered_by(people[kept], versions),
        is_order_known=source.is_order_known,
        uniform={
            name: _uniform(table.column(name, levels.get(name, 0))[kept], after)
            for name in versions[0].release.diversity
            if name in columns
        },
        checked=checked,
        obstacles=() if len(kept) else obstacles(table, checked, levels, ordered.k),
        lacking=dataset.lacking,
        keys=tuple(key.public().short for key in in_order(source, keys)),
        unjoined=dataset.unjoined,
    )


def _frame(source: Source, dataset: Dataset) -> pl.DataFrame:
    return frame_of(dataset.people, kinds_of(source.instruments.values()))


def _people(everyone: pl.DataFrame, ordered: Specification) -> tuple[int, pl.DataFrame]:
    """How many people the order is about, and those of them who may be in it."""
    wanted = of_one_wave(everyone.filter(pl.col(".group").is_in(ordered.groups)), ordered.wave)
    if not ordered.archive_only:
        return wanted.height, wanted
    agreed = pl.col(".o_archive").fill_null(False) if ".o_archive" in wanted.columns else pl.lit(False)
    return wanted.height, wanted.filter(agreed)


def _tuples(table: Table, names: Sequence[str], levels: Levels) -> list[tuple[Value, ...]]:
    return table.frame(names, levels).rows() if names else [()] * table.people.height


def summary(release: Release, out: Path) -> str:
    """One line about a written release."""
    faults = f", {len(release.faults)} records not usable (see README.txt)" if release.faults else ""
    lacking = "".join(f", {count} records need the key {key}" for key, count in release.lacking.items())
    left_out = f"{release.left_out} left out for k = {release.specification.k}"
    return f"{release.frame.height} people in {out}; {left_out}{faults}{lacking}."


def _check_groups(source: Source, ordered: Specification) -> None:
    instrument, known = source.newest, {group.name for group in source.groups}
    strangers = [group for group in ordered.groups if group not in known]
    if strangers:
        raise ReleaseError(f"There is no group {', '.join(strangers)}. The study has: {', '.join(sorted(known))}.")
    if ordered.language not in instrument.languages:
        raise ReleaseError(f"The study does not speak {ordered.language}. It has: {', '.join(instrument.languages)}.")


def _check_levels(columns: Mapping[str, Column], levels: Levels) -> None:
    for name, level in levels.items():
        if name not in columns:
            raise ReleaseError(f"levels names {name}, which is no variable of this release.")
        if level > columns[name].highest:
            raise ReleaseError(
                f"{name} has levels 0 to {columns[name].highest}, and the specification asks for {level}."
            )


def _checked(versions: Sequence[Instrument], columns: Mapping[str, Column]) -> tuple[str, ...]:
    # A neighbour, a colleague or a parent could know these: every quasi-identifier, and what the study declares.
    declared = set(versions[0].release.coarsening)
    if len(versions) > 1:
        # A version is asked from one day to another: it tells when somebody took part, which others could know.
        declared.add(FORM_VERSION.name)
    return tuple(name for name, one in columns.items() if one.is_known_to_others or name in declared)


def _choose(table: Table, checked: Sequence[str], instrument: Instrument, ordered: Specification) -> Choice:
    share = ordered.largest_suppression
    return choose_levels(
        lambda levels: _tuples(table, checked, levels),
        {name: table.columns[name].highest for name in checked},
        instrument.release.coarsening,
        ordered.levels,
        ordered.k,
        instrument.release.largest_suppression if share is None else share,
    )


def _rows(table: Table, kept: Places, levels: Levels, key: PrivateKey, purpose: str) -> pl.DataFrame:
    ids = research_ids(pseudonym_key(key.derive, purpose), table.people[".linked"][kept].to_list())
    return table.frame(table.columns, levels)[kept].insert_column(0, ids).sort("research_id")


def _uniform(values: pl.Series, classes: Sequence[tuple[Value, ...]]) -> int:
    # Whom a question was never put to gives no answer away.
    asked = (~values.cast(pl.String).is_in([str(NOT_APPLICABLE), str(NOT_IN_VERSION)])).arg_true().to_list()
    return uniform_classes([classes[at] for at in asked], [values[at] for at in asked])
