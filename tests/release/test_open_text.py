"""Open text: what is proposed takes nothing else away; what nobody reviewed is in no file; two coders' themes."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import ReleaseError
from instruments.model import Instrument
from release.making import Opened, rows_of
from release.review.answers import Answer, answers, decide, decisions, state_of
from release.review.proposing import Span, proposals, redacted
from release.review.texts import texts_for
from release.review.themes import agreement, code, coding, kappa, keep_book, read_book
from release.specification import specification_of
from tests.conftest import Keys
from tests.release.test_distrust import source
from tests.release.test_orders_of_rows import crowd
from tests.releases import dataset_of, release_files

CANARY = "canary words of Zebedee"
ORDER = {"purpose": "open words", "groups": ["young_person"], "k": 5, "formats": ["csv"], "language": "en"}

PIECES = st.sampled_from(
    ["Amina ", "Green Lane Mosque", " on 3 May 2024 ", "07700 900123", "B10 0HX", "a@b.org", "محمد ", "আমিনাকে ",
     "\u0301", "1/2/2024", "www.x.org", "@me ", "King School ", "PC Smith", "["]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=10).map("".join), st.randoms())
def test_proposals_are_in_bounds_and_take_nothing_else_away(text: str, chance: object) -> None:
    found = proposals(text)
    ends = [0, *(place for span in found for place in (span.start, span.end)), len(text)]
    assert ends == sorted(ends)
    assert all(span.start < span.end for span in found)
    accepted = [span for span in found if chance.random() < 0.5]  # type: ignore[attr-defined]
    rest, told = text, redacted(text, accepted)
    for span in reversed(accepted):
        rest = rest[: span.start] + f"[{span.kind}]" + rest[span.end :]
    assert told == rest


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I spoke to PC Harrison at Green Lane Mosque on 3 May 2024.", "I spoke to PC [name] at [mosque] on [date]."),
        ("my name is zebedee, small heath B10 0HX", "my name is [name], [place] [postcode]"),
        ("ask @amina_k or a.b@c.org, 07700 900123", "ask [handle] or [email], [phone]"),
        ("see https://x.org/y on 12/03/2024", "see [link] on [date]"),
        ("at x@y.org/path now", "at [link] now"),
        ("I went to King Edward School", "I went to [school]"),
        ("ذهبت إلى مسجد النور في لندن مع محمد", "ذهبت إلى [mosque] في [place] مع [name]"),
        ("تكلمت مع محمد في لندن", "تكلمت مع [name] في [place]"),
        ("স্মল হিথে আমিনাকে দেখেছি", "[place] [name] দেখেছি"),
        ("تحدثت مع محمد عن الثقة في الشرطة", "تحدثت مع [name] عن الثقة في الشرطة"),
        ("میں نے احمد سے پولیس پر بات کی", "میں نے [name] سے پولیس پر بات کی"),
        ("রহিমকে পুলিশ থামায়", "[name] পুলিশ থামায়"),
        ("Waxaan la kulmay Axmed iyo Cabdi", "Waxaan la kulmay [name] iyo [name]"),
        ("আমিনা পুলিশকে বিশ্বাস করে", "[name] পুলিশকে বিশ্বাস করে"),
        ("I may go in May. The police are fine, 20 times.", "I may go in May. The police are fine, 20 times."),
    ],
)
def test_what_points_to_somebody_is_proposed(text: str, told: str) -> None:
    assert redacted(text, proposals(text)) == told


def test_long_texts_are_read_in_a_moment() -> None:
    began = time.process_time()
    for text in ("A" * 10_000, "Aa " * 3_000, "a-" * 5_000, "আ" * 10_000, "0 " * 5_000):
        assert all(isinstance(span, Span) for span in proposals(text))
    assert time.process_time() - began < 5, "no pattern goes over a text again and again"


@pytest.fixture
def opened(keys: Keys, instrument: Instrument) -> Opened:
    """Ten young people who wrote the same words; the first six agreed to be quoted, one was never asked."""
    people = crowd(instrument, [{"yp_text_1": CANARY}] * 10, o_quote="yes")
    people[6:] = [replace(one, choices={"o_quote": "no"}) for one in people[6:]]
    people[9] = replace(people[9], choices={})
    return Opened(source(keys, instrument), dataset_of(people, instrument), [keys.research])


def by_label(opened: Opened) -> list[Answer]:
    return sorted(answers(opened.source, opened.dataset), key=lambda one: one.participant)


def written(opened: Opened, releases: Path, **changes: object) -> dict[str, bytes]:
    return release_files(rows_of(opened, specification_of(ORDER | changes), releases))


def test_only_reviewed_words_of_who_agreed_are_in_a_release(opened: Opened, tmp_path: Path) -> None:
    told, study, keys = by_label(opened), opened.source.study, opened.keys
    with pytest.raises(ReleaseError, match="has been reviewed for this study yet"):
        written(opened, tmp_path, open_text="reviewed")
    for one in told[:2]:
        decide(tmp_path, keys, study, one, "  reviewed by hand ")
    decide(tmp_path, keys, study, told[1], None)
    with pytest.raises(ReleaseError, match="did not agree to be quoted"):
        decide(tmp_path, keys, study, told[7], "words")
    for nothing in (" ", "-9"):
        with pytest.raises(ReleaseError, match="nothing left"):
            decide(tmp_path, keys, study, told[2], nothing)
    made = decisions(tmp_path, keys, study)
    states = [state_of(one, made) for one in told]
    assert states == ["released", "withheld", *["unreviewed"] * 4, *["withheld"] * 4]
    files = written(opened, tmp_path, open_text="reviewed")
    assert b"".join(files.values()).count(b"reviewed by hand") == files["data.csv"].count(b"reviewed by hand") == 1
    for folder in (files, written(opened, tmp_path)):
        assert not [name for name, data in folder.items() if b"Zebedee" in data]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"reviewed" in path.read_bytes()]


def test_a_decision_holds_for_the_words_it_was_made_on_and_for_who_still_agrees(opened: Opened, tmp_path: Path) -> None:
    first, study = by_label(opened)[0], opened.source.study
    decide(tmp_path, opened.keys, study, first, "reviewed")
    made = decisions(tmp_path, opened.keys, study)
    assert state_of(first, made) == "released"
    assert state_of(replace(first, text="other words"), made) == "unreviewed"
    assert state_of(replace(first, may_be_quoted=False), made) == "withheld"
    ordered = specification_of(ORDER | {"open_text": "reviewed"})
    changed = replace(opened.dataset, people=opened.dataset.people.drop(".o_quote"))
    assert texts_for(ordered, opened.source, opened.dataset, opened.keys, tmp_path) == {
        "yp_text_1": {first.participant: "reviewed"}
    }
    assert texts_for(ordered, opened.source, changed, opened.keys, tmp_path) == {}


def test_of_two_decisions_at_once_the_one_that_withholds_counts(opened: Opened, tmp_path: Path) -> None:
    first, study = by_label(opened)[0], opened.source.study
    for place, text in enumerate(("reviewed", None)):
        decide(tmp_path / str(place), opened.keys, study, first, text)
    together = tmp_path / "both" / "desk-notes"
    together.mkdir(parents=True)
    for note in list(tmp_path.glob("[01]/desk-notes/*")):
        note.rename(together / note.name)
    assert state_of(first, decisions(tmp_path / "both", opened.keys, study)) == "withheld"


def test_themes_that_both_coders_gave_are_released_also_of_who_is_not_quoted(opened: Opened, tmp_path: Path) -> None:
    told, study, keys = by_label(opened), opened.source.study, opened.keys
    keep_book(tmp_path, keys, study, read_book("trust = Trust in the police\n\nfair = Fairness"))
    for place, first, second in ((0, ["trust", "fair"], ["trust"]), (7, ["fair"], ["fair"]), (8, ["fair"], ["trust"])):
        code(tmp_path, keys, study, told[place], "first", first)
        code(tmp_path, keys, study, told[place], "second", second)
    code(tmp_path, keys, study, told[3], "first", ["trust"])
    made = coding(tmp_path, keys, study)
    assert agreement(made) == {"trust": Fraction(2, 5), "fair": Fraction(0)}
    ordered = specification_of(ORDER | {"open_text": "themes"})
    assert texts_for(ordered, opened.source, opened.dataset, keys, tmp_path) == {
        "yp_text_1": {told[0].participant: "trust", told[7].participant: "fair"}
    }
    assert not [name for name, data in written(opened, tmp_path, open_text="themes").items() if b"Zebedee" in data]
    with pytest.raises(ReleaseError, match="stays in the code book: fair"):
        keep_book(tmp_path, keys, study, {"trust": "Trust"})
    with pytest.raises(ReleaseError, match="no code of this code book"):
        code(tmp_path, keys, study, told[4], "first", ["smuggled"])


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
    assert kappa(pairs) == told


@pytest.mark.parametrize("text", ["Trust = x", "trust", "trust =", "a = 1\na = 2"])
def test_a_line_that_is_no_code_is_named(text: str) -> None:
    with pytest.raises(ReleaseError, match="Look at line"):
        read_book(text)
