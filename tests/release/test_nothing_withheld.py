"""Canaries: what is withheld, or nobody's business, is in no file of any form. What is undeclared stops a release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from errors import ReleaseError
from instruments.model import Instrument
from release.build import build_release
from release.dataset import Dataset
from release.export import write_release
from release.formats.writing import FORMATS
from release.person import Person
from release.specification import Specification
from tests.conftest import Keys
from tests.release.test_distrust import source
from tests.release.test_reading import person
from tests.releases import SIGNER, dataset_of

WORDS, INTERVIEWER = "canary-of-her-own-words", "CNRY77"
LABELS = [bytes([160 + number]) * 16 for number in range(12)]


ORDER = Specification(
    "a trial", ("young_person",), 5, tuple(FORMATS), "en", archive_only=True, preset="archive", recipient="An archive"
)


def people_of(instrument: Instrument, **answers: str) -> tuple[Person, ...]:
    """People in whose records canaries lie."""
    one = person(instrument, 1)
    held = replace(
        one,
        answers={**one.answers, "yp_text_1": WORDS, **answers},
        recorded={**one.recorded, "interviewer_code": INTERVIEWER},
    )
    return tuple(replace(held, participant=label) for label in LABELS)


def dataset(instrument: Instrument, **answers: str) -> Dataset:
    """The same, whose ids follow from labels of an earlier wave."""
    found = dataset_of(people_of(instrument, **answers), instrument)
    linked = pl.Series(".linked", [label[::-1] for label in found.people[".participant"]])
    return replace(found, people=found.people.with_columns(linked))


@pytest.fixture(scope="module")
def folder(keys: Keys, instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for an archive in every form."""
    made = build_release(source(keys, instrument), dataset(instrument), [keys.research], ORDER)
    assert made.frame.height == len(LABELS)
    out = tmp_path_factory.mktemp("canaries") / "out"
    write_release(made, out, SIGNER)
    return out


def told(path: Path) -> Iterator[str]:
    """A file as its own readers see it, also where it is compressed."""
    if path.suffix == ".parquet":
        yield str(pl.read_parquet(path).to_dicts())
        yield str(pl.read_parquet_metadata(path))
    elif path.suffix in (".sav", ".dta"):
        read = pyreadstat.read_sav if path.suffix == ".sav" else pyreadstat.read_dta
        rows, meta = read(path, output_format="polars")
        yield str(rows.to_dicts()) + str(vars(meta))
    yield path.read_bytes().decode("utf-8", "replace")


def files_that_tell(folder: Path, *canaries: str) -> set[str]:
    return {
        path.name for path in folder.rglob("*") if path.is_file() for text in told(path)
        for canary in canaries if canary in text
    }  # fmt: skip


def test_no_file_of_any_form_tells_what_is_withheld(folder: Path) -> None:
    assert len(list(folder.rglob("*"))) > 12
    labels = [one for label in LABELS for one in (label.hex(), label[::-1].hex())]
    assert files_that_tell(folder, WORDS, INTERVIEWER, *labels) == set()
    raw = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not [label for label in LABELS if label in raw]


def test_the_search_finds_what_is_there(folder: Path) -> None:
    month = "2026-11"
    assert files_that_tell(folder, month) >= {"data.csv", "data.parquet", "data.sav", "data.dta"}


def test_a_variable_that_no_version_declares_stops_the_release(keys: Keys, instrument: Instrument) -> None:
    found = dataset(instrument, stranger="canary-of-nobody-declared")
    with pytest.raises(ReleaseError, match="declared for: stranger"):
        build_release(source(keys, instrument), found, [keys.research], ORDER)
