"""A summary is refused where it differs from an earlier one by one to nine people, or by as many with a score."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from errors import ReleaseError
from instruments.model import Instrument
from release.ledger import Entry, earlier_releases, remember
from release.source import Source
from release.specification import Specification, specification_of
from release.summary.ledger import files_beside
from tests.conftest import STUDY, TODAY, Keys
from tests.summaries import made_up

ORDERED = specification_of(
    {"purpose": "first look", "kind": "summary", "preset": "team", "groups": ["young_person"], "language": "en"}
)
Make = Callable[..., Mapping[str, bytes]]


@pytest.fixture(scope="module")
def crowd(instrument: Instrument) -> pl.DataFrame:
    return made_up(instrument, {"young_person": 100}, missing=0.0)


@pytest.fixture
def make(tmp_path: Path, instrument: Instrument, keys: Keys) -> Make:
    few = replace(instrument, scales=tuple(one for one in instrument.scales if one.name in ("yp_fair", "yp_trust")))
    source = Source("bundle", STUDY, {few.digest: few}, ())

    def made(people: pl.DataFrame, ordered: Specification = ORDERED) -> Mapping[str, bytes]:
        return files_beside(source, people, ordered, tmp_path, [keys.research], TODAY).files

    return made


def people_in(files: Mapping[str, bytes]) -> int:
    return int(json.loads(files["summary.json"])["groups"]["young_person"]["people"])


def test_the_same_people_again_are_allowed_and_one_more_is_refused_by_name(crowd: pl.DataFrame, make: Make) -> None:
    first = make(crowd.head(90))
    assert make(crowd.head(90)) == first
    with pytest.raises(ReleaseError, match='the group summary for "first look" of 2026-11-23'):
        make(crowd.head(91))
    with pytest.raises(ReleaseError, match="hold_back"):
        make(crowd.head(89))


def test_holding_back_leaves_the_newcomer_out_and_says_so(crowd: pl.DataFrame, make: Make) -> None:
    make(crowd.head(90))
    held = make(crowd.head(91), replace(ORDERED, hold_back=True))
    assert people_in(held) == 90
    told = json.loads(held["summary.json"])["beside_earlier_releases"]
    assert told == {"left_out": {"young_person": 1}, "not_told_by": {}}
    for name in ("README.txt", "summary.html"):
        said = " ".join(held[name].decode().split())
        assert "1 of 91 people" in said, name
        assert "every figure of the group is of the others" in said, name


def test_nobody_is_left_out_for_the_sake_of_a_place_which_is_not_told_instead(
    crowd: pl.DataFrame, make: Make, tmp_path: Path, keys: Keys
) -> None:
    """A file held all but six people of each place: the group's mean stays everybody's, and no place has one."""
    crowd = crowd.with_columns(admin_mode=pl.lit("self"))
    some = crowd.with_columns(nth=pl.int_range(pl.len()).over("site")).filter(pl.col("nth") >= 6)
    assert crowd.height - some.height >= 10
    held = frozenset(some.get_column(".participant"))
    remember(tmp_path, keys.research, STUDY, Entry("rows", "deposit", TODAY, held))
    with pytest.raises(ReleaseError, match="deposit"):
        make(crowd)
    files = make(crowd, replace(ORDERED, hold_back=True))
    told = json.loads(files["summary.json"])
    assert people_in(files) == crowd.height
    assert told["beside_earlier_releases"] == {"left_out": {}, "not_told_by": {"young_person": ["site"]}}
    rows = told["groups"]["young_person"]["scales"]
    assert {next(iter(row["part"])) if row["part"] else None for row in rows} == {None, "admin_mode"}
    assert b"beside an earlier release it would tell of fewer than ten" in files["summary.html"]


def test_ten_more_people_with_one_more_score_are_refused(crowd: pl.DataFrame, make: Make) -> None:
    items = [name for name in crowd.columns if name.startswith("yp_fair_")]
    silent = [pl.when(pl.int_range(pl.len()) > 90).then(-1).otherwise(pl.col(name)).alias(name) for name in items]
    make(crowd.head(90))
    with pytest.raises(ReleaseError, match="yp_fair"):
        make(crowd.with_columns(site=pl.lit(1), admin_mode=pl.lit("self")).with_columns(silent))


def test_what_is_remembered_is_sealed_and_holds_no_answer(
    crowd: pl.DataFrame, make: Make, tmp_path: Path, keys: Keys
) -> None:
    make(crowd)
    files = list((tmp_path / "desk-notes").iterdir())
    labels = crowd.get_column(".participant").to_list()
    assert files
    assert not any(label in file.read_bytes() for file in files for label in labels)
    entries = earlier_releases(tmp_path, [keys.research], STUDY)
    assert {entry.kind for entry in entries} == {"summary"}
    assert max(len(entry.people) for entry in entries) == 100
