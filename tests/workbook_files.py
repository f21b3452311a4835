"""Workbooks for trials: a form of the study's own sheets as one .xlsx, with some of its cells changed."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

Changes = Mapping[tuple[str, str], str]  # (name of the row, column) → what stands there instead


def workbook_of_sheets(folder: Path, changes: Changes | None = None, left_out: tuple[str, ...] = ()) -> bytes:
    """The CSV sheets of a form's folder as one workbook. `left_out` names rows of the survey to leave out."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        sheet = book.create_sheet(path.stem)
        sheet.append(head)
        for row in rows:
            cells = dict(zip(head, row, strict=True))
            name = cells.get("name", "")
            if path.stem == "survey" and name in left_out:
                continue
            sheet.append([(changes or {}).get((name, column), cell) for column, cell in cells.items()])
    data = BytesIO()
    book.save(data)
    return data.getvalue()
