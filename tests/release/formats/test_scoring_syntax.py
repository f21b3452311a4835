"""The scoring syntax gives groups the study's expected results, withholds what it must, and writes nothing."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from instruments.model import Instrument
from release.formats.scoring import NAMES, Least, left_out, syntax
from release.formats.variables import variables_of
from release.formats.writing import write_formats
from release.made import Release
from tests.release.formats.making import expected, with_order
from tests.release.formats.stata_grammar import faults_in

NO = "withheld"
# docs: the study's expected.md, sections 3 and 4. n, mean, deviation, complete people, alpha, shares of -1 and -2.
EXPECTED = {
    "yp_fair": ["10", "3.22", "1.1734", "8", "0.9558", "2.1", "12.5"],
    "yp_trust": ["11", "3.12", "1.0681", "10", "0.9510", "2.1", "8.3"],
    "yp_trust_do": ["11", "3.14", "1.1851", "11", "0.9155", "0.0", "8.3"],
    "yp_trust_rel": [NO] * 7,  # the facet rule: 10 people, and 11 in yp_trust
    "yp_value": ["11", "3.30", "0.9827", "10", "0.8602", "0.0", "11.1"],
    "yp_open": ["9", "2.37", "0.8889", "8", "0.9527", "16.7", "8.3"],
    "yp_emo": ["10", "3.03", "1.0701", "9", "0.9321", "2.1", "8.3"],
    "yp_mosq": ["10", "3.20", "0.9775", "10", "0.8963", "4.2", "8.3"],
    "yp_focus": ["10", "2.80", "1.1106", "10", "0.9486", "8.3", "8.3"],
}
SHOWN = {
    name: [NO] * 7 if name in ("yp_trust_rel", "yp_open") else [*told[:3], NO, NO, *shares]
    for (name, told), shares in zip(
        EXPECTED.items(),
        [[NO, NO], [NO, NO], ["0.0", NO], [NO, NO], ["0.0", NO], [NO, NO], [NO, NO], [NO, NO], [NO, NO]],
        strict=True,
    )
}
LOW = Least(people=1, complete=1, behind=1)
INSTALL = "{} is not on this machine. Install it (Debian: apt install {}) and run the long trials again."


def folder_of(release: Release, folder: Path, least: Least) -> Path:
    """A folder with data.csv and the syntax, as a colleague has them."""
    folder.mkdir()
    write_formats(with_order(release, formats=("csv", "scoring"), excel=True), folder)
    for name in NAMES:
        (folder / name).write_text(syntax(release, variables_of(release, "en"), name, least), "utf-8")
    return folder


def run(folder: Path, command: Sequence[str]) -> str:
    before = sorted(path.name for path in folder.iterdir())
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(path.name for path in folder.iterdir()) == before
    return done.stdout


def tabbed(told: str) -> dict[str, list[str]]:
    rows = [line.split("\t") for line in told.splitlines()]
    return {row[0]: row[1:] for row in rows[1:]}


def from_pspp(told: str) -> dict[str, list[str]]:
    """PSPP's tables, with a dot where something is withheld and no 0 before the point."""
    rows = [row for row in csv.reader(io.StringIO(told)) if row and row[0].startswith("yp_")]
    cells = {row[0]: [cell.strip() for cell in row[1:]] for row in rows}
    return {name: [_shown(cell) for cell in row] for name, row in cells.items()}


def _shown(cell: str) -> str:
    return NO if cell == "." else f"0{cell}" if cell[0] == "." else cell


@pytest.fixture(scope="module")
def folders(instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    release, home = expected(instrument), tmp_path_factory.mktemp("scoring")
    return {"low": folder_of(release, home / "low", LOW), "usual": folder_of(release, home / "usual", Least())}


@pytest.mark.parametrize(("which", "numbers"), [("low", EXPECTED), ("usual", SHOWN)])
def test_python_gives_the_expected_numbers(folders: dict[str, Path], which: str, numbers: dict[str, list[str]]) -> None:
    assert tabbed(run(folders[which], [sys.executable, "-I", "scoring.py"])) == numbers


def test_every_statement_for_stata_is_of_its_grammar(release: Release) -> None:
    assert faults_in(syntax(release, variables_of(release, "en"), "scoring.do")) == []


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("local n = r(N)", "local n == r(N)", "no known statement"),
        ("string(r(sd), ", "strin(r(sd), ", "no expression"),
        (" / 10, ", " / , ", "no expression"),
        ("among(`in')", "in(`in')", "its options are not those of its syntax"),
        ("place(integer) ", "", "its options are not those of its syntax"),
        ("`answered' = rownonmiss", "`answred' = rownonmiss", "answred is not defined"),
        ("stringcols(_all)", "stringcol(_all)", "an option that is not known"),
        ("foreach item of local varlist {", "foreach item in local varlist", "no known statement"),
        ("    scalar `parts' = 0", "    }", "nothing to close"),
    ],
)
def test_a_slip_in_the_syntax_for_stata_would_be_noticed(release: Release, right: str, wrong: str, says: str) -> None:
    told = syntax(release, variables_of(release, "en"), "scoring.do")
    assert right in told
    assert any(says in fault for fault in faults_in(told.replace(right, wrong, 1)))


def test_scales_whose_items_are_not_all_there_are_named_and_left_out(release: Release) -> None:
    from dataclasses import replace

    fewer = replace(release, frame=release.frame.drop("yp_fair_3"))
    assert left_out(fewer) == ("yp_fair",)
    for name in NAMES:
        told = syntax(fewer, variables_of(release, "en"), name)
        assert "as it was asked: yp_fair." in told
        assert "yp_trust" in told


def test_other_groups_count_neither_as_people_nor_as_answers(instrument: Instrument, tmp_path: Path) -> None:
    from instruments.model import Item, Text
    from release.columns import Column
    from tests.release.formats.making import release_of

    twelve = expected(instrument)
    others = twelve.frame.with_columns(pl.col(pl.Int32) * 0 - 8, research_id="X" + pl.col("research_id"))
    frame = pl.concat(
        [twelve.frame.with_columns(respondent_group=pl.lit("young_person")),
         others.with_columns(respondent_group=pl.lit("police_officer"))]
    )  # fmt: skip
    group = Column(Item("respondent_group", "hidden", Text((("en", "Group"),))), None)
    told = release_of(instrument, frame, (*twelve.columns, group))
    folder = folder_of(told, tmp_path / "both", LOW)
    assert tabbed(run(folder, [sys.executable, "-I", "scoring.py"])) == EXPECTED


def test_no_line_of_spss_syntax_is_longer_than_it_reads(release: Release) -> None:
    told = syntax(release, variables_of(release, "en"), "scoring.sps")
    assert max(len(line.encode()) for line in told.splitlines()) <= 256


def test_every_syntax_names_every_scale_item_and_reversed_item(release: Release) -> None:
    for name in NAMES:
        told = syntax(release, variables_of(release, "en"), name)
        assert [scale for scale in EXPECTED if scale not in told] == []
        assert "SAVE" not in told.upper().replace("SAVES NOTHING", "")


@pytest.mark.torture
@pytest.mark.parametrize(("which", "numbers"), [("low", EXPECTED), ("usual", SHOWN)])
def test_r_gives_the_expected_numbers(folders: dict[str, Path], which: str, numbers: dict[str, list[str]]) -> None:
    assert shutil.which("Rscript"), INSTALL.format("R", "r-base-core")
    assert tabbed(run(folders[which], ["Rscript", "--vanilla", "scoring.R"])) == numbers


@pytest.mark.torture
@pytest.mark.parametrize(("which", "numbers"), [("low", EXPECTED), ("usual", SHOWN)])
def test_pspp_gives_the_expected_numbers(folders: dict[str, Path], which: str, numbers: dict[str, list[str]]) -> None:
    assert shutil.which("pspp"), INSTALL.format("PSPP", "pspp")
    assert from_pspp(run(folders[which], ["pspp", "-O", "format=csv", "scoring.sps"])) == numbers
