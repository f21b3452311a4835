"""The sheets survey and choices of an instrument: a group for each part, groups for its blocks, a row for each item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from instruments.expressions import names
from instruments.model import Block, Choice, Instrument, Item, Part, Text
from instruments.reading.items import NO_ONE, NOT_DECIDED, THIS_FORM, longest
from instruments.reading.references import REFERENCE
from instruments.reading.vocabulary import CLOSED, OURS
from instruments.writing.cells import Cells, Columns
from instruments.writing.rules import Rules

TYPES = {"statement": "select_one"}  # where a row's type is not the item's kind
LEFT_OUT = "left_out"


@dataclass
class _Writing:
    """One writing: the rows so far, the lists of choices by what is in them, and the names that are taken."""

    instrument: Instrument
    columns: Columns
    rules: Rules
    taken: set[str]
    survey: list[Cells] = field(default_factory=list)
    lists: dict[tuple[Choice, ...], str] = field(default_factory=dict)

    def free(self, name: str) -> str:
        """A name like this one that nothing else has."""
        while name.lower() in self.taken:
            name += "_"
        self.taken.add(name.lower())
        return name


def survey_and_choices(instrument: Instrument, columns: Columns) -> tuple[list[Cells], list[Cells]]:
    """The rows of both sheets. Raises ExpressionError for a rule that cannot be written."""
    items = [item for part in instrument.parts for block in part.blocks for item in block.items]
    writing = _Writing(instrument, columns, Rules(instrument), {item.name.lower() for item in items})
    left_out = _left_out(items)
    for number, part in enumerate(instrument.parts):
        _write_part(writing, part, () if number else left_out)
    return writing.survey, list(_choices(writing))


def _left_out(items: Iterable[Item]) -> list[str]:
    """The names that rules and words mention and that nobody is asked, as a setting of the study left them out."""
    named: set[str] = set()
    there: set[str] = set()
    for item in items:
        there.add(item.name)
        for tree in (item.relevant, item.constraint, item.calculation, item.choice_filter):
            named |= names(tree) if tree else set()
        named |= {name for text in item.texts for _, words in text.translations for name in REFERENCE.findall(words)}
    return sorted(named - there)


def _write_part(writing: _Writing, part: Part, left_out: Iterable[str]) -> None:
    name = writing.free(f"part_{part.name}")
    head = {"type": "begin_group", "name": name, OURS + "part": part.name}
    writing.survey.append(head | writing.columns.cells("label", part.title))
    was_loose = False
    for block in part.blocks:
        # Questions in no group are a block named by the first of them; two such would become one.
        is_loose = _may_stand_loose(part, block) and not was_loose
        if is_loose:
            writing.survey += [_row(writing, item) for item in block.items]
        else:
            _write_block(writing, block)
        was_loose = is_loose
    if left_out:
        _write_left_out(writing, left_out)
    writing.survey.append({"type": "end_group", "name": name})


def _may_stand_loose(part: Part, block: Block) -> bool:
    return block.name == block.items[0].name and not block.title and not block.together and part.name != "consent"


def _write_block(writing: _Writing, block: Block) -> None:
    name = writing.free(block.name)
    head: Cells = {"type": "begin_group", "name": name, "appearance": "field-list" if block.together else ""}
    head |= {OURS + "block": block.name if name != block.name else ""}
    writing.survey.append(head | writing.columns.filled("label", block.title))
    writing.survey += [_row(writing, item) for item in block.items]
    writing.survey.append({"type": "end_group", "name": name})


def _write_left_out(writing: _Writing, left_out: Iterable[str]) -> None:
    name = writing.free(LEFT_OUT)
    writing.survey.append({"type": "begin_group", "name": name, OURS + LEFT_OUT: "yes"})
    first = next(iter(writing.columns.headings))
    for one in left_out:
        words = writing.columns.cells("label", Text(((first, one),)))
        writing.survey.append({"type": "note", "name": one} | words)
    writing.survey.append({"type": "end_group", "name": name})


def _row(writing: _Writing, item: Item) -> Cells:
    columns, rules = writing.columns, writing.rules
    cells: Cells = {"type": _type(writing, item), "name": item.name}
    for kind, text in (
        ("label", item.label),
        ("hint", item.hint),
        ("guidance_hint", item.guidance),
        ("constraint_message", item.constraint_message),
        ("required_message", item.required_message),
    ):
        cells |= columns.filled(kind, text)
    cells |= {
        "required": "yes" if item.required else "",
        "relevant": rules.written(item, item.relevant),
        "constraint": rules.written(item, item.constraint),
        "choice_filter": rules.written(item, item.choice_filter),
        "calculation": rules.written(item, item.calculation),
        "default": item.default,
        "read_only": "yes" if item.read_only else "",
        "appearance": _appearance(item),
    }
    if item.step:
        cells["parameters"] = f"start={item.lowest} end={item.highest} step={item.step}"
    return cells | {OURS + name: cell for name, cell in _own(writing, item, cells["constraint"])}


def _type(writing: _Writing, item: Item) -> str:
    if item.step:
        return "range"
    kind = TYPES.get(item.kind, item.kind)
    return f"{kind} {_list(writing, item)}" if kind in CLOSED else kind


def _list(writing: _Writing, item: Item) -> str:
    """The name of the item's list of choices: that of the first item that has it."""
    return writing.lists.setdefault(item.choices, item.name)


def _appearance(item: Item) -> str:
    looks = {
        "statement": item.kind == "statement",
        "multiline": item.multiline,
        "uppercase": item.uppercase,
        item.style: bool(item.style),
    }
    return " ".join(look for look, is_so in looks.items() if is_so)


def _own(writing: _Writing, item: Item, constraint: str) -> Iterator[tuple[str, str]]:
    """What only this software reads. What a row need not say stays empty."""
    everyone = tuple(group.name for group in writing.instrument.groups)
    plain = item.kind == "note" and (item.kept, item.privacy) == ("nowhere", "ordinary")
    yield "groups", "" if item.groups == everyone else " ".join(item.groups)
    yield "on", "" if item.on_for == item.groups else " ".join(item.on_for) or NO_ONE
    yield "stored", "" if plain else item.kept
    yield "stored_level", str(item.stored_level) if item.stored_level else ""
    yield "privacy", "" if plain else item.privacy
    yield "special", "yes" if item.special_category else ""
    yield "hierarchy", item.hierarchy or ""
    yield "scale", " ".join(item.scales)
    yield "reverse", "yes" if item.reverse else ""
    yield "referent", _referent(item)
    yield "ethics", item.ethics
    if item.choices and TYPES.get(item.kind, item.kind) not in CLOSED:
        yield "aside", _list(writing, item)
    if item.max_length != longest(item.kind, constraint):
        yield "longest", str(item.max_length)


def _referent(item: Item) -> str:
    if item.referent is None:
        return NOT_DECIDED if item.is_asked else ""
    return item.referent or THIS_FORM


def _choices(writing: _Writing) -> Iterator[Cells]:
    for choices, name in writing.lists.items():
        for choice in choices:
            cells = {"list_name": name, "name": choice.code} | writing.columns.filled("label", choice.label)
            yield cells | {column: cell for column, cell in choice.columns if column != "name"}
