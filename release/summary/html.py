"""The summary as one page of HTML that stands alone: no script, nothing loaded, readable on a telephone and on paper.

Every word is escaped; only the plots that release/summary/plots.py draws, from numbers alone, are put in as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

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

STYLE = Path(__file__).with_name("page.css")
# A page that is opened from a folder brings no headers: it says itself that it loads and runs nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_of(page: Page, about: str = "summary by group") -> bytes:
    """The page. `about`: what it is, for its title."""
    head = Markup(
        '<!doctype html>\n<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="{}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        "<title>{}: {}</title>\n<style>\n{}</style>\n</head>\n"
    ).format(POLICY, page.title.words, about, _trusted(_style()))
    inside = Markup("\n").join(_block(block) for block in page.blocks)
    whole = head + Markup("<body>\n<main>\n<h1>{}</h1>\n{}\n</main>\n</body>\n</html>\n").format(
        _said(page.title), inside
    )
    return str(whole).encode()


def _trusted(ours: str) -> Markup:
    """Our own style sheet, and plots that are drawn from numbers alone."""
    return Markup(ours)  # noqa: S704 (no word of a study or a person is in it)


@cache
def _style() -> str:
    return STYLE.read_text("utf-8")


def _block(block: Block) -> Markup:
    match block:
        case Heading():
            return Markup("<h{0}{1}>{2}</h{0}>").format(block.level, _of(block.said), block.said.words)
        case Paragraph():
            return Markup("<p{}>{}</p>").format(Markup(' class="quiet"') if block.is_quiet else "", _said(block.said))
        case Bullets():
            return Markup("<ul{}>{}</ul>").format(
                _of(block.lines[0]), _joined(Markup("<li>{}</li>").format(_said(one)) for one in block.lines)
            )
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)


def _said(said: Said) -> Markup:
    """Words, marked where they are in another language than the page."""
    return (
        escape(said.words)
        if said.language == "en"
        else Markup("<span{}>{}</span>").format(_in(said.language), said.words)
    )


def _of(said: Said) -> Markup:
    """The mark of a whole element whose words are in another language."""
    return Markup("") if said.language == "en" else _in(said.language)


def _in(language: str) -> Markup:
    return Markup(' lang="{}" dir="{}"').format(language, "rtl" if is_leftwards(language) else "ltr")


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _figure(figure: Figure) -> Markup:
    table = _table(figure.table)
    if not figure.lines:
        return table
    key = Markup('<ul class="key">{}</ul>').format(_joined(_key(one) for one in figure.key)) if figure.key else ""
    lines = _joined(_line(one) for one in figure.lines)
    place = _in(figure.table.language)
    return Markup('<figure{}>\n{}<div class="plot">{}</div>\n{}\n</figure>').format(place, key, lines, table)


def _key(one: Drawn) -> Markup:
    return Markup("<li>{}{}</li>").format(_trusted(one.svg), _said(one.said))


def _line(one: Drawn) -> Markup:
    return Markup('<div class="line"><div class="of">{}</div><div class="drawn">{}</div></div>').format(
        _said(one.said), _trusted(one.svg)
    )


def _table(table: Table) -> Markup:
    head = _joined(
        Markup('<th scope="col"{}>{}</th>').format(_class(place), _said(one)) for place, one in enumerate(table.head)
    )
    rows = Markup("\n").join(_row(row) for row in table.rows)
    return Markup(
        '<p class="caption">{0}</p>\n<div class="wide" role="group" tabindex="0" aria-label="{1}"{2}>'
        '<table aria-label="{1}">\n<thead><tr>{3}</tr></thead>\n<tbody>\n{4}\n</tbody></table></div>'
    ).format(_said(table.caption), table.caption.words, _in(table.language), head, rows)


def _class(place: int) -> Markup:
    return Markup(' class="first"') if place == 0 else Markup("")


def _row(row: tuple[Cell, ...]) -> Markup:
    first = Markup('<th scope="row">{}</th>').format(_said(row[0].said))
    return Markup("<tr>{}{}</tr>").format(first, _joined(_cell(cell) for cell in row[1:]))


def _cell(cell: Cell) -> Markup:
    kind = Markup(' class="{}"').format(_kind(cell)) if _kind(cell) else Markup("")
    span = Markup(' colspan="{}"').format(cell.span) if cell.span > 1 else Markup("")
    inside = Markup("<bdi>{}</bdi>").format(cell.said.words) if cell.is_number else _said(cell.said)
    return Markup("<td{}{}>{}</td>").format(kind, span, inside)


def _kind(cell: Cell) -> str:
    if cell.is_number:
        return "number together" if cell.span > 1 else "number"
    return "withheld" if cell.span > 1 else ""
