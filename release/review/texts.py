"""What stands in a release for people's words: reviewed text of those who agreed to be quoted, or themes.

Words that nobody reviewed, that were withheld, or that are other words than those reviewed, are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from privacy.opening import PrivateKey
from release.dataset import Dataset
from release.open_text import Texts, Themed
from release.review.answers import answers, open_items
from release.review.book import Theme, column_of
from release.review.deciding import Decisions, state_of
from release.review.themes import Coding, coding_of
from release.source import Source
from release.specification import Specification


def texts_for(
    ordered: Specification, source: Source, dataset: Dataset, keys: Sequence[PrivateKey], releases: Path
) -> Texts:
    """The texts for a release as it is ordered. Raises ReleaseError for notes that do not open."""
    if ordered.open_text == "reviewed":
        return Texts(words=_reviewed(source, dataset, keys, releases))
    if ordered.open_text == "themes":
        return Texts(themes=tuple(_themes(source, dataset, coding_of(releases, keys, source.study))))
    return Texts()


def _reviewed(
    source: Source, dataset: Dataset, keys: Sequence[PrivateKey], releases: Path
) -> dict[str, dict[bytes, str]]:
    decided = Decisions(releases, keys, source.study).known()
    found: dict[str, dict[bytes, str]] = {}
    for answer in answers(source, dataset):
        made = decided.get(answer.key)
        if made is not None and made.text is not None and state_of(answer, decided) == "released":
            found.setdefault(answer.item, {})[answer.participant] = made.text
    return found


def _themes(source: Source, dataset: Dataset, coding: Coding) -> Iterator[Themed]:
    """A column for each theme of each question of which any answer was coded by both."""
    given = list(answers(source, dataset))
    for item in open_items(source):
        ours = [one for one in given if one.item == item]
        for theme in coding.book.active:
            told = {one.participant: coding.told(one.key, theme.id) for one in ours}
            if any(said is not None for said in told.values()):
                yield _themed(item, theme, told)


def _themed(item: str, theme: Theme, told: dict[bytes, bool | None]) -> Themed:
    known = {label: said for label, said in told.items() if said is not None}
    return Themed(column_of(item, theme.code), item, theme.words, known)
