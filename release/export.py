"""Write a release: data, what they mean, what risk remains, signed. All or nothing; the same in, the same out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from errors import Cancelled
from release.dataset import Report
from release.formats.writing import write_formats
from release.manifest import sign_folder
from release.placing import new_folder, write_private
from release.readme import readme_of
from release.report.about import about
from release.report.figures import as_json
from release.report.page import as_page
from storage.journal_key import Signer

if TYPE_CHECKING:
    from release.made import Release

Stop = Callable[[], bool]


def write_release(
    release: Release, out: Path, signer: Signer, report: Report = lambda done, whole: None, stop: Stop = lambda: False
) -> None:
    """Write every file into a new folder (0700). Raises ReleaseError; then nothing is left behind.

    `stop` is asked between files: whether somebody wants it no more.
    """
    with new_folder(out) as folder:
        fill(folder, release, report, stop)
        sign_folder(folder, about(release), signer)
        ask(stop)


def fill(folder: Path, release: Release, report: Report, stop: Stop) -> None:
    """Write what a release holds but the manifest: the forms that were asked for, then what is said about them."""

    def told(done: int, whole: int) -> None:
        ask(stop)
        report(done, whole + len(SAID))

    ask(stop)
    whole = len(write_formats(release, folder, told)) + len(SAID)
    for done, (name, made) in enumerate(SAID.items(), whole - len(SAID) + 1):
        write_private(folder / name, made(release))
        ask(stop)
        report(done, whole)


def ask(stop: Stop) -> None:
    """Raise Cancelled where somebody wants it no more."""
    if stop():
        raise Cancelled("The release was cancelled. Nothing was written.")


def _readme(release: Release) -> bytes:
    return readme_of(release).encode()


SAID: Mapping[str, Callable[[Release], bytes]] = {
    "README.txt": _readme,
    "disclosure.json": as_json,
    "disclosure.html": as_page,
}
