"""Recordings of a study's texts: one address for each, made of its content, and the list of all that a visit has.

A visit's page fetches all of a language at once or none, always in the same order: which text somebody listens to, and
so what they were asked, no request can tell. Nothing is told of who listened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Response, abort, current_app, send_file, url_for

from config import Settings
from instruments.model import Instrument, Part
from instruments.recordings import CONTENT_NAME, TYPES, media_folder, read_media, recorded_texts, used
from views.field.common import study
from views.headers import MAY_PLAY, PLAYS, POLICY

A_YEAR = 31_536_000  # seconds
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Recordings:
    """All that can be listened to on a page: the addresses in one order, and how much loading them costs."""

    addresses: tuple[str, ...] = ()
    size: int = 0

    @property
    def megabytes(self) -> float:
        """The size as people read it, never less than a tenth."""
        return max(0.1, round(self.size / MEGABYTE, 1))


def recording(name: str) -> Response:
    """One recording of the version in use. Its address names its content, so it may be kept for good."""
    file = _files().get(name) if CONTENT_NAME.fullmatch(name) and name in used(study().instrument) else None
    if file is None:
        abort(404)
    response = send_file(file, TYPES[file.suffix.lower()], conditional=True, etag=False, max_age=A_YEAR)
    response.headers.pop("Content-Disposition", None)
    response.headers.pop("Last-Modified", None)
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response


def may_play(response: Response) -> Response:
    """Let the page play what it fetched, where the study has recordings; no other page may play anything."""
    if used(study().instrument):
        policy = response.headers.get("Content-Security-Policy", POLICY)
        response.headers["Content-Security-Policy"] = policy + PLAYS
        response.headers["Permissions-Policy"] = MAY_PLAY
    return response


def of_parts(parts: Iterable[Part], spoken: str) -> Recordings:
    """Those of a page in one language: of every text of the group, whether it will be asked or not."""
    return _told(text.recording(spoken) for _, text in recorded_texts(parts))


def of_everything(instrument: Instrument) -> Recordings:
    """Those of every group and language: what a tablet keeps."""
    return _told(name for _, text in recorded_texts(instrument.parts) for _, name in text.recordings)


def _told(names: Iterable[str]) -> Recordings:
    """Those that lie there, each once. One whose file is gone or was changed is offered to nobody."""
    files = _files()
    told = [name for name in dict.fromkeys(names) if name in files]
    addresses = tuple(url_for("field.recording", name=name) for name in told)
    return Recordings(addresses, sum(files[name].stat().st_size for name in told))


def _files() -> dict[str, Path]:
    """The files of the study's folder by their content."""
    study_folder = cast(Settings, current_app.extensions["amanah_settings"]).study_folder
    folder = media_folder(study_folder)
    return {} if folder is None else {name: folder / file for file, name in read_media(study_folder).names.items()}
