"""Recordings for tests: silence as MP3, made frame by frame, and a study's folder in which some texts can be heard."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from commands import DEFAULT_STUDY

FRAME = bytes.fromhex("fff318c4") + bytes(32)  # MPEG-2 layer III, 8 kbit/s at 16 kHz: 36 bytes that last 36 ms


def silence(seconds: float, mark: bytes = b"") -> bytes:
    """So much silence; `mark` makes it another file that lasts as long."""
    tag = b"ID3\x03\0\0" + bytes((0, 0, 0, len(mark))) + mark if mark else b""
    return tag + FRAME * max(2, round(seconds / 0.036))


def put(folder: Path, name: str, data: bytes) -> None:
    """Lay a file into the folder of recordings."""
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / name).write_bytes(data)


def say_in(sheet: Path, files: dict[str, str], column: str = "media::audio::English (en)") -> None:
    """Name a recording in the rows of these names of a CSV sheet."""
    with sheet.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    at = head.index("name")
    told = [[*head, column], *([*row, "" if row[0].startswith("end") else files.get(row[at], "")] for row in rows)]
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(told)


def heard_study(folder: Path) -> Path:
    """The default study in this folder, in which four texts and the first answers can be heard in English."""
    shutil.copytree(DEFAULT_STUDY, folder)
    say_in(folder / "information" / "survey.csv", {"info_1": "who.mp3", "info_1_a": "we.mp3"})
    say_in(folder / "easy_read" / "survey.csv", {"easy_1_a": "easy.mp3"})
    say_in(folder / "eligibility" / "survey.csv", {"elig_muslim": "muslim.mp3"})
    say_in(folder / "eligibility" / "choices.csv", {"1": "one.mp3"})
    for name, seconds in (("one.mp3", 0.3), ("who.mp3", 20), ("we.mp3", 0.3), ("easy.mp3", 0.3), ("muslim.mp3", 0.3)):
        put(folder, name, silence(seconds, name.encode()))
    return folder
