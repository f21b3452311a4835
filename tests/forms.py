"""Forms that tests write: sheets as CSV."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flask import Flask

from bench.instance import make_instance
from config import Settings
from fieldwork.study import Study
from instruments.catalogue import load_study
from instruments.reading.starter import write_study
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key

GROUP = "participant"  # of a study around a form
Rows = Sequence[Sequence[object]]


def written(folder: Path, survey: Rows, choices: Rows = (), settings: Rows = ()) -> Path:
    """A folder of these sheets; one without rows is left out."""
    folder.mkdir(parents=True)
    for name, rows in (("survey", survey), ("choices", choices), ("settings", settings)):
        if rows:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
    return folder


def instance_around(form: Path, folder: Path) -> tuple[Settings, dict[str, PrivateKey]]:
    """An instance that collects for a study around this form, as a team would make it, and its keys."""
    write_study(form, folder / "study")
    return make_instance(folder / "instance", folder / "study")


def collecting(app: Flask, form: Path) -> tuple[Study, PrivateKey]:
    """Let this field app collect for a form from now on, with keys of its own. Its stores take any envelope."""
    definition = load_study(form)
    name, settings = definition.instrument.study, replace(definition.settings, plain_path=True)
    research, identity = (new_private_key(purpose, name, os.urandom) for purpose in ("research", "identity"))
    ring = Keyring(name, (research.public(), identity.public()))
    study: Study = replace(app.extensions["amanah"], instrument=definition.instrument, settings=settings, keyring=ring)
    app.extensions["amanah"] = study
    # The office does not know this study: the app is not to look there for a newer one while it collects.
    app.extensions["amanah_lookout"].clock = lambda: 0.0
    return study, research


DATA = Path(__file__).parent / "instruments" / "data"
# Forms that a team would plausibly own, and what XLSForm's documentation shows, written out as forms.
OWN, SAMPLES = (sorted((DATA / name).iterdir()) for name in ("forms", "samples"))


def named(path: Path) -> str:
    """A form's name, for the name of a test."""
    return path.stem
