"""One column of a release for everyone at once, at a level of coarsening. Works out each different value once.

What a person was not asked becomes a code: -7 where another version asks it of their group, else -8. What their version
promised not to release becomes -6. Nothing is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from instruments.hierarchies import coarsen
from instruments.model import MISSING_CODES, NOT_APPLICABLE, NOT_IN_VERSION, REMOVED, Level, Value, as_value
from release.columns import Column

SEVERAL = ("select_multiple", "rank")  # their codes stand in one cell, with spaces between
MISSING_CELLS = {str(code): code for code in MISSING_CODES}


def coarse(people: pl.DataFrame, column: Column, level: int) -> pl.Series:
    """Everyone's value of this column at this level (0: as it was asked, or as coarse as any version stored it)."""
    name = column.item.name
    asked = people if name in people.columns else people.with_columns(pl.lit(None, pl.Int32).alias(name))
    made = _coarser(asked, column, level) if column.hierarchy and max(level, column.stored) else asked[name]
    withheld = [version for version in column.versions if column.is_withheld_for(version)]
    if not withheld and not made.null_count():
        return made.alias(name)
    promised = pl.col(name).is_not_null() & pl.col(".instrument").is_in(withheld)
    told = pl.when(promised).then(_code(REMOVED, made.dtype)).otherwise(made).fill_null(_lacking(column, made.dtype))
    return asked.select(told.alias(name)).to_series()


def sources_of(people: pl.DataFrame, column: Column) -> tuple[str, ...]:
    """The columns by which this one follows at every level."""
    levels = column.hierarchy.levels if column.hierarchy else ()
    sources = {str(level.source) for level in levels if level.rule == "copy"}
    return tuple(sorted({column.item.name, ".instrument", ".group", *sources} & set(people.columns)))


def _lacking(column: Column, kind: pl.DataType) -> pl.Expr:
    # Routed past, or of another group; or the version did not have it, which says nothing about the person.
    of_group = pl.when(pl.col(".group").is_in(sorted(column.asked_of))).then(_code(NOT_IN_VERSION, kind))
    return of_group.otherwise(_code(NOT_APPLICABLE, kind))


def _code(code: int, kind: pl.DataType) -> pl.Expr:
    return pl.lit(code).cast(kind)


def _coarser(people: pl.DataFrame, column: Column, level: int) -> pl.Series:
    """Each different value worked out once, and put where it stood."""
    name = column.item.name
    steps = _steps(column, level)
    sources = {str(step.source) for step in steps if step and step.rule == "copy"} - {name}
    by = [name, *sorted(sources & set(people.columns))]
    # Where versions stored it at different levels, the same value may be made coarser in one and not in another.
    by += [".instrument"] if column.stored and len(column.versions) > 1 else []
    different = people.select(by).unique().drop_nulls(name)
    kind = pl.Int32 if all(_is_whole(step, people, name) for step in steps) else pl.String
    cells = [_cell(_at(column, level, row), kind) for row in different.iter_rows(named=True)]
    found = different.with_columns(pl.Series(".made", cells, kind))
    return people.select(by).join(found, on=by, how="left", nulls_equal=True, maintain_order="left")[".made"]


def _at(column: Column, level: int, row: dict[str, int | str | None]) -> Value:
    value = _value(column, row[column.item.name])
    level = _needed(column, level, str(row[".instrument"]) if ".instrument" in row else None)
    others: dict[str, Value] = {name: told for name, told in row.items() if told is not None}
    return coarsen(column.hierarchy, level, value, others) if column.hierarchy else value


def _value(column: Column, told: int | str | None) -> Value:
    """A cell of the frame as the record held it."""
    if isinstance(told, str) and _holds_several(column):
        return tuple(as_value(code) for code in told.split(" "))
    return MISSING_CELLS.get(told, told) if isinstance(told, str) else int(told or 0)


def _holds_several(column: Column) -> bool:
    return any(item.kind in SEVERAL for item in (column.item, *column.versions.values()))


def _needed(column: Column, level: int, version: str | None) -> int:
    # Where other versions stored it coarser, nobody's value may stand out as finer.
    own = column.versions.get(version or next(iter(column.versions), ""), column.item).stored_level
    return max(level, column.stored) if own < column.stored else level


def _steps(column: Column, level: int) -> Iterable[Level | None]:
    """The steps of coarsening that anybody's value goes through; None where it stays as it is."""
    needed = {_needed(column, level, version) for version in column.versions or [""]}
    levels = column.hierarchy.levels if column.hierarchy else ()
    return [levels[one - 1] if one else None for one in sorted(needed)]


def _is_whole(step: Level | None, people: pl.DataFrame, name: str) -> bool:
    """Whether everything that this step makes is a whole number, whatever was answered."""
    if step is None or step.rule == "copy":
        source = str(step.source) if step else name
        return source not in people.columns or people[source].dtype == pl.Int32
    codes: Iterator[int | str] = (as_value(category.code) for category in step.categories)
    return step.rule in ("categories", "suppressed") and all(isinstance(code, int) for code in codes)


def _cell(value: Value, kind: type[pl.DataType]) -> int | str:
    told = " ".join(map(str, value)) if isinstance(value, tuple) else value
    return int(told) if kind is pl.Int32 else str(told)
