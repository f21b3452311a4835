"""What stands in a release for people's words: reviewed text of those who agreed to be quoted, or codes of themes.

Words that nobody reviewed, that were withheld, or that are other words than those reviewed, are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from privacy.opening import PrivateKey
from release.dataset import Dataset
from release.open_text import Texts
from release.review.answers import Answer, answers, decisions, state_of
from release.review.themes import coding
from release.source import Source
from release.specification import Specification


def texts_for(
    ordered: Specification, source: Source, dataset: Dataset, keys: Sequence[PrivateKey], releases: Path
) -> Texts:
    """The texts for a release as it is ordered. Raises ReleaseError for notes that do not open."""
    if ordered.open_text == "withheld":
        return {}
    found: dict[str, dict[bytes, str]] = {}
    told = _reviewed if ordered.open_text == "reviewed" else _themes
    for answer, text in told(answers(source, dataset), keys, source.study, releases):
        found.setdefault(answer.item, {})[answer.participant] = text
    return found


def _reviewed(
    given: Iterable[Answer], keys: Sequence[PrivateKey], study: str, releases: Path
) -> Iterable[tuple[Answer, str]]:
    decided = decisions(releases, keys, study)
    for answer in given:
        made = decided.get(answer.key)
        if made is not None and made.text is not None and state_of(answer, decided) == "released":
            yield answer, made.text


def _themes(
    given: Iterable[Answer], keys: Sequence[PrivateKey], study: str, releases: Path
) -> Iterable[tuple[Answer, str]]:
    agreed = coding(releases, keys, study).agreed
    for answer in given:
        if codes := agreed.get(answer.key):
            yield answer, " ".join(sorted(codes))
