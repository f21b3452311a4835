"""Compile a study's forms and settings into one immutable Instrument. Names every problem by sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from errors import InstrumentError, Problem
from instruments.blocks import blocks_of
from instruments.checks import problems_between
from instruments.compiling import Compiling
from instruments.limits import sizes_refused
from instruments.model import Group, Instrument, Part
from instruments.repeats import homes_of, repeats_in
from instruments.sections import hierarchies_of, release_of, scales_of
from instruments.settings import FILE
from instruments.sizes import length_refused
from instruments.xlsform import Form


def compile_study(told: Mapping[str, Any], forms: Mapping[str, Form]) -> Instrument:
    """The instrument of these settings and forms. Raises InstrumentError with every problem."""
    too_large = tuple(sizes_refused(forms.values()))
    if too_large:
        raise InstrumentError(too_large)
    compiling = Compiling(told)
    groups = tuple(
        Group(one["name"], compiling.text(one["title"]), one.get("minimum_age"), one.get("maximum_age"))
        for one in told["groups"]
    )
    parts = tuple(_parts(compiling, forms))
    items = {item.name: item for part in parts for block in part.blocks for item in block.items}
    scales = scales_of(told["scales"], items, compiling.language)
    hierarchies = hierarchies_of(told["hierarchies"], compiling.language)
    for form, name in _twice(compiling, parts, forms):
        told_so = f"a round of a repeat, or the question that leads to it, is called {name} too; give one another name"
        compiling.note(form, compiling.places[name], "name", told_so)
    compiling.problems += problems_between(told, forms, items, scales, hierarchies, compiling.places)
    if compiling.problems:
        raise InstrumentError(tuple(dict.fromkeys(compiling.problems)))
    instrument = Instrument(
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
    if (message := length_refused(instrument)) is not None:
        raise InstrumentError((Problem(FILE, message),))
    return instrument


def _parts(compiling: Compiling, forms: Mapping[str, Form]) -> Iterator[Part]:
    for told in compiling.told["parts"]:
        form = forms[told["form"]]
        compiling.repeats |= {repeat.name: repeat for repeat in repeats_in(form.tree["children"], form.is_classified)}
        compiling.homes = homes_of(compiling.repeats.values())
        blocks = tuple(blocks_of(compiling, form, told["name"]))
        asked = {group for block in blocks for item in block.items for group in item.groups}
        groups = tuple(name for name in compiling.groups if name in asked)
        title = compiling.text(str(form.tree["title"]))
        yield Part(told["name"], blocks, () if groups == compiling.groups else groups, title)


def _twice(compiling: Compiling, parts: Iterable[Part], forms: Mapping[str, Form]) -> Iterator[tuple[Form, str]]:
    """The items that share a name, which only rounds of repeats can bring about, each with its form."""
    homes = {part["name"]: forms[part["form"]] for part in compiling.told["parts"]}
    seen: set[str] = set()
    for part in parts:
        for item in (item for block in part.blocks for item in block.items):
            if item.name in seen:
                yield homes[part.name], item.name
            seen.add(item.name)
