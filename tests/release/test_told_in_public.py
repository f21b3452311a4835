"""What leaves the team as a summary undoes tables, and the other way round: of the same people only one is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from errors import ReleaseError
from instruments.model import Instrument
from release.budget import Ledger, spent
from release.source import Source
from release.specification import specification_of
from release.summary.ledger import files_beside
from release.tables_ledger import tables_beside
from tests.conftest import STUDY, TODAY, Keys
from tests.summaries import made_up

Make = Callable[..., Mapping[str, bytes]]
TOLD = {"purpose": "for anybody", "groups": ["young_person"], "language": "en"}


@pytest.fixture(scope="module")
def crowd(instrument: Instrument) -> pl.DataFrame:
    return made_up(instrument, {"young_person": 120}, missing=0.0)


@pytest.fixture
def make(tmp_path: Path, instrument: Instrument, keys: Keys) -> Make:
    few = replace(instrument, scales=tuple(one for one in instrument.scales if one.name in ("yp_fair", "yp_trust")))
    source = Source("bundle", STUDY, {few.digest: few}, ())

    def made(kind: str, people: pl.DataFrame, **more: object) -> Mapping[str, bytes]:
        way = files_beside if kind == "summary" else tables_beside
        variables = {"tables": [["site", "yp_fair_1"]]} if kind == "tables" else {}
        ordered = specification_of({**TOLD, "kind": kind, **variables, **more})
        return way(source, people, ordered, tmp_path, [keys.research], TODAY).files

    return made


def test_a_summary_that_leaves_the_team_is_refused_after_tables_of_some_of_its_people(
    make: Make, crowd: pl.DataFrame
) -> None:
    make("tables", crowd.head(100))
    with pytest.raises(ReleaseError, match="only one of the two is ever made"):
        make("summary", crowd)  # twenty more people: no difference of a few, and still the tables' gaps would close
    assert make("summary", crowd.head(100), preset="team")


def test_tables_are_refused_after_a_summary_that_leaves_the_team_and_cost_nothing(
    make: Make, crowd: pl.DataFrame, tmp_path: Path, keys: Keys
) -> None:
    make("summary", crowd.head(100))
    for noise in ({}, {"privacy": {"rho": 0.1}}):
        with pytest.raises(ReleaseError, match="A group summary that leaves the team was made of some of these people"):
            make("tables", crowd, **noise)
    assert spent(Ledger(tmp_path, [keys.research], STUDY)) == 0
    assert make("tables", crowd.tail(20))


@pytest.mark.parametrize(
    ("kind", "says"), [("tables", "another wave is of the same people"), ("summary", "only one of")]
)
@pytest.mark.parametrize("lacking", [0, 1, 20])
def test_who_came_back_in_another_wave_is_the_same_person(
    make: Make, crowd: pl.DataFrame, kind: str, says: str, lacking: int
) -> None:
    make("tables", crowd)
    with pytest.raises(ReleaseError, match=says):
        make(kind, come_back(crowd).head(120 - lacking))
    assert make(kind, come_back(crowd).with_columns(pl.col(".participant").alias(".linked"))), (
        "nobody of them came back"
    )


def test_noise_for_another_wave_of_the_same_people_is_drawn_and_paid_anew(
    make: Make, crowd: pl.DataFrame, tmp_path: Path, instrument: Instrument, keys: Keys
) -> None:
    one, two = (make("tables", people, privacy={"rho": 0.1}) for people in (crowd, come_back(crowd)))
    assert one["tables.csv"] != two["tables.csv"]
    assert spent(Ledger(tmp_path, [keys.research], STUDY)) == Fraction(2, 10)


def come_back(people: pl.DataFrame) -> pl.DataFrame:
    """The same people's visits of a second wave: other labels of visits, of the same people."""
    others = [label[::-1] for label in people[".participant"]]
    return people.with_columns(pl.Series(".participant", others), pl.lit(2, pl.Int32).alias(".wave"))
