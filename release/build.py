"""Build a release: who may be in it, as coarse as it must be, with pseudonyms, rows in their order.

Neither the order of rows nor anything else tells in which order people took part. Remembers, before a release is
written, who is in it, so that a later one cannot be subtracted from it to find somebody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypedDict

import numpy as np
import polars as pl

from errors import ReleaseError
from instruments.model import Instrument
from privacy.disclosure.classes import Levels, Risk, class_sizes, risk_of_sizes
from privacy.disclosure.diversity import Diversity, diversity, t_closeness
from privacy.disclosure.lattice import Node
from privacy.disclosure.loss import share_lost
from privacy.opening import PrivateKey
from privacy.pseudonyms import pseudonym_key
from release.dataset import Dataset, Fault, Report, Stop, open_records
from release.draft import Ask, Draft, asked_only, draft_of, has_order
from release.ledger import Entry, remember
from release.made import Compared
from release.made import Release as Release
from release.obstacles import Obstacle, obstacles
from release.open_text import Texts, rare_themes
from release.research_ids import research_ids
from release.scope import Scope, scope_of, without_rare
from release.source import Source
from release.specification import Specification
from release.unlocked import check_keys, in_order, key_of_ids, lacking_in_words
from release.versions import answered_by

ANSWER = ".answer"
NO_TEXTS = Texts()


def open_source_with(
    source: Source,
    keys: Sequence[PrivateKey],
    report: Report,
    today: date = date.max,
    stop: Stop = lambda: False,
) -> Dataset:
    """Open every record of a source; no change dated after `today` is believed.

    Raises ReleaseError for keys that are not the ones of these records.
    """
    check_keys(source, keys)
    whole = len(source.records)
    opened = open_records(source.records, keys, source.instruments, report, whole, today, stop)
    if whole and opened.opened == 0:
        which = "this key" if len(keys) == 1 else "these keys"
        told = f"Not one of the {whole} records opens with {which}. Is it another one?"
        raise ReleaseError(f"{told} {lacking_in_words(opened.lacking, whole)}".strip())
    return opened


def build_release(
    source: Source,
    dataset: Dataset,
    keys: Sequence[PrivateKey],
    ordered: Specification,
    earlier: Sequence[Entry] = (),
    texts: Texts = NO_TEXTS,
    ask: Ask = lambda: None,
) -> Release:
    """The release as ordered, beside earlier ones. Raises ReleaseError when it cannot be made so.

    `texts`: what stands for people's own words, where the order wants them. `ask` is called all along, and raises
    where somebody wants it no more.
    """
    ids_of = key_of_ids(source, keys, ordered.new_ids)
    scope = scope_of(source, dataset.people, ordered, texts)
    draft = draft_of(scope, ordered, earlier, ids_of, ask)
    rare = tuple(rare_themes(draft.frame(tuple(scope.columns)), texts, ordered))
    scope = without_rare(scope, rare, ordered)
    lost = _lost(scope, draft, ordered)
    ask()
    found = _found(scope, draft, ordered)
    ask()
    return Release(
        specification=ordered,
        columns=tuple(scope.columns.values()),
        frame=_rows(draft, scope, ids_of, ordered.purpose),
        differences=tuple(_compared(frozenset(draft.labels) if earlier else frozenset(), earlier)),
        labels=draft.labels,
        rare_themes=rare,
        **_known(source, dataset, keys),
        **lost,
        **found,
    )


class Known(TypedDict):
    """What was known before anything was chosen."""

    faults: tuple[Fault, ...]
    lacking: Mapping[str, int]
    unjoined: int
    is_order_known: bool
    keys: tuple[str, ...]


class Lost(TypedDict):
    """What a release does not have, and what became coarser."""

    withheld: tuple[str, ...]
    not_archived: tuple[str, ...]
    left_out: int
    declined_archive: int
    held_back: int
    levels: Levels
    suppressed_cells: Mapping[str, int]
    loss_by_variable: Mapping[str, float]
    obstacles: tuple[Obstacle, ...]


class Found(TypedDict):
    """What the check was about, and what it found."""

    instruments: tuple[Instrument, ...]
    answered: tuple[int, ...]
    checked: tuple[str, ...]
    known_before: Levels
    node: Node
    before: Risk
    after: Risk
    sizes: tuple[pl.Series, pl.Series]
    uniform: Mapping[str, int]
    l: Mapping[str, float]  # noqa: E741  # the measure's name
    t: Mapping[str, float]


def _known(source: Source, dataset: Dataset, keys: Sequence[PrivateKey]) -> Known:
    return Known(
        faults=dataset.faults,
        lacking=dataset.lacking,
        unjoined=dataset.unjoined,
        is_order_known=source.is_order_known,
        keys=tuple(key.public().short for key in in_order(source, keys)),
    )


def _lost(scope: Scope, draft: Draft, ordered: Specification) -> Lost:
    return Lost(
        withheld=scope.withheld,
        not_archived=scope.left_away(ordered),
        left_out=draft.left_out,
        declined_archive=scope.declined,
        held_back=draft.held_back,
        levels=_levels(draft, scope),
        suppressed_cells=draft.cells,
        loss_by_variable={name: _share_lost(draft, name) for name in scope.checked},
        obstacles=() if len(draft.kept) else obstacles(draft.table, scope.checked, draft.levels, ordered.k),
    )


def _found(scope: Scope, draft: Draft, ordered: Specification) -> Found:
    # Outside the team how it was before is told of the people in it alone: nothing follows there of who is not.
    told = draft.kept if ordered.leaves_team and len(draft.kept) else None
    sizes = class_sizes(draft.table.frame(scope.checked, {}, told)), class_sizes(draft.traits)
    return Found(
        instruments=scope.versions,
        answered=answered_by(draft.table.people[".instrument"].gather(draft.kept), scope.versions),
        checked=scope.checked,
        known_before=draft.before,
        node=draft.node,
        before=risk_of_sizes(sizes[0], ordered.k),
        after=risk_of_sizes(sizes[1], ordered.k),
        sizes=sizes,
        uniform={name: _of_class(draft, name).uniform for name in _diverse(scope)},
        l={name: getattr(_of_class(draft, name), ordered.l_kind) for name in ordered.l},
        t={name: _closeness(draft, scope, name) for name in ordered.t},
    )


def remember_release(releases: Path, source: Source, keys: Sequence[PrivateKey], made: Release, today: date) -> None:
    """Write into the ledger who is in this release, before it is written. Raises ReleaseError."""
    levels = {name: made.levels.get(name, 0) for name in made.checked}
    entry = Entry("rows", made.specification.purpose, today, frozenset(made.labels), levels)
    remember(releases, in_order(source, keys)[-1], source.study, entry)


def summary(release: Release, out: Path) -> str:
    """One line about a written release."""
    faults = f", {len(release.faults)} records not usable (see README.txt)" if release.faults else ""
    lacking = "".join(f", {count} records need the key {key}" for key, count in release.lacking.items())
    held = f", {release.held_back} held back beside earlier releases" if release.held_back else ""
    left_out = f"{release.left_out} left out for k = {release.specification.k}{held}"
    return f"{release.frame.height} people in {out}; {left_out}{faults}{lacking}."


def _rows(draft: Draft, scope: Scope, key: PrivateKey, purpose: str) -> pl.DataFrame:
    # Put in order column by column: a whole frame of a million people would be copied twice.
    ids = research_ids(pseudonym_key(key.derive, purpose), draft.table.people[".linked"].gather(draft.kept).to_list())
    order = ids.arg_sort().to_numpy().astype(np.int64)
    return draft.frame(tuple(scope.columns), order).insert_column(0, ids.gather(order))


def _share_lost(draft: Draft, name: str) -> float:
    if name in draft.cells:
        return share_lost(draft.table.column(name, 0, draft.kept), draft.traits[name])
    return draft.table.ladder(name, (0, draft.levels.get(name, 0))).share_lost(draft.kept)


def _levels(draft: Draft, scope: Scope) -> dict[str, int]:
    told = {name: max(draft.levels.get(name, 0), one.stored) for name, one in scope.columns.items()}
    return {name: level for name, level in told.items() if level}


def _diverse(scope: Scope) -> Iterator[str]:
    return (name for name in scope.versions[0].release.diversity if name in scope.columns)


def _with_answer(draft: Draft, name: str) -> pl.DataFrame:
    """The classes with this answer, of those to whom it was put."""
    return draft.traits.with_columns(asked_only(draft.frame([name])[name]).alias(ANSWER)).drop_nulls(ANSWER)


def _of_class(draft: Draft, name: str) -> Diversity:
    return diversity(_with_answer(draft, name), draft.traits.columns, ANSWER)


def _closeness(draft: Draft, scope: Scope, name: str) -> float:
    told = _with_answer(draft, name)
    return t_closeness(told, draft.traits.columns, ANSWER, has_order(scope.columns[name]))


def _compared(ours: frozenset[bytes], earlier: Sequence[Entry]) -> Iterator[Compared]:
    return (Compared(one.title, len(one.people - ours), len(ours - one.people)) for one in earlier)
