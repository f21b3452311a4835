"""Open text: what is proposed takes nothing else away; what nobody reviewed is in no file; two coders' themes."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import ReleaseError
from instruments.model import Instrument
from release.making import Opened, rows_of
from release.review.answers import Answer, answers
from release.review.deciding import Decisions, Signed, state_of
from release.review.life import may_be_seen, waiting_in
from release.review.proposing import Span, proposals, redacted
from release.review.texts import texts_for
from release.specification import specification_of
from tests.conftest import Keys
from tests.release.test_distrust import source
from tests.release.test_orders_of_rows import crowd
from tests.releases import dataset_of, release_files

SIGNED = Signed("Nadia  Reader", "2026-11")
CANARY = "canary words of Zebedee"
ORDER = {"purpose": "open words", "groups": ["young_person"], "k": 5, "formats": ["csv"], "language": "en"}

PIECES = st.sampled_from(
    ["Amina ", "Green Lane Mosque", " on 3 May 2024 ", "07700 900123", "B10 0HX", "a@b.org", "محمد ", "আমিনাকে ",
     "\u0301", "1/2/2024", "www.x.org", "@me ", "King School ", "PC Smith", "["]
)  # fmt: skip


@settings(max_examples=25, deadline=None)
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
        ("ہم نور مسجد میں ملے", "ہم [mosque] میں ملے"),
        ("لندن کی مسجد میں سب ٹھیک تھا", "[place] کی مسجد میں سب ٹھیک تھا"),
        ("Waxaan la kulmay Axmed iyo Cabdi", "Waxaan la kulmay [name] iyo [name]"),
        ("আমিনা পুলিশকে বিশ্বাস করে", "[name] পুলিশকে বিশ্বাস করে"),
        ("I may go in May. The police are fine, 20 times.", "I may go in May. The police are fine, 20 times."),
    ],
)
def test_what_points_to_somebody_is_proposed(text: str, told: str) -> None:
    assert redacted(text, proposals(text)) == told


def test_long_texts_are_read_in_a_moment() -> None:
    began = time.process_time()
    for text in ("A" * 5_000, "Aa " * 1_500, "a-" * 2_500, "আ" * 5_000, "0 " * 2_500):
        assert all(isinstance(span, Span) for span in proposals(text))
    assert time.process_time() - began < 10, "no pattern goes over a text again and again"


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


def deciding(opened: Opened, releases: Path) -> Decisions:
    return Decisions(releases, opened.keys, opened.source.study)


def test_only_reviewed_words_of_who_agreed_are_in_a_release(opened: Opened, tmp_path: Path) -> None:
    told, desk = by_label(opened), deciding(opened, tmp_path)
    with pytest.raises(ReleaseError, match="has been reviewed for this study yet"):
        written(opened, tmp_path, open_text="reviewed")
    for one in told[:2]:
        desk.decide(one, "  reviewed by hand ", SIGNED)
    desk.decide(told[1], None, SIGNED)
    with pytest.raises(ReleaseError, match="did not agree to be quoted"):
        desk.decide(told[7], "words", SIGNED)
    with pytest.raises(ReleaseError, match="type your name"):
        desk.decide(told[2], "words", Signed(" ", "2026-11"))
    for nothing in (" ", "-9"):
        with pytest.raises(ReleaseError, match="nothing left"):
            desk.decide(told[2], nothing, SIGNED)
    made = deciding(opened, tmp_path).known()
    assert made == desk.known(), "what is known in memory is what was sealed"
    states = [state_of(one, made) for one in told]
    assert states == ["released", "withheld", *["unreviewed"] * 4, *["withheld"] * 4]
    assert {(one.by, one.month) for one in made.values()} == {("Nadia Reader", "2026-11")}
    files = written(opened, tmp_path, open_text="reviewed")
    assert b"".join(files.values()).count(b"reviewed by hand") == files["data.csv"].count(b"reviewed by hand") == 1
    for folder in (files, written(opened, tmp_path)):
        assert not [name for name, data in folder.items() if b"Zebedee" in data or b"Nadia" in data]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"reviewed" in path.read_bytes()]


def test_a_decision_holds_for_the_words_it_was_made_on_and_for_who_still_agrees(opened: Opened, tmp_path: Path) -> None:
    first, desk = by_label(opened)[0], deciding(opened, tmp_path)
    desk.decide(first, "reviewed", SIGNED)
    made = desk.known()
    assert state_of(first, made) == "released"
    assert state_of(replace(first, text="other words"), made) == "unreviewed"
    assert state_of(replace(first, may_be_quoted=False), made) == "withheld"
    ordered = specification_of(ORDER | {"open_text": "reviewed"})
    changed = replace(opened.dataset, people=opened.dataset.people.drop(".o_quote"))
    told = texts_for(ordered, opened.source, opened.dataset, opened.keys, tmp_path)
    assert told.words == {"yp_text_1": {first.participant: "reviewed"}}
    assert texts_for(ordered, opened.source, changed, opened.keys, tmp_path).words == {}


def test_of_two_decisions_at_once_the_one_that_withholds_counts(opened: Opened, tmp_path: Path) -> None:
    first = by_label(opened)[0]
    for place, text in enumerate(("reviewed", None)):
        deciding(opened, tmp_path / str(place)).decide(first, text, SIGNED)
    together = tmp_path / "both" / "desk-notes"
    together.mkdir(parents=True)
    for note in list(tmp_path.glob("[01]/desk-notes/*")):
        note.rename(together / note.name)
    assert state_of(first, deciding(opened, tmp_path / "both").known()) == "withheld"


def test_each_note_is_opened_once_and_another_desks_are_read_when_they_come(opened: Opened, tmp_path: Path) -> None:
    told, desk = by_label(opened), deciding(opened, tmp_path)
    desk.decide(told[0], "reviewed", SIGNED)
    other = deciding(opened, tmp_path)
    other.decide(told[1], None, SIGNED)
    assert state_of(told[1], desk.known()) == "withheld"
    notes = sorted((tmp_path / "desk-notes").iterdir())
    for note in notes:
        note.write_bytes(b"not a note any more")  # what was read is not read again, however many there are
    desk.decide(told[2], "reviewed", SIGNED)
    other.decide(told[3], None, SIGNED)
    assert [state_of(one, desk.known()) for one in told[:4]] == ["released", "withheld", "released", "withheld"]
    with pytest.raises(ReleaseError, match="does not open"):
        deciding(opened, tmp_path).known()
    notes[0].unlink()
    with pytest.raises(ReleaseError, match="was there and is gone"):
        desk.decide(told[4], "reviewed", SIGNED)


@pytest.mark.parametrize(
    ("day", "is_seen"), [(date(2027, 4, 30), True), (date(2027, 5, 1), False), (date(2026, 11, 1), True)]
)
def test_words_that_nobody_looked_through_are_seen_no_longer_than_people_were_told(day: date, is_seen: bool) -> None:
    answer = Answer(b"x", "yp_text_1", "words", True, "2026-11")
    assert may_be_seen(answer, 6, day) is is_seen
    told = waiting_in({"2026-12": 2, "2026-11": 1, "2026-10": 0}, 6, 4)
    assert (told.count, told.until, told.over) == (3, date(2027, 4, 30), 4)
