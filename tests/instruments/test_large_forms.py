"""No form of 2,000 rows is checked for ever: it is read in time, or refused with what to make smaller.

How long the slowest of them take is `./run bench`'s to tell (bench/large_forms.py): seconds say more of a machine than
of Amanah. What is held here is that none of them grows without an end.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

import pytest

from bench.large_forms import LANGUAGES, chained_choices, in_all_languages, words_of_a_long_list
from errors import Problem
from instruments.catalogue import check_study
from instruments.privacy_classes.classes import NOT_CLASSIFIED
from instruments.sizes import LONGEST_VISIT
from tests.forms import Rows, written
from views.limits import LARGEST_BODY

# Of this process's own time: the slowest of these forms needs two on the machine that this was written on, and one that
# grows with every row of every row would need hours.
ENDLESS = 120  # seconds
ROWS = 2_000
LABELS = [f"label::{language}" for language in LANGUAGES]
NO_ROWS: Rows = ()


def stop(_number: int, _frame: FrameType | None) -> None:
    raise AssertionError(f"a form was still being checked after {ENDLESS} seconds")


def checked(folder: Path, survey: Rows, choices: Rows = NO_ROWS) -> tuple[Problem, ...]:
    """What is wrong with a form, found in time."""
    form = written(folder / "form", survey, choices)
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS)
    try:
        found = check_study(form)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    # That nobody has said yet how private its questions are is true of all of these.
    return tuple(one for one in found if one.message != NOT_CLASSIFIED)


def refused(folder: Path, survey: Rows, choices: Rows = NO_ROWS) -> str:
    """The one sentence with which a form is refused in time."""
    (found,) = checked(folder, survey, choices)
    assert not found.is_warning
    return str(found)


def rows(*columns: str) -> list[Sequence[object]]:
    return [["type", "name", *columns]]


def around(inner: Rows, kind: str, name: str, *cells: object) -> Iterator[Sequence[object]]:
    """Rows in a group or repeat."""
    yield [f"begin_{kind}", name, *cells]
    yield from inner
    yield [f"end_{kind}", "", *("" for _ in cells)]


@pytest.mark.torture
def test_every_question_may_hang_on_forty_before_it(tmp_path: Path) -> None:
    def relevant(number: int) -> str:
        return " and ".join(f"${{q{other}}} > {other}" for other in range(max(0, number - 40), number))

    questions = [["integer", f"q{number}", "Q", relevant(number)] for number in range(ROWS)]
    assert checked(tmp_path, rows("label", "relevant") + questions) == ()


def test_a_cascade_of_two_thousand_choices(tmp_path: Path) -> None:
    survey = rows("label", "choice_filter") + [
        ["select_one a", "a", "A", ""],
        ["select_one b", "b", "B", "up = ${a}"],
        ["select_one c", "c", "C", "up = ${b}"],
    ]
    choices: list[Sequence[object]] = [["list_name", "name", "label", "up"]]
    for name, count, above in (("a", 20, 1), ("b", 200, 20), ("c", 1_780, 200)):
        choices += [[name, f"{name}{one}", "A place", f"{chr(ord(name) - 1)}{one % above}"] for one in range(count)]
    assert checked(tmp_path, survey, choices) == ()


@pytest.mark.torture
def test_twenty_rounds_of_two_hundred_questions(tmp_path: Path) -> None:
    inner = [["integer", f"q{one}", "", f"${{q{one - 1}}} > 1" if one else ""] for one in range(200)]
    inner = [[*row[:2], *in_all_languages("Q"), *row[2:]] for row in inner]
    survey = rows(*LABELS, "bind::amanah:most", "relevant") + list(
        around(inner, "repeat", "r", *in_all_languages("Round"), "20", "")
    )
    assert all(problem.is_warning for problem in checked(tmp_path, survey))


@pytest.mark.torture
def test_notes_in_six_languages(tmp_path: Path) -> None:
    survey = rows(*LABELS) + [["note", f"n{number}", *in_all_languages("Read this. " * 8)] for number in range(ROWS)]
    assert all(problem.is_warning for problem in checked(tmp_path, survey))


@pytest.mark.torture
def test_labels_that_show_sixty_answers_each(tmp_path: Path) -> None:
    words = [" ".join(f"${{q{other}}}" for other in range(max(0, one - 60), one)) for one in range(ROWS)]
    survey = rows("label") + [["integer", f"q{number}", said or "Q"] for number, said in enumerate(words)]
    assert checked(tmp_path, survey) == ()


def test_groups_twenty_deep_and_no_deeper(tmp_path: Path) -> None:
    def nested(depth: int) -> list[Sequence[object]]:
        inner: Rows = [["integer", f"x{number}", "X", ""] for number in range(ROWS - 2 * depth)]
        for number in range(depth):
            inner = list(around(inner, "group", f"g{number}", "G", "${q} > 1"))
        return [*rows("label", "relevant"), ["integer", "q", "Q", ""], *inner]

    assert checked(tmp_path / "some", nested(20)) == ()
    assert "row 23, column type: this group stands in 20 others" in refused(tmp_path / "many", nested(900))


def test_the_words_of_a_long_list(tmp_path: Path) -> None:
    assert checked(tmp_path / "some", *words_of_a_long_list(50)) == ()
    assert "pass 500,000 parts" in refused(tmp_path / "many", *words_of_a_long_list(600))


@pytest.mark.torture
def test_conditions_of_groups_are_counted_in_each_question(tmp_path: Path) -> None:
    long = " and ".join(f"${{q}} != {number}" for number in range(60))
    inner: Rows = [["integer", f"x{number}", "X", ""] for number in range(1_900)]
    for number in range(20):
        inner = list(around(inner, "group", f"g{number}", "G", long))
    assert "pass 500,000 parts" in refused(tmp_path, [*rows("label", "relevant"), ["integer", "q", "Q", ""], *inner])


def test_an_expression_that_would_grow_with_every_round_of_every_round(tmp_path: Path) -> None:
    expression = "1"
    for _ in range(6):
        expression = f"indexed-repeat(${{i}}, ${{r}}, {expression})"
    repeat = around([["integer", "i", "I", "", ""]], "repeat", "r", "R", "20", "")
    survey = [*rows("label", "bind::amanah:most", "calculation"), *repeat, ["calculate", "s", "", "", expression]]
    assert "row 5, column calculation: this is too long" in refused(tmp_path, survey)


def test_too_many_rounds_are_refused(tmp_path: Path) -> None:
    inner = [["integer", f"q{one}", "Q", "", ""] for one in range(900)]
    sums = [["calculate", f"s{one}", "", "", f"sum(${{q{one}}})"] for one in range(900)]
    survey = [*rows("label", "bind::amanah:most", "calculation"), *around(inner, "repeat", "r", "R", "20", ""), *sums]
    assert "asks 18,900 questions" in refused(tmp_path, survey)


def test_a_long_list_at_every_question_is_refused(tmp_path: Path) -> None:
    survey = rows("label") + [["select_one a", f"q{number}", "Q"] for number in range(1_000)]
    choices = [["list_name", "name", "label"], *(["a", f"a{one}", "A place"] for one in range(1_000))]
    assert "offers 1,000,000 choices" in refused(tmp_path, survey, choices)


def test_fifty_thousand_choices_that_hang_on_each_other(tmp_path: Path) -> None:
    assert all(problem.is_warning for problem in checked(tmp_path, *chained_choices()))


def test_cells_full_of_nonsense(tmp_path: Path) -> None:
    survey = rows("label", "relevant") + [["integer", f"q{one}", "Q", "1 " * 2_400] for one in range(ROWS)]
    assert len(checked(tmp_path, survey)) == ROWS


@pytest.mark.torture
def test_brackets_that_nobody_filled_in_are_told_once(tmp_path: Path) -> None:
    head = rows("label", "bind::amanah:privacy")
    survey = head + [["note", f"n{one}", "[x] " * 1_100, ""] for one in range(ROWS)]
    assert "fill_in has no line for [x]" in refused(tmp_path, survey)


def test_what_no_device_could_deliver_is_refused(tmp_path: Path) -> None:
    survey = rows("label", "constraint") + [["text", f"t{one}", "T", ""] for one in range(ROWS)]
    assert "Give texts a constraint such as string-length(.) <= 100" in refused(tmp_path / "long", survey)
    short = [survey[0], *([*row[:3], "string-length(.) <= 60"] for row in survey[1:])]
    assert checked(tmp_path / "short", short) == ()
    # In base64, with what stands around it.
    assert LONGEST_VISIT * 4 // 3 + 16 * 1024 < LARGEST_BODY
