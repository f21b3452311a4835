"""Long trials: PSPP, R with haven and frictionless open what is written. Where one is not there, the trial fails."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from instruments.model import Instrument
from release.formats.writing import FORMATS, write_formats
from tests.release.formats.making import item, made_of, with_order

INSTALL = "{} is not on this machine. Install it (Debian: apt install {}) and run the long trials again."
FRICTIONLESS = "frictionless==5.21.0"
HAVEN = """
library(haven)
sav <- read_sav("data.sav", user_na = TRUE)
dta <- read_dta("data.dta")
said <- function(...) cat(..., sep = "|", fill = FALSE)
said(attr(sav$yp_contact_fair, "label"), attr(dta$yp_contact_fair, "label"), "")
said(attr(sav$yp_contact_fair, "na_range"), sum(is.na(sav$yp_contact_fair)), "")
said(names(which(attr(sav$yp_contact_fair, "labels") == -8)), "")
said(na_tag(dta$yp_contact_fair)[4], sum(is.na(dta$yp_contact_fair)), "")
said(names(attr(dta$yp_contact_fair, "labels"))[which(na_tag(attr(dta$yp_contact_fair, "labels")) == "h")], "")
said(sav$yp_contact[5], dta$yp_contact[5], dta$yp_contact__2[5])
"""

pytestmark = pytest.mark.torture


def told_by(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_pspp_shows_labels_and_user_missing_values(written: Path, tmp_path: Path) -> None:
    assert shutil.which("pspp"), INSTALL.format("PSPP", "pspp")
    script = tmp_path / "frequencies.sps"
    script.write_text('GET FILE="data.sav".\nFREQUENCIES VARIABLES=yp_contact_fair yp_contact /STATISTICS=NONE.\n')
    told = told_by(["pspp", "-O", "format=csv", str(script)], written)
    assert "warning" not in told.lower()
    rows = [row for row in csv.reader(io.StringIO(told)) if len(row) > 3]
    valid = {row[1]: row[2] for row in rows}
    assert (valid["Fairly"], valid["Not applicable (routed past)"], valid["Left blank"]) == ("3", "4", "1")
    assert ["Missing", "Prefer not to say", "2"] in [row[:3] for row in rows]
    assert "how fairly did the police treat you?" in told


def test_r_opens_sav_and_dta(written: Path) -> None:
    assert shutil.which("Rscript"), INSTALL.format("R", "r-base-core r-cran-haven")
    lines = told_by(["Rscript", "--vanilla", "-e", HAVEN], written).replace("\n", "").split("|")
    label = "Thinking of the most recent time, how fairly did the police treat you?"
    assert lines == [
        label, label, "-9", "-1", "5", "Not applicable (routed past)", "h", "5", "Not applicable (routed past)",
        "1 2", "1 2", "1",
    ]  # fmt: skip


def test_frictionless_finds_the_data_package_valid(written: Path, tmp_path: Path) -> None:
    # In an environment of its own: what it needs is no business of the app's.
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, timeout=300)
    python = str(tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    got = subprocess.run([python, "-m", "pip", "install", "-q", FRICTIONLESS], capture_output=True, timeout=600)
    assert got.returncode == 0, f"{FRICTIONLESS} cannot be fetched. Connect to a package index and try again."
    assert "VALID" in told_by([python, "-m", "frictionless", "validate", "datapackage.json"], written)
    spoilt = tmp_path / "spoilt"
    shutil.copytree(written, spoilt)
    (spoilt / "data.csv").write_text((written / "data.csv").read_text("utf-8").replace("R02,1,19", "R02,1,x"), "utf-8")
    command = [python, "-m", "frictionless", "validate", "datapackage.json"]
    assert subprocess.run(command, cwd=spoilt, capture_output=True, timeout=600).returncode != 0


def test_a_hundred_thousand_people_take_seconds(instrument: Instrument, tmp_path: Path) -> None:
    chance, count = np.random.default_rng(7), 100_000
    codes = {"1": "a", "2": "b", "3": "c", "4": "d", "5": "e", "-1": "no idea", "-2": "rather not"}
    scales = {
        item(f"v{place}", f"Question {place}", codes): chance.choice([-9, -8, -2, -1, 1, 2, 3, 4, 5], count).tolist()
        for place in range(57)
    }
    several = {
        item(f"t{place}", "Which?", codes, "select_multiple"): chance.choice(["1 2", "-8", "3"], count).tolist()
        for place in range(3)
    }
    made = with_order(made_of(instrument, {**scales, **several}), formats=tuple(FORMATS))
    start = time.perf_counter()
    write_formats(made, tmp_path)
    assert time.perf_counter() - start < 15  # 2 s on two quiet cores
