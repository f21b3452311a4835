"""The page, the PDF and the figures: each plot with its table, nothing loaded, no script, nobody's scores."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import polars as pl
import pytest

from instruments.model import Choice, Instrument, Item, Text
from release.source import Source
from release.specification import Specification, specification_of
from release.summary.blocks import is_leftwards
from release.summary.files import files_of, summary_of
from release.summary.rules import OUTSIDE, TEAM, rules_for
from storage.office import Tally
from tests.conftest import STUDY
from tests.summaries import made_up
from views.languages import direction_of

GROUPS = ("young_person", "police_officer", "community_leader")
TALLIES = (
    Tally("finished", "young_person", "1", "2026-10", 83), Tally("refused", "young_person", "", "", 14),
    Tally("withdrawn", "", "", "2026-10", 3),
)  # fmt: skip
HOSTILE = "<script>alert(1)</script>&\"'#[]*_$"


def ordered(preset: str, language: str = "en") -> Specification:
    told = {"purpose": f"a look {HOSTILE}", "kind": "summary", "groups": list(GROUPS), "language": language,
            "licence": "ODbL 1.0"}  # fmt: skip
    return specification_of({**told, "preset": preset} if preset else told)


def made(instrument: Instrument, people: pl.DataFrame, preset: str, language: str = "en") -> dict[str, bytes]:
    source = Source("bundle", STUDY, {instrument.digest: instrument}, (), tallies=TALLIES)
    order = ordered(preset, language)
    return files_of(summary_of(source, people, order), order)


@pytest.fixture(scope="module")
def people(instrument: Instrument) -> pl.DataFrame:
    return made_up(instrument, {"young_person": 80, "police_officer": 45, "community_leader": 9})


@pytest.fixture(scope="module")
def inside(instrument: Instrument, people: pl.DataFrame) -> dict[str, bytes]:
    return made(instrument, people, "team")


@pytest.fixture(scope="module")
def outside(instrument: Instrument, people: pl.DataFrame) -> dict[str, bytes]:
    return made(instrument, people, "public")


class Walk(HTMLParser):
    """What a page loads or runs, and whether each figure holds a table."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [
            f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset", "style") or name.startswith("on")
        ]


def test_the_page_stands_alone(inside: dict[str, bytes]) -> None:
    page = Walk(inside["summary.html"])
    assert page.loads == []
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags)
    assert not re.search(rb"url\(|@import", inside["summary.html"])
    assert b"&lt;script&gt;" in inside["summary.html"]


def test_every_plot_has_its_table_beside_it(inside: dict[str, bytes]) -> None:
    figures = re.findall(r"<figure.*?</figure>", inside["summary.html"].decode(), re.DOTALL)
    assert len(figures) > 30
    assert all(figure.count("<svg") and figure.count("<table") == 1 for figure in figures)


def test_the_pdf_is_set_with_the_fonts_of_this_machine_and_says_no_time(inside: dict[str, bytes]) -> None:
    pdf = inside["summary.pdf"]
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type ?/Page\b", pdf)) > 5
    assert b"CreationDate" not in pdf


def test_the_same_summary_gives_the_same_bytes(
    instrument: Instrument, people: pl.DataFrame, inside: dict[str, bytes]
) -> None:
    assert made(instrument, people.sample(fraction=1, shuffle=True, seed=3), "team") == inside


@pytest.mark.parametrize("name", ["summary.html", "summary.json", "README.txt"])
def test_no_file_holds_a_person(people: pl.DataFrame, inside: dict[str, bytes], name: str) -> None:
    """No label, and no number that stands for one to four people; of nine people nothing at all."""
    assert not any(label.hex().encode() in inside[name] for label in people.get_column(".participant"))
    for group, told in json.loads(inside["summary.json"])["groups"].items():
        numbers = [row["n"] for row in told["scales"] if "n" in row]
        numbers += [count["people"] for one in told["questions"].values() for count in one["answers"] or ()]
        assert all(number == 0 or number >= 5 for number in numbers)
        assert bool(numbers) is (group != "community_leader")
    assert "fewer than 10" in inside["summary.html"].decode()


def test_limits_and_how_figures_came_about_stand_in_every_file(inside: dict[str, bytes]) -> None:
    for name in ("summary.html", "README.txt"):
        told = " ".join(re.sub(r"<[^>]*>", " ", inside[name].decode()).split())
        for said in (
            "Not a random sample",
            "views, not facts",
            "scales are provisional",
            "t(0.975; n - 1)",
            "section 171",
        ):
            assert said in told
    assert "Nobody can work out a response rate" in inside["summary.html"].decode()


@pytest.mark.parametrize("name", ["summary.html", "README.txt"])
def test_the_licence_stands_where_people_read(inside: dict[str, bytes], name: str) -> None:
    assert "Licence: ODbL 1.0." in inside[name].decode()


def test_tallies_are_told_in_steps(inside: dict[str, bytes], outside: dict[str, bytes]) -> None:
    assert json.loads(inside["summary.json"])["flow"]["groups"]["young_person"] == [80, 10, None]
    assert json.loads(outside["summary.json"])["flow"]["withdrawn"] is None
    assert b"14" not in re.findall(rb"Young person.*?</tr>", inside["summary.html"])[0]


def test_whatever_may_leave_the_team_holds_no_count_under_ten(outside: dict[str, bytes]) -> None:
    groups = json.loads(outside["summary.json"])["groups"]
    asked = [one for group in groups.values() for one in group["questions"].values()]
    counts = [count["people"] for one in asked for count in one["answers"] or ()]
    assert counts
    assert min(counts) >= 10
    means = [row["mean"] for group in groups.values() for row in group["scales"] if "mean" in row]
    assert means
    assert all(re.fullmatch(r"\d\.\d", mean) for mean in means)
    assert groups["police_officer"]["people_at_least"] == 40
    assert b"45" not in re.findall(rb"Police officer.*?</tr>", outside["summary.html"])[0]


def test_only_what_is_said_to_stay_within_the_team_is_told_by_its_rules() -> None:
    assert rules_for("team") == TEAM
    assert [rules_for(preset) for preset in ("", "archive", "public")] == [OUTSIDE] * 3


WORDS = {"ur": "آپ پولیس پر کتنا بھروسہ کرتے ہیں؟", "bn": "আপনি পুলিশকে কতটা বিশ্বাস করেন?"}
FONTS = {"ur": b"NotoNastaliqUrdu", "bn": b"NotoSansBengali"}


def spoken(language: str, text: Text) -> Text:
    return Text(((language, WORDS[language]), *(one for one in text.translations if one[0] != language)))


def translated(instrument: Instrument, language: str) -> Instrument:
    say = partial(spoken, language)

    def item(one: Item) -> Item:
        choices = tuple(Choice(choice.code, say(choice.label), choice.columns) for choice in one.choices)
        return replace(one, label=say(one.label), choices=choices)

    parts = tuple(
        replace(part, blocks=tuple(replace(block, items=tuple(map(item, block.items))) for block in part.blocks))
        for part in instrument.parts
    )
    scales = tuple(replace(scale, title=say(scale.title)) for scale in instrument.scales)
    return replace(instrument, languages=("en", language), parts=parts, scales=scales)


@pytest.mark.parametrize("language", WORDS)
def test_labels_are_those_of_the_study_and_plots_follow_their_direction(
    instrument: Instrument, people: pl.DataFrame, language: str
) -> None:
    study = translated(instrument, language)
    young = people.filter(pl.col(".group") == "police_officer").with_columns(pl.lit(study.digest).alias(".instrument"))
    order = replace(ordered("team", language), groups=("police_officer",))
    source = Source("bundle", STUDY, {study.digest: study}, ())
    files = files_of(summary_of(source, young, order), order)
    told = files["summary.html"].decode()
    direction = "ltr" if language == "bn" else "rtl"
    assert f'<figure lang="{language}" dir="{direction}">' in told
    assert WORDS[language] in told
    assert re.search(rb"/BaseFont ?/[A-Z]+\+" + FONTS[language], files["summary.pdf"])
    first = re.findall(r'<text class="label" x="([\d.]+)"[^>]*>1</text>', told)[0]
    assert (float(first) > 160) is (direction == "rtl")


def test_directions_are_those_of_the_pages() -> None:
    for language in ("ar", "ur", "fa", "he", "en", "bn", "prs", "ku-Arab", "pa-Arab-PK", "xx", "uzs"):
        assert is_leftwards(language) is (direction_of(language) == "rtl")
