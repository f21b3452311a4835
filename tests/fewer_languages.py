"""The default study in two of its languages, for tests whose tablets would otherwise keep every page in all six."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

from commands import DEFAULT_STUDY

NOT_SPOKEN = "ur|bn|so|tr"
# A setting in one language: on one line, or between triple quotes.
SETTING = re.compile(rf'(?ms)^(?:[\w.-]+\.)?(?:{NOT_SPOKEN}) = (?:""".*?"""|"[^"\n]*")[^\n]*\n')
COLUMN = re.compile(rf".*::.* \((?:{NOT_SPOKEN})\)")


def study_in_two_languages(folder: Path) -> Path:
    """The default study in this folder, in English and Arabic."""
    shutil.copytree(DEFAULT_STUDY, folder)
    settings = folder / "study.toml"
    told = SETTING.sub("", settings.read_text("utf-8"))
    settings.write_text(re.sub(r"(?m)^languages = .*$", 'languages = ["en", "ar"]', told), "utf-8")
    for sheet in folder.glob("*/*.csv"):
        _without_columns(sheet)
    return folder


def _without_columns(sheet: Path) -> None:
    with sheet.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    kept = [place for place, column in enumerate(head) if not COLUMN.fullmatch(column)]
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([row[place] for place in kept] for row in (head, *rows))
