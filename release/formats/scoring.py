"""How scales are worked out, as syntax for SPSS, Stata, R and Python that reads data.csv beside it.

Each tells groups: valid people, mean, deviation, Cronbach's alpha, shares of Don't know and Prefer not to say, withheld
where too few people stand behind. None of them writes a score of a person to any file. Rules: instruments/scoring.py.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from instruments.model import DONT_KNOW, NOT_SAID
from instruments.model import Scale as StudyScale
from release.formats.variables import Variable
from release.made import Release

TEMPLATES = Path(__file__).parent / "syntax"
LEAST_PEOPLE, LEAST_COMPLETE, LEAST_BEHIND = 10, 30, 5  # questionnaires.md, section 7
LONGEST_LINE = 120
ALPHA_ITEMS = 3  # of fewer, the Spearman-Brown value is told instead


@dataclass(frozen=True)
class Scored:
    """A scale as the syntax needs it. `place`: its number; `parent`: that of the scale whose facet it is, or 0."""

    place: int
    name: str
    title: str
    group: str
    items: tuple[str, ...]
    reverse: tuple[bool, ...]
    least: int
    parent: int


@dataclass(frozen=True)
class Least:
    """How many people must stand behind a mean, an alpha, and a share that is not 0."""

    people: int = LEAST_PEOPLE
    complete: int = LEAST_COMPLETE
    behind: int = LEAST_BEHIND


def scales_of(release: Release) -> tuple[Scored, ...]:
    """The scales all of whose items are in a release, as they were asked."""
    whole = {name for name, kind in release.frame.schema.items() if kind.is_integer() and not release.levels.get(name)}
    newest, language = release.instruments[0], release.specification.language
    ours = [one for one in newest.scales if set(one.items) <= whole]
    places = {one.name: place for place, one in enumerate(ours, 1)}
    return tuple(_scored(one, places, language) for one in ours)


def left_out(release: Release) -> tuple[str, ...]:
    """The scales of these groups that cannot be worked out, because an item is not in the release as it was asked."""
    have, groups = {one.name for one in scales_of(release)}, release.specification.groups
    return tuple(one.name for one in release.instruments[0].scales if one.name not in have and one.group in groups)


def syntax(release: Release, variables: Sequence[Variable], name: str, least: Least | None = None) -> str:
    """The syntax in one of the four languages, by its file's name."""
    told = scales_of(release)
    made = (
        _templates()
        .get_template(f"{name}.jinja")
        .render(
            scales=told,
            left_out=left_out(release),
            variables=variables,
            widths={one.name: _width(release, one) for one in variables},
            items=sorted({item for one in told for item in one.items}),
            by_group="respondent_group" in release.frame.columns and not release.levels.get("respondent_group"),
            least=least or Least(),
            codes={"dont_know": DONT_KNOW, "not_said": NOT_SAID},
            alpha_items=ALPHA_ITEMS,
        )
    )
    return _in_short_lines(made) if name.endswith(".sps") else made


def writer_of(name: str) -> Callable[[Release, Sequence[Variable], Path], None]:
    """What writes the syntax of this name."""

    def write(release: Release, variables: Sequence[Variable], path: Path) -> None:
        path.write_text(syntax(release, variables, name), "utf-8", newline="\n")

    return write


NAMES = ("scoring.sps", "scoring.do", "scoring.R", "scoring.py")


def _scored(one: StudyScale, places: Mapping[str, int], language: str) -> Scored:
    turned = tuple(item in one.reverse for item in one.items)
    parent = places.get(one.parent or "", 0)
    title = " ".join(_plain(one.title.in_language(language)))
    return Scored(places[one.name], one.name, title, one.group, one.items, turned, one.minimum_answered, parent)


def _plain(words: str) -> Iterator[str]:
    """Words that can stand in a comment of any of the four, whatever they hold."""
    kept = "".join(letter if letter.isalnum() or letter in " -,()" else " " for letter in words)
    return iter(kept.split())


def _in_short_lines(text: str) -> str:
    # SPSS reads no more than 256 bytes of a line.
    told = (textwrap.wrap(line, LONGEST_LINE, break_long_words=False) or [""] for line in text.split("\n"))
    return "\n".join("\n  ".join(lines) for lines in told)


def _width(release: Release, one: Variable) -> int:
    if one.kind == "whole":
        return 0
    return int(release.frame[one.name].str.len_bytes().max() or 0) + 1  # type: ignore[arg-type]  # a number, or None


def _templates() -> Environment:
    # What is put in is names and numbers that release/formats/names.py and this module let through: no page is made.
    return Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=False, keep_trailing_newline=True,  # noqa: S701
    )  # fmt: skip
