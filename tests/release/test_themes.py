"""Themes: ids that outlive their codes, two coders apart, kappa, what is settled together, a column for each theme."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from errors import ReleaseError
from instruments.model import Instrument
from release.made import Release
from release.making import Opened, rows_of
from release.review.answers import Answer
from release.review.book import Book, Theme, apart, check_book, merged, new_themes, renamed
from release.review.deciding import Signed
from release.review.kappa import kappa, overall
from release.review.themes import Codings, coding_of
from release.specification import specification_of
from tests.conftest import Keys
from tests.release.test_distrust import source
from tests.release.test_open_text import ORDER, by_label
from tests.release.test_orders_of_rows import crowd
from tests.releases import dataset_of, release_files

FIRST, SECOND, BOTH = (Signed(name, "2026-11") for name in ("Nadia", "Tariq", "Nadia and Tariq"))
TRUST, FAIR = Theme("t", "trust", "Trust in the police"), Theme("f", "fair", "Fairness")
BOOK = Book((TRUST, FAIR))


@pytest.fixture
def opened(keys: Keys, instrument: Instrument) -> Opened:
    """Twelve young people who wrote something, and one who did not."""
    said: list[dict[str, object]] = [{"yp_text_1": f"canary words of Zebedee {number}"} for number in range(12)]
    people = crowd(instrument, [*said, {}], o_quote="no")
    return Opened(source(keys, instrument), dataset_of(people, instrument), [keys.research])


@pytest.fixture
def codings(opened: Opened, tmp_path: Path) -> Codings:
    made = Codings(tmp_path, opened.keys, opened.source.study)
    made.keep_book(BOOK)
    return made


def give(codings: Codings, answer: Answer, first: Sequence[str], second: Sequence[str]) -> None:
    codings.code(answer, "first", first, FIRST)
    codings.code(answer, "second", second, SECOND)


def made(opened: Opened, releases: Path, **changes: object) -> Release:
    return rows_of(opened, specification_of(ORDER | {"open_text": "themes"} | changes), releases)


def test_each_theme_is_a_column_that_tells_none_from_not_coded(
    opened: Opened, codings: Codings, tmp_path: Path
) -> None:
    told = by_label(opened)
    for one in told[:5]:
        give(codings, one, ["t"], ["t"])
    give(codings, told[5], [], [])
    give(codings, told[6], ["t"], [])
    give(codings, told[7], ["t"], [])
    codings.code(told[7], "together", [], BOTH)
    codings.code(told[8], "first", ["t"], FIRST)
    codings.code(told[9], "first", ["f"], FIRST)
    codings.code(told[9], "second", ["f"], SECOND)
    release = made(opened, tmp_path, formats=["csv", "codebook", "ddi", "datapackage"])
    files = release_files(release)
    rows = list(csv.DictReader(files["data.csv"].decode().splitlines()))
    # Five have it, three have none of it (one settled so), two are not coded by both, one differs; one never answered.
    found = sorted(row["yp_text_1__trust"] for row in rows)
    assert found == ["-6"] * 4 + ["-9"] + ["0"] * 3 + ["1"] * 5
    assert release.rare_themes == ("yp_text_1__fair",), "one person's theme is in no column"
    assert "yp_text_1__fair" not in rows[0]
    assert "yp_text_1" not in rows[0]
    book = {row["variable"]: row for row in csv.DictReader(files["codebook.csv"].decode().splitlines())}
    assert "0 = Both coders: not in the answer | 1 = Both" in book["yp_text_1__trust"]["codes"]
    assert book["yp_text_1__trust"]["codes"].count("-6 = ") == 1
    assert book["yp_text_1__trust"]["label"].startswith("Trust in the police · ")
    assert "too few people" in book["yp_text_1__fair"]["in_this_release"]
    for name in ("codebook.html", "ddi.xml", "datapackage.json", "disclosure.html", "README.txt"):
        assert "yp_text_1__trust" in files[name].decode() or name in ("disclosure.html", "README.txt")
        assert "yp_text_1__fair" in files[name].decode() or name in ("ddi.xml", "datapackage.json")
    assert "Not coded by both, or the coders differ" in files["ddi.xml"].decode()
    assert not [name for name, data in files.items() if b"Zebedee" in data]
    assert made(opened, tmp_path, rare={"yp_text_1__trust": 6}).rare_themes == ("yp_text_1__trust", "yp_text_1__fair")
    for named in ("yp_text_1", "yp_text_1__trust"):
        only = made(opened, tmp_path, variables=["site", named])
        assert [column.item.name for column in only.columns] == ["site", "yp_text_1__trust"]
    with pytest.raises(ReleaseError, match="Too few people have the theme yp_text_1__fair"):
        made(opened, tmp_path, l={"yp_text_1__fair": 2})


def test_codings_stay_true_when_themes_are_renamed_and_merged(opened: Opened, codings: Codings, tmp_path: Path) -> None:
    told = by_label(opened)
    give(codings, told[0], ["t"], ["f"])
    give(codings, told[1], ["t", "f"], [])
    key = told[0].key
    assert codings.now().differing(key) == ("t", "f")
    codings.keep_book(renamed(BOOK, {"t": ("faith", " Faith  in people ")}, codings.now().used))
    assert codings.now().says("first", key, "t") is True
    codings.keep_book(merged(codings.now().book, "t", "f"))
    coding = coding_of(tmp_path, opened.keys, opened.source.study)
    assert coding.book.themes[0] == Theme("t", "faith", "Faith in people", "f")
    assert coding.told(key, "f") is True, "both gave what is one theme now"
    assert coding.differing(told[1].key) == ("f",)
    assert apart(coding.book, "t").active[0].code == "faith"
    with pytest.raises(ReleaseError, match="stays in the code book"):
        renamed(coding.book, {"f": ("", "")}, coding.used)
    with pytest.raises(ReleaseError, match="two different themes"):
        merged(coding.book, "t", "f")


def test_a_theme_that_came_later_was_not_told_to_be_absent(opened: Opened, codings: Codings) -> None:
    one = by_label(opened)[0]
    give(codings, one, ["t"], ["t"])
    codings.keep_book(Book((TRUST, FAIR, Theme("n", "new", "Something new"))))
    coding = codings.now()
    assert (coding.told(one.key, "t"), coding.told(one.key, "n")) == (True, None)
    assert not coding.has_coded("first", one.key), "it comes to the coder again"
    assert coding.pairs()["n"] == []


def test_agreement_is_told_of_each_theme_and_of_all_and_only_of_what_was_coded_apart(
    opened: Opened, codings: Codings
) -> None:
    told = by_label(opened)
    for place, first, second in ((0, ["t", "f"], ["t"]), (7, ["f"], ["f"]), (8, ["f"], ["t"])):
        give(codings, told[place], first, second)
    apart_before = codings.now().kappas()
    assert apart_before == ({"t": Fraction(2, 5), "f": Fraction(0)}, Fraction(0))
    codings.code(told[8], "together", ["t"], BOTH)
    assert codings.now().kappas() == apart_before
    assert codings.now().differing(told[8].key) == ()
    with pytest.raises(ReleaseError, match="nadia is the other coder already"):
        codings.code(told[1], "second", [], replace(FIRST, by="nadia"))
    with pytest.raises(ReleaseError, match="no theme of this code book"):
        codings.code(told[1], "second", ["other"], SECOND)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ((20, 5, 10, 15), Fraction(2, 5)),  # the textbook's table: 20 both, 15 neither, 0.7 observed, 0.5 by chance
        ((4, 0, 0, 0), None),
        ((0, 0, 0, 0), None),
        ((3, 0, 0, 3), Fraction(1)),
        ((0, 3, 3, 0), Fraction(-1)),
    ],
)
def test_kappa_is_cohens(table: tuple[int, int, int, int], told: Fraction | None) -> None:
    both, first, second, neither = table
    pairs = [(True, True)] * both + [(True, False)] * first + [(False, True)] * second + [(False, False)] * neither
    assert kappa(pairs) == overall({"one": pairs[::2], "other": pairs[1::2]}) == told


@pytest.mark.parametrize("text", ["Trust = x", "trust", "trust =", "\nrather not = x"])
def test_a_line_that_is_no_theme_is_named(text: str) -> None:
    with pytest.raises(ReleaseError, match="Look at line"):
        new_themes(text)


@pytest.mark.parametrize(
    ("book", "why"),
    [
        ((TRUST, replace(FAIR, code="trust")), "Two themes have the code trust"),
        ((replace(TRUST, code="Trust"),), "Trust is no code"),
        ((replace(TRUST, words=""),), "trust is no code"),
        ((replace(TRUST, words="Trust\0"),), "trust is no code"),
        ((replace(TRUST, words="x" * 201),), "words of trust are too long"),
        ((replace(TRUST, code="a" * 22),), "Stata would not take"),
    ],
)
def test_a_code_that_makes_no_name_of_a_column_is_refused(book: tuple[Theme, ...], why: str) -> None:
    check_book(BOOK, ["yp_text_1"])
    with pytest.raises(ReleaseError, match=why):
        check_book(Book(book), ["yp_text_1"])
