"""What a release states, worked out again from its written files, by a reader that knows nothing of how it is made.

The reader below uses csv, json, math and the study's own sheet, and nothing of ours. Tables and orders are drawn.
"""

from __future__ import annotations

import csv
import json
import math
import tempfile
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from errors import ReleaseError
from instruments.model import Instrument
from release.build import build_release
from release.export import write_release
from release.person import Person
from release.specification import Specification
from tests.conftest import Keys
from tests.release.test_distrust import source
from tests.release.test_reading import person
from tests.releases import SIGNER, dataset_of

STUDY = Path(__file__).parents[2] / "instruments" / "definitions" / "working_together" / "study.toml"
NOT_PUT = ("-7", "-8")  # no answer: the question was never put
DECLARED = tomllib.loads(STUDY.read_text("utf-8"))["release"]["coarsening"]
Row = dict[str, str]


def rows_in(folder: Path) -> list[Row]:
    with (folder / "data.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def classes_in(folder: Path) -> list[list[Row]]:
    """Rows that are alike in all that the code book or the study calls known to others."""
    with (folder / "codebook.csv").open(encoding="utf-8", newline="") as file:
        quasi = {row["variable"] for row in csv.DictReader(file) if row["privacy"] == "quasi"}
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows_in(folder):
        found[tuple(value for name, value in row.items() if name in quasi or name in DECLARED)].append(row)
    return list(found.values())


def told(rows: list[Row], name: str) -> Counter[str]:
    return Counter(row[name] for row in rows if row[name] not in NOT_PUT)


def distinct_of(rows: list[Row], name: str) -> float:
    return len(told(rows, name))


def entropy_of(rows: list[Row], name: str) -> float:
    counts = told(rows, name)
    return math.prod((n / counts.total()) ** -(n / counts.total()) for n in counts.values())


def distance_of(rows: list[Row], everybody: list[Row], name: str, is_ordered: bool) -> float:
    part, whole = told(rows, name), told(everybody, name)
    gaps = [
        part[value] / part.total() - whole[value] / whole.total()
        for value in sorted(whole, key=int if is_ordered else str)
    ]
    if not is_ordered:
        return sum(map(abs, gaps)) / 2
    moved = [abs(sum(gaps[: place + 1])) for place in range(len(gaps) - 1)]
    return sum(moved) / max(len(gaps) - 1, 1)


def violations(folder: Path, order: dict[str, Any]) -> list[str]:
    """What the files break of what was ordered: k, l by variable, t by variable and whether it has an order."""
    classes, everybody = classes_in(folder), rows_in(folder)
    found = [f"k: {len(one)}" for one in classes if len(one) < order["k"]]
    for name, least in order.get("l", {}).items():
        reached = distinct_of if order["l_kind"] == "distinct" else entropy_of
        found += [f"l of {name}" for one in classes if told(one, name) and reached(one, name) < least - 1e-9]
    for name, most in order.get("t", {}).items():
        is_ordered = name == "yp_fair_1"
        found += [
            f"t of {name}"
            for one in classes
            if told(one, name) and distance_of(one, everybody, name, is_ordered) > most + 1e-9
        ]
    return found


def disagreements(folder: Path, order: dict[str, Any]) -> list[str]:
    """Where the disclosure report tells other figures than the files."""
    report = json.loads((folder / "disclosure.json").read_text("utf-8"))
    classes, after = classes_in(folder), report["risk"]["after"]
    sizes = Counter(len(one) for one in classes)
    ours = {"people": sum(map(len, classes)), "classes": len(classes), "unique": sizes[1]}
    found = [name for name, value in ours.items() if after[name] != value]
    stated = [(one["size"], one["people"]) for one in report["classes"]["after"]]
    if stated != [(n, n * sizes[n]) for n in sorted(sizes)]:
        found.append("classes")
    for name in order.get("l", {}):
        reached = distinct_of if order["l_kind"] == "distinct" else entropy_of
        least = min((reached(one, name) for one in classes if told(one, name)), default=0)
        if abs(report["reached"]["l"][name] - least) > 1e-5:
            found.append(f"l of {name}")
    return found


ANSWERS = st.fixed_dictionaries(
    {
        "age": st.sampled_from([16, 17, 18, 19, 23, 24, -1, -9]),
        "sex": st.sampled_from([1, 2, -2]),
        "site": st.sampled_from([1, 2]),
        "ethnic_group": st.sampled_from([1, 2, 14, -2]),
        "yp_fair_1": st.sampled_from([1, 2, 3, 4, 5, -1, -8]),
        "mosque_part": st.sampled_from([1, 2, 3, -2, -8]),
    }
)
ORDERS = st.fixed_dictionaries(
    {"k": st.integers(2, 6), "l_kind": st.sampled_from(["distinct", "entropy"])},
    optional={
        "l": st.dictionaries(
            st.sampled_from(["yp_fair_1", "mosque_part"]), st.sampled_from([1.5, 2.0, 3.0]), min_size=1
        ),
        "t": st.dictionaries(st.just("yp_fair_1"), st.sampled_from([0.15, 0.3, 0.5])),
        "largest_suppression": st.sampled_from([0, 5, 30, 100]),
        "local_suppression": st.booleans(),
        "levels": st.just({"age": 1}),
    },
)


def people_of(instrument: Instrument, answers: list[dict[str, int]]) -> tuple[Person, ...]:
    return tuple(person(instrument, number, **told) for number, told in enumerate(answers, 1))


def written(
    keys: Keys, instrument: Instrument, answers: list[dict[str, int]], order: dict[str, Any], out: Path
) -> bool:
    """Whether a release came of it; what cannot be made as ordered is refused, and that is no violation."""
    whole = Specification("a trial", ("young_person",), formats=("csv",), language="en", **order)
    found = dataset_of(people_of(instrument, answers), instrument)
    try:
        made = build_release(source(keys, instrument), found, [keys.research], whole)
    except ReleaseError:
        return False
    write_release(made, out, SIGNER)
    return made.frame.height > 0


def look(keys: Keys, instrument: Instrument, answers: list[dict[str, int]], order: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as beside:
        folder = Path(beside) / "out"
        if written(keys, instrument, answers, order, folder):
            assert violations(folder, order) == []
            assert disagreements(folder, order) == []


# Of each sex everybody gives one answer, the other sex another: k alone would leave both as they are.
PARTED = [{"sex": sex, "site": 1, "yp_fair_1": fair, "mosque_part": sex} for sex, fair in ((1, 1), (2, 5)) * 12]
# One who is like nobody in four traits: more than are removed of one person.
ALIKE = {"age": 16, "sex": 1, "site": 1, "ethnic_group": 1, "yp_fair_1": 1, "mosque_part": 1}
UNLIKE = [*[ALIKE] * 12, {"age": 24, "sex": 2, "site": 2, "ethnic_group": 14, "yp_fair_1": 1, "mosque_part": 1}]
EACH = {"k": 3, "l_kind": "distinct", "largest_suppression": 0}
DRAWN = {"answers": st.lists(ANSWERS, min_size=8, max_size=60), "order": ORDERS}
SHARED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


@example(answers=PARTED, order={**EACH, "l": {"mosque_part": 2.0}})
@example(answers=PARTED, order={**EACH, "t": {"yp_fair_1": 0.15}})
@example(answers=UNLIKE, order={**EACH, "largest_suppression": 30, "local_suppression": True})
@settings(max_examples=3, deadline=None, suppress_health_check=SHARED)
@given(**DRAWN)
def test_no_release_breaks_what_it_states(
    keys: Keys, instrument: Instrument, answers: list[dict[str, int]], order: dict[str, Any]
) -> None:
    look(keys, instrument, answers, order)


@pytest.mark.torture
@settings(max_examples=1500, deadline=None, suppress_health_check=SHARED)
@given(**DRAWN)
def test_no_release_of_many_breaks_what_it_states(
    keys: Keys, instrument: Instrument, answers: list[dict[str, int]], order: dict[str, Any]
) -> None:
    look(keys, instrument, answers, order)


def test_the_reader_sees_a_broken_promise(keys: Keys, instrument: Instrument, tmp_path: Path) -> None:
    told = [{"age": 19, "sex": 1, "yp_fair_1": 1 + number % 3, "mosque_part": 2} for number in range(12)]
    order: dict[str, Any] = {"k": 5, "l_kind": "distinct"}
    assert written(keys, instrument, told, order, tmp_path / "out")
    strict = order | {"l": {"yp_fair_1": 3, "mosque_part": 2}, "t": {"yp_fair_1": 0.1}}
    assert violations(tmp_path / "out", strict) == ["l of mosque_part"]
    data = (tmp_path / "out" / "data.csv").read_text("utf-8").splitlines()
    (tmp_path / "out" / "data.csv").write_text("\n".join(data[:4]) + "\n", "utf-8")
    assert violations(tmp_path / "out", order) == ["k: 3"]
    assert disagreements(tmp_path / "out", order) == ["people", "classes"]
