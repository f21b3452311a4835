"""That a study's folder holds plain files and folders only. Reads none of them, follows no link.

A link could name any file of the machine, and what it names would be taken into the instance, or be left to its owner
only. A study that somebody sent may hold one that nobody sees.
"""

from __future__ import annotations

from pathlib import Path

from errors import InstrumentError, Problem

LINK = "this is a link, which could lead to any file of this machine; put the file itself in its place"
NO_FILE = "this is neither a file nor a folder; take it away"


def why_not_plain(path: Path) -> str | None:
    """Why this is not taken along; None for a plain file or folder."""
    if path.is_symlink():
        return LINK
    return None if path.is_file() or path.is_dir() else NO_FILE


def refuse_links(folder: Path) -> None:
    """Refuse a folder in which anything is a link, or no file and no folder. Raises InstrumentError that names each."""
    inside = sorted(folder.rglob("*")) if folder.is_dir() else []
    told = [(path.relative_to(folder).as_posix(), why) for path in inside if (why := why_not_plain(path))]
    if told:
        raise InstrumentError(tuple(Problem(name, why) for name, why in told))
