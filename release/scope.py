"""Whom and what an order is about: who may be in it, which columns it has, and whether the study can fill it at all.

Obeys choices: who did not agree to the archive is in no file for it. What nobody declared is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from errors import ReleaseError
from instruments.model import Instrument
from release.open_text import Texts, open_columns, with_texts
from release.person import RECORDED
from release.source import Source
from release.specification import Specification
from release.table import FORM_VERSION, NOT_ARCHIVED, WITHHELD, Column, columns_of
from release.versions import versions_of
from release.waves import of_one_wave

ALIKE = (
    "{0} names {1}, and {1} is one of the variables by which people could be known: those who count as alike are "
    "alike in it. Name a variable that others do not know."
)
RARE_THEME = "Too few people have the theme {} for it to be released. Take it out of l and t."
NO_VARIABLE = "{} names {}, which is no variable of this release."


@dataclass(frozen=True)
class Scope:
    """What an order is about. `known`: every variable of the study; `columns`: those that are released.

    `checked`: the variables whose combination counts as known to others. `declined`: how many did not agree.
    """

    people: pl.DataFrame = field(repr=False)
    versions: tuple[Instrument, ...]
    known: Mapping[str, Column]
    columns: Mapping[str, Column]
    checked: tuple[str, ...]
    declined: int

    @property
    def withheld(self) -> tuple[str, ...]:
        """What is not released because of what it is."""
        return tuple(name for name, one in self.known.items() if one.item.privacy in WITHHELD)

    def left_away(self, ordered: Specification) -> tuple[str, ...]:
        """What a file for an archive does not hold."""
        return tuple(name for name in self.known if ordered.archive_only and name in NOT_ARCHIVED)


def scope_of(source: Source, everyone: pl.DataFrame, ordered: Specification, texts: Texts) -> Scope:
    """What this order is about. Raises ReleaseError for one that the study cannot fill."""
    _refuse_strangers(source, ordered)
    asked = _of_versions(source.newest_first, ordered.instrument_versions)
    wanted = _wanted(everyone, asked, ordered)
    people = _only(wanted, _agreed(wanted)) if ordered.archive_only else wanted
    versions = versions_of(asked, people)
    known = open_columns(columns_of(versions, ordered.groups), ordered, texts)
    _refuse_undeclared(people, known)
    columns = dict(_released(known, ordered, texts))
    _refuse_levels(columns, ordered)
    checked = _checked(versions, columns)
    _refuse_measures(checked, ordered)
    people = with_texts(people, ordered, texts)
    return Scope(people, versions, known, columns, checked, wanted.height - people.height)


def without_rare(scope: Scope, rare: Collection[str], ordered: Specification) -> Scope:
    """The scope without these themes. Raises ReleaseError where the order asks something of one of them."""
    for name in rare:
        if name in (*ordered.l, *ordered.t):
            raise ReleaseError(RARE_THEME.format(name))
    return replace(scope, columns={name: one for name, one in scope.columns.items() if name not in rare})


def order_of_coarsening(scope: Scope, ordered: Specification) -> tuple[str, ...]:
    """What is made coarse first: what the order names, then as the newest version of the study has it."""
    return tuple(dict.fromkeys((*ordered.order, *scope.versions[0].release.coarsening)))


def _wanted(everyone: pl.DataFrame, versions: Sequence[Instrument], ordered: Specification) -> pl.DataFrame:
    of_groups = _only(everyone, pl.col(".group").is_in(ordered.groups))
    if ordered.instrument_versions:
        of_groups = _only(of_groups, pl.col(".instrument").is_in([version.digest for version in versions]))
    return of_one_wave(of_groups, ordered.wave)


def _only(people: pl.DataFrame, wanted: pl.Expr) -> pl.DataFrame:
    """Those who are wanted. Where it is all of them nothing is copied: a million people are half of what there is."""
    which = people.select(wanted.alias("wanted"))["wanted"]
    return people if which.all() else people.filter(which)


def _agreed(people: pl.DataFrame) -> pl.Expr:
    # Who was never asked did not agree.
    return pl.col(".o_archive").fill_null(False) if ".o_archive" in people.columns else pl.lit(False)


def _of_versions(known: Sequence[Instrument], labels: Sequence[str]) -> tuple[Instrument, ...]:
    return tuple(version for version in known if not labels or version.version in labels)


def _refuse_strangers(source: Source, ordered: Specification) -> None:
    known = {group.name for group in source.groups}
    strangers = [group for group in ordered.groups if group not in known]
    if strangers:
        raise ReleaseError(f"There is no group {', '.join(strangers)}. The study has: {', '.join(sorted(known))}.")
    spoken = source.newest.languages
    for language in ordered.label_languages:
        if language not in spoken:
            raise ReleaseError(f"The study does not speak {language}. It has: {', '.join(spoken)}.")
    labels = [version.version for version in source.newest_first]
    unknown = [label for label in ordered.instrument_versions if label not in labels]
    if unknown:
        raise ReleaseError(f"There is no version {', '.join(unknown)} of the study. It has: {', '.join(labels)}.")


def _refuse_undeclared(people: pl.DataFrame, known: Mapping[str, Column]) -> None:
    """Refuse what records hold and no version that people answered declares."""
    recorded = {name for _, name, _ in RECORDED} | {"respondent_group"}
    unknown = [name for name in people.columns if not name.startswith(".") and name not in known.keys() | recorded]
    held = [name for name in unknown if people[name].null_count() < people.height]
    if held:
        raise ReleaseError(f"No privacy class is declared for: {', '.join(held)}. Nothing was released.")


def _released(known: Mapping[str, Column], ordered: Specification, texts: Texts) -> Iterator[tuple[str, Column]]:
    strangers = [name for name in ordered.variables if name not in known]
    if strangers:
        raise ReleaseError(NO_VARIABLE.format("variables", ", ".join(strangers)))
    # A question that is named stands for the themes of its answers too.
    wanted = {*ordered.variables, *(one.name for one in texts.themes if one.item in ordered.variables)}
    for name, column in known.items():
        is_wanted = not ordered.variables or name in wanted
        if is_wanted and column.item.privacy not in WITHHELD and not (ordered.archive_only and name in NOT_ARCHIVED):
            yield name, column


def _refuse_levels(columns: Mapping[str, Column], ordered: Specification) -> None:
    tables = ("levels", "highest_levels", "l", "t", "rare", "top", "bottom")
    named = {key: tuple(getattr(ordered, key)) for key in tables} | {"order": ordered.order}
    for key, names in named.items():
        for name in names:
            if name not in columns:
                raise ReleaseError(NO_VARIABLE.format(key, name))
    for key in ("levels", "highest_levels"):
        for name, level in getattr(ordered, key).items():
            if level > (highest := columns[name].highest):
                raise ReleaseError(f"{name} has levels 0 to {highest}, and the specification asks for {level}.")
            if level < (stored := columns[name].stored):
                raise ReleaseError(
                    f"{name} is stored at level {stored} already, so no release can be finer: the specification asks "
                    f"for {level} in {key}. Ask for {stored} to {highest}."
                )


def _refuse_measures(checked: Sequence[str], ordered: Specification) -> None:
    """Refuse l and t of what is itself checked: a class is made so that all are alike in it."""
    for key in ("l", "t"):
        for name in getattr(ordered, key):
            if name in checked:
                raise ReleaseError(ALIKE.format(key, name))


def _checked(versions: Sequence[Instrument], columns: Mapping[str, Column]) -> tuple[str, ...]:
    # A neighbour, a colleague or a parent could know these: every quasi-identifier, and what the study declares.
    declared = set(versions[0].release.coarsening)
    if len(versions) > 1:
        # A version is asked from one day to another: it tells when somebody took part, which others could know.
        declared.add(FORM_VERSION.name)
    return tuple(name for name, one in columns.items() if one.is_known_to_others or name in declared)
