"""Words of a setting: one text that stands for every language, or a table with a text for each. Decides no fallback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from instruments.model import Text

Spoken = str | Mapping[str, str]


def is_spoken(told: object) -> bool:
    """Whether a value of `study.toml` is words: a text, or a table of texts."""
    return isinstance(told, str) or (isinstance(told, dict) and all(isinstance(one, str) for one in told.values()))


def said_in(words: Spoken, language: str) -> str:
    """The words in a language, "" where there are none. One text stands for every language."""
    return words if isinstance(words, str) else words.get(language, "")


def as_text(words: Spoken, languages: Iterable[str]) -> Text:
    """The words in the order of these languages; one text is in the first of them."""
    known = list(languages)
    told = {known[0]: words} if isinstance(words, str) else words
    return Text(tuple((language, told[language]) for language in known if told.get(language)))


def misspoken(setting: str, words: Spoken, languages: Iterable[str], needed: bool) -> Iterator[str]:
    """What is wrong with the languages of a setting that has a table. `needed`: it has to be said in the first one."""
    known = list(languages)
    if isinstance(words, str):
        return
    for language in words:
        if language not in known:
            yield f"{setting}: {language!r} is no language of this study"
    if needed and not words.get(known[0]):
        yield f"{setting} says nothing in {known[0]!r}, the first language of the study; add it"


def spoken_settings(told: Mapping[str, Any]) -> Iterator[tuple[str, Spoken]]:
    """Every setting that is said in words, by its name, such as `groups.officer`."""
    yield from ((name, told[name]) for name in ("title", "neutral_title", "sheet_version"))
    yield from ((f"fill_in.{name}", words) for name, words in told["fill_in"].items())
    for name in ("groups", "scales"):
        yield from ((f"{name}.{one['name']}", one["title"]) for one in told[name])
    for name, levels in told["hierarchies"].items():
        for number, level in enumerate(levels, 1):
            for one in level.get("categories", ()):
                yield f"hierarchies.{name}.{number}.{one['code']}", one["label"]
