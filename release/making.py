"""From an order to a folder that is signed: the same way for rows, summaries and tables, at the desk and by command.

Built, compared with earlier releases, remembered, written into the journal, and only then written out. What fails on
the way leaves no folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.build import Release, build_release, open_source_with, remember_release, summary
from release.dataset import Dataset, Report
from release.desk_notes import turn
from release.export import Stop, ask, write_release
from release.formats.writing import refuse_formats
from release.journal import refused_releases_written, write_release_made
from release.ledger import earlier_releases
from release.made import Files
from release.manifest import sign_folder
from release.memory import refuse_other_memory
from release.obstacles import in_one_line
from release.placing import new_folder, refuse_taken, sweep, write_private
from release.review.texts import texts_for
from release.signing import desk_signer, fingerprint
from release.source import Source, open_source
from release.specification import Specification, read_specification_file, settings_of
from release.summary.ledger import summary_release
from release.tables_ledger import tables_release
from release.unlocked import unlocked

OVERTAKEN = (
    "Another release was written after this one was built, so they were not compared. Build this one again; nothing "
    "was written."
)
MadeFiles = Callable[[Source, Dataset, Specification, Path, Sequence[PrivateKey], date], Files]


@dataclass(frozen=True)
class Opened:
    """What orders are made from: records that were opened, and the research keys, the oldest first."""

    source: Source
    dataset: Dataset = field(repr=False)
    keys: Sequence[PrivateKey] = field(repr=False)


@dataclass(frozen=True)
class Way:
    """Where an order goes and when, who is told how far it is, and whether somebody wants it no more.

    `releases`: where the desk remembers (release/memory.py); the files may go to another folder.
    """

    out: Path
    releases: Path
    today: date
    report: Report = lambda done, whole: None
    stop: Stop = lambda: False


def release_to(source: Path, files: Sequence[tuple[bytes, str]], specification: Path, way: Way) -> str:
    """The whole way from sealed records to a written release; returns one line about it. Raises AmanahError.

    `files`: each research key file with its passphrase. The desk's journal tells that it was made, or refused.
    """
    sweep(way.out.parent)
    ordered = read_specification_file(specification)
    refuse_taken(way.out)
    refuse_other_memory(way.out, way.releases)
    with refused_releases_written(way.releases, ordered.purpose, way.today):
        found = open_source(source)
        with unlocked(files) as keys:
            opened = Opened(found, open_source_with(found, keys, way.report, way.today, way.stop), keys)
            return write_order(opened, ordered, way)


def write_order(opened: Opened, ordered: Specification, way: Way) -> str:
    """Make what was ordered and write it; returns one line about it. Raises ReleaseError; then nothing is left."""
    told = WAYS[ordered.kind](opened, ordered, way)
    signer = fingerprint(desk_signer(way.releases).public)
    return f"{told} Signed by the desk key {signer}. Remembered in {way.releases}."


def rows_of(opened: Opened, ordered: Specification, releases: Path, stop: Stop = lambda: False) -> Release:
    """The rows that were ordered, compared with earlier releases; to be looked at. Raises ReleaseError."""
    earlier = earlier_releases(releases, opened.keys, opened.source.study)
    texts = texts_for(ordered, opened.source, opened.dataset, opened.keys, releases)
    made = build_release(opened.source, opened.dataset, opened.keys, ordered, earlier, texts, lambda: ask(stop))
    refuse_formats(made)  # before anything says that it was made
    ask(stop)
    return made


def write_rows(opened: Opened, made: Release, way: Way) -> str:
    """Write rows that were built. Raises ReleaseError."""
    if made.left_out and not made.frame.height:
        raise ReleaseError(in_one_line(made.obstacles, made.left_out, made.specification.k))
    ask(way.stop)
    with turn(way.releases):
        _refuse_overtaken(opened, made, way.releases)
        remember_release(way.releases, opened.source, opened.keys, made, way.today)
    write_release_made(way.releases, made.specification.purpose, way.today)
    write_release(made, way.out, desk_signer(way.releases), way.report, way.stop)
    return summary(made, way.out)


def _refuse_overtaken(opened: Opened, made: Release, releases: Path) -> None:
    """Refuse what was compared with other releases than there are by now: it may have been looked at for a while."""
    earlier = earlier_releases(releases, opened.keys, opened.source.study)
    if [one.title for one in earlier] != [one.title for one in made.differences]:
        raise ReleaseError(OVERTAKEN)


def _rows(opened: Opened, ordered: Specification, way: Way) -> str:
    return write_rows(opened, rows_of(opened, ordered, way.releases, way.stop), way)


def _without_rows(make: MadeFiles) -> Callable[[Opened, Specification, Way], str]:
    """The way of what has no rows: a few files, compared and remembered where they are made."""

    def write(opened: Opened, ordered: Specification, way: Way) -> str:
        ask(way.stop)
        made = make(opened.source, opened.dataset, ordered, way.releases, opened.keys, way.today)
        return _write_files(opened.source, ordered, made, way)

    return write


def _write_files(source: Source, ordered: Specification, made: Files, way: Way) -> str:
    """Write what has no rows: a few files that were made in memory."""
    write_release_made(way.releases, ordered.purpose, way.today)
    with new_folder(way.out) as folder:
        for name, data in made.files.items():
            write_private(folder / name, data)
        sign_folder(folder, about_files(source, ordered), desk_signer(way.releases))
        ask(way.stop)
    gone = ", ".join(f"{count} of {group}" for group, count in made.left_out.items())
    return f"{len(made.files)} files in {way.out}{f'; left out beside earlier releases: {gone}' if gone else ''}."


def about_files(source: Source, ordered: Specification) -> dict[str, Any]:
    """What the manifest says of a release without rows."""
    digests = sorted(version.digest for version in source.instruments.values())
    return {"kind": ordered.kind, "specification": settings_of(ordered), "instruments": digests}


WAYS: Mapping[str, Callable[[Opened, Specification, Way], str]] = {
    "rows": _rows,
    "summary": _without_rows(summary_release),
    "tables": _without_rows(tables_release),
}
