"""People and levels as they would be released: who stays, how coarse each trait is told, what is removed.

Nobody stays in a class below k, nor in one that l or t forbid, also where earlier releases of the same people are
joined with this one. Nobody can be worked out by subtracting one from another. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from errors import ReleaseError
from instruments.model import NOT_APPLICABLE, NOT_IN_VERSION, REMOVED
from privacy.disclosure.classes import Levels
from privacy.disclosure.criteria import Criteria, failing_rows
from privacy.disclosure.ladder import Ladder
from privacy.disclosure.lattice import Node, search
from privacy.disclosure.suppression import suppress_cells
from privacy.opening import PrivateKey
from release.ledger import WHAT_TO_DO, Entry, left_out_for, refuse_differences
from release.linked import known_before
from release.recoding import recoded
from release.scope import Scope, order_of_coarsening
from release.specification import Specification
from release.specification_keys import MOST_LEFT_OUT
from release.table import Column, Places, Table

MOST_TRIES = 20  # at holding people back: whoever goes can leave others alone in their class
MOST_WORK = 20_000_000  # rows counted before the best levels are given up: a second or two, which the release then says
Ask = Callable[[], None]
NEVER_ASKED = [str(NOT_APPLICABLE), str(NOT_IN_VERSION)]


@dataclass(frozen=True)
class Draft:
    """What would be released. `kept`: places of people in `table`; `traits`: the checked variables as they are told.

    `cells`: how many values were removed of each variable. `before`: the levels at which earlier releases told traits.
    """

    table: Table = field(repr=False)
    node: Node
    levels: Levels
    kept: Places = field(repr=False)
    traits: pl.DataFrame = field(repr=False)
    cells: Mapping[str, int]
    before: Mapping[str, int]
    held_back: int = 0

    @property
    def labels(self) -> pl.Series:
        """The labels of those who stay."""
        return self.table.people[".participant"][self.kept]

    @property
    def left_out(self) -> int:
        """How many stood in a class that does not hold."""
        return self.table.people.height - len(self.kept)

    def frame(self, names: Sequence[str], order: Places | None = None) -> pl.DataFrame:
        """These columns of those who stay, as they are told; in this order of them, where one is given."""
        told = self.table.frame(names, self.levels, self.kept if order is None else self.kept[order])
        removed = [self.traits[name] for name in self.cells if name in names]
        return told.with_columns([one if order is None else one.gather(order) for one in removed])


def draft_of(
    scope: Scope, ordered: Specification, earlier: Sequence[Entry], key: PrivateKey, ask: Ask = lambda: None
) -> Draft:
    """The draft of this order beside every earlier release. Raises ReleaseError where people could be worked out.

    `ask` is called all along, and raises where somebody wants no answer any more.
    """
    held: frozenset[bytes] = frozenset()
    for _ in range(MOST_TRIES):
        people = scope.people.filter(~pl.col(".participant").is_in(list(held))) if held else scope.people
        draft = replace(_drafted(scope, people, ordered, earlier, ask), held_back=len(held))
        labels = frozenset(draft.labels)
        if not ordered.hold_back:
            refuse_differences(labels, earlier)
            return draft
        more = left_out_for(labels, earlier, key)
        if not more:
            return draft
        held |= more
    raise ReleaseError(f"Fewer than ten people could be worked out, whoever is held back. {WHAT_TO_DO}")


def criteria_of(scope: Scope, ordered: Specification) -> Criteria:
    """What every class must hold to."""
    in_order = frozenset(name for name in ordered.t if has_order(scope.columns[name]))
    return Criteria(ordered.k, ordered.l, ordered.l_kind, ordered.t, in_order)


def has_order(column: Column) -> bool:
    """Whether answers lie on a scale, so that some are nearer to each other than others."""
    return column.item.kind == "integer" or bool(column.item.scales)


def asked_only(values: pl.Series) -> pl.Series:
    """Answers, null for whom the question was never put to: that gives no answer away."""
    return values.set(values.cast(pl.String).is_in(NEVER_ASKED), None)


def _drafted(scope: Scope, people: pl.DataFrame, ordered: Specification, earlier: Sequence[Entry], ask: Ask) -> Draft:
    table = Table(recoded(people, ordered), scope.known)
    before = known_before(earlier, frozenset(people[".participant"]) if earlier else frozenset(), scope.known)
    criteria, sensitive = criteria_of(scope, ordered), _sensitive(table, ordered)
    node = _chosen(scope, table, ordered, before, sensitive, ask)
    ask()
    levels = {**ordered.levels, **{name: node.levels[name] for name in scope.checked}}
    draft = Draft(table, node, levels, _without(people.height, node.failing), pl.DataFrame(), {}, before)
    if ordered.local_suppression:
        return _with_cells_removed(draft, scope.checked, criteria, sensitive, order_of_coarsening(scope, ordered))
    return replace(draft, traits=draft.frame(scope.checked))


def _chosen(
    scope: Scope,
    table: Table,
    ordered: Specification,
    before: Mapping[str, int],
    sensitive: pl.DataFrame | None,
    ask: Ask,
) -> Node:
    """The best levels. Looked for from the level on at which a variable was stored: finer ones are all alike."""
    highest, fixed = _highest(scope, ordered, before), _fixed(scope, ordered, before)
    first = {name: min(table.columns[name].stored, highest[name], fixed.get(name, highest[name])) for name in highest}

    def ladder(name: str, highest: int) -> Ladder:
        ask()
        return table.ladder(name, [min(level, before.get(name, level)) for level in range(first[name], highest + 1)])

    node = search(
        {name: ladder(name, level) for name, level in highest.items()},
        criteria_of(scope, ordered),
        people=table.people.height,
        fixed={name: level - first[name] for name, level in fixed.items()},
        sensitive=sensitive,
        most_suppressed=_share(scope, ordered) * table.people.height // 100,
        order=order_of_coarsening(scope, ordered),
        most_work=MOST_WORK,
        ask=ask,
    )
    return replace(node, levels={name: level + first[name] for name, level in node.levels.items()})


def _highest(scope: Scope, ordered: Specification, before: Mapping[str, int]) -> dict[str, int]:
    ours = {name: scope.columns[name].highest for name in scope.checked}
    allowed = {name: min(level, ordered.highest_levels.get(name, level)) for name, level in ours.items()}
    return {**before, **allowed}


def _fixed(scope: Scope, ordered: Specification, before: Mapping[str, int]) -> dict[str, int]:
    ours = {name: level for name, level in ordered.levels.items() if name in scope.checked}
    return {name: level for name, level in before.items() if name not in scope.checked} | ours


def _share(scope: Scope, ordered: Specification) -> int:
    own, study = ordered.largest_suppression, scope.versions[0].release.largest_suppression
    if own is None and study > MOST_LEFT_OUT:
        raise ReleaseError(
            f"The study lets {study} percent of people be left out, and a release at most {MOST_LEFT_OUT}. Say with "
            "largest_suppression how many may be."
        )
    return study if own is None else own


def _sensitive(table: Table, ordered: Specification) -> pl.DataFrame | None:
    names = dict.fromkeys((*ordered.l, *ordered.t))
    return pl.DataFrame([asked_only(one) for one in table.frame(names, ordered.levels)]) if names else None


def _without(people: int, failing: Places) -> Places:
    stays = np.ones(people, np.bool_)
    stays[failing] = False
    return np.flatnonzero(stays)


def _with_cells_removed(
    draft: Draft, checked: Sequence[str], criteria: Criteria, sensitive: pl.DataFrame | None, order: Sequence[str]
) -> Draft:
    """Values of those who stand out are removed instead of the people; who then still does not hold goes."""
    told = draft.table.frame(checked, draft.levels)
    removed = suppress_cells(told, checked, criteria.k, order, REMOVED).frame
    # What an earlier release told is not taken back by removing it here.
    finest = {name: min(level, draft.levels.get(name, level)) for name, level in draft.before.items()}
    joined = removed.with_columns([draft.table.column(name, level) for name, level in finest.items()])
    going = failing_rows(joined, joined.columns, criteria, sensitive)
    kept = _without(told.height, going.arg_true().to_numpy())
    cells = {name: int((removed[name] != told[name])[kept].sum()) for name in checked}
    return replace(draft, kept=kept, traits=removed[kept], cells={name: n for name, n in cells.items() if n})
