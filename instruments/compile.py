"""Compile a study's forms and settings into one immutable Instrument. Names every problem by sheet, row and column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from typing import Any, cast

from errors import ExpressionError, InstrumentError, Problem
from instruments.checks import problems_between
from instruments.expressions import holds, names, parse
from instruments.generated_words import Name, generated
from instruments.model import Block, Choice, Group, Instrument, Item, Kind, Part, Privacy, Style, Text, Tree
from instruments.numbers import plain_decimal
from instruments.repeats import Place, Repeat, numbered, repeats_in, resolved
from instruments.sections import hierarchies_of, release_of, scales_of
from instruments.settings import FILE
from instruments.trees import TRUE, all_of
from instruments.vocabulary import LANGUAGE, LOOKS
from instruments.xlsform import REFERENCE, Form

# What may be the subject of an item. What is missing here is missing on purpose: an item about the respondent's own
# view of violence, own offence or own reporting of a crime cannot be compiled (rule R1).
REFERENTS = {
    "", "area", "community", "mosques", "own background", "own contact (type only)", "own contact details", "own role",
    "own team", "own work", "partners in general", "people of that age", "police", "police and community",
    "policing in general", "programme", "projects", "religious leaders", "rules", "study", "team and partners",
    "workplace",
}  # fmt: skip
KINDS: dict[str, Kind] = {
    "note": "note",
    "select one": "select_one",
    "select all that apply": "select_multiple",
    "rank": "rank",
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "range": "integer",
    "text": "text",
    "acknowledge": "select_one",
    "calculate": "calculate",
    "hidden": "hidden",
}
# Blocks that only one setting of the study needs.
NEEDS = {
    "witness": ("consent_route", "verbal_witnessed"),
    "signature": ("consent_route", "signed"),
    "parent": ("minor_consent", "parent_and_assent"),
    "assent": ("minor_consent", "parent_and_assent"),
    "carer": ("minor_consent", "parent_and_assent"),
}
CARD_DATE = "date on your card: 28 days after you take part"
BRACKETS = re.compile(r"\[([^\]]+)\]")
LIMIT = re.compile(r"string-length\(\.\) *<= *(\d+)")
NO_ONE = "none"  # in bind::amanah:on: off until the study gives a reason
LONGEST_TEXT = 500  # characters, where a sheet sets no limit
LONGEST_CALCULATED = 200  # characters of a calculated value; the rest is cut off
AGREED = "1"  # the one code of an acknowledgement


@dataclass
class Compiling:
    """One compilation: the study's settings as written, and what was found so far.

    `places`: for each item, the name of the row it comes from, which for a round of a repeat is another.
    """

    told: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    repeats: dict[str, Repeat] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The study's first language, in which whatever has one language only is written."""
        return str(self.told["languages"][0])

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of every group."""
        return tuple(one["name"] for one in self.told["groups"])

    def text(self, words: str) -> Text:
        """Words that are given in the first language only."""
        return Text(((self.language, words),))

    def note(self, form: Form, name: str, column: str, message: str) -> None:
        """Remember a problem of the row of this name."""
        self.problems.append(Problem(form.file, message, form.rows.get(name), column))


def compile_study(told: Mapping[str, Any], forms: Mapping[str, Form]) -> Instrument:
    """The instrument of these settings and forms. Raises InstrumentError with every problem."""
    compiling = Compiling(told)
    groups = tuple(
        Group(one["name"], compiling.text(one["title"]), one.get("minimum_age"), one.get("maximum_age"))
        for one in told["groups"]
    )
    parts = tuple(_parts(compiling, forms))
    items = {item.name: item for part in parts for block in part.blocks for item in block.items}
    scales = scales_of(told["scales"], items, compiling.language)
    hierarchies = hierarchies_of(told["hierarchies"], compiling.language)
    compiling.problems += problems_between(told, forms, items, scales, hierarchies, compiling.places)
    if compiling.problems:
        raise InstrumentError(tuple(compiling.problems))
    return Instrument(
        study=told["id"],
        version=told["version"],
        title=compiling.text(told["title"]),
        languages=tuple(told["languages"]),
        consent_route=told["consent_route"],
        minor_consent=told["minor_consent"],
        cut_off_days=told["cut_off_days"],
        sheet_version=told["sheet_version"],
        groups=groups,
        parts=parts,
        scales=scales,
        hierarchies=hierarchies,
        release=release_of(told["release"]),
    )


def _parts(compiling: Compiling, forms: Mapping[str, Form]) -> Iterator[Part]:
    for told in compiling.told["parts"]:
        form = forms[told["form"]]
        compiling.repeats |= {repeat.name: repeat for repeat in repeats_in(form.tree["children"], form.is_classified)}
        blocks = tuple(_blocks(compiling, form, told["name"]))
        asked = {group for block in blocks for item in block.items for group in item.groups}
        groups = tuple(name for name in compiling.groups if name in asked)
        title = compiling.text(str(form.tree["title"]))
        yield Part(told["name"], blocks, () if groups == compiling.groups else groups, title)


def _blocks(compiling: Compiling, form: Form, part: str) -> Iterator[Block]:
    for child in form.tree["children"]:
        if part == "consent" and child["type"] != "group":
            compiling.note(form, child["name"], "type", "a statement stands in a group (begin_group … end_group)")
    for block in _walk(compiling, form, form.tree["children"], Place()):
        for item in block.items:
            if part == "consent" and item.is_asked and item.kind != "statement":
                told = "every question of the consent part is a statement; give it the appearance statement"
                compiling.note(form, compiling.places[item.name], "type", told)
        yield block


def _walk(compiling: Compiling, form: Form, children: Sequence[Mapping[str, Any]], place: Place) -> Iterator[Block]:
    """The blocks of a group: its own items in one or more, those of groups inside it between them."""
    runs, found = 0, groupby(children, lambda child: child["type"] in ("group", "repeat"))
    for is_nested, run in found:
        if is_nested:
            for child in run:
                setting, value = NEEDS.get(child["name"], ("", ""))
                if not setting or compiling.told[setting] == value:
                    yield from _nested(compiling, form, child, place)
        else:
            runs += 1
            items = tuple(_item(compiling, form, child, place) for child in run)
            yield Block(place.block(items[0].name, runs), items, place.title, place.together)


def _nested(compiling: Compiling, form: Form, told: Mapping[str, Any], place: Place) -> Iterator[Block]:
    name, title = told["name"], _translated(compiling, told.get("label"), place.names)
    condition = _tree(compiling, form, told, "relevant", (told.get("bind") or {}).get("relevant"), place)
    looks = ((told.get("control") or {}).get("appearance") or "").split()
    inside = place.inside(name, title, condition, "field-list" in looks)
    if told["type"] == "group":
        yield from _walk(compiling, form, told.get("children", ()), inside)
    elif place.repeat:
        compiling.note(form, name, "type", "a repeat inside a repeat is not supported; ask in one repeat, or in words")
    else:
        yield from _repeated(compiling, form, told, inside)


def _repeated(compiling: Compiling, form: Form, told: Mapping[str, Any], place: Place) -> Iterator[Block]:
    """One group for each time that a repeat may be gone through: a record has one length whatever was said."""
    repeat = compiling.repeats[told["name"]]
    counted = (told.get("control") or {}).get("jr:count")
    count = _tree(compiling, form, told, "repeat_count", counted, place)
    title = place.title or compiling.text(repeat.name)
    if not counted:
        any_one = _gate(compiling, repeat, "any", f"{repeat.name}_any", title, place)
        yield Block(f"{repeat.name}_0", (any_one,), None)
    elif count:
        _check_count(compiling, form, repeat, count)
    for number in range(1, repeat.most + 1):
        gate = f"{repeat.name}_any" if number == 1 else f"{repeat.name}_more_{number - 1}"
        there: Tree = (">=", count, ("number", number)) if count else ("=", ("ref", gate), ("number", 1))
        inside = place.numbered(repeat, number, there, numbered(title, number))
        repeat.conditions.append(all_of(inside.conditions) or TRUE)
        blocks = list(_walk(compiling, form, told.get("children", ()), inside))
        if not counted and number < repeat.most and blocks:
            more = _gate(compiling, repeat, "another", f"{repeat.name}_more_{number}", title, inside)
            blocks[-1] = replace(blocks[-1], items=(*blocks[-1].items, more))
        yield from blocks


def _gate(compiling: Compiling, repeat: Repeat, ask: Name, name: str, title: Text, place: Place) -> Item:
    """The question that leads on to the next round of a repeat."""
    languages = compiling.told["languages"]
    choices = (Choice("1", generated("yes", languages)), Choice("0", generated("no", languages)))
    compiling.places[name] = repeat.name
    return Item(
        name=name,
        kind="select_one",
        label=generated(ask, languages, title),
        choices=choices,
        relevant=all_of(place.conditions),
        groups=compiling.groups,
        on_for=compiling.groups,
        privacy="quasi",
        referent="" if repeat.is_classified else None,
    )


def _check_count(compiling: Compiling, form: Form, repeat: Repeat, count: Tree) -> None:
    asked = compiling.items.get(count[1]) if count[0] == "ref" else None
    more = repeat.most + 1
    typed = asked is not None and asked.kind in ("integer", "decimal")
    is_open = asked is not None and typed and holds(asked.constraint, {}, more)
    if asked is not None and asked.kind == "calculate" and asked.calculation and not names(asked.calculation):
        is_open = holds((">", asked.calculation, ("number", repeat.most)), {})
    if is_open:
        told = (
            f"this repeat has room for {repeat.most} rounds. Give {count[1]} the constraint . <= {repeat.most},"
            " or raise bind::amanah:most (at most 20)"
        )
        compiling.note(form, repeat.name, "repeat_count", told)


def _item(compiling: Compiling, form: Form, told: Mapping[str, Any], place: Place) -> Item:
    bind, written = told.get("bind", {}), told["name"]
    name = place.names.get(written, written)
    compiling.places[name] = written
    own: dict[str, Any] = {
        key.removeprefix("amanah:"): value or "" for key, value in bind.items() if key.startswith("amanah:")
    }
    if own.get("referent", "") not in REFERENTS:
        compiling.note(form, written, "bind::amanah:referent", f"an item may not be about: {own['referent']}")
    groups = tuple(own.get("groups", "").split()) or compiling.groups
    _check_groups(compiling, form, written, groups, own.get("on", ""))
    looks = ((told.get("control") or {}).get("appearance") or "").split()
    constraint = bind.get("constraint") or ""
    kind = KINDS[told["type"]]
    single_years = name == "age" and compiling.told["keep_single_years"]
    if told.get("_dynamic_default"):
        compiling.note(form, written, "default", "a default is a plain value; use a row of type calculate instead")
    own_relevant = _tree(compiling, form, told, "relevant", bind.get("relevant"), place)
    item = Item(
        name=name,
        kind="statement" if "statement" in looks else kind,
        label=_translated(compiling, told.get("label"), place.names)
        or _translated(compiling, told.get("hint"), place.names)
        or compiling.text(name),
        hint=_translated(compiling, told.get("hint"), place.names) if told.get("label") else None,
        choices=tuple(_choices(compiling, form, written, told, own.get("aside", ""))),
        relevant=all_of((*place.conditions, own_relevant)),
        constraint=_tree(compiling, form, told, "constraint", constraint, place),
        constraint_message=_translated(compiling, bind.get("jr:constraintMsg")),
        required=_is_yes(bind.get("required")),
        groups=groups,
        on_for=_on(compiling, name, groups, own.get("on", "")),
        kept=own.get("stored") or ("research" if not form.is_classified and kind != "note" else "nowhere"),
        privacy=own.get("privacy") or _private(form, kind),
        special_category=own.get("special") == "yes",
        hierarchy=own.get("hierarchy") or None,
        stored_level=0 if single_years else int(own.get("stored_level") or 0),
        scales=tuple(own.get("scale", "").split()),
        reverse=own.get("reverse") == "yes",
        referent=own.get("referent") or None,
        max_length=_longest(kind, constraint),
        multiline="multiline" in looks,
        uppercase="uppercase" in looks,
        guidance=_translated(compiling, told.get("guidance_hint"), place.names),
        required_message=_translated(compiling, bind.get("jr:requiredMsg")),
        default="" if told.get("_dynamic_default") else str(told.get("default") or ""),
        read_only=_is_yes(bind.get("readonly")),
        calculation=_tree(compiling, form, told, "calculation", bind.get("calculate"), place),
        choice_filter=_filter(compiling, form, told, place),
        ethics=own.get("ethics", ""),
        style=next((cast(Style, look) for look in looks if look in LOOKS), ""),
    )
    item = _on_a_scale(compiling, form, item, told) if told["type"] == "range" else item
    compiling.items[name] = item
    return item


def _on_a_scale(compiling: Compiling, form: Form, item: Item, told: Mapping[str, Any]) -> Item:
    """A range: the numbers from start to end by step, whole where all three are (1, 10 and 1 where it does not say)."""
    given = {"start": "1", "end": "10", "step": "1"} | (told.get("parameters") or {})
    numbers = [plain_decimal(str(given[name])) for name in ("start", "end", "step")]
    low, high, step = (number or "" for number in numbers)
    if not (low and high and step) or Decimal(step) == 0 or Decimal(high) < Decimal(low):
        told_so = (
            "a range goes up from its start to its end by its step, in numbers from 0, as in start=0 end=10 step=1"
        )
        compiling.note(form, compiling.places[item.name], "parameters", told_so)
        return item
    is_whole = "." not in low + high + step
    return replace(item, kind="integer" if is_whole else "decimal", lowest=low, highest=high, step=step)


def _private(form: Form, kind: Kind) -> Privacy:
    """How private an item is of which its sheet does not say: as private as it can be, until the team has decided."""
    if form.is_classified or kind == "note":
        return "ordinary"
    return "open" if kind == "text" else "quasi"


def _longest(kind: Kind, constraint: str) -> int:
    limit = LIMIT.search(constraint)
    if kind == "text":
        return int(limit.group(1)) if limit else LONGEST_TEXT
    return LONGEST_CALCULATED if kind == "calculate" else 0


def _is_yes(told: object) -> bool:
    return str(told or "").lower() in ("yes", "true()", "true")


def _filter(compiling: Compiling, form: Form, told: Mapping[str, Any], place: Place) -> Tree | None:
    columns = {column for choice in told.get("choices", ()) for column in choice if column not in ("label", "name")}
    return _tree(compiling, form, told, "choice_filter", told.get("choice_filter"), place, columns | {"name"})


def _choices(compiling: Compiling, form: Form, name: str, told: Mapping[str, Any], aside: str) -> Iterator[Choice]:
    # A box to type in may offer "prefer not to say" below it: `aside` names that list.
    lists = form.tree.get("choices", {})
    if aside and aside not in lists:
        compiling.note(form, name, "bind::amanah:aside", f"there is no list of choices {aside!r}")
    if told["type"] == "acknowledge":
        yield Choice(AGREED, generated("agree", compiling.told["languages"]))
    is_filtered = bool(told.get("choice_filter"))
    for choice in told.get("choices") or lists.get(aside, ()):
        code = str(choice["name"])
        columns = {"name": code} | {key: str(cell) for key, cell in choice.items() if key not in ("name", "label")}
        words = _translated(compiling, choice.get("label")) or compiling.text(code)
        yield Choice(code, words, tuple(sorted(columns.items())) if is_filtered else ())


def _check_groups(compiling: Compiling, form: Form, name: str, groups: Sequence[str], on: str) -> None:
    for group in set(groups) - set(compiling.groups):
        compiling.note(form, name, "bind::amanah:groups", f"there is no group {group!r} in {FILE}")
    for group in set(on.split()) - {*groups, NO_ONE}:
        compiling.note(form, name, "bind::amanah:on", f"{group!r} is no group of this item, nor {NO_ONE!r}")


def _on(compiling: Compiling, name: str, groups: Sequence[str], told: str) -> tuple[str, ...]:
    # A question that is off by default is asked of all its groups once the study gives a reason.
    if not told or name in compiling.told["switched_on"]:
        return tuple(groups)
    return tuple(group for group in told.split() if group in groups)


def _tree(
    compiling: Compiling,
    form: Form,
    told: Mapping[str, Any],
    column: str,
    text: str | None,
    place: Place,
    columns: Collection[str] = (),
) -> Tree | None:
    if not text:
        return None
    try:
        return resolved(parse(str(text)), compiling.repeats, compiling.items, place, compiling.language)
    except ExpressionError as error:
        compiling.note(form, told["name"], column, error.problems[0].message)
        return None


def _translated(compiling: Compiling, told: object, names: Mapping[str, str] | None = None) -> Text | None:
    spoken = told if isinstance(told, dict) else {compiling.language: told}
    pairs = tuple(
        (_code(language, compiling.language), _named(_filled(compiling, str(words)), names or {}))
        for language, words in spoken.items()
        if words
    )
    return Text(pairs) if pairs else None


def _named(words: str, names: Mapping[str, str]) -> str:
    """The words, with the answers that they show called by their names in this round of a repeat."""
    return REFERENCE.sub(lambda found: f"${{{names.get(found.group(1), found.group(1))}}}", words)


def _code(language: str, first: str) -> str:
    found = LANGUAGE.fullmatch(language)
    return found.group(1) if found else first if language == "default" else language


def _filled(compiling: Compiling, words: str) -> str:
    words = words.replace(
        f"[{CARD_DATE}]", CARD_DATE.replace("date on", "the date on").replace("28", str(compiling.told["cut_off_days"]))
    )
    for name in BRACKETS.findall(words):
        if name not in compiling.told["fill_in"]:
            compiling.problems.append(Problem(FILE, f"fill_in has no line for [{name}], which stands in a text"))
        elif compiling.told["fill_in"][name]:
            words = words.replace(f"[{name}]", compiling.told["fill_in"][name])
    return words
