"""The document for those who write a study leaves out no column, type, function or key."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments import settings, vocabulary
from instruments.expressions import ARGUMENTS, BINDS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "studies.md").read_text("utf-8")
SHAPES = (
    settings.STUDY, settings.GROUP, settings.PART, settings.SCALE, settings.LEVEL, settings.CATEGORY, settings.RELEASE,
    settings.RETENTION,
)  # fmt: skip
NAMES = {
    *vocabulary.COLUMNS["survey"],
    *vocabulary.TYPES,
    *(cell for cells in vocabulary.CELLS.values() for cell in cells if cell and not cell.isdigit() and cell != "no"),
    *ARGUMENTS,
    *BINDS,
    *(name.rstrip("?") for shape in SHAPES for name in shape),
    *(value for values in settings.ALLOWED.values() for value in values if isinstance(value, str)),
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_document_names_it(name: str) -> None:
    assert f"`{name}`" in DOCUMENT or f"`{name}()`" in DOCUMENT
