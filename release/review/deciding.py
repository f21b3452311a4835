"""What was decided of people's words: released as a person edited them, or withheld. Sealed at the desk, one note each.

A decision counts for exactly the words that it was made on: where somebody's answer is another one, it is open again.
Costs the same however many there are: while a desk is open, each note is opened once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.coarsening import MISSING_CELLS
from release.desk_notes import Notebook
from release.review.answers import Answer, Key

KIND, LONGEST = "reviewed-text", 20_000  # characters
LONGEST_NAME = 80
NO_NAME = "Please type your name. It is kept with the decision, sealed, so that somebody can ask you later."
NO_TEXT = "There is nothing left of this text. Withhold it instead."
UNKNOWN = "A note about reviewed text has a form that this version does not know, so nothing was released or reviewed."


@dataclass(frozen=True)
class Signed:
    """Who decides, as they call themselves, and in which month: "2026-11". Sealed with what they decide."""

    by: str
    month: str

    def told(self) -> dict[str, str]:
        """As a note holds it. Raises ReleaseError where nobody gave a name."""
        if not self.by.strip() or len(self.by) > LONGEST_NAME:
            raise ReleaseError(NO_NAME)
        return {"by": " ".join(self.by.split()), "month": self.month}


@dataclass(frozen=True)
class Decision:
    """What a person decided: `text` as it may be told, or None: withheld. The highest `number` counts."""

    number: int
    text: str | None = field(repr=False)
    by: str = ""
    month: str = ""


class Decisions:
    """All decisions of a study, known while its desk is open."""

    def __init__(self, releases: Path, keys: Sequence[PrivateKey], study: str) -> None:
        self._notes, self._known = Notebook(releases, keys, study, KIND), dict[Key, Decision]()

    def known(self) -> Mapping[Key, Decision]:
        """What was decided so far. Raises ReleaseError for a note that does not open or is of no known form."""
        for told in self._notes.news():
            self._take(*_read(told))
        return self._known

    def decide(self, answer: Answer, text: str | None, signed: Signed) -> None:
        """Seal a decision to the newest research key. Raises ReleaseError, also for words that must not be quoted."""
        text = _fit(answer, text)
        before = self.known().get(answer.key)
        participant, item, digest = answer.key
        told = {"participant": participant.hex(), "item": item, "digest": digest, "text": text or ""}
        told |= {"state": "withheld" if text is None else "released"} | signed.told()
        number = before.number + 1 if before else 1
        self._notes.keep({**told, "number": number})
        self._take(answer.key, Decision(number, text, told["by"], signed.month))

    def _take(self, key: Key, made: Decision) -> None:
        before = self._known.get(key)
        if before is None or _counts_more(made, before):
            self._known[key] = made


def state_of(answer: Answer, decided: Mapping[Key, Decision]) -> str:
    """Whether this is "unreviewed", "released" or "withheld"; words that must not be quoted are withheld."""
    made = decided.get(answer.key)
    if not answer.may_be_quoted or (made is not None and made.text is None):
        return "withheld"
    return "unreviewed" if made is None else "released"


def plain(text: str) -> str:
    """A text as a page sends it, with its line ends as they are kept."""
    return text.replace("\r\n", "\n").strip()


def _fit(answer: Answer, text: str | None) -> str | None:
    if text is None:
        return None
    text = plain(text)
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
        # The first notes say neither who decided nor when.
        return key, Decision(int(told["number"]), text, str(told.get("by", "")), str(told.get("month", "")))
    except (LookupError, TypeError, ValueError):
        raise ReleaseError(UNKNOWN) from None
