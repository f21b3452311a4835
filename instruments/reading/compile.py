"""Compile a study's forms and settings into one immutable Instrument. Names every problem by sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from errors import InstrumentError
from instruments.model import Group, Instrument, Part
from instruments.reading.blocks import blocks_of
from instruments.reading.checks import problems_between
from instruments.reading.compiling import Compiling, titled
from instruments.reading.limits import sizes_refused
from instruments.reading.repeats import homes_of, repeats_in
from instruments.reading.sections import hierarchies_of, release_of, scales_of
from instruments.reading.xlsform import Form
from instruments.recordings import Media
from instruments.settings import Written
from instruments.sizes import length_refused
from instruments.spoken import said_in

IN_TOML, NONE = Written(), Media()


def compile_study(
    told: Mapping[str, Any], forms: Mapping[str, Form], written: Written = IN_TOML, media: Media = NONE
) -> Instrument:
    """The instrument of these settings, written there, and forms. Raises InstrumentError with every problem."""
    too_large = tuple(sizes_refused(forms.values()))
    if too_large:
        raise InstrumentError(too_large)
    compiling = Compiling(told, written, media=media)
    groups = tuple(
        Group(one["name"], compiling.text(one["title"]), one.get("minimum_age"), one.get("maximum_age"))
        for one in told["groups"]
    )
    parts = tuple(_parts(compiling, forms))
    items = {item.name: item for part in parts for block in part.blocks for item in block.items}
    scales = scales_of(told["scales"], items, compiling.text)
    hierarchies = hierarchies_of(told["hierarchies"], compiling.text)
    compiling.problems += problems_between(told, forms, items, scales, hierarchies, compiling.places, written)
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
        sheet_version=said_in(told["sheet_version"], compiling.language),
        groups=groups,
        parts=parts,
        scales=scales,
        hierarchies=hierarchies,
        release=release_of(told["release"]),
        waves=told.get("waves", 1),
        wave=told.get("wave", 1),
        easy_read_version=told.get("easy_read_version", ""),
        sheets=None if isinstance(told["sheet_version"], str) else compiling.text(told["sheet_version"]),
    )
    if (message := length_refused(instrument)) is not None:
        raise InstrumentError((written.problem(message),))
    return instrument


def _parts(compiling: Compiling, forms: Mapping[str, Form]) -> Iterator[Part]:
    for told in compiling.told["parts"]:
        form = forms[told["form"]]
        compiling.repeats |= {repeat.name: repeat for repeat in repeats_in(form.tree["children"], form.is_classified)}
        compiling.homes = homes_of(compiling.repeats.values())
        compiling.keeps_brackets = told["name"] == "questionnaire" and not form.is_classified
        blocks = tuple(blocks_of(compiling, form, told["name"]))
        asked = {group for block in blocks for item in block.items for group in item.groups}
        groups = tuple(name for name in compiling.groups if name in asked)
        title = titled(compiling, form.tree["title"])
        yield Part(told["name"], blocks, () if groups == compiling.groups else groups, title)
