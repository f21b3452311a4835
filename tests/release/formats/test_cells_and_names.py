"""No cell is a formula in any file that a spreadsheet opens; no name is written that a format cannot hold."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import ReleaseError
from instruments.model import Instrument
from release.formats.cells import neutral, neutral_text
from release.formats.names import refuse_names
from release.formats.writing import FORMATS, write_formats
from tests.release.formats.making import item, made_of, with_order

DANGEROUS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "＝1", "-", "-1\n"]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_what_begins_a_formula_is_neutralised(cell: str) -> None:
    assert neutral(cell) == "'" + cell


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("=+-@\t\r\n0129.٣")), min_size=1))
def test_columns_and_cells_are_neutralised_alike(cells: list[str]) -> None:
    assert neutral_text(pl.Series("told", cells)).to_list() == [neutral(cell) for cell in cells]


def test_no_cell_of_any_csv_is_a_formula(instrument: Instrument, tmp_path: Path) -> None:
    said = item("said", "=HYPERLINK(A1)", {"1": "@x", "=2": "=3"}, kind="select_one")
    cells = [*DANGEROUS, "-1", "-1.5", "fine"]
    write_formats(with_order(made_of(instrument, {said: cells}), formats=("csv",)), tmp_path)
    for name in ("data.csv", "codebook.csv"):
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            found = [cell for row in csv.reader(file) for cell in row]
        assert [cell for cell in found if neutral(cell) != cell] == []
    assert {"'=1+1", "-1", "-1.5", "fine"} <= {*_column(tmp_path / "data.csv", "said")}
    assert "'=HYPERLINK(A1)" in _column(tmp_path / "codebook.csv", "label")


@pytest.mark.parametrize(
    ("names", "formats", "says"),
    [
        (["with"], ["sav"], "with"),
        (["é_" * 32], ["sav"], "SPSS"),
        (["ends."], ["sav"], "ends."),
        (["_first"], ["sav"], "_first"),
        (["a" * 33], ["dta"], "Stata"),
        (["strL"], ["dta"], "strL"),
        (["str12"], ["dta"], "str12"),
        (["a.b"], ["dta"], "a.b"),
        (["a-b"], ["dta"], "a-b"),
        (["TRUE"], ["csv", "scoring"], "TRUE"),
        (["a.b"], ["csv", "scoring"], "a.b"),
        (["Age", "age"], ["sav"], "Age and age"),
        (["Age", "age"], ["dta"], "Age and age"),
        (["age", "age"], ["csv"], "age and age"),
        (["a,b"], ["csv"], "a,b"),
    ],
)
def test_a_name_that_a_format_cannot_hold_is_refused_with_what_to_do(
    names: list[str], formats: list[str], says: str
) -> None:
    with pytest.raises(ReleaseError) as refused:
        refuse_names(["research_id", *names], formats)
    assert says in str(refused.value)
    assert "Rename the variable" in str(refused.value)


@pytest.mark.parametrize(
    ("names", "formats"),
    [(["a" * 32, "a.b"], ["csv", "parquet"]), (["Age", "age"], ["csv"]), (["a.b", "with_", "é"], ["sav"])],
)
def test_a_name_is_refused_only_by_formats_that_were_asked_for(names: list[str], formats: list[str]) -> None:
    refuse_names(names, formats)


def test_nothing_is_written_where_a_name_is_refused(instrument: Instrument, tmp_path: Path) -> None:
    made = made_of(instrument, {item("with", "With whom?", kind="text"): ["x"]})
    with pytest.raises(ReleaseError):
        write_formats(with_order(made, formats=("csv", "sav")), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["datapackage", "scoring"])
def test_what_reads_data_csv_is_refused_without_it(instrument: Instrument, tmp_path: Path, form: str) -> None:
    made = made_of(instrument, {item("said", "What?", kind="text"): ["x"]})
    with pytest.raises(ReleaseError, match="Add csv"):
        write_formats(with_order(made, formats=(form, *(one for one in FORMATS if one == "sav"))), tmp_path)


def _column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]
