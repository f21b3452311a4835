"""What this project is called, its version, and the commit that it is at. Reads files and asks git; changes nothing."""

from __future__ import annotations

import subprocess  # noqa: S404 (git is asked, with words of our own)
import tomllib
from pathlib import Path

from errors import SettingsError

ROOT = Path(__file__).parents[1]


def name_and_version(root: Path) -> tuple[str, str]:
    """As pyproject.toml has them."""
    told = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return str(told["name"]), str(told["version"])


def commit_of(root: Path) -> str:
    """The commit of a clone or of what an archive was made of. Raises SettingsError where neither tells."""
    if (root / ".git").exists():
        return git(root, "rev-parse", "HEAD").decode().strip()
    # `git archive` writes the commit into this file (.gitattributes).
    told = (root / "supply" / "commit.txt").read_text("utf-8").strip()
    if len(told) != 40:
        raise SettingsError(f"{root} is neither a clone nor an archive of one: its commit is not known.")
    return told


def refuse_unsaved(root: Path, *places: str) -> None:
    """Raise SettingsError where files of a clone, below these places, differ from its commit."""
    if (root / ".git").exists() and (changed := git(root, "status", "--porcelain", "--", *places).decode()):
        raise SettingsError(f"Commit or undo these, so that others can make the same: {' '.join(changed.split())}")


def git(root: Path, *words: str) -> bytes:
    """What git says to these words in this clone. Raises SettingsError."""
    try:
        asked = ["git", "-C", str(root), "-c", "core.autocrlf=false", *words]
        return subprocess.run(asked, check=True, capture_output=True).stdout  # noqa: S603 (no shell)
    except (OSError, subprocess.CalledProcessError):
        raise SettingsError(f"git could not say what was asked of it in {root}. Is git installed here?") from None
