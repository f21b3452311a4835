"""What has no rows goes the same way as rows: journalled, signed, written whole, and cancelled without a trace."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from functools import partial
from html import unescape
from itertools import chain
from pathlib import Path
from threading import Thread

import pytest

from errors import Cancelled, ReleaseError
from instruments.model import Instrument
from release.desk_notes import turn
from release.journal import desk_journal
from release.ledger import Entry, earlier_releases, remember
from release.making import Opened, Way, rows_of, write_order, write_rows
from release.manifest import verify
from release.specification import Specification, specification_of
from storage.journal import read_journal
from tests.conftest import TODAY, Keys
from tests.release.test_distrust import source
from tests.release.test_reading import person
from tests.releases import dataset_of

LICENCE = "for the youth panel alone"
FOR_PEOPLE = {"rows": "disclosure.html", "summary": "summary.html", "tables": "tables.html"}


def order(kind: str) -> Specification:
    return specification_of({"kind": kind, "purpose": "a trial", "groups": ["young_person"], "language": "en",
                             "licence": LICENCE,
                             **({"k": 5, "formats": ["csv"]} if kind == "rows" else {}),
                             **({"variables": ["site", "sex"]} if kind == "tables" else {})})  # fmt: skip


@pytest.fixture
def opened(keys: Keys, instrument: Instrument) -> Opened:
    people = [person(instrument, number) for number in range(1, 31)]
    return Opened(source(keys, instrument), dataset_of(people, instrument), [keys.research])


@pytest.mark.parametrize("kind", ["rows", "summary", "tables"])
def test_every_kind_is_written_whole_and_signed(opened: Opened, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    told = write_order(opened, order(kind), Way(out, tmp_path, TODAY))
    found = verify(out)
    assert (found.faults, found.signer in told) == ((), True)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert (manifest["kind"], manifest["specification"]["purpose"]) == (kind, "a trial")
    with desk_journal(tmp_path) as office:
        assert [one.act for one in read_journal(office)][-1] == "release_made"
    (remembered,) = earlier_releases(tmp_path, opened.keys, opened.source.study)
    assert (remembered.kind, len(remembered.people)) == (kind, opened.dataset.people.height)
    for name in ("README.txt", FOR_PEOPLE[kind]):
        said = " ".join(unescape((out / name).read_text("utf-8")).split())
        assert all(words in said for words in (LICENCE, "is an offence", "section 171")), name


@pytest.mark.parametrize("kind", ["rows", "summary", "tables"])
def test_every_kind_can_be_cancelled_and_leaves_no_folder(opened: Opened, tmp_path: Path, kind: str) -> None:
    asked = iter([False, True, True, True])
    with pytest.raises(Cancelled):
        write_order(opened, order(kind), Way(tmp_path / "out", tmp_path, TODAY, stop=lambda: next(asked)))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".release", "out"))] == []


def test_what_a_format_cannot_hold_is_refused_before_anything_is_written(opened: Opened, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="Nothing was written"):
        write_order(opened, replace(order("rows"), formats=("scoring",)), Way(tmp_path / "out", tmp_path, TODAY))
    assert list(tmp_path.iterdir()) == []


def test_looking_for_the_levels_can_be_cancelled_at_every_node_and_nothing_is_written(
    opened: Opened, tmp_path: Path
) -> None:
    asked: list[int] = []
    inside: list[bool] = []

    def stop() -> bool:
        inside.append(any(frame.function == "search" for frame in inspect.stack(0)))
        return bool(asked.append(1))

    made = rows_of(opened, order("rows"), tmp_path, stop)
    assert inside.count(True) >= made.node.looked_at > 1
    for last in (1, len(asked) // 2, len(asked)):
        answers = chain([False] * (last - 1), [True])
        with pytest.raises(Cancelled):
            rows_of(opened, order("rows"), tmp_path, partial(next, answers))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["rows", "summary", "tables"])
def test_what_is_told_by_two_at_once_is_compared_all_the_same(opened: Opened, tmp_path: Path, kind: str) -> None:
    said: list[str] = []

    def second() -> None:
        try:
            said.append(write_order(opened, order(kind), Way(tmp_path / "out", tmp_path, TODAY)))
        except ReleaseError as refused:
            said.append(f"refused: {refused}")

    with turn(tmp_path):
        writing = Thread(target=second)
        writing.start()
        writing.join(0.3)  # long enough to be done, if nothing held it
        people = frozenset(opened.dataset.people[".linked"][:25])
        remember(tmp_path, opened.keys[0], opened.source.study, Entry("rows", "the first", TODAY, people))
    writing.join()
    assert said[0].startswith(("refused: Another release was written", "refused: Fewer than ten people"))
    assert not (tmp_path / "out").exists()


def test_two_files_that_were_looked_at_are_not_both_written(opened: Opened, tmp_path: Path) -> None:
    first, second = (rows_of(opened, replace(order("rows"), purpose=one), tmp_path) for one in ("one", "two"))
    write_rows(opened, first, Way(tmp_path / "first", tmp_path, TODAY))
    with pytest.raises(ReleaseError, match="Build this one again; nothing was written"):
        write_rows(opened, second, Way(tmp_path / "second", tmp_path, TODAY))
    assert len(earlier_releases(tmp_path, opened.keys, opened.source.study)) == 1
    again = rows_of(opened, second.specification, tmp_path)
    assert write_rows(opened, again, Way(tmp_path / "second", tmp_path, TODAY))
