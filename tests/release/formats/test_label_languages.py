"""A release has its labels in each language of the default study, and others' software reads them back."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pyreadstat
import pytest

from instruments.model import Instrument
from release.formats.writing import write_formats
from release.made import Release
from tests.release.formats.making import with_order
from views.languages import direction_of

LANGUAGES = ("en", "ur", "ar", "bn", "so", "tr")
ASKED = "yp_contact_fair"


def in_language(release: Release, language: str, folder: Path) -> Path:
    write_formats(with_order(release, language=language, languages=(), formats=FORMS), folder)
    return folder


FORMS = ("csv", "sav", "dta", "codebook", "ddi")


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_come_back_in_the_language_that_was_ordered(
    release: Release, instrument: Instrument, tmp_path: Path, language: str
) -> None:
    item = instrument.item(ASKED)
    label = item.label.in_language(language)
    words = {int(choice.code): choice.label.in_language(language) for choice in item.choices}
    folder = in_language(release, language, tmp_path)
    _, sav = pyreadstat.read_sav(folder / "data.sav", user_missing=True)
    assert sav.column_names_to_labels[ASKED] == label
    told = {int(code): said for code, said in sav.variable_value_labels[ASKED].items()}
    assert {code: told[code] for code in words} == words
    _, dta = pyreadstat.read_dta(folder / "data.dta", user_missing=True)
    assert dta.column_names_to_labels[ASKED] == label[:80] or dta.column_names_to_labels[ASKED].startswith(label[:40])
    assert {words[code] for code in words if code > 0} <= set(dta.variable_value_labels[ASKED].values())
    page = (folder / "codebook.html").read_text("utf-8")
    assert f'lang="{language}" dir="{direction_of(language)}"' in page
    assert label in page
    rows = list(csv.reader((folder / "codebook.csv").read_text("utf-8-sig").splitlines()))
    assert any(label in row for row in rows)
    ddi = ElementTree.fromstring((folder / "ddi.xml").read_text("utf-8"))  # noqa: S314 (made here)
    assert label in {" ".join((one.text or "").split()) for one in ddi.iter()}


@pytest.mark.torture
@pytest.mark.parametrize("language", LANGUAGES)
def test_pspp_reads_them_too(release: Release, instrument: Instrument, tmp_path: Path, language: str) -> None:
    pspp = shutil.which("pspp")
    assert pspp, "PSPP is not on this machine. Install it (Debian: apt install pspp) and run the long trials again."
    folder = in_language(release, language, tmp_path)
    (folder / "said.sps").write_text(f'GET FILE="data.sav".\nFREQUENCIES VARIABLES={ASKED} /STATISTICS=NONE.\n')
    command = [pspp, "-O", "format=csv", "said.sps"]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    item = instrument.item(ASKED)
    assert item.label.in_language(language) in " ".join(done.stdout.split())
    assert item.choices[1].label.in_language(language) in done.stdout
