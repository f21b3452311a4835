"""What was released before, and to whom it adds up: a release that would single people out by subtraction is refused.

Each release, summary and set of tables leaves an entry beside the releases: what it was for, the day, at which levels,
and the labels of the people in it. An entry is sealed to the research key: whoever has the folder learns only how many
there are, and only who opens records anyway can read one. It is written before the release is. An entry that cannot be
read stops every release: nobody knows then what can be subtracted.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.desk_notes import keep_note, notes
from release.differencing import Remainder, held_back, remainders

KIND = "ledger"
LABEL = 16  # bytes
WHICH = {"rows": "the release", "summary": "the group summary", "tables": "the public tables"}
WHAT_TO_DO = (
    "Wait until at least ten people differ, or set hold_back = true (at the desk: its box under How careful it is): "
    "then as few people as that takes are left out, and counted."
)


@dataclass(frozen=True)
class Entry:
    """One release of before. `levels`: of the variables that could be known to others, where it has rows."""

    kind: str
    purpose: str
    day: date
    people: frozenset[bytes] = field(repr=False)
    levels: Mapping[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Which one it is, in words."""
        return f'{WHICH.get(self.kind, self.kind)} for "{self.purpose}" of {self.day.isoformat()}'


def earlier_releases(releases: Path, keys: Sequence[PrivateKey], study: str) -> tuple[Entry, ...]:
    """Every release of this study before, the first first. Raises ReleaseError where one cannot be read."""
    try:
        found = [_entry(told) for told in notes(releases, keys, study, KIND)]
    except (LookupError, TypeError, ValueError):
        raise ReleaseError(
            "An entry of the ledger of earlier releases has a form that this version does not know. Nothing is "
            "released until it is clear what was released before."
        ) from None
    return tuple(sorted(found, key=lambda one: (one.day, one.purpose, sorted(one.people)[:1])))


def refuse_differences(people: Collection[bytes], earlier: Sequence[Entry]) -> None:
    """Refuse a release of these people where fewer than ten could be worked out. Raises ReleaseError."""
    cut = remainders(people, [one.people for one in earlier])
    if cut:
        names = " and ".join(dict.fromkeys(one.title for one in _concerned(cut[0], people, earlier)))
        raise ReleaseError(
            f"Fewer than ten people could be worked out by comparing this with {names}: those who are in one and not "
            f"in the other. {WHAT_TO_DO}"
        )


def left_out_for(people: Collection[bytes], earlier: Sequence[Entry], key: PrivateKey) -> frozenset[bytes]:
    """Who must be left out of these people so that nobody can be worked out (`hold_back`)."""
    return held_back(people, [one.people for one in earlier], key.derive(b"amanah held back 1"))


def remember(releases: Path, key: PrivateKey, study: str, entry: Entry) -> None:
    """Write an entry. If this raises, the release must not be written. Raises ReleaseError."""
    told = {
        "kind": entry.kind,
        "purpose": entry.purpose,
        "day": entry.day.isoformat(),
        "levels": dict(entry.levels),
        "people": base64.b64encode(b"".join(sorted(entry.people))).decode("ascii"),
    }
    keep_note(releases, key.public(), study, KIND, told)


def _concerned(cut: Remainder, people: Collection[bytes], earlier: Sequence[Entry]) -> Iterable[Entry]:
    """The releases by which the remainder comes out: those that differ by it alone, else those that hold its people."""
    ours = frozenset(people)
    near = [one for one in earlier if 0 < len(one.people ^ ours) and _few(one.people, ours)]
    return near[-1:] or [one for place, one in enumerate(earlier) if cut.part >> place & 1] or _sharing(ours, earlier)


def _few(before: frozenset[bytes], now: frozenset[bytes]) -> bool:
    return any(0 < len(one) < 10 for one in (before - now, now - before)) and bool(before & now)


def _sharing(ours: frozenset[bytes], earlier: Sequence[Entry]) -> list[Entry]:
    return [one for one in earlier if one.people & ours]


def _entry(told: Mapping[str, Any]) -> Entry:
    labels = base64.b64decode(told["people"], validate=True)
    people = frozenset(labels[at : at + LABEL] for at in range(0, len(labels), LABEL))
    levels = {str(name): int(level) for name, level in told["levels"].items()}
    return Entry(str(told["kind"]), str(told["purpose"]), date.fromisoformat(told["day"]), people, levels)
