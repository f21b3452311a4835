"""Compile the rows of a form into items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from instruments.expressions import names
from instruments.model import Choice, Item, Kind, Privacy, Style, Text, Tree
from instruments.numbers import plain_decimal
from instruments.reading.compiling import Compiling, is_counted, recorded, translated, tree_of
from instruments.reading.generated_words import generated
from instruments.reading.repeats import Place
from instruments.reading.vocabulary import LOOKS
from instruments.reading.xlsform import Form
from instruments.rules.trees import all_of, text_of

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
# What a sheet writes for a question of which nobody has said what it is about, and for one about the form itself.
NOT_DECIDED, THIS_FORM = "not decided", "this form"
LIMIT = re.compile(r"string-length\(\.\) *<= *(\d+)")
OF_WORDS = ("name", "label", "media")  # of a choice; what else it has, a filter may look at
NO_ONE = "none"  # in bind::amanah:on: off until the study gives a reason
LONGEST_TEXT = 500  # characters, where a sheet sets no limit
LONGEST_CALCULATED = 200  # characters of a calculated value; the rest is cut off
AGREED = "1"  # the one code of an acknowledgement


def item_of(compiling: Compiling, form: Form, told: Mapping[str, Any], place: Place) -> Item:
    """The item of a row at this place. What is wrong with the row is noted."""
    bind, written = told.get("bind", {}), told["name"]
    compiling.here = form, written
    name = place.names.get(written, written)
    own: dict[str, Any] = {
        key.removeprefix("amanah:"): value or "" for key, value in bind.items() if key.startswith("amanah:")
    }
    if own.get("referent", "") not in REFERENTS | {NOT_DECIDED, THIS_FORM}:
        compiling.note(form, written, "bind::amanah:referent", f"an item may not be about: {own['referent']}")
    groups = tuple(own.get("groups", "").split()) or compiling.groups
    _check_groups(compiling, form, written, groups, own.get("on", ""))
    looks = ((told.get("control") or {}).get("appearance") or "").split()
    constraint = bind.get("constraint") or ""
    kind = _kind(told)
    single_years = name == "age" and compiling.told["keep_single_years"]
    if told.get("_dynamic_default"):
        compiling.note(form, written, "default", "a default is a plain value; use a row of type calculate instead")
    calculation = tree_of(compiling, form, told, "calculation", bind.get("calculate"), place)
    calculation = calculation or _constant(kind, told.get("default"))
    item = Item(
        name=name,
        kind="statement" if "statement" in looks else kind,
        label=_label(compiling, told, place, name),
        hint=translated(compiling, told.get("hint"), place.names) if told.get("label") else None,
        choices=_choices(compiling, form, written, told, own.get("aside", "")),
        relevant=_relevant(compiling, form, told, place),
        constraint=tree_of(compiling, form, told, "constraint", constraint, place),
        constraint_message=translated(compiling, bind.get("jr:constraintMsg")),
        required=_is_yes(bind.get("required")),
        groups=groups,
        on_for=_on(compiling, name, groups, own.get("on", "")),
        kept=own.get("stored") or ("research" if not form.is_classified and kind != "note" else "nowhere"),
        privacy=own.get("privacy") or _private(compiling, form, kind, calculation),
        special_category=own.get("special") == "yes",
        hierarchy=own.get("hierarchy") or None,
        stored_level=0 if single_years else int(own.get("stored_level") or 0),
        scales=tuple(own.get("scale", "").split()),
        reverse=own.get("reverse") == "yes",
        referent=_referent(own.get("referent", "")),
        max_length=int(own.get("longest") or longest(kind, constraint)),
        multiline="multiline" in looks,
        uppercase="uppercase" in looks,
        guidance=translated(compiling, told.get("guidance_hint"), place.names),
        required_message=translated(compiling, bind.get("jr:requiredMsg")),
        default="" if kind == "calculate" or told.get("_dynamic_default") else str(told.get("default") or ""),
        read_only=_is_yes(bind.get("readonly")),
        calculation=calculation,
        choice_filter=_filter(compiling, form, told, place),
        ethics=own.get("ethics", ""),
        style=next((cast(Style, look) for look in looks if look in LOOKS), ""),
    )
    item = _on_a_scale(compiling, form, item, told) if told["type"] == "range" else item
    compiling.keep(form, written, item)
    return item


def _label(compiling: Compiling, told: Mapping[str, Any], place: Place, name: str) -> Text:
    words = (told.get("label"), told.get("hint"))
    found = (recorded(compiling, translated(compiling, one, place.names), told) for one in words)
    return next(filter(None, found), None) or compiling.text(name)


def _kind(told: Mapping[str, Any]) -> Kind:
    """A hidden row that something fills in is worked out; without, it is what the software records."""
    kind = KINDS[told["type"]]
    is_filled = told.get("default") or told.get("bind", {}).get("calculate")
    return "calculate" if kind == "hidden" and is_filled else kind


def _constant(kind: Kind, default: object) -> Tree | None:
    return text_of(str(default)) if kind == "calculate" and default else None


def _relevant(compiling: Compiling, form: Form, told: Mapping[str, Any], place: Place) -> Tree | None:
    """When the item is asked: what its groups want, each written out in it again, and then its own."""
    own = tree_of(compiling, form, told, "relevant", (told.get("bind") or {}).get("relevant"), place)
    around = all_of(place.conditions)
    if around is not None and not is_counted(compiling, form, told, "relevant", around):
        return None
    return all_of((around, own))


def _on_a_scale(compiling: Compiling, form: Form, item: Item, told: Mapping[str, Any]) -> Item:
    """A range: the numbers from start to end by step, whole where all three are (1, 10 and 1 where it does not say)."""
    given = {"start": "1", "end": "10", "step": "1"} | (told.get("parameters") or {})
    numbers = [plain_decimal(str(given[name])) for name in ("start", "end", "step")]
    low, high, step = (number or "" for number in numbers)
    if not (low and high and step) or Decimal(step) == 0 or Decimal(high) < Decimal(low):
        told_so = (
            "a range goes up from its start to its end by its step, in numbers from 0, as in start=0 end=10 step=1"
        )
        compiling.note(form, told["name"], "parameters", told_so)
        return item
    is_whole = "." not in low + high + step
    return replace(item, kind="integer" if is_whole else "decimal", lowest=low, highest=high, step=step)


def _private(compiling: Compiling, form: Form, kind: Kind, calculation: Tree | None) -> Privacy:
    """How private an item is of which its sheet does not say: as private as it can be, until the team has decided."""
    if form.is_classified or kind == "note":
        return "ordinary"
    # What is worked out from text may hold it word for word.
    sources = (compiling.items[name] for name in names(calculation) if name in compiling.items) if calculation else ()
    holds_text = any(source.privacy in ("open", "direct") for source in sources)
    return "open" if kind == "text" or holds_text else "quasi"


def _referent(told: str) -> str | None:
    return "" if told == THIS_FORM else None if told in ("", NOT_DECIDED) else told


def longest(kind: Kind, constraint: str) -> int:
    """The most characters of an answer of this kind with this constraint, where its sheet does not say."""
    limit = LIMIT.search(constraint)
    if kind == "text":
        return int(limit.group(1)) if limit else LONGEST_TEXT
    return LONGEST_CALCULATED if kind == "calculate" else 0


def _is_yes(told: object) -> bool:
    return str(told or "").lower() in ("yes", "true()", "true")


def _filter(compiling: Compiling, form: Form, told: Mapping[str, Any], place: Place) -> Tree | None:
    columns = {column for choice in told.get("choices", ()) for column in choice if column not in OF_WORDS}
    return tree_of(compiling, form, told, "choice_filter", told.get("choice_filter"), place, columns | {"name"})


def _choices(compiling: Compiling, form: Form, name: str, told: Mapping[str, Any], aside: str) -> tuple[Choice, ...]:
    # A box to type in may offer "prefer not to say" below it: `aside` names that list.
    lists = form.tree.get("choices", {})
    if aside and aside not in lists:
        compiling.note(form, name, "bind::amanah:aside", f"there is no list of choices {aside!r}")
    if told["type"] == "acknowledge":
        return (Choice(AGREED, generated("agree", compiling.told["languages"])),)
    is_filtered = bool(told.get("choice_filter"))
    own = told["list_name"] if told.get("choices") else aside
    # A list of a thousand places may be offered at many questions: it is compiled once.
    key = (form.name, own, is_filtered)
    if key not in compiling.lists:
        compiling.lists[key] = tuple(_of_list(compiling, told.get("choices") or lists.get(aside, ()), is_filtered))
    return compiling.lists[key]


def _of_list(compiling: Compiling, rows: Iterable[Mapping[str, Any]], is_filtered: bool) -> Iterator[Choice]:
    for choice in rows:
        code = str(choice["name"])
        columns = {"name": code} | {key: str(cell) for key, cell in choice.items() if key not in OF_WORDS}
        words = recorded(compiling, translated(compiling, choice.get("label")), choice) or compiling.text(code)
        yield Choice(code, words, tuple(sorted(columns.items())) if is_filtered else ())


def _check_groups(compiling: Compiling, form: Form, name: str, groups: Sequence[str], on: str) -> None:
    for group in set(groups) - set(compiling.groups):
        compiling.note(form, name, "bind::amanah:groups", f"there is no group {group!r} in {compiling.written.file}")
    for group in set(on.split()) - {*groups, NO_ONE}:
        compiling.note(form, name, "bind::amanah:on", f"{group!r} is no group of this item, nor {NO_ONE!r}")


def _on(compiling: Compiling, name: str, groups: Sequence[str], told: str) -> tuple[str, ...]:
    # A question that is off by default is asked of all its groups once the study gives a reason.
    if not told or name in compiling.told["switched_on"]:
        return tuple(groups)
    return tuple(group for group in told.split() if group in groups)
