"""The immutable instrument: what a study asks, of whom, and how each answer is protected.

One `Instrument` holds everything a participant of any group can be shown. Its canonical JSON names it by
SHA-256, and every record names the digest it was answered under. It never changes; a new version is added.

A field that this software learned later is left out of the canonical JSON while it holds its default, so that
instruments stored before keep their digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from typing import Any, Literal

Kind = Literal[
    "note",
    "select_one",
    "select_multiple",
    "rank",
    "integer",
    "decimal",
    "date",
    "text",
    "statement",
    "calculate",
    "hidden",
]
Privacy = Literal["direct", "quasi", "sensitive", "ordinary", "open"]
Kept = Literal["research", "identity", "nowhere"]
PartName = Literal[
    "eligibility",
    "information",
    "easy_read",
    "understanding",
    "consent",
    "demographics",
    "questionnaire",
    "contact",
    "support",
    "recorded",
]
Route = Literal["tick", "signed", "verbal_witnessed"]
LevelRule = Literal["categories", "suppressed", "first_word", "copy", "year", "quarter"]
MinorConsent = Literal["self", "self_plus_parent_info", "parent_and_assent"]
# An expression tree is nested JSON lists, the same for Python and the page's script: see instruments/expressions.py.
Tree = tuple[Any, ...]
Style = Literal["", "likert", "compact", "minimal", "numbers"]
# A settled answer: the code of a closed item, the codes of a multiple one (in ascending order) or of a rank (first to
# last), a number, an ISO date, or text. A decimal and a calculated value are text, as canonical JSON has no fractions.
Value = int | str | tuple[int | str, ...]
Answers = Mapping[str, Value]

DONT_KNOW, NOT_SAID, REMOVED, NOT_APPLICABLE, BLANK = -1, -2, -6, -8, -9
NOT_IN_VERSION = -7  # in a release only: what another version asks of the same group; no record holds it
MISSING_CODES = (DONT_KNOW, NOT_SAID, REMOVED, NOT_APPLICABLE, BLANK)
SAID_ASIDE = ("-1", "-2")  # shown apart, below the scale of every closed item
WHOLE = re.compile("-?(?:0|[1-9][0-9]{0,8})")


def as_value(code: str) -> int | str:
    """A code as a value: a number where it is one, so that 007 stays as it is."""
    return int(code) if WHOLE.fullmatch(code) else code


def in_order(codes: Iterable[int | str]) -> tuple[int | str, ...]:
    """Codes of a multiple answer in the one order that they are kept in: numbers, then texts, each ascending."""
    return tuple(sorted(set(codes), key=lambda code: (isinstance(code, str), code)))


def _later(default: Any) -> Any:
    return field(default=default, metadata={"later": True})


@dataclass(frozen=True)
class Text:
    """The same words in each language that has them. `translations` holds (BCP 47 tag, words) pairs.

    `recordings`: (tag, name) pairs of those that can be listened to, named by content (instruments/recordings.py).
    """

    translations: tuple[tuple[str, str], ...]
    recordings: tuple[tuple[str, str], ...] = _later(())

    def recording(self, language: str) -> str:
        """The recording of the words in this very language; "" for none. Another language's says what nobody reads."""
        return dict(self.recordings).get(language, "") if self.speaks(language) else ""

    def in_language(self, language: str) -> str:
        """The words in this language, else in the first language given."""
        return dict(self.translations).get(language) or self.translations[0][1]

    def speaks(self, language: str) -> bool:
        """Whether these words exist in the language."""
        return bool(dict(self.translations).get(language))


@dataclass(frozen=True)
class Choice:
    """One answer of a closed item. `columns` are the (name, value) pairs that a choice filter may look at."""

    code: str
    label: Text
    columns: tuple[tuple[str, str], ...] = _later(())

    @property
    def aside(self) -> bool:
        """Whether it is Don't know or Prefer not to say, which stand apart from the scale."""
        return self.code in SAID_ASIDE


@dataclass(frozen=True)
class Item:
    """One question, statement, note, vault field or recorded variable.

    `groups` is empty when everyone is asked; `on_for` names the groups whose study asks it now.
    `stored_level` is the level of its hierarchy at which it is stored (0: as answered). `uppercase` turns what is
    typed into capital letters before it is checked. `default` is what stands in the box at first, as it would be typed.
    `lowest`, `highest` and `step` are numbers as text, of a range. `calculation` works out a calculated item.
    `ethics`: the decision by which it is asked though its words hint at a person's own risk (rule R4).
    """

    name: str
    kind: Kind
    label: Text
    hint: Text | None = None
    choices: tuple[Choice, ...] = ()
    relevant: Tree | None = None
    constraint: Tree | None = None
    constraint_message: Text | None = None
    required: bool = False
    groups: tuple[str, ...] = ()
    on_for: tuple[str, ...] = ()
    kept: Kept = "research"
    privacy: Privacy = "sensitive"
    special_category: bool = False
    hierarchy: str | None = None
    stored_level: int = 0
    scales: tuple[str, ...] = ()
    reverse: bool = False
    referent: str | None = None
    max_length: int = 0
    multiline: bool = False
    uppercase: bool = False
    guidance: Text | None = _later(None)
    required_message: Text | None = _later(None)
    default: str = _later("")
    read_only: bool = _later(False)
    calculation: Tree | None = _later(None)
    choice_filter: Tree | None = _later(None)
    lowest: str = _later("")
    highest: str = _later("")
    step: str = _later("")
    style: Style = _later("")
    ethics: str = _later("")

    @property
    def texts(self) -> tuple[Text, ...]:
        """Every text that it shows."""
        own = (self.label, self.hint, self.guidance, self.constraint_message, self.required_message)
        return (*filter(None, own), *(choice.label for choice in self.choices))

    @property
    def is_asked(self) -> bool:
        """Whether a person answers it (nobody answers a note, a calculated or a recorded variable)."""
        return self.kind not in ("note", "calculate", "hidden")

    @property
    def is_kept(self) -> bool:
        """Whether its value is part of the research record."""
        return self.kept == "research" and self.kind not in ("note", "statement", "hidden")


@dataclass(frozen=True)
class Block:
    """Items that stand together under one heading; `together` where the study wants them on one screen."""

    name: str
    items: tuple[Item, ...]
    title: Text | None = None
    together: bool = _later(False)


@dataclass(frozen=True)
class Part:
    """One stage of the visit. `groups` is empty when everyone has it."""

    name: PartName
    blocks: tuple[Block, ...]
    groups: tuple[str, ...] = ()
    title: Text | None = None


@dataclass(frozen=True)
class Group:
    """A kind of participant. Ages are in whole years; None where the visit asks no age."""

    name: str
    title: Text
    minimum_age: int | None = None
    maximum_age: int | None = None


@dataclass(frozen=True)
class Scale:
    """Items whose mean describes a group of people, never one person. `parent` names the scale of a facet."""

    name: str
    group: str
    title: Text
    items: tuple[str, ...]
    reverse: tuple[str, ...]
    minimum_answered: int
    direction: str
    parent: str | None = None


@dataclass(frozen=True)
class Category:
    """One category of a coarser level and the codes it takes together. `*` takes every code not named elsewhere."""

    code: str
    label: Text
    members: tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """One step of coarsening.

    `rule`: "categories", "suppressed" (every value becomes -6), "first_word" (text before the first space),
    "copy" (the value of the item named in `source`), "year", "quarter".
    """

    rule: LevelRule
    categories: tuple[Category, ...] = ()
    source: str | None = None


@dataclass(frozen=True)
class Hierarchy:
    """How a variable is made coarser: `levels[0]` is level 1. Missing codes stay as they are, save where suppressed."""

    name: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class ReleaseDefaults:
    """How releases are made unless their specification says otherwise.

    `coarsening` names the variables of the k-anonymity check in the order in which they are made coarser;
    `diversity` those of which a class should hold two values. `largest_suppression` is a percentage of records.
    """

    k: int
    largest_suppression: int
    minimum_cell: int
    coarsening: tuple[str, ...]
    diversity: tuple[str, ...]


@dataclass(frozen=True)
class Instrument:
    """Everything a study's participants can be shown and asked, frozen and named by its digest.

    `sheet_version` is the information sheet's in the first language, `sheets` in each one where they differ.
    `easy_read_version` is that of the easy-read sheet, where there is one; what people agree to is the full sheet.
    `waves`: how many times the study asks the same people; `wave`: which of them this version is.
    """

    study: str
    version: str
    title: Text
    languages: tuple[str, ...]
    consent_route: Route
    minor_consent: MinorConsent
    cut_off_days: int
    sheet_version: str
    groups: tuple[Group, ...]
    parts: tuple[Part, ...]
    scales: tuple[Scale, ...]
    hierarchies: tuple[Hierarchy, ...]
    release: ReleaseDefaults
    format: int = 1
    waves: int = _later(1)
    wave: int = _later(1)
    easy_read_version: str = _later("")
    sheets: Text | None = _later(None)

    @property
    def sheet_versions(self) -> Text:
        """The version of the information sheet in each language that has one of its own."""
        return self.sheets or Text(((self.languages[0], self.sheet_version),))

    def sheet_in(self, language: str) -> str:
        """The version of the information sheet that is read in this language."""
        return self.sheet_versions.in_language(language)

    @cached_property
    def canonical(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, UTF-8."""
        return json.dumps(
            _plain(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        ).encode()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
        return hashlib.sha256(self.canonical).hexdigest()

    def __hash__(self) -> int:
        """By digest: hashing every word of a study each time would cost milliseconds."""
        return hash(self.digest)

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every item by its name, in the visit's order."""
        return {item.name: item for part in self.parts for block in part.blocks for item in block.items}

    @property
    def sites(self) -> tuple[Choice, ...]:
        """The places by which visits are counted: what the question `site` offers, where there is one."""
        asked = self.items.get("site")
        return asked.choices if asked is not None and asked.kind == "select_one" else ()

    def item(self, name: str) -> Item:
        """The item of this name. Raises KeyError."""
        return self.items[name]

    def group(self, name: str) -> Group:
        """The group of this name. Raises KeyError."""
        return {group.name: group for group in self.groups}[name]

    def hierarchy(self, name: str) -> Hierarchy:
        """The hierarchy of this name. Raises KeyError."""
        return {hierarchy.name: hierarchy for hierarchy in self.hierarchies}[name]

    def visit(self, group: str) -> Iterator[Part]:
        """The parts of this group's visit in order, each with only the blocks and items it is shown."""
        for part in self.parts:
            if not part.groups or group in part.groups:
                shown = tuple(_only(block, group) for block in part.blocks)
                yield Part(part.name, tuple(block for block in shown if block.items), part.groups, part.title)

    def items_of(self, group: str, part: PartName) -> tuple[Item, ...]:
        """The items of one part that this group is asked or shown, in order."""
        return tuple(
            item for found in self.visit(group) if found.name == part for block in found.blocks for item in block.items
        )

    def research_items(self, group: str) -> tuple[Item, ...]:
        """The items whose answers make this group's research record, in order."""
        return tuple(
            item for part in self.visit(group) for block in part.blocks for item in block.items if item.is_kept
        )


def _only(block: Block, group: str) -> Block:
    return replace(block, items=tuple(item for item in block.items if group in item.on_for))


def _plain(told: Any) -> Any:
    if isinstance(told, str):
        return told  # as nearly all is
    if isinstance(told, tuple):
        return [_plain(inner) for inner in told]
    if not hasattr(told, "__dataclass_fields__"):
        return told
    values = ((name, getattr(told, name), left_out) for name, left_out in _written(told.__class__))
    return {name: _plain(value) for name, value, left_out in values if value != left_out}


@cache
def _written(kind: Any) -> tuple[tuple[str, object], ...]:
    """The fields of a dataclass, each with the value at which it is not written."""
    always = object()
    return tuple((one.name, one.default if "later" in one.metadata else always) for one in fields(kind))
