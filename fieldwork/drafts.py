"""A new version of the study in the making: a copy of its sheets with other ones in it. Nobody is asked by it yet.

A form holds questions, never answers, so it may lie in a file. One draft at a time stands beside the study's folder,
and every change of it is checked whole before it takes the place of what was there.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

from errors import InstrumentError, Problem, SettingsError
from fieldwork.instance import copy_study, shut
from instruments.catalogue import Found, StudyDefinition, check_study, load_study
from instruments.privacy_classes.classes import Decision, read_classes, variables_in, write_classes
from instruments.privacy_classes.proposals import Proposal, propose
from instruments.reading.carrying import carry_over, decided_of
from instruments.reading.sheets import is_classified
from instruments.reading.sources import is_whole, load_settings, source_of
from instruments.reading.starter import FORM, tell_version
from instruments.reading.xlsform import places_of
from instruments.recordings import FOLDER
from instruments.settings import read_toml, workbook_named
from instruments.workbooks import KINDS, read_workbook
from storage.journal import Act, Pen

LONGEST_NAME = 80  # characters of an uploaded file's name that problems show
LONGEST_STEM = 160  # bytes of it that a file is named by; no file system takes more than 255
WHOLE = "*"  # the place of a workbook that is a whole study
CHANGED = "somebody else changed the draft meanwhile, and that stands; look at it, then do this again"
TAKING = Lock()  # held while one draft takes the place of another


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

    @property
    def shown(self) -> str:
        """The file's name as problems show it, with nothing in it that leads elsewhere."""
        letters = "".join(one if one.isalnum() or one in "-_ " else "_" for one in Path(self.name).stem)
        short = letters.strip()[:LONGEST_NAME].encode()[:LONGEST_STEM].decode(errors="ignore")
        return (short or "form") + self.kind


@dataclass(frozen=True)
class OpenForm:
    """A form that does not say itself how private its questions are; `decided` of its `variables` are decided."""

    name: str
    decided: int
    variables: int


@dataclass(frozen=True)
class ToDecide:
    """One question of such a form: what is proposed, and what the team decided, if it did."""

    proposal: Proposal
    decision: Decision | None

    @property
    def likely(self) -> Decision:
        """What stands there at first."""
        return self.decision or self.proposal.decision


def draft_folder(study_folder: Path) -> Path:
    """Where the draft of this study stands, when there is one."""
    return study_folder.with_name(f"{study_folder.name}.draft")


def has_draft(study_folder: Path) -> bool:
    """Whether there is a draft."""
    return draft_folder(study_folder).is_dir()


def forms_of(study_folder: Path) -> tuple[tuple[str, str], ...]:
    """The study's forms in the order of the visit: the part of each, and its name. None of a whole workbook."""
    if workbook_named(study_folder):
        return ()
    return tuple((part["name"], part["form"]) for part in read_toml(study_folder)["parts"])


def check_upload(upload: Upload, study_folder: Path) -> Found:
    """Everything that is wrong with an uploaded form, warnings last. Nothing of it stays.

    It comes without recordings: those that it names are looked for among the study's own.
    """
    try:
        with _laid_down(upload, study_folder) as path:
            return check_study(path)
    except InstrumentError as error:
        return Found(error.problems)


def begin_draft(
    study_folder: Path, place: str, upload: Upload, pen: Pen, still_wanted: Callable[[], None] = lambda: None
) -> None:
    """Make the draft: the study with this form in the place of its own, or the whole study of a workbook.

    Raises InstrumentError, SettingsError; then nothing changed. A form goes into the draft that is there already; the
    one that the study was made around gives the draft its version, where that is not the version in use.
    `still_wanted` is asked once all is checked and nothing is changed yet: it may raise.
    """

    def note() -> None:
        still_wanted()
        pen.write(Act.DRAFT_FORM_BROUGHT, detail=place)

    if place == WHOLE:
        with _laid_down(upload, study_folder) as path, _changing(study_folder, note) as made:
            if not is_whole(path):
                told = "this is one form and no whole study, which has a sheet amanah; choose whose place it takes"
                raise InstrumentError((Problem(path.name, told),))
            _check_study(path, study_folder)
            shutil.rmtree(made)
            copy_study(path, made, load_settings(study_folder).plain_path)
        return
    if place not in {form for _, form in forms_of(study_folder)}:
        raise SettingsError(f"The study has no form {place!r}. Choose one of its own.")
    if place not in {form for _, form in forms_of(_latest(study_folder))}:
        told = "the draft is a whole study in one workbook; write this form into that, or forget the draft first"
        raise InstrumentError((Problem(upload.shown, told),))
    with _changing(study_folder, note) as made:
        _replace(made, place, upload)
        if place == FORM:
            _take_version(made, study_folder)


def draft_of(study_folder: Path) -> StudyDefinition | None:
    """The draft as it stands; None where there is none. Raises InstrumentError where a file of it was spoilt."""
    return load_study(draft_folder(study_folder)) if has_draft(study_folder) else None


def mark_of_draft(study_folder: Path) -> str:
    """What tells one draft from another, whatever of it was changed; "" where there is none."""
    return _mark(draft_folder(study_folder)) if has_draft(study_folder) else ""


def drop_draft(study_folder: Path, pen: Pen) -> None:
    """Give the draft up, if there is one."""
    if has_draft(study_folder):
        pen.write(Act.DRAFT_DROPPED)
        forget_draft(study_folder)


def forget_draft(study_folder: Path) -> None:
    """Take away a draft that was adopted or has been replaced: that stands in the journal already."""
    shutil.rmtree(draft_folder(study_folder), ignore_errors=True)


def name_draft(study_folder: Path, version: str, pen: Pen) -> None:
    """Give the draft another version. A whole workbook says its version itself. Raises SettingsError."""
    if workbook_named(draft_folder(study_folder)):
        raise SettingsError("The version of this study is said in its workbook, in the sheet settings. Write it there.")
    with _changing(study_folder, partial(pen.write, Act.DRAFT_NAMED, detail=version)) as made:
        tell_version(made, version)


def open_forms(study_folder: Path) -> tuple[OpenForm, ...]:
    """The forms of the draft, or of the study where there is none, whose questions have no class of their own."""
    found = []
    for name, place in _places(_latest(study_folder)).items():
        survey = read_workbook(place)["survey"]
        variables = {row.cells["name"] for row in variables_in(survey)}
        if variables and not is_classified(survey):
            decided = {one.name for one in read_classes(place) or ()}
            found.append(OpenForm(name, len(variables & decided), len(variables)))
    return tuple(found)


def to_decide(study_folder: Path, form: str) -> tuple[ToDecide, ...]:
    """What there is to decide of a form, question by question. Raises SettingsError where nothing is."""
    if form not in {one.name for one in open_forms(study_folder)}:
        raise SettingsError(f"The study has no form {form!r} whose questions are still to be classified.")
    place = _places(_latest(study_folder))[form]
    decided = {one.name: one for one in read_classes(place) or ()}
    return tuple(ToDecide(one, decided.get(one.name)) for one in propose(read_workbook(place)))


def decide(study_folder: Path, form: str, decisions: Iterable[Decision], pen: Pen) -> None:
    """Keep what the team decided beside the form, in the draft. Raises InstrumentError; then nothing changed."""
    note = partial(pen.write, Act.DRAFT_CLASSIFIED, detail=form)
    with _changing(study_folder, note, _latest(study_folder)) as made:
        write_classes(_places(made)[form], decisions)


def _latest(study_folder: Path) -> Path:
    return draft_folder(study_folder) if has_draft(study_folder) else study_folder


def _places(folder: Path) -> dict[str, Path]:
    return places_of(folder, dict.fromkeys(form for _, form in forms_of(folder)))


@contextmanager
def _changing(study_folder: Path, note: Callable[[], None], source: Path | None = None) -> Iterator[Path]:
    """A copy of the study to change; it becomes the draft when it is whole and `note` has written that down."""
    source = source or _latest(study_folder)
    with tempfile.TemporaryDirectory(dir=study_folder.parent, prefix=".draft-") as scratch:
        made = Path(scratch) / study_folder.name
        shutil.copytree(source, made)
        before = _mark(made)
        yield made
        load_study(made)
        shut(made)
        with TAKING:
            if _latest(study_folder) != source or _mark(source) != before:
                raise InstrumentError((Problem(draft_folder(study_folder).name, CHANGED),))
            note()
            forget_draft(study_folder)
            made.rename(draft_folder(study_folder))


def _mark(folder: Path) -> str:
    told = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        told.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        told.update(hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()


def _check_study(path: Path, study_folder: Path) -> None:
    """A draft of another study could never be adopted."""
    new, ours = (source_of(place).told["id"] for place in (path, study_folder))
    if new != ours:
        told = f"this is the study {new!r}, and this instance collects for {ours!r}; write that as form_id in settings"
        raise InstrumentError((Problem(path.name, told),))


@contextmanager
def _laid_down(upload: Upload, study_folder: Path) -> Iterator[Path]:
    """The upload in a file, for as long as it is read, beside the study's own recordings."""
    with tempfile.TemporaryDirectory(prefix=".form-") as scratch:
        path = Path(scratch) / upload.shown
        path.write_bytes(upload.data)
        (Path(scratch) / FOLDER).symlink_to(study_folder / FOLDER)
        yield path


def _replace(folder: Path, form: str, upload: Upload) -> None:
    old = _places(folder)[form]
    before = decided_of(old)
    shutil.rmtree(folder / form, ignore_errors=True)
    for old in folder.glob(f"{form}.*"):
        old.unlink()
    place = folder / f"{form}{upload.kind}"
    place.write_bytes(upload.data)
    carry_over(before, place)


def _take_version(made: Path, study_folder: Path) -> None:
    book = read_workbook(_places(made)[FORM])
    rows = book["settings"].rows if "settings" in book else ()
    version = rows[0].cells.get("version", "") if rows else ""
    # A form that still says the version in use says nothing of the next: what staff named the draft then stays.
    if version and version != read_toml(study_folder)["version"]:
        tell_version(made, version)
