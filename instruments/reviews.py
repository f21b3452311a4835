"""`languages.toml` beside `study.toml`: who reviewed which text in which language, when, and a digest of what was read.

Whether a review still holds says instruments/standing.py. What is not written here was not reviewed by anybody.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from errors import InstrumentError, Problem

REVIEWS = "languages.toml"
MEMBERS = {"status", "by", "date", "digest"}
HEAD = """\
# Who reviewed which text of the study in which language, and when. `flask study reviewed` writes it. What is not
# here, or was changed since, is a draft. `digest` is of the words that were read.
"""


@dataclass(frozen=True)
class Review:
    """One text in one language, read by a person who speaks it."""

    by: str
    day: date
    digest: str


Reviews = Mapping[str, Mapping[str, Review]]  # by language, then by text


def read_reviews(folder: Path) -> dict[str, dict[str, Review]]:
    """The reviews beside a study's settings; none where there is no such file. Raises InstrumentError."""
    path = folder / REVIEWS
    if not path.is_file():
        return {}
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        return {language: {name: _read(one) for name, one in texts.items()} for language, texts in told.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError, KeyError, TypeError, ValueError) as error:
        told_so = f"this is not as `flask study reviewed` writes it: {error}"
        raise InstrumentError((Problem(REVIEWS, told_so),)) from None


def write_reviews(folder: Path, reviews: Reviews) -> None:
    """Write the reviews, at once: a field app that runs may read them at any moment."""
    beside = folder / f".{REVIEWS}"
    beside.write_text(HEAD + "".join(_section(*one) for one in _flat(reviews)), "utf-8")
    beside.chmod(0o600)
    beside.replace(folder / REVIEWS)


def joined(one: Reviews, other: Reviews) -> dict[str, dict[str, Review]]:
    """The reviews of two files; of the same text, the later one."""
    found: dict[str, dict[str, Review]] = {}
    for language, name, review in (*_flat(one), *_flat(other)):
        before = found.setdefault(language, {}).get(name)
        if before is None or before.day <= review.day:
            found[language][name] = review
    return found


def _read(told: Mapping[str, object]) -> Review:
    if set(told) != MEMBERS or told["status"] != "reviewed":
        raise ValueError(f"each section has {', '.join(sorted(MEMBERS))}, and its status is reviewed")
    return Review(str(told["by"]), date.fromisoformat(str(told["date"])), str(told["digest"]))


def _flat(reviews: Reviews) -> Iterator[tuple[str, str, Review]]:
    yield from ((language, name, one) for language, texts in reviews.items() for name, one in texts.items())


def _section(language: str, name: str, review: Review) -> str:
    told = {"status": "reviewed", "by": review.by, "date": review.day.isoformat(), "digest": review.digest}
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in told.items())
    return f"\n[{json.dumps(language)}.{json.dumps(name)}]\n{''.join(lines)}"
