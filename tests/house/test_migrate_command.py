"""An instance of an earlier version says what to do wherever it is met, and one command takes it forwards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app import create_app
from commands import DEFAULT_STUDY
from config import read_settings
from errors import SchemaOther
from release.source import open_source
from storage.meta import SCHEMA
from tests.conftest import STUDY
from tests.house.test_commands import flask
from tests.instances import BEHIND, kept, put
from tests.storage.conftest import on_sqlite

STORES = ("research", "identity", "office")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An instance of the version before, as whoever looks after it finds it once the new Amanah is in place."""
    home = tmp_path / "old"
    (home / "stores").mkdir(parents=True)
    put(kept(BEHIND[-1]), on_sqlite(home / "stores"), home / "stores")
    for name in ("journal.key", "tombstones.txt"):
        shutil.move(home / "stores" / name, home / name)
    (home / "secret").write_text("a secret of the tests", "utf-8")
    (home / "settings.toml").write_text(f'study = "{STUDY}"\ndemo = true\nsecure_cookies = false\n', "utf-8")
    shutil.copytree(DEFAULT_STUDY, home / "studies" / STUDY)
    return home


def test_an_instance_that_is_behind_names_the_command_and_the_command_takes_it_forwards(old: Path) -> None:
    # Whatever would serve it, or read it at the desk, opens nothing.
    for deed in (lambda: create_app(read_settings(old, {})), lambda: open_source(old)):
        with pytest.raises(SchemaOther, match=f"version {BEHIND[-1]}.*needs {SCHEMA}.*run `flask migrate`"):
            deed()
    looked = flask("health", home=old)
    assert looked.returncode == 1
    assert [f"The tables of the {store} store have version {BEHIND[-1]}" in looked.stdout for store in STORES] == [
        True
    ] * 3

    asked = flask("migrate", "--check", home=old)
    assert (asked.returncode, asked.stdout.count(f"version {BEHIND[-1]}")) == (1, 3)
    assert "run `flask migrate`" in asked.stderr
    done = flask("migrate", home=old)
    assert (done.returncode, done.stdout.count(f"from version {BEHIND[-1]} to {SCHEMA}")) == (0, 3)
    assert flask("migrate", "--check", home=old).returncode == 0
    # Done again it changes nothing, and says so.
    assert flask("migrate", home=old).stdout == f"All three stores have version {SCHEMA}.\n"
    assert "chain holds" in flask("journal", "verify", home=old).stdout
    assert flask("withdraw", kept(BEHIND[-1]).receipts[0], home=old).returncode == 0
    assert len(open_source(old).records) == 1
