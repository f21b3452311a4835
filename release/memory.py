"""Where a desk remembers what it released: one folder of one home, whatever folder the files go to.

Beside the home's releases stand the ledger, the privacy budget, the journal and the desk's key. A folder chosen for
the files never decides what is known of earlier releases: else another folder would be a fresh start. Writes nothing.
"""

from __future__ import annotations

from pathlib import Path

from errors import ReleaseError
from release.desk_notes import FOLDER as NOTES
from release.journal import FOLDER as JOURNAL

RELEASES = "releases"
OTHER = (
    "{folder} holds the memory of another desk: its journal or its notes of earlier releases. This one remembers in "
    "{ours}. Choose another folder for the files, or work with that desk (docs/release.md says how). Nothing was "
    "written."
)


def releases_of(source: Path, desk: Path) -> Path:
    """The folder of releases in which those of this source are remembered. `desk`: the home of this machine's desk.

    An instance's own; of a bundle that lies in a home where releases were made already, that one's; else the desk's.
    """
    source = source.absolute()
    if source.is_dir():
        return source / RELEASES
    beside = source.parent / RELEASES
    return beside if remembers(beside) else desk.absolute() / RELEASES


def refuse_other_memory(out: Path, releases: Path) -> None:
    """Refuse to write files into the folder of another desk's releases. Raises ReleaseError."""
    folder = out.absolute().parent
    if remembers(folder) and folder.resolve() != releases.resolve():
        raise ReleaseError(OTHER.format(folder=folder, ours=releases))


def remembers(releases: Path) -> bool:
    """Whether a desk keeps its memory in this folder."""
    return any((releases / name).exists() for name in (NOTES, JOURNAL))
