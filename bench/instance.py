"""A fresh instance to measure, with keys, as the tests make one."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from commands import DEFAULT_STUDY, addresses_of
from config import Settings, read_settings
from fieldwork.instance import add_keys, add_study, copy_study, found_instance, make_folder
from instruments.catalogue import load_study
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key

TODAY = date(2026, 11, 23)


def make_instance(home: Path, source: Path = DEFAULT_STUDY) -> tuple[Settings, dict[str, PrivateKey]]:
    """An instance in this new folder that collects for the study in `source`, and its private keys by purpose."""
    name = load_study(source).instrument.study
    make_folder(home, name, demo=True)
    settings = read_settings(home, {})
    copy_study(source, settings.study_folder, plain_path=True)
    office = found_instance(addresses_of(settings), settings.tombstone_files, TODAY).office
    add_study(office, settings.study_folder, TODAY)
    keys = {purpose: new_private_key(purpose, name, os.urandom) for purpose in ("research", "identity")}
    ring = Keyring(name, tuple(key.public() for key in keys.values()))
    add_keys(office, name, ring.to_json(), TODAY)
    return settings, keys
