"""A new version of the study in the making: a copy of its sheets with another form in it. Nobody is asked by it yet.

A form holds questions, never answers, so it may lie in a file. One draft at a time stands beside the study's folder.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from errors import InstrumentError, Problem, SettingsError
from instruments.catalogue import StudyDefinition, check_study, load_study
from instruments.settings import read_toml
from instruments.workbooks import KINDS
from instruments.xlsform import places_of

LONGEST_NAME = 80  # characters of an uploaded file's name that problems show


@dataclass(frozen=True)
class Upload:
    """An uploaded form: the name of its file, and its bytes."""

    name: str
    data: bytes

    @property
    def kind(self) -> str:
        """How the file's name ends. Raises InstrumentError for a kind of file that is not read."""
        kind = Path(self.name).suffix.lower()
        if kind not in KINDS:
            told = f"this kind of file is not read; save it as one of {', '.join(KINDS)}"
            raise InstrumentError((Problem(self.name[-LONGEST_NAME:] or "file", told),))
        return kind


def draft_folder(study_folder: Path) -> Path:
    """Where the draft of this study stands, when there is one."""
    return study_folder.with_name(f"{study_folder.name}.draft")


def forms_of(study_folder: Path) -> tuple[tuple[str, str], ...]:
    """The study's forms in the order of the visit: the part of each, and its name."""
    return tuple((part["name"], part["form"]) for part in read_toml(study_folder)["parts"])


def check_upload(upload: Upload) -> tuple[Problem, ...]:
    """Everything that is wrong with an uploaded form, warnings last. Nothing of it stays."""
    try:
        with _scratch(None) as folder:
            path = folder / f"{_stem(upload)}{upload.kind}"
            path.write_bytes(upload.data)
            return check_study(path)
    except InstrumentError as error:
        return error.problems


def begin_draft(study_folder: Path, form: str, upload: Upload) -> None:
    """Make the draft: the study with this form in the place of its own. Raises InstrumentError; then nothing changed.

    A draft that stood there before gives way.
    """
    if form not in {name for _, name in forms_of(study_folder)}:
        raise SettingsError(f"The study has no form {form!r}. Choose one of its own.")
    with _scratch(study_folder.parent) as scratch:
        made = scratch / "study"
        shutil.copytree(study_folder, made)
        _replace(made, form, upload)
        load_study(made)
        drop_draft(study_folder)
        made.rename(draft_folder(study_folder))


def draft_of(study_folder: Path) -> StudyDefinition | None:
    """The draft as it stands; None where there is none. Raises InstrumentError where a file of it was spoilt."""
    folder = draft_folder(study_folder)
    return load_study(folder) if folder.is_dir() else None


def drop_draft(study_folder: Path) -> None:
    """Forget the draft, if there is one."""
    shutil.rmtree(draft_folder(study_folder), ignore_errors=True)


def changed_forms(study_folder: Path) -> tuple[Path, ...]:
    """The draft's forms that are not those of the study, in the order of the visit."""
    draft = draft_folder(study_folder)
    names = [form for _, form in forms_of(draft)]
    before, now = places_of(study_folder, names), places_of(draft, names)
    return tuple(now[name] for name in dict.fromkeys(names) if _bytes(before[name]) != _bytes(now[name]))


def _replace(folder: Path, form: str, upload: Upload) -> None:
    shutil.rmtree(folder / form, ignore_errors=True)
    for old in folder.glob(f"{form}.*"):
        old.unlink()
    (folder / f"{form}{upload.kind}").write_bytes(upload.data)


def _bytes(place: Path) -> dict[str, bytes]:
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    return {file.name: file.read_bytes() for file in files if file.is_file()}


def _stem(upload: Upload) -> str:
    """The file's name as problems show it, with nothing in it that leads elsewhere."""
    letters = "".join(one if one.isalnum() or one in "-_ " else "_" for one in Path(upload.name).stem)
    return letters.strip()[:LONGEST_NAME] or "form"


@contextmanager
def _scratch(beside: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=beside, prefix=".draft-") as folder:
        yield Path(folder)
