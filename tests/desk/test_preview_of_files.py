"""The preview of a summary and of tables: what will be told and withheld, what noise costs, before anything is done."""

from __future__ import annotations

import html
import re

import polars as pl
import pytest

from app import create_desk
from config import Settings
from instruments.model import Instrument
from privacy.tables import primary
from release.budget import Ledger, spent
from release.dataset import Dataset
from release.desk_notes import FOLDER
from release.public_tables import group_tables
from release.source import open_source
from tests.conftest import Keys
from tests.desk.test_desk import seen, specify
from tests.summaries import made_up

TWO = "site sex\nsite ethnic_group"


@pytest.fixture(scope="module")
def crowd(instrument: Instrument) -> pl.DataFrame:
    return made_up(instrument, {"young_person": 80, "police_officer": 8}, missing=0.0)


def text_of(page: str) -> str:
    return html.unescape(" ".join(re.sub("<[^>]*>", " ", page).split()))


def test_each_kind_is_shown_in_counts_and_nothing_is_written(
    settings: Settings, crowd: pl.DataFrame, instrument: Instrument, keys: Keys
) -> None:
    app, releases = create_desk(settings), settings.home / "releases"
    desk, state = app.test_client(), app.extensions["amanah_desk"]
    desk.get(f"/open/{state.token}")
    state.source, state.keys = open_source(settings.home), (keys.research,)
    state.dataset = Dataset(crowd.with_columns(pl.lit(instrument.digest).alias(".instrument")), (), 0)
    groups = ["young_person", "police_officer"]
    assert specify(desk, preset="public", tables=TWO, groups=groups).location == "/preview"
    told = text_of(seen(desk))
    assert "Nothing is told of the group Police officer" in told
    found = re.search(r"Young person, 16 to 25 80 2 (\d+) (\d+) (\d+)", told)
    assert found, told
    tables = group_tables((instrument,), crowd, state.specification)[0].tables
    assert sum(map(int, found.groups())) == len(tables.counts)
    assert int(found[2]) == len(primary(tables, 10, zero_too=True)) > 0
    assert specify(desk, preset="public", tables=TWO, groups=groups, privacy="rho = 0.1").location == "/preview"
    told = text_of(seen(desk))
    assert "Privacy budget left (rho) 0.5 These tables cost 0.1 Left afterwards 0.4" in told
    assert "Of the group Police officer most numbers would say more of the noise" in told
    assert "Spend it and write them" in told
    assert specify(desk, preset="", kind="summary", groups=groups).location == "/preview"
    told = text_of(seen(desk))
    assert "Police officer Nothing: there are too few people." in told
    assert re.search(r"at least 80 \d+ of \d+ \d+ of \d+", told), told
    assert not list(releases.glob(f"{FOLDER}/*"))
    assert spent(Ledger(releases, [keys.research], instrument.study)) == 0
