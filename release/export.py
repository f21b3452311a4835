"""Write a release: data.csv, codebook.csv, README.txt, manifest.json. All or nothing; same inputs, same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ReleaseError
from instruments.codebook import MISSING_LABELS, codebook_row, codebook_rows, level_in_words
from instruments.model import BLANK, NOT_APPLICABLE, NOT_IN_VERSION, REMOVED, Level
from release.readme import readme_of
from release.table import FORM_VERSION
from release.versions import asked_in, elsewhere, incomparable, is_lacking

if TYPE_CHECKING:
    from release.build import Release
    from release.table import Column

FORMAT, VERSION = "amanah-release", 1
ID_ROW = {
    "variable": "research_id",
    "label": "Id of the participant in releases for this purpose; its last character checks the others",
    "type": "text",
    "privacy": "pseudonym",
    "in_this_release": "first column",
}
FORMULA = re.compile(r"[=+@\t\r]|-(?!\d+(\.\d+)?$)")


def write_release(release: Release, out: Path) -> None:
    """Write every file into a new folder (0700). Raises ReleaseError; then nothing is left behind."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ReleaseError(f"{out} is not an empty folder. Choose a new one; nothing was written.")
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".release-", dir=out.parent))
    try:
        for name, data in release_files(release).items():
            _write(beside / name, data)
        if out.exists():
            out.rmdir()
        beside.rename(out)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def release_files(release: Release) -> dict[str, bytes]:
    """The files of a release by name, the manifest last."""
    files = {
        "data.csv": _csv(["research_id", *(column.item.name for column in release.columns)], _cells(release)),
        "codebook.csv": _codebook(release),
        "README.txt": readme_of(release).encode(),
    }
    return files | {"manifest.json": _manifest(release, files)}


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers, negative codes too, stay as they are."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def _cells(release: Release) -> Iterator[tuple[str, ...]]:
    return (tuple(map(str, row)) for row in release.frame.iter_rows())


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return sink.getvalue().encode()


def _codebook(release: Release) -> bytes:
    """What every variable of data.csv means as it stands there, then what was withheld."""
    ordered = release.specification
    newest = release.instruments[0]
    known = {FORM_VERSION.name: codebook_row(newest, FORM_VERSION, ordered.groups, ordered.language)} | {
        row["variable"]: row
        for version in reversed(release.instruments)
        for row in codebook_rows(version, ordered.groups, ordered.language)
    }
    told = [ID_ROW]
    told += [_described(release, column, known[column.item.name]) for column in release.columns]
    told += [{**known[name], "in_this_release": _why_not(release, known[name])} for name in _absent(release)]
    head = [*known[FORM_VERSION.name], "in_this_release", "asked_in_versions", "in_other_versions"]
    return _csv(head, [[row.get(name, "") for name in head] for row in told])


def _described(release: Release, column: Column, row: Mapping[str, str]) -> dict[str, str]:
    level = release.levels.get(column.item.name, 0)
    told = {
        **row,
        "in_this_release": f"released at level {level}",
        "asked_in_versions": ", ".join(asked_in(release, column)),
        "in_other_versions": " || ".join(elsewhere(release, column)),
    }
    if column.item.name == "respondent_group":
        told["codes"] = " | ".join(_group_codes(release))
    elif level and column.hierarchy:
        told["codes"] = " | ".join(_coarse_codes(column, column.hierarchy.levels[level - 1], release))
    if is_lacking(release, column):
        lacking = f"{NOT_IN_VERSION} = {MISSING_LABELS[NOT_IN_VERSION]}"
        told["codes"] = " | ".join(filter(None, (told["codes"], lacking)))
    return told


def _group_codes(release: Release) -> Iterator[str]:
    ordered = release.specification
    titles = {group.name: group.title for version in reversed(release.instruments) for group in version.groups}
    yield from (f"{name} = {titles[name].in_language(ordered.language)}" for name in ordered.groups if name in titles)


def _coarse_codes(column: Column, level: Level, release: Release) -> Iterator[str]:
    language = release.specification.language
    if level.rule == "suppressed":
        yield f"every answer is {REMOVED}: {MISSING_LABELS[REMOVED]}"
        return
    if level.rule != "categories":
        yield level_in_words(level, language)
    yield from (f"{category.code} = {category.label.in_language(language)}" for category in level.categories)
    if column.item.is_asked:
        aside = [int(choice.code) for choice in column.item.choices if choice.aside]
        yield from (f"{code} = {MISSING_LABELS[code]}" for code in (*aside, REMOVED, NOT_APPLICABLE, BLANK))


def _absent(release: Release) -> tuple[str, ...]:
    return (*release.withheld, *release.not_archived)


def _why_not(release: Release, row: Mapping[str, str]) -> str:
    if row["variable"] in release.not_archived:
        return "left out of files for an archive"
    return "withheld until a person has reviewed it" if row["privacy"] == "open" else "never released"


def _manifest(release: Release, files: Mapping[str, bytes]) -> bytes:
    told = {
        "format": FORMAT,
        "version": VERSION,
        "specification": asdict(release.specification),
        "instruments": sorted(instrument.digest for instrument in release.instruments),
        "versions": [
            {"version": version.version, "digest": version.digest, "people": count}
            for version, count in zip(release.instruments, release.answered, strict=True)
        ],
        "order_of_versions": "known" if release.is_order_known else "guessed",
        "incomparable": [
            {
                "since": version.version,
                "about": one.about,
                "what": one.what,
                "language": one.language,
                "because": one.breaks,
            }
            for version, one in incomparable(release)
        ],
        "people": release.frame.height,
        "left_out": release.left_out,
        "not_usable": len(release.faults),
        "keys": list(release.keys),
        "links_that_join_nobody": release.unjoined,
        "ids_follow_from": release.keys[0],
        "records_of_other_keys": dict(release.lacking),
        "checked": list(release.checked),
        "levels": dict(release.levels),
        "withheld": list(release.withheld),
        "declined_archive": release.declined_archive,
        "risk_before": asdict(release.before),
        "risk_after": asdict(release.after),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
