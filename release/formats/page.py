"""codebook.html: the codebook as one page to read and to print. No script, nothing loaded, no row.

The page speaks the language of its labels where this module has its words, else English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from release.formats.codebook import RARE_THEME, absent, elsewhere_in, known_rows, why_not
from release.formats.page_words import page_words
from release.formats.variables import Variable
from release.made import Release

HERE = Path(__file__).parent
LEFTWARDS = ("ar", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi")


def write_page(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """Write the page in the language that its file's name tells, else in the first one."""
    tagged = path.suffixes[0].lstrip(".") if len(path.suffixes) > 1 else release.specification.language
    path.write_text(as_page(release, variables, tagged), "utf-8", newline="\n")


def as_page(release: Release, variables: Sequence[Variable], language: str) -> str:
    """The page, its labels in this language."""
    known: Mapping[str, Mapping[str, str]] = known_rows(release)
    ordered = release.specification
    return _template().render(
        language=language,
        direction="rtl" if language.split("-")[0] in LEFTWARDS else "ltr",
        words=page_words(language),
        style=Markup((HERE / "codebook.css").read_text("utf-8")),  # noqa: S704 (our own sheet)
        title=release.instruments[0].title.in_language(language),
        ordered=ordered,
        people=release.frame.height,
        versions=[version.version for version in release.instruments],
        told=[(one, tuple(elsewhere_in(one, variables))) for one in variables],
        absent=[
            *((name, why_not(release, known[name])) for name in absent(release)),
            *((name, RARE_THEME) for name in release.rare_themes),
        ],
    )


@cache
def _template() -> Template:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.from_string((HERE / "codebook.html").read_text("utf-8"))
