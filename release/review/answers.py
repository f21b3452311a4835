"""Whose words are there to look at, and what was decided of them before. Shows nobody anything but one text.

A decision counts for exactly the words that it was made on: where somebody's answer is another one, it is open again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from errors import ReleaseError
from instruments.model import Text
from privacy.opening import PrivateKey
from release.coarsening import MISSING_CELLS
from release.dataset import Dataset
from release.desk_notes import keep_note, notes
from release.source import Source

KIND, LONGEST = "reviewed-text", 20_000  # characters
NO_TEXT = "There is nothing left of this text. Withhold it instead."
UNKNOWN = "A note about reviewed text has a form that this version does not know, so nothing was released or reviewed."
Key = tuple[bytes, str, str]  # participant's label, variable, digest of the words


@dataclass(frozen=True)
class Answer:
    """One open answer. `may_be_quoted`: only where the person said Yes to that."""

    participant: bytes = field(repr=False)
    item: str
    text: str = field(repr=False)
    may_be_quoted: bool

    @property
    def key(self) -> Key:
        """What decisions about these words go by."""
        return self.participant, self.item, hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Decision:
    """What a person decided: `text` as it may be told, or None: withheld. The highest `number` counts."""

    number: int
    text: str | None = field(repr=False)


def open_items(source: Source) -> dict[str, Text]:
    """Each open text of any version with its question, the newest version's first."""
    found: dict[str, Text] = {}
    for version in source.newest_first:
        for name, item in version.items.items():
            if item.privacy == "open":
                found.setdefault(name, item.label)
    return found


def answers(source: Source, dataset: Dataset) -> Iterator[Answer]:
    """Every open answer that holds words."""
    people = dataset.people
    for name in open_items(source):
        if name in people.columns and people[name].dtype == pl.String:
            told = people.select(".participant", _quotable(people), name).drop_nulls(name)
            yield from (Answer(who, name, text, may) for who, may, text in told.rows() if text not in MISSING_CELLS)


def decisions(releases: Path, keys: Sequence[PrivateKey], study: str) -> dict[Key, Decision]:
    """What was decided so far. Raises ReleaseError for a note that does not open or is of no known form."""
    found: dict[Key, Decision] = {}
    for told in notes(releases, keys, study, KIND):
        key, made = _read(told)
        before = found.get(key)
        if before is None or _counts_more(made, before):
            found[key] = made
    return found


def decide(releases: Path, keys: Sequence[PrivateKey], study: str, answer: Answer, text: str | None) -> None:
    """Seal a decision to the newest research key. Raises ReleaseError, also for words that must not be quoted."""
    text = _fit(answer, text)
    before = decisions(releases, keys, study).get(answer.key)
    participant, item, digest = answer.key
    told = {"participant": participant.hex(), "item": item, "digest": digest, "text": text or ""}
    told["state"] = "withheld" if text is None else "released"
    number = before.number + 1 if before else 1
    keep_note(releases, keys[-1].public(), study, KIND, {**told, "number": number})


def state_of(answer: Answer, decided: Mapping[Key, Decision]) -> str:
    """Whether this is "unreviewed", "released" or "withheld"; words that must not be quoted are withheld."""
    made = decided.get(answer.key)
    if not answer.may_be_quoted or (made is not None and made.text is None):
        return "withheld"
    return "unreviewed" if made is None else "released"


def _fit(answer: Answer, text: str | None) -> str | None:
    if text is None:
        return None
    text = text.replace("\r\n", "\n").strip()
    if not answer.may_be_quoted:
        raise ReleaseError("This person did not agree to be quoted. Only themes of it can be counted.")
    if not text or text in MISSING_CELLS:
        raise ReleaseError(NO_TEXT)
    if len(text) > LONGEST:
        raise ReleaseError(f"This text is too long: at most {LONGEST} characters.")
    return text


def _counts_more(made: Decision, before: Decision) -> bool:
    """The later one; of two at once, the one that withholds."""
    return (made.number, made.text is None) > (before.number, before.text is None)


def _read(told: Mapping[str, Any]) -> tuple[Key, Decision]:
    try:
        key = bytes.fromhex(told["participant"]), str(told["item"]), str(told["digest"])
        text = {"released": str(told["text"]), "withheld": None}[told["state"]]
        return key, Decision(int(told["number"]), text)
    except (LookupError, TypeError, ValueError):
        raise ReleaseError(UNKNOWN) from None


def _quotable(people: pl.DataFrame) -> pl.Expr:
    # Who was never asked did not agree.
    agreed = pl.col(".o_quote").fill_null(False) if ".o_quote" in people.columns else pl.lit(False)
    return agreed.alias(".may")
