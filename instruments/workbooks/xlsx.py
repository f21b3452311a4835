"""Read .xlsx workbooks cell by cell. Calculates nothing: a formula is refused, never replaced by a value it once had.

openpyxl is not used for this: in its read-only mode it hides merged cells, fills the space between two rows however far
apart they are, and reads many parts of a workbook that a form has no need of.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from xml.etree.ElementTree import Element

from instruments.workbooks.archive import Archive, local, open_archive
from instruments.workbooks.cells import Cell, Line, Wrong, boolean_text, column_number, date_text, number_text
from instruments.workbooks.refusals import DAMAGED, MACROS, refused
from instruments.workbooks.table import MOST_ROWS

PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
ROW = re.compile(r"[0-9]{1,7}")
COUNT = re.compile(r"[0-9]{1,9}")
ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff])_")  # how a workbook writes what XML cannot hold
LONGEST_FORMAT = 255  # characters, as in a spreadsheet program
MOST_FORMATS = 1_000
FORMULA = "a formula is not supported; type the value instead of a formula"
MERGED = "merged cells are not supported; take the merge out and fill each cell"
ERROR = "this cell holds an error of the spreadsheet; type the value"
Lines = Callable[[], Iterator[Line]]


@dataclass(frozen=True)
class _Book:
    archive: Archive
    strings: tuple[str, ...]
    dates: frozenset[int]  # the styles that show a number as a date
    from_1904: bool

    def damaged(self, text: str | None) -> Exception:
        return refused(self.archive.file, DAMAGED, text)


def xlsx_sheets(file: str, data: bytes) -> list[tuple[str, Lines]]:
    """The sheets of a workbook in their order, by name, each with what reads its rows."""
    archive = open_archive(file, data)
    if any("macroenabled" in (element.get("ContentType") or "").lower() for _, element in _types(archive)):
        raise refused(file, MACROS)
    found = [target for kind, target in _links(archive, "_rels/.rels").values() if kind == "officeDocument"]
    if len(found) != 1:
        raise refused(file, DAMAGED, "_rels/.rels")
    return _sheets(archive, found[0])


def _types(archive: Archive) -> Iterator[tuple[str, Element]]:
    return archive.elements("[Content_Types].xml")


def _sheets(archive: Archive, workbook: str) -> list[tuple[str, Lines]]:
    folder, name = posixpath.split(workbook)
    links = _links(archive, f"{folder}/_rels/{name}.rels".lstrip("/"), folder)
    told = list(archive.elements(workbook))
    from_1904 = any(element.get("date1904") in ("1", "true") for tag, element in told if tag == "workbookPr")
    paths = dict(links.values())
    strings = tuple(_strings(archive, paths["sharedStrings"])) if "sharedStrings" in paths else ()
    dates = frozenset(_dates(archive, paths["styles"])) if "styles" in paths else frozenset[int]()
    book = _Book(archive, strings, dates, from_1904)
    return [_sheet(book, links, element) for tag, element in told if tag == "sheet"]


def _sheet(book: _Book, links: dict[str, tuple[str, str]], element: Element) -> tuple[str, Lines]:
    link = next((value for name, value in element.items() if local(name) == "id"), "")
    kind, path = links.get(link, ("", ""))
    if not path:
        raise book.damaged(element.get("name"))
    return element.get("name", ""), partial(_lines, book, path if kind == "worksheet" else "")


def _links(archive: Archive, name: str, folder: str = "") -> dict[str, tuple[str, str]]:
    # Links that lead out of the workbook, such as a web address in a cell, are left alone: nothing here follows one.
    return {
        element.get("Id", ""): (
            element.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/"),
        )
        for tag, element in archive.elements(name)
        if tag == "Relationship" and element.get("TargetMode") != "External"
    }


def _strings(archive: Archive, path: str) -> Iterator[str]:
    for tag, element in archive.elements(path):
        if tag == "si":
            yield _words(element)
            element.clear()


def _words(element: Element) -> str:
    # Plain words, or runs of styled ones. How a word is pronounced (rPh) is not part of it.
    runs = [element, *(child for child in element if local(child.tag) == "r")]
    words = "".join(child.text or "" for run in runs for child in run if local(child.tag) == "t")
    return _unescaped(words)


def _unescaped(words: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), words)


def _dates(archive: Archive, path: str) -> Iterator[int]:
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

    told = list(archive.elements(path))
    own = {element.get("numFmtId"): element.get("formatCode", "") for tag, element in told if tag == "numFmt"}
    if len(own) > MOST_FORMATS:
        raise refused(archive.file, f"this workbook has more than {MOST_FORMATS:,} number formats; make it again", path)
    formats = {str(number): code for number, code in BUILTIN_FORMATS.items()} | own
    dates = {number for number, code in formats.items() if is_date_format(code[:LONGEST_FORMAT])}
    cell_styles = next((element for tag, element in told if tag == "cellXfs"), ())
    yield from (style for style, element in enumerate(cell_styles) if element.get("numFmtId") in dates)


def _lines(book: _Book, path: str) -> Iterator[Line]:
    last = 0
    for tag, element in book.archive.elements(path):
        if tag == "row":
            told = element.get("r", str(last + 1))
            if not ROW.fullmatch(told) or int(told) <= last:
                raise book.damaged(f"row {told}")
            last = int(told)
            yield Line(last, _row(book, element))
            element.clear()
        elif tag == "mergeCell":
            yield _merged(book, element.get("ref", ""))


def _merged(book: _Book, area: str) -> Line:
    place = PLACE.match(area)
    if not place:
        raise book.damaged(area)
    row = min(int(place.group(2)), MOST_ROWS)
    return Line(row, {column_number(place.group(1)): Wrong(MERGED, area)})


def _row(book: _Book, element: Element) -> dict[int, Cell]:
    cells: dict[int, Cell] = {}
    last = 0
    for child in element:
        if local(child.tag) != "c":
            continue
        place = PLACE.fullmatch(child.get("r", "A1"))
        if not place:
            raise book.damaged(child.get("r"))
        column = column_number(place.group(1)) if "r" in child.keys() else last + 1
        if column <= last:
            raise book.damaged(child.get("r"))
        last = column
        cells[column] = _cell(book, child)
    return cells


def _cell(book: _Book, element: Element) -> Cell:
    parts = {local(child.tag): child for child in element}
    if "f" in parts:
        return Wrong(FORMULA, "=" + (parts["f"].text or ""))
    if "is" in parts:
        return _words(parts["is"])
    text = parts["v"].text or "" if "v" in parts else ""
    return _typed(book, element, text) if text else ""


def _typed(book: _Book, element: Element, text: str) -> Cell:
    kind = element.get("t", "n")
    if kind == "s":
        return _string(book, text)
    if kind == "b":
        return boolean_text(text.strip() in ("1", "true"))
    if kind == "e":
        return Wrong(ERROR, text)
    if kind == "n":
        style = element.get("s", "0")
        is_date = bool(COUNT.fullmatch(style)) and int(style) in book.dates
        return date_text(text, book.from_1904) if is_date else number_text(text)
    return _unescaped(text)


def _string(book: _Book, text: str) -> str:
    if not COUNT.fullmatch(text) or int(text) >= len(book.strings):
        raise book.damaged(f"string {text}")
    return book.strings[int(text)]
