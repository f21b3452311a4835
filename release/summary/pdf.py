"""The summary as a PDF, set on this machine by Typst: Arabic, Urdu and Bengali are shaped, plots stay drawings.

Loads nothing from anywhere: the text below names no package, and every word comes in as data, never as markup. The
same summary gives the same bytes on the same machine; the file says no time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from errors import ReleaseError
from release.summary.blocks import (
    Block,
    Bullets,
    Cell,
    Drawn,
    Figure,
    Heading,
    Page,
    Paragraph,
    Said,
    Table,
    is_leftwards,
)

TEMPLATE = Path(__file__).with_name("page.typ")
# Fonts by language; the first that is there sets it. A script without any would come out as empty boxes.
FONTS: Mapping[str, tuple[str, ...]] = {
    "ar": ("Noto Naskh Arabic", "Geeza Pro", "Segoe UI", "Noto Sans Arabic", "Amiri"),
    "ur": ("Noto Nastaliq Urdu", "Jameel Noori Nastaleeq", "Urdu Typesetting", "Noto Naskh Arabic"),
    "bn": ("Noto Sans Bengali", "Kohinoor Bangla", "Nirmala UI", "Vrinda", "Lohit Bengali"),
}
PLAIN = ("Noto Sans", "Segoe UI", "Helvetica Neue", "DejaVu Sans", "Libertinus Serif")


def pdf_of(page: Page) -> bytes | None:
    """The PDF; None where this machine has no font for a language in it, which `lacking_fonts` names.

    Raises ReleaseError where Typst cannot set it.
    """
    if lacking_fonts(page):
        return None
    import typst  # 80 MB, which only whoever makes a summary needs

    told = json.dumps({"title": _said(page.title), "blocks": [_block(block) for block in page.blocks]})
    inputs = {"page": told, "plain": json.dumps(_there(PLAIN))}
    try:
        made = typst.compile(TEMPLATE.read_bytes(), sys_inputs=inputs, timestamp=0, pdf_standards="ua-1")
    except RuntimeError:  # its message quotes the page
        raise ReleaseError("summary.pdf cannot be set on this machine. Nothing was written.") from None
    return bytes(made)


def lacking_fonts(page: Page) -> tuple[str, ...]:
    """The languages on this page for which the machine has no font."""
    return tuple(sorted(name for name in _languages(page) if name in FONTS and not _there(FONTS[name])))


@cache
def _families() -> frozenset[str]:
    import typst

    return frozenset(typst.Fonts().families())


def _there(fonts: tuple[str, ...]) -> list[str]:
    return [font for font in fonts if font in _families()]


def _languages(page: Page) -> set[str]:
    """The languages of every word, by their first part."""
    found: set[str] = set()
    _walk(page, found)
    return {language.split("-")[0] for language in found}


def _walk(thing: object, found: set[str]) -> None:
    if isinstance(thing, Said):
        found.add(thing.language)
    elif isinstance(thing, tuple):
        for one in thing:
            _walk(one, found)
    elif hasattr(thing, "__dataclass_fields__"):
        _walk(tuple(vars(thing).values()), found)


def _said(said: Said) -> dict[str, Any]:
    name = said.language.split("-")[0]
    return {
        "words": said.words,
        "lang": name,
        "dir": "rtl" if is_leftwards(said.language) else "ltr",
        "fonts": [*_there(FONTS.get(name, ())), *_there(PLAIN)],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "level": block.level, "said": _said(block.said)}
        case Paragraph():
            return {"kind": "paragraph", "said": _said(block.said), "quiet": block.is_quiet}
        case Bullets():
            return {"kind": "bullets", "lines": [_said(one) for one in block.lines]}
        case Table():
            return {"kind": "table", **_table(block)}
        case Figure():
            plots = {"key": [_drawn(one) for one in block.key], "lines": [_drawn(one) for one in block.lines]}
            return {"kind": "figure", **plots, "table": _table(block.table)}


def _drawn(one: Drawn) -> dict[str, Any]:
    return {"said": _said(one.said), "svg": one.svg}


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": _said(table.caption),
        "dir": "rtl" if is_leftwards(table.language) else "ltr",
        "head": [_said(one) for one in table.head],
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"said": _said(cell.said), "number": cell.is_number, "span": cell.span}
