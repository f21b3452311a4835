"""One release of the study's invented people in every format, written once for all tests of formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.model import Instrument
from release.formats.writing import FORMATS, write_formats
from release.made import Release
from tests.release.formats.making import expected, with_order


@pytest.fixture(scope="session")
def release(instrument: Instrument) -> Release:
    """The twelve, as if each answer were released as it was given."""
    return with_order(expected(instrument), formats=tuple(FORMATS), languages=("ar",))


@pytest.fixture(scope="session")
def written(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file of it."""
    folder = tmp_path_factory.mktemp("written")
    write_formats(release, folder)
    return folder
