"""What a path holds: a study's folder, a whole study in one workbook, or one form that a study is put around.

Reads settings, and forms only when they are asked for, as pyxform takes its time. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errors import InstrumentError
from instruments.plain_files import refuse_links
from instruments.reading.amanah_sheet import SHEET, read_amanah
from instruments.reading.starter import STARTER, around, is_form
from instruments.reading.whole import PartRows, forms_of, parts_of
from instruments.reading.xlsform import Form, places_of, read_forms
from instruments.recordings import ELSEWHERE, Media, read_media
from instruments.settings import (
    FILE,
    Place,
    StudySettings,
    Written,
    misfits,
    read_small_toml,
    read_toml,
    settings_of,
    workbook_named,
)
from instruments.workbooks import Workbook, read_workbook


@dataclass(frozen=True)
class Source:
    """A study before it is compiled: its settings, where they are written, and what reads its forms."""

    told: Mapping[str, Any]
    written: Written
    forms: Callable[[], dict[str, Form]]
    media: Media = field(default_factory=Media)

    @property
    def settings(self) -> StudySettings:
        """The settings that act at once."""
        return settings_of(self.told)


def source_of(path: Path) -> Source:
    """The study at this path. Raises InstrumentError with every problem of its settings."""
    refuse_links(path)
    if is_form(path):
        book = read_workbook(path)
        return whole(book, media=read_media(path)) if SHEET in book else _around(path)
    name = workbook_named(path)
    if name is not None:
        return whole(read_workbook(path / name), read_small_toml(path), read_media(path))
    told = read_toml(path)
    places, media = places_of(path, [part["form"] for part in told["parts"]]), read_media(path)
    return Source(told, Written(), lambda: read_forms(places, media), media)


def is_whole(path: Path) -> bool:
    """Whether this is a whole study in one workbook. Raises InstrumentError."""
    return is_form(path) and SHEET in read_workbook(path)


def load_settings(path: Path) -> StudySettings:
    """The settings that act at once. Raises InstrumentError."""
    return source_of(path).settings


def whole(book: Workbook, beside: Mapping[str, Any] | None = None, media: Media = ELSEWHERE) -> Source:
    """The whole study of this workbook. `beside` are settings that act at once, and stand beside it, as `media`."""
    told, written, found = read_amanah(book, read_toml(STARTER))
    problems, parts = list(found), list[PartRows]()
    try:
        parts = parts_of(book, media)
    except InstrumentError as error:
        problems += error.problems
    if problems:
        raise InstrumentError(tuple(problems))
    told |= {"parts": [part.told for part in parts]} | dict(beside or {})
    at_once: dict[str, Place] = {name: (FILE, None, None) for name in beside or ()}
    written = Written(written.file, {**_without(written.places, at_once), **at_once})
    wrong = tuple(written.problem(message, setting) for setting, message in misfits(told))
    if wrong:
        raise InstrumentError(wrong)
    return Source(told, written, lambda: forms_of(book, parts), media)


def _without(places: Mapping[str, Place], names: Mapping[str, Place]) -> dict[str, Place]:
    return {setting: place for setting, place in places.items() if re.split(r"\.", setting)[0] not in names}


def _around(form: Path) -> Source:
    told, places = around(form)
    media = read_media(form)
    return Source(told, Written(), lambda: read_forms(places, media), media)
