"""Long trial: no word of a study, however it is written, does anything in a program that opens or runs a release."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser

from instruments.model import Instrument
from instruments.stored import instrument_from_canonical
from release.formats.writing import FORMATS, write_formats
from release.report.page import as_page
from release.source import Source
from release.specification import specification_of
from release.summary.files import files_of, summary_of
from tests.release.formats.making import expected, with_order
from tests.release.formats.test_scoring_syntax import EXPECTED, LOW, folder_of, from_pspp, run, tabbed
from tests.summaries import made_up

pytestmark = pytest.mark.torture
# Each would leave a file called "hit" in SPSS, Stata, R, Python or Typst, or a mark on a page, if anything ran it.
WORDS = (
    "'. HOST COMMAND=['touch hit'].",
    '". EXECUTE. HOST COMMAND=["touch hit"].',
    '"); system("touch hit"); ("',
    "'); open('hit', 'w'); ('",
    '"""\nopen("hit", "w")\n"""',
    "*/\nshell touch hit\n/*",
    "\"'\n!touch hit\n`shell touch hit' $hit",
    "\\\nsystem('touch hit')\\",
    "<script>document.title='hit'</script><img src=x onerror=\"document.title='hit'\">",
    "]]></labl><hit/> &hit; <!--",
    '#read("/etc/hostname") $ x_1 ` ``` #panic() \\u{41} *_@ref<ref>',
    "=HYPERLINK(1)\t\r\n\x0b\u2028\u202e",
)


def changed(told: Any, hostile: Callable[[str], str]) -> Any:
    """The study with other words wherever people read words."""
    if isinstance(told, dict):
        return {
            name: [[language, hostile(words)] for language, words in value]
            if name == "translations"
            else changed(value, hostile)
            for name, value in told.items()
        }
    return [changed(one, hostile) for one in told] if isinstance(told, list) else told


@pytest.fixture(scope="module", params=WORDS)
def hostile(request: pytest.FixtureRequest, instrument: Instrument) -> Instrument:
    told = changed(json.loads(instrument.canonical), lambda words: f"{request.param} {words[:40]} {request.param}")
    data = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return instrument_from_canonical(data)


def test_syntax_gives_the_numbers_and_nothing_else(hostile: Instrument, tmp_path: Path) -> None:
    folder = folder_of(expected(hostile), tmp_path / "made", LOW)
    assert tabbed(run(folder, [sys.executable, "-I", "scoring.py"])) == EXPECTED
    assert tabbed(run(folder, ["Rscript", "--vanilla", "scoring.R"])) == EXPECTED
    assert from_pspp(run(folder, ["pspp", "-O", "format=csv", "scoring.sps"])) == EXPECTED


def test_pages_run_nothing_and_documents_are_whole(hostile: Instrument, browser: Browser, tmp_path: Path) -> None:
    order = specification_of(
        {"purpose": "a look", "kind": "summary", "groups": ["young_person"], "language": "en", "preset": "team"}
    )
    source = Source("bundle", hostile.study, {hostile.digest: hostile}, ())
    files = files_of(summary_of(source, made_up(hostile, {"young_person": 40}), order), order)
    made = with_order(expected(hostile), formats=tuple(FORMATS))
    made = replace(made, specification=replace(made.specification, purpose=hostile.title.in_language("en")))
    write_formats(made, tmp_path)
    (tmp_path / "disclosure.html").write_bytes(as_page(made))
    (tmp_path / "summary.html").write_bytes(files["summary.html"])
    assert files["summary.pdf"].startswith(b"%PDF")
    ElementTree.parse(tmp_path / "ddi.xml")  # noqa: S314 (our own file)
    page = browser.new_page()
    for name in ("codebook.html", "disclosure.html", "summary.html"):
        page.goto((tmp_path / name).as_uri())
        page.wait_for_load_state("networkidle")
        assert page.title() != "hit", name
        assert page.locator("script, img, iframe, object").count() == 0, name
    page.close()
