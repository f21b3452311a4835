"""Compile a study's forms and settings into one immutable Instrument. Names every problem by sheet, row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from errors import ExpressionError, InstrumentError, Problem
from instruments.checks import problems_between
from instruments.expressions import parse
from instruments.model import (
    Block,
    Choice,
    Group,
    Instrument,
    Item,
    Kind,
    Part,
    Text,
    Tree,
)
from instruments.sections import hierarchies_of, release_of, scales_of
from instruments.settings import FILE
from instruments.sheets import LANGUAGE
from instruments.xlsform import Form

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
    "integer": "integer",
    "text": "text",
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


@dataclass
class Compiling:
    """One compilation: the study's settings as written, and the problems found so far."""

    told: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

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
    compiling.problems += problems_between(told, forms, items, scales, hierarchies)
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
        blocks = tuple(_blocks(compiling, form))
        asked = {group for block in blocks for item in block.items for group in item.groups}
        groups = tuple(name for name in compiling.groups if name in asked)
        title = compiling.text(str(form.tree["title"]))
        yield Part(told["name"], blocks, () if groups == compiling.groups else groups, title)


def _blocks(compiling: Compiling, form: Form) -> Iterator[Block]:
    for child in form.tree["children"]:
        setting, value = NEEDS.get(child["name"], ("", ""))
        if child["type"] != "group":
            compiling.note(form, child["name"], "type", "every item stands in a group (begin_group … end_group)")
        elif not setting or compiling.told[setting] == value:
            items = tuple(_item(compiling, form, inner) for inner in child.get("children", ()))
            yield Block(child["name"], items, _translated(compiling, child.get("label")))


def _item(compiling: Compiling, form: Form, told: Mapping[str, Any]) -> Item:
    bind, name = told.get("bind", {}), told["name"]
    own: dict[str, Any] = {
        key.removeprefix("amanah:"): value or "" for key, value in bind.items() if key.startswith("amanah:")
    }
    if told["type"] not in KINDS:
        compiling.note(form, name, "type", "groups inside groups are not supported")
    if own.get("referent", "") not in REFERENTS:
        compiling.note(form, name, "bind::amanah:referent", f"an item may not be about: {own['referent']}")
    groups = tuple(own.get("groups", "").split()) or compiling.groups
    _check_groups(compiling, form, name, groups, own.get("on", ""))
    appearance = (told.get("control") or {}).get("appearance") or ""
    constraint = bind.get("constraint") or ""
    limit = LIMIT.search(constraint)
    kind = KINDS.get(told["type"], "note")
    single_years = name == "age" and compiling.told["keep_single_years"]
    return Item(
        name=name,
        kind="statement" if appearance == "statement" else kind,
        label=_translated(compiling, told.get("label")) or compiling.text(name),
        hint=_translated(compiling, told.get("hint")),
        choices=tuple(_choices(compiling, form, name, told, own.get("aside", ""))),
        relevant=_tree(compiling, form, name, "relevant", bind.get("relevant")),
        constraint=_tree(compiling, form, name, "constraint", constraint),
        constraint_message=_translated(compiling, bind.get("jr:constraintMsg")),
        required=str(bind.get("required", "")).lower() in ("yes", "true()", "true"),
        groups=groups,
        on_for=_on(compiling, name, groups, own.get("on", "")),
        kept=own.get("stored") or "nowhere",
        privacy=own.get("privacy") or "ordinary",
        special_category=own.get("special") == "yes",
        hierarchy=own.get("hierarchy") or None,
        stored_level=0 if single_years else int(own.get("stored_level") or 0),
        scales=tuple(own.get("scale", "").split()),
        reverse=own.get("reverse") == "yes",
        referent=own.get("referent") or None,
        max_length=(int(limit.group(1)) if limit else LONGEST_TEXT) if kind == "text" else 0,
        multiline=appearance == "multiline",
        uppercase=appearance == "uppercase",
    )


def _choices(compiling: Compiling, form: Form, name: str, told: Mapping[str, Any], aside: str) -> Iterator[Choice]:
    # A box to type in may offer "prefer not to say" below it: `aside` names that list.
    lists = form.tree.get("choices", {})
    if aside and aside not in lists:
        compiling.note(form, name, "bind::amanah:aside", f"there is no list of choices {aside!r}")
    for choice in told.get("choices") or lists.get(aside, ()):
        code = str(choice["name"])
        yield Choice(code, _translated(compiling, choice["label"]) or compiling.text(code))


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


def _tree(compiling: Compiling, form: Form, name: str, column: str, text: str | None) -> Tree | None:
    if not text:
        return None
    try:
        return parse(text)
    except ExpressionError as error:
        compiling.note(form, name, column, error.problems[0].message)
        return None


def _translated(compiling: Compiling, told: object) -> Text | None:
    spoken = told if isinstance(told, dict) else {compiling.language: told}
    pairs = tuple((_code(language), _filled(compiling, str(words))) for language, words in spoken.items() if words)
    return Text(pairs) if pairs else None


def _code(language: str) -> str:
    found = LANGUAGE.fullmatch(language)
    return found.group(1) if found else language


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
