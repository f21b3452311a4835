"""Compile a form's groups into blocks: groups in groups become blocks in a row, repeats a block for each round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from instruments.model import Block, Choice, Item, Text, Tree
from instruments.reading.checks import out_of_place
from instruments.reading.compiling import Compiling, recorded, translated, tree_of
from instruments.reading.generated_words import Name, generated
from instruments.reading.items import item_of
from instruments.reading.repeats import Place, Repeat, numbered
from instruments.reading.xlsform import Form
from instruments.rules.bounds import largest
from instruments.rules.trees import TRUE, all_of

# Blocks that only one setting of the study needs.
NEEDS = {
    "witness": ("consent_route", "verbal_witnessed"),
    "signature": ("consent_route", "signed"),
    "parent": ("minor_consent", "parent_and_assent"),
    "assent": ("minor_consent", "parent_and_assent"),
    "carer": ("minor_consent", "parent_and_assent"),
}


def blocks_of(compiling: Compiling, form: Form, part: str) -> Iterator[Block]:
    """The blocks of a form in order. What is wrong is noted."""
    for child in form.tree["children"]:
        if part == "consent" and child["type"] != "group":
            compiling.note(form, child["name"], "type", "a statement stands in a group (begin_group … end_group)")
    for block in _walk(compiling, form, form.tree["children"], Place()):
        for item in block.items:
            for column, told in out_of_place(item, part):
                compiling.note(form, compiling.places[item.name], column, told)
            if item.kind == "hidden" and part != "recorded":
                told = "nothing fills this row in; give it a default or a calculation, or take it out"
                compiling.note(form, compiling.places[item.name], "type", told)
        yield block


def _walk(compiling: Compiling, form: Form, children: Sequence[Mapping[str, Any]], place: Place) -> Iterator[Block]:
    """The blocks of a group: its own items in one or more, those of groups inside it between them."""
    runs, found = 0, groupby(children, lambda child: child["type"] in ("group", "repeat"))
    for is_nested, run in found:
        if is_nested:
            for child in run:
                if (child.get("bind") or {}).get("amanah:left_out"):
                    continue  # only named in expressions
                setting, value = NEEDS.get(child["name"], ("", ""))
                if not setting or compiling.told[setting] == value:
                    yield from _nested(compiling, form, child, place)
        else:
            runs += 1
            items = tuple(item_of(compiling, form, child, place) for child in run)
            yield Block(place.block(items[0].name, runs), items, place.title, place.together)


def _nested(compiling: Compiling, form: Form, told: Mapping[str, Any], place: Place) -> Iterator[Block]:
    compiling.here = form, told["name"]
    name, title = told["name"], recorded(compiling, translated(compiling, told.get("label"), place.names), told)
    condition = tree_of(compiling, form, told, "relevant", (told.get("bind") or {}).get("relevant"), place)
    looks = ((told.get("control") or {}).get("appearance") or "").split()
    block = (told.get("bind") or {}).get("amanah:block") or name
    inside = place.inside(block, title, condition, "field-list" in looks)
    if not told.get("children"):
        compiling.note(form, name, "type", "there is no question in it; take it out, or move some into it")
    elif told["type"] == "group":
        yield from _walk(compiling, form, told.get("children", ()), inside)
    elif place.repeat:
        compiling.note(form, name, "type", "a repeat inside a repeat is not supported; ask in one repeat, or in words")
    else:
        yield from _repeated(compiling, form, told, inside)


def _repeated(compiling: Compiling, form: Form, told: Mapping[str, Any], place: Place) -> Iterator[Block]:
    """One group for each time that a repeat may be gone through: a record has one length whatever was said."""
    repeat = compiling.repeats[told["name"]]
    counted = (told.get("control") or {}).get("jr:count")
    count = tree_of(compiling, form, told, "repeat_count", counted, place)
    title = place.title or compiling.text(repeat.name)
    if not counted:
        any_one = _gate(compiling, form, repeat, "any", f"{repeat.name}_any", title, place)
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
            more = _gate(compiling, form, repeat, "another", f"{repeat.name}_more_{number}", title, inside)
            blocks[-1] = replace(blocks[-1], items=(*blocks[-1].items, more))
        yield from blocks


def _gate(compiling: Compiling, form: Form, repeat: Repeat, ask: Name, name: str, title: Text, place: Place) -> Item:
    """The question that leads on to the next round of a repeat."""
    languages = compiling.told["languages"]
    choices = (Choice("1", generated("yes", languages)), Choice("0", generated("no", languages)))
    gate = Item(
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
    compiling.keep(form, repeat.name, gate)
    return gate


def _check_count(compiling: Compiling, form: Form, repeat: Repeat, count: Tree) -> None:
    """Rounds for which there is no room would be left out in silence."""
    if largest(count, compiling.items) <= repeat.most:
        return
    limit = f"give {count[1]} the constraint . <= {repeat.most}" if count[0] == "ref" else "make it say less"
    told = f"this repeat has room for {repeat.most} rounds, and its count can be more: {limit}, write"
    told += f" if(X > {repeat.most}, {repeat.most}, X) for X, or raise bind::amanah:most (at most 20)"
    compiling.note(form, repeat.name, "repeat_count", told)
