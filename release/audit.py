"""How many consented to what, for an auditor: no count under ten, and none that could be worked out. Knows nobody.

Each version and language of a study is a table of its own: its people are in no other one, and no sum over several is
told, so nothing can be worked out between two tables. Within one, people are told apart by which statements were put
to them (a group, the parents' route). Where each of these groups has ten people or more, every statement is counted;
where one has fewer, only what was put to everybody is, so that no sum less another is a small group. Joining small
groups with large ones would tell more, and too much: which ones were joined depends on their sizes. Of a choice, Yes
and No are both told only where both are ten or more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from instruments.model import Instrument

LEAST = 10
Stratum = frozenset[str]  # the statements put to somebody: people with the same ones are counted together


@dataclass(frozen=True)
class Counted:
    """One statement. A number that is None is fewer than ten, or may not be told; which of the two, is not told either.

    Else sums would pin it: two groups of fewer than ten that are eighteen together are nine each. Where No is under
    ten, `yes_at_least` is what may be told of Yes; the other way round `no_at_least`.
    """

    statement: str
    is_choice: bool
    asked: int | None = None
    yes: int | None = None
    no: int | None = None
    yes_at_least: int | None = None
    no_at_least: int | None = None


@dataclass(frozen=True)
class Consented:
    """The consents of one version in one language. `people` is None under ten."""

    instrument: str
    language: str
    people: int | None
    statements: tuple[Counted, ...]


@dataclass
class Table:
    """The consents of one version and language, while they are counted: who was put what, how many said yes."""

    strata: Counter[Stratum] = field(default_factory=Counter)
    yes: Counter[str] = field(default_factory=Counter)

    def add(self, answers: Iterable[tuple[str, str]]) -> None:
        """Count one person's latest answers."""
        told = tuple(answers)
        self.strata[frozenset(name for name, _ in told)] += 1
        self.yes.update(name for name, answer in told if answer == "yes")


@dataclass
class Tally:
    """Sums, while documents are opened. Keeps nobody."""

    tables: dict[tuple[str, str], Table] = field(default_factory=dict)

    def add(self, instrument: str, language: str, answers: Iterable[tuple[str, str]]) -> None:
        """Count one person's latest answers."""
        self.tables.setdefault((instrument, language), Table()).add(answers)

    def told(self, instruments: Mapping[str, Instrument]) -> tuple[Consented, ...]:
        """What may be told, in the order of versions' labels and languages."""
        ordered = sorted(self.tables, key=lambda key: (instruments[key[0]].version, *key))
        return tuple(consented(*key, self.tables[key], instruments[key[0]]) for key in ordered)


def consented(digest: str, language: str, table: Table, instrument: Instrument) -> Consented:
    """What may be told of one table."""
    people = table.strata.total()
    has_small = any(number < LEAST for number in table.strata.values())
    put = [name for name, item in instrument.items.items() if item.kind == "statement"]
    put += sorted({name for stratum in table.strata for name in stratum} - set(put))
    told = tuple(_counted(name, table, has_small, _is_choice(instrument, name)) for name in put)
    return Consented(digest, language, people if people >= LEAST else None, told)


def _is_choice(instrument: Instrument, name: str) -> bool:
    """Whether somebody may say No and still take part; else everybody to whom it was put said Yes."""
    return name not in instrument.items or not instrument.items[name].required


def _counted(name: str, table: Table, has_small: bool, is_choice: bool) -> Counted:
    put_to = {stratum for stratum in table.strata if name in stratum}
    asked = sum(table.strata[stratum] for stratum in put_to)
    if asked < LEAST or (has_small and len(put_to) < len(table.strata)):
        return Counted(name, is_choice)
    yes = table.yes[name]
    return _answered(name, asked, yes) if is_choice or yes < asked else Counted(name, is_choice, asked, yes)


def _answered(name: str, asked: int, yes: int) -> Counted:
    """A statement that may be answered with No."""
    no, least = asked - yes, asked - LEAST + 1
    if yes >= LEAST and no >= LEAST:
        return Counted(name, True, asked, yes, no)
    if least < LEAST:  # of so few, Yes or No is always under ten: which of them would tell too much
        return Counted(name, True, asked)
    # One of the two is under ten: of the other no more is told than follows from that.
    return (
        Counted(name, True, asked, yes_at_least=least) if no < LEAST else Counted(name, True, asked, no_at_least=least)
    )
