"""A fresh instance to measure, with keys, as the tests make one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from commands import DEFAULT_STUDY, addresses_of
from config import Settings, read_settings
from fieldwork.documents import FinishedVisit
from fieldwork.instance import add_keys, add_study, copy_study, found_instance, make_folder
from fieldwork.study import Study
from instruments.answers import settle
from instruments.catalogue import load_study
from instruments.consent import Consent
from instruments.model import Value
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key

TODAY = date(2026, 11, 23)


def make_instance(
    home: Path,
    source: Path = DEFAULT_STUDY,
    environment: Mapping[str, str] | None = None,
    keys: dict[str, PrivateKey] | None = None,
) -> tuple[Settings, dict[str, PrivateKey]]:
    """An instance in this new folder that collects for the study in `source`, and its private keys by purpose.

    `environment` may name other databases than its own files, `keys` are those of another instance of the same study.
    """
    name = load_study(source).instrument.study
    make_folder(home, name, demo=True)
    settings = read_settings(home, environment or {})
    copy_study(source, settings.study_folder, plain_path=True)
    office = found_instance(addresses_of(settings), settings.tombstone_files, TODAY).office
    add_study(office, settings.study_folder, TODAY)
    keys = keys or {purpose: new_private_key(purpose, name, os.urandom) for purpose in ("research", "identity")}
    ring = Keyring(name, tuple(key.public() for key in keys.values()))
    add_keys(office, name, ring.to_json(), TODAY)
    return settings, keys


def some_visit(study: Study) -> FinishedVisit:
    """A visit with every five-point item answered and some open text."""
    items = study.instrument.research_items("young_person")
    said: dict[str, Value] = {item.name: int(item.choices[0].code) for item in items if item.kind == "select_one"}
    answers = settle(study.instrument, "young_person", said | {"age": 19, "yp_text_1": "Listen first. " * 20})
    return FinishedVisit("young_person", "en", "self", answers, Consent("tick", (), {}, False))
