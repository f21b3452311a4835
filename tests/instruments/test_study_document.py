"""The document for those who write a study leaves out no column, type, function or key."""

from __future__ import annotations

from pathlib import Path

import pytest

import instruments.rules.unsupported
from instruments import settings
from instruments.expressions import ARGUMENTS, BINDS
from instruments.reading import amanah_sheet, vocabulary

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = (DOCS / "studies.md").read_text("utf-8")
OF_EXPRESSIONS = (DOCS / "xlsform.md").read_text("utf-8")
SHAPES = (
    settings.STUDY, settings.GROUP, settings.PART, settings.SCALE, settings.LEVEL, settings.CATEGORY, settings.RELEASE,
    settings.RETENTION, settings.BESIDE_A_WORKBOOK,
)  # fmt: skip
NAMES = {
    *vocabulary.COLUMNS["survey"],
    *vocabulary.TYPES,
    *(cell for cells in vocabulary.CELLS.values() for cell in cells if cell and not cell.isdigit() and cell != "no"),
    *amanah_sheet.KINDS,
    *amanah_sheet.COLUMNS,
    *(name.rstrip("?") for shape in SHAPES for name in shape),
    *(value for values in settings.ALLOWED.values() for value in values if isinstance(value, str)),
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_document_names_it(name: str) -> None:
    assert f"`{name}`" in DOCUMENT or f"`{name}()`" in DOCUMENT


@pytest.mark.parametrize("name", [*ARGUMENTS, *instruments.rules.unsupported.FUNCTIONS])
def test_the_document_of_expressions_says_what_becomes_of_a_function(name: str) -> None:
    assert f"`{name}(" in OF_EXPRESSIONS


@pytest.mark.parametrize("sign", BINDS)
def test_the_document_of_expressions_names_every_operator(sign: str) -> None:
    assert f"`{sign}`" in OF_EXPRESSIONS
