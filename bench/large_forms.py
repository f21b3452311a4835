"""How long the slowest forms take to check, one that is read and one that is refused, in bare reads of their sheets.

Wanted (on the machine that it was written on): either in under five seconds, as docs/workbooks.md says.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.measuring import rate
from instruments.catalogue import check_study

LANGUAGES = ("English (en)", "Arabic (ar)", "Urdu (ur)", "Bengali (bn)", "Somali (so)", "Turkish (tr)")
Rows = Sequence[Sequence[object]]


def bench_large_forms(folder: Path) -> None:
    """Print both times, and both ratios."""
    forms = (("of fifty thousand choices", chained_choices()), ("with too many parts", words_of_a_long_list(600)))
    for number, (named, sheets) in enumerate(forms):
        form = folder / f"large{number}"
        form.mkdir()
        for sheet, rows in zip(("survey", "choices"), sheets, strict=True):
            with (form / f"{sheet}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        ours, base = rate(_check(form)), rate(_bare_reads(form))
        print(f"a form {named}: checked in {1 / ours:.1f} s, as long as {base / ours:,.0f} bare reads of its sheets")


def in_all_languages(words: str) -> list[str]:
    """These words six times, as a form in six languages has them."""
    return [f"{words} ({language})" for language in LANGUAGES]


def chained_choices() -> tuple[Rows, Rows]:
    """Survey and choices: thirty questions in six languages, each of which offers what hangs on the one before."""
    labels = [f"label::{language}" for language in LANGUAGES]
    filters = [f"up = ${{q{one - 1}}}" if one else "" for one in range(30)]
    survey = [["type", "name", "choice_filter", *labels]] + [
        ["select_one a", f"q{one}", rule, *in_all_languages("Q")] for one, rule in enumerate(filters)
    ]
    choices = [["list_name", "name", "up", *labels]] + [
        ["a", f"a{one}", f"a{one // 2}", *in_all_languages("A place")] for one in range(1_650)
    ]
    return survey, choices


def words_of_a_long_list(times: int) -> tuple[Rows, Rows]:
    """Survey and choices: so many calculations, each of which may show any of 400 places in words."""
    calculated = [["calculate", f"c{one}", "", "jr:choice-name(${a}, '${a}')"] for one in range(times)]
    survey = [["type", "name", "label", "calculation"], ["select_one a", "a", "A", ""], *calculated]
    return survey, [["list_name", "name", "label"], *(["a", f"a{one}", "A place"] for one in range(400))]


def _check(form: Path) -> Callable[[], object]:
    return lambda: check_study(form)


def _bare_reads(form: Path) -> Callable[[], object]:
    def read() -> None:
        for sheet in form.iterdir():
            with sheet.open(encoding="utf-8", newline="") as file:
                list(csv.reader(file))

    return read
