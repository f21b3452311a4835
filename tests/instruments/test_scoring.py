"""Group scoring reproduces the study's expected results: means, deviations, missing counts, alpha, rounding."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from instruments import scoring
from instruments.model import Instrument, Scale
from instruments.scoring import alpha, half_up, missing_counts, summarise

DATA = Path(__file__).parent / "data"
EXPECTED = {
    "yp_fair": (10, "193/60", "1.1734"), "yp_trust": (11, "103/33", "1.0681"), "yp_trust_do": (11, "69/22", "1.1851"),
    "yp_trust_rel": (10, "16/5", "1.0055"), "yp_value": (11, "109/33", "0.9827"), "yp_open": (9, "64/27", "0.8889"),
    "yp_emo": (10, "121/40", "1.0701"), "yp_mosq": (10, "16/5", "0.9775"), "yp_focus": (10, "14/5", "1.1106"),
}  # fmt: skip
MISSING = {
    "yp_fair": (1, 6, 1), "yp_trust": (1, 4, 0), "yp_trust_do": (0, 2, 0), "yp_trust_rel": (1, 2, 0),
    "yp_value": (0, 4, 0), "yp_open": (6, 3, 0), "yp_emo": (1, 4, 2), "yp_mosq": (1, 2, 0), "yp_focus": (2, 2, 0),
}  # fmt: skip
ALPHA = {"yp_fair": (8, "800/837"), "yp_trust": (10, "136/143"), "yp_value": (10, "603/701"), "yp_emo": (9, "920/987")}


@pytest.fixture(scope="module")
def people() -> list[dict[str, int]]:
    with (DATA / "expected_raw.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {name: int(cell) for name, cell in row.items() if name.startswith("yp_") and " " not in cell} for row in rows
    ]


def scale(instrument: Instrument, name: str) -> Scale:
    return next(scale for scale in instrument.scales if scale.name == name)


@pytest.mark.parametrize("name", EXPECTED)
def test_group_means_are_exact(instrument: Instrument, people: list[dict[str, int]], name: str) -> None:
    valid, mean, deviation = EXPECTED[name]
    found = summarise(scale(instrument, name), people)
    assert (found.valid, found.mean) == (valid, Fraction(mean))
    assert found.variance is not None
    assert f"{float(found.variance) ** 0.5:.4f}" == deviation


@pytest.mark.parametrize("name", MISSING)
def test_missing_answers_are_counted(instrument: Instrument, people: list[dict[str, int]], name: str) -> None:
    assert tuple(missing_counts(scale(instrument, name), people).values()) == MISSING[name]


@pytest.mark.parametrize("name", ALPHA)
def test_alpha_is_exact(instrument: Instrument, people: list[dict[str, int]], name: str) -> None:
    complete, exact = ALPHA[name]
    assert alpha(scale(instrument, name), people) == (complete, Fraction(exact))


def test_alpha_without_reversing_would_be_wrong(instrument: Instrument, people: list[dict[str, int]]) -> None:
    from dataclasses import replace

    _, wrong = alpha(replace(scale(instrument, "yp_fair"), reverse=()), people)
    assert wrong is not None
    assert f"{float(wrong):.4f}" == "-0.5476"


def test_scores_of_the_expected_people_agree_with_the_file(
    instrument: Instrument, people: list[dict[str, int]]
) -> None:
    with (DATA / "expected_scores.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    for name in EXPECTED:
        for person, told in zip(people, expected, strict=True):
            alone = summarise(scale(instrument, name), [person]).mean
            assert ("" if alone is None else half_up(alone, 4)) == told[name]


def test_people_given_once_with_their_number_are_as_many_people(
    instrument: Instrument, people: list[dict[str, int]]
) -> None:
    counts = [3, 1, 2, 1, 4, 1, 1, 5, 2, 1, 2, 1]
    many = [person for person, count in zip(people, counts, strict=True) for _ in range(count)]
    for name in EXPECTED:
        one = scale(instrument, name)
        for asked in (summarise, alpha, missing_counts):
            assert asked(one, people, counts) == asked(one, many)


def test_halves_are_rounded_up() -> None:
    assert half_up(Fraction(121, 40), 2) == "3.03"
    assert half_up(Fraction(64, 27), 2) == "2.37"


def test_no_public_function_gives_a_persons_score() -> None:
    public = {
        name
        for name, thing in vars(scoring).items()
        if callable(thing) and getattr(thing, "__module__", "") == scoring.__name__
    }
    assert {name for name in public if not name.startswith("_")} == {
        "ScaleSummary",
        "summarise",
        "alpha",
        "covariances_of",
        "missing_counts",
        "answered_items",
        "half_up",
    }
