"""A study around one questionnaire: the sheets that every study needs, with a form of its own between them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from errors import SettingsError
from instruments.plain_files import refuse_links
from instruments.privacy_classes.classes import classes_file, read_classes
from instruments.reading.carrying import carry_over, decided_of
from instruments.reading.others import plain_language
from instruments.reading.sheets import Sheet
from instruments.reading.vocabulary import LANGUAGE
from instruments.reading.xlsform import EMPTY, places_of
from instruments.recordings import FOLDER, carry_recordings
from instruments.settings import FILE, read_toml, workbook_named
from instruments.workbooks import read_workbook

STARTER = Path(__file__).parents[1] / "definitions" / "starter"
FORM = "questionnaire"  # the part, and the name of its form
ID = re.compile("[^a-z0-9_]+")
LONGEST_ID = 40  # characters


def is_form(path: Path) -> bool:
    """Whether this is one form and not a study's folder."""
    return path.is_file() or (path / "survey.csv").is_file()


def around(form: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """The settings of a study around this form, and where its forms lie. Raises InstrumentError."""
    told = read_toml(STARTER)
    places = places_of(STARTER, [part["form"] for part in told["parts"]]) | {FORM: form}
    return told | _about(form), places


def write_study(form: Path, target: Path) -> None:
    """Make a study's folder around this form. Raises SettingsError where something stands there, InstrumentError."""
    if target.exists():
        raise SettingsError(f"{target} exists already. Choose a new folder; nothing was changed.")
    about = _about(form)
    shutil.copytree(STARTER, target)
    _put(form, target)
    _tell(target, about)


def replace_form(form: Path, folder: Path) -> None:
    """Put this form in the place of the one that the study in this folder was made around. Raises SettingsError.

    What the team decided of questions that both have stays decided, where the new form does not say it itself.
    """
    parts = [] if workbook_named(folder) else read_toml(folder)["parts"]
    if FORM not in {part["form"] for part in parts}:
        raise SettingsError(f"This study was not made around one form; bring its whole folder or workbook, not {form}.")
    about = _about(form)
    before = decided_of(places_of(folder, [FORM])[FORM])
    shutil.rmtree(folder / FORM, ignore_errors=True)
    for old in folder.glob(f"{FORM}.*"):
        old.unlink()
    _put(form, folder)
    carry_over(before, places_of(folder, [FORM])[FORM])
    _tell(folder, {name: value for name, value in about.items() if name == "version"})


def carried_over(form: Path, folder: Path) -> int:
    """How many decisions stand beside this form, in the folder where it took another's place, that it did not bring."""
    brought_any = not is_form(form) or classes_file(form).exists() or workbook_named(folder)
    return 0 if brought_any else len(read_classes(places_of(folder, [FORM])[FORM]) or ())


def tell_version(folder: Path, version: str) -> None:
    """Write another version into the settings of the study in this folder."""
    _tell(folder, {"version": version})


def _put(form: Path, folder: Path) -> None:
    refuse_links(form)
    carry_recordings(form, folder)
    if form.is_dir():
        shutil.copytree(form, folder / FORM, ignore=shutil.ignore_patterns(FOLDER))
    else:
        copy = folder / f"{FORM}{form.suffix.lower()}"
        shutil.copy(form, copy)
        if classes_file(form).exists():
            shutil.copy(classes_file(form), classes_file(copy))


def _tell(target: Path, about: Mapping[str, Any]) -> None:
    settings = (target / FILE).read_text("utf-8")
    for name, value in about.items():
        settings = re.sub(rf"(?m)^{name} = [^#\n]*", lambda _: f"{name} = {_spelled(value)} ", settings, count=1)  # noqa: B023
    (target / FILE).write_text(re.sub(r"(?m) +$", "", settings), "utf-8")


def _about(form: Path) -> dict[str, Any]:
    book = read_workbook(form)
    head: Mapping[str, str] = book["settings"].rows[0].cells if "settings" in book and book["settings"].rows else {}
    title = head.get("form_title") or form.stem
    name = ID.sub("_", (head.get("form_id") or form.stem).lower()).strip("_0123456789")[:LONGEST_ID] or "my_study"
    # The starter's own sheets are in English.
    languages = list(dict.fromkeys([*_first_language(book), *_languages(book["survey"]), "en"]))
    version = {"version": head["version"]} if head.get("version") else {}
    return {"id": name, "title": title, "neutral_title": title, "languages": languages} | version


def _first_language(book: Mapping[str, Sheet]) -> list[str]:
    """The language of columns that name none."""
    found = LANGUAGE.fullmatch(plain_language({**EMPTY, **book}))
    return [found.group(1)] if found else []


def _languages(survey: Sheet) -> list[str]:
    found = [LANGUAGE.fullmatch(column.partition("::")[2]) for column in survey.columns if column.startswith("label::")]
    return [one.group(1) for one in found if one]


def _spelled(value: str | list[str]) -> str:
    """A value as TOML writes it; a quote, a backslash or a new line in a title is not worth an escape."""
    if isinstance(value, list):
        return f"[{', '.join(map(_spelled, value))}]"
    return '"' + " ".join(value.split()).replace("\\", "/").replace('"', "'") + '"'
