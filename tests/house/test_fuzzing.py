"""Hostile bytes for every reader of foreign bytes: a bounded sample of what `./run bench fuzz` tries for long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import create_app
from bench.fuzz.__main__ import ALONE, NAMES
from bench.fuzz.in_an_instance import of_app
from bench.fuzz.running import Run, run
from bench.fuzz.targets import Target, envelope
from tests.conftest import Keys, new_instance

# How many inputs a second or so allows, and the least share of them that must get past the reader's first check.
TRIED = {
    "envelope": (4000, 0.8), "receipt": (4000, 0.35), "keyring": (2000, 0.6), "delivery": (2000, 0.6),
    "changes": (1500, 0.6), "withdrawal": (1500, 0.5),
    "key file": (2000, 0.6), "share": (500, 0.3),
    "expression": (2000, 0.8), "markdown": (400, 0.8), "csv": (400, 0.8), "xlsx": (100, 0.8), "bundle": (300, 0.8),
    "source": (300, 0.8), "cookie": (1000, 0.4), "outbox": (300, 0.6),
    "device": (1000, 0.8), "link": (300, 0.6), "checkpoint": (1000, 0.6), "manifest": (800, 0.6),
    "proposal": (200, 0.8), "order": (1000, 0.6),
}  # fmt: skip


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> dict[str, Target]:
    app = create_app(new_instance(tmp_path_factory.mktemp("fuzzed") / "instance", keys))
    return {target.name: target for target in (*(made() for made in ALONE), *of_app(app))}


def tried(target: Target, inputs: int, seed: int = 1) -> Run:
    return run(target, inputs, seed)


@pytest.mark.parametrize("name", TRIED)
def test_hostile_bytes_give_a_result_or_the_readers_own_error(targets: dict[str, Target], name: str) -> None:
    inputs, share = TRIED[name]
    done = tried(targets[name], inputs)
    assert done.faults == ()
    assert done.past >= share * inputs
    assert 0 < done.read


@pytest.mark.torture
@pytest.mark.parametrize("name", TRIED)
def test_a_hundred_times_as_many_hostile_bytes(targets: dict[str, Target], name: str) -> None:
    assert tried(targets[name], 100 * TRIED[name][0], 2).faults == ()


def test_every_reader_is_tried() -> None:
    assert set(TRIED) == set(NAMES)


def test_samples_are_read_as_they_are(targets: dict[str, Target]) -> None:
    for target in targets.values():
        for sample in target.samples[:1]:
            target.read(sample)


def test_the_same_seed_makes_the_same_inputs_and_another_seed_others() -> None:
    seen: dict[int, list[bytes]] = {}
    for key, seed in enumerate((1, 1, 2)):
        told: list[bytes] = []
        tried(replace(envelope(), read=told.append), 50, seed)
        seen[key] = told
    assert seen[0] == seen[1] != seen[2]


def test_a_reader_that_breaks_or_takes_too_long_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(data: bytes) -> object:
        return {}[data[0] > 300]

    done = tried(replace(envelope(), read=breaks), 50)
    assert ["KeyError" in fault.what for fault in done.faults] == [True]
    monkeypatch.setattr("bench.fuzz.running.SLOWEST", 0.0)
    assert any("took more than" in fault.what for fault in tried(envelope(), 50).faults)
