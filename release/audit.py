"""How many consented to what, for an auditor: no count under ten, and none that could be worked out. Knows nobody.

Each version and language of a study is a table of its own: its people are in no other one, and no sum over several is
told, so nothing can be worked out between two tables. Within one, people are told apart by which statements were put to
them (a group, the parents' route). Statements put to fewer than ten are joined with others until every block of people
has ten; a count is told only where those whom it is about are whole blocks. So whatever is added or taken away, the
result is a count of blocks. Of a choice, Yes and No are both told only where both are ten or more.
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
    """One statement. A number that is None is fewer than ten; where `is_withheld`, it may be more and must not be told.

    Where No is under ten, `yes_at_least` is what may be told of Yes; the other way round `no_at_least`.
    """

    statement: str
    is_choice: bool
    asked: int | None = None
    yes: int | None = None
    no: int | None = None
    yes_at_least: int | None = None
    no_at_least: int | None = None
    is_withheld: bool = False


@dataclass(frozen=True)
class Consented:
    """The consents of one version in one language. `people` is None under ten."""

    instrument: str
    language: str
    people: int | None
    statements: tuple[Counted, ...]


@dataclass
class _Table:
    strata: Counter[Stratum] = field(default_factory=Counter)
    yes: Counter[str] = field(default_factory=Counter)

    def add(self, answers: Iterable[tuple[str, str]]) -> None:
        told = tuple(answers)
        self.strata[frozenset(name for name, _ in told)] += 1
        self.yes.update(name for name, answer in told if answer == "yes")


@dataclass
class Tally:
    """Sums, while documents are opened. Keeps nobody."""

    tables: dict[tuple[str, str], _Table] = field(default_factory=dict)

    def add(self, instrument: str, language: str, answers: Iterable[tuple[str, str]]) -> None:
        """Count one person's latest answers."""
        self.tables.setdefault((instrument, language), _Table()).add(answers)

    def told(self, instruments: Mapping[str, Instrument]) -> tuple[Consented, ...]:
        """What may be told, in the order of versions' labels and languages."""
        ordered = sorted(self.tables, key=lambda key: (instruments[key[0]].version, *key))
        return tuple(_consented(*key, self.tables[key], instruments[key[0]]) for key in ordered)


def blocks_of(strata: Mapping[Stratum, int]) -> tuple[frozenset[Stratum], ...]:
    """Strata in blocks of ten people or more each; none where there are not ten in all."""
    large = [(number, frozenset({stratum})) for stratum, number in strata.items() if number >= LEAST]
    small = [stratum for stratum, number in strata.items() if number < LEAST]
    joined = sum(strata[stratum] for stratum in small), frozenset(small)
    for block in sorted(large, key=lambda one: (one[0], sorted(map(sorted, one[1])))):
        if not joined[1] or joined[0] >= LEAST:
            break
        large.remove(block)
        joined = joined[0] + block[0], joined[1] | block[1]
    blocks = [block for _, block in large] + ([joined[1]] if joined[0] >= LEAST else [])
    return tuple(blocks)


def _consented(digest: str, language: str, table: _Table, instrument: Instrument) -> Consented:
    people = table.strata.total()
    blocks = blocks_of(table.strata)
    put = [name for name, item in instrument.items.items() if item.kind == "statement"]
    put += sorted({name for stratum in table.strata for name in stratum} - set(put))
    told = tuple(_counted(name, table, blocks, _is_choice(instrument, name)) for name in put)
    return Consented(digest, language, people if people >= LEAST else None, told)


def _is_choice(instrument: Instrument, name: str) -> bool:
    """Whether somebody may say No and still take part; else everybody to whom it was put said Yes."""
    return name not in instrument.items or not instrument.items[name].required


def _counted(name: str, table: _Table, blocks: tuple[frozenset[Stratum], ...], is_choice: bool) -> Counted:
    put_to = {stratum for stratum in table.strata if name in stratum}
    asked = sum(table.strata[stratum] for stratum in put_to)
    if asked < LEAST:
        return Counted(name, is_choice)
    if any(block & put_to and not block <= put_to for block in blocks):
        return Counted(name, is_choice, is_withheld=True)
    yes = table.yes[name]
    return _answered(name, asked, yes) if is_choice or yes < asked else Counted(name, is_choice, asked, yes)


def _answered(name: str, asked: int, yes: int) -> Counted:
    """A statement that may be answered with No."""
    no, least = asked - yes, asked - LEAST + 1
    if yes >= LEAST and no >= LEAST:
        return Counted(name, True, asked, yes, no)
    if least < LEAST:  # of so few, Yes or No is always under ten: which of them would tell too much
        return Counted(name, True, asked, is_withheld=True)
    # One of the two is under ten: of the other no more is told than follows from that.
    return (
        Counted(name, True, asked, yes_at_least=least) if no < LEAST else Counted(name, True, asked, no_at_least=least)
    )
