"""Recordings of a study's texts: which files are played, how large they may be, and the name that content gives a file.

A file lies in the folder `media` beside the study. What an instrument holds is a name made of the file's own bytes, so
a record says by its instrument's digest what was read out, and a file that was changed is another one. Plays nothing.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from errors import InstrumentError, Problem
from instruments.model import Instrument, Part, Text
from instruments.plain_files import why_not_plain
from instruments.reading.references import REFERENCE

FOLDER = "media"
TYPES = {".mp3": "audio/mpeg", ".m4a": "audio/mp4"}  # what every phone's browser plays; Ogg and Opus are not
LARGEST = 1_000_000  # bytes of a file: four minutes of speech at 32 kbit/s
LARGEST_LANGUAGE = 8_000_000  # bytes of all that one language has: what a person loads before listening, at most
LARGEST_FOLDER = 40_000_000  # bytes of all files; a proposed version waits in the office whole
MOST_NAMED = 12
CONTENT_NAME = re.compile(r"[0-9a-f]{64}\.(?:mp3|m4a)")
FILE_NAME = re.compile(r"[\w][\w .()-]{0,120}")
MISSING = "there is no file of this name in the folder media beside the sheets; put it there, or empty this cell"
NO_PATH = "write the file's name only, of letters, digits, spaces and - _ . ( ), as it is called in the folder media"
NO_KIND = "this is no recording that every phone plays; save it as .mp3 or as .m4a (AAC)"
NO_SOUND = "this file is not what its name says: its bytes are neither MP3 nor AAC in an .m4a file; save it again"
TOO_LARGE = f"this file is larger than {LARGEST:,} bytes; save it as speech at 32 kbit/s, or say less in it"
TOO_MUCH = f"the files are larger than {LARGEST_FOLDER:,} bytes together; save them as speech"
PLACED = "this file says where it was recorded; save it again without its location"
PLACES = (b"\xa9xyz", b"loci", b"com.apple.quicktime.location")


@dataclass(frozen=True)
class Media:
    """The recordings beside a study: of each file, the name that its content gives it, its size, or why it is refused.

    `strange`: those of them that are no plain files. `trusts`: there is no folder to look in, and a name that content
    gave is taken as it stands (a workbook that this software wrote and reads again).
    """

    names: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    strange: Mapping[str, str] = field(default_factory=dict)
    trusts: bool = False

    def problem(self, cell: str) -> str | None:
        """What is wrong with the file that a cell names."""
        if not FILE_NAME.fullmatch(cell):
            return NO_PATH
        if cell in self.refused:
            return self.refused[cell]
        return None if self.content(cell) else NO_KIND if Path(cell).suffix.lower() not in TYPES else MISSING

    def content(self, cell: str) -> str:
        """The name that the content of this file gives it; "" for a file that is not there."""
        is_known = self.trusts or cell in self.names.values()
        return self.names.get(cell) or (cell if is_known and CONTENT_NAME.fullmatch(cell) else "")


ELSEWHERE = Media(trusts=True)


def media_folder(path: Path) -> Path | None:
    """The recordings of a study's folder, a workbook or a form: `NAME-media` beside a form, as ODK, or `media`."""
    places = (path / FOLDER, path.parent / f"{path.name}-{FOLDER}")
    if path.is_file():
        places = (path.parent / f"{path.stem}-{FOLDER}", path.parent / FOLDER)
    return next((place for place in places if place.is_dir()), None)


def read_media(path: Path) -> Media:
    """The recordings beside what lies at this path."""
    folder = media_folder(path)
    if folder is None:
        return Media()
    strange = {file.name: why for file in _own_files(folder) if (why := why_not_plain(file))}
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name not in strange)
    read = _read(tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files))
    return replace(read, refused={**read.refused, **strange}, strange=strange)


def carry_recordings(path: Path, study: Path) -> None:
    """Put the recordings beside what lies at this path into a study's folder, over those of the same name.

    Nothing else that lies there comes along. Raises InstrumentError before any is copied: for one that is too
    large, for what is no plain file.
    """
    source = media_folder(path)
    if source is not None and source != study / FOLDER:
        _copy(list(_own_files(source)), study / FOLDER)


def add_recordings(own: Path, study: Path) -> None:
    """Put the recordings of a study's folder into another one, where that has none of the name."""
    _copy([file for file in _own_files(own / FOLDER) if not (study / FOLDER / file.name).exists()], study / FOLDER)


def _own_files(folder: Path) -> Iterator[Path]:
    """What may be a recording, by its name."""
    named = (file for file in folder.glob("*") if file.suffix.lower() in TYPES)
    yield from sorted(file for file in named if file.is_symlink() or not file.is_dir())


def _copy(files: Sequence[Path], folder: Path) -> None:
    found = [Problem(f"{FOLDER}/{file.name}", why) for file in files if (why := why_not_plain(file))]
    sizes = {file: file.lstat().st_size for file in files}
    found += [Problem(f"{FOLDER}/{file.name}", TOO_LARGE) for file, size in sizes.items() if size > LARGEST]
    if sum(sizes.values()) > LARGEST_FOLDER:
        found.append(Problem(FOLDER, TOO_MUCH))
    if found:
        raise InstrumentError(tuple(found))
    for file in files:
        folder.mkdir(exist_ok=True)
        shutil.copyfile(file, folder / file.name)


def content_name(name: str, data: bytes) -> str:
    """The name of a file by its content."""
    return hashlib.sha256(data).hexdigest() + Path(name).suffix.lower()


def why_not(name: str, data: bytes) -> str | None:
    """Why a file is not taken as a recording; None where it is."""
    kind = Path(name).suffix.lower()
    if kind not in TYPES:
        return NO_KIND
    if len(data) > LARGEST:
        return TOO_LARGE
    if not (_is_mp3(data) if kind == ".mp3" else _is_m4a(data)):
        return NO_SOUND
    return PLACED if any(place in data for place in PLACES) else None


def remarks_on_recordings(instrument: Instrument, media: Media) -> Iterator[Problem]:
    """What is wrong with the recordings of a study as a whole, and what a person should look at."""
    yield from (Problem(f"{FOLDER}/{file}", why) for file, why in sorted(media.strange.items()))
    if sum(media.sizes.values()) > LARGEST_FOLDER:
        yield Problem(FOLDER, TOO_MUCH)
    for language in instrument.languages:
        spoken = {one.recording(language) for _, one in recorded_texts(instrument.parts)} - {""}
        if sum(media.sizes.get(name, 0) for name in spoken) > LARGEST_LANGUAGE:
            told = f"the recordings in {language!r} are larger than {LARGEST_LANGUAGE:,} bytes together"
            yield Problem(FOLDER, f"{told}, which is what a person would load; save them as speech at 32 kbit/s")
        lacking = [name for name, one in recorded_texts(instrument.parts) if not one.recording(language)]
        if lacking:
            named = ", ".join(lacking[:MOST_NAMED]) + (" …" if len(lacking) > MOST_NAMED else "")
            told = f"{len(lacking)} texts have no recording in {language!r} that have one in another: {named}"
            yield Problem(FOLDER, told, is_warning=True)
    for name, text in recorded_texts(instrument.parts):
        if any(REFERENCE.search(words) for _, words in text.translations):
            told = f"{name} shows an answer, which a recording cannot say; listen whether it is clear without"
            yield Problem(FOLDER, told, is_warning=True)
    for file in sorted(media.names.keys() - {file for file, name in media.names.items() if name in used(instrument)}):
        yield Problem(f"{FOLDER}/{file}", "no sheet names this file, so nobody hears it", is_warning=True)


def recorded_texts(parts: Iterable[Part]) -> Iterator[tuple[str, Text]]:
    """Every text that has a recording in any language, with the name of its item or group."""
    for block in (block for part in parts for block in part.blocks):
        texts = [(block.name, block.title)] if block.title else []
        texts += [(item.name, text) for item in block.items for text in (item.label, *(c.label for c in item.choices))]
        yield from ((name, text) for name, text in texts if text.recordings)


def used(instrument: Instrument) -> frozenset[str]:
    """Every recording of an instrument."""
    return frozenset(name for _, text in recorded_texts(instrument.parts) for _, name in text.recordings)


@lru_cache(maxsize=8)
def _read(files: tuple[tuple[Path, int, int], ...]) -> Media:
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    refused: dict[str, str] = {}
    for file, size, _ in files:
        data = b"" if size > LARGEST else file.read_bytes()
        if (wrong := TOO_LARGE if size > LARGEST else why_not(file.name, data)) is not None:
            refused[file.name] = wrong
        else:
            names[file.name] = content_name(file.name, data)
            sizes[names[file.name]] = size
    return Media(names, sizes, refused)


BITRATES = {  # kbit/s of layer III, by the number in a frame's head: MPEG 1, and MPEG 2 and 2.5
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # samples a second, by version


def _is_mp3(data: bytes) -> bool:
    """Whether two frames of layer III stand behind each other at the beginning, behind a tag if there is one."""
    at = 0
    if data[:3] == b"ID3" and len(data) > 10:
        at = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    first = _frame(data[at : at + 4])
    return first > 0 and _frame(data[at + first : at + first + 4]) > 0


def _frame(head: bytes) -> int:
    """The length of the frame with this head; 0 where it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, bits, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in RATES or not 0 < bits < 15 or rate == 3:
        return 0
    is_first = version == 3
    return (144 if is_first else 72) * BITRATES[is_first][bits] * 1000 // RATES[version][rate] + (head[2] >> 1 & 1)


def _is_m4a(data: bytes) -> bool:
    """Whether the boxes fill the file, and one of them describes AAC sound and no picture."""
    at, boxes = 0, dict[bytes, bytes]()
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big") or len(data) - at
        if length < 8:
            return False
        boxes[data[at + 4 : at + 8]] = data[at : at + length]
        at += length
    moov = boxes.get(b"moov", b"")
    return at == len(data) and data[4:8] == b"ftyp" and b"mp4a" in moov and b"vide" not in moov
