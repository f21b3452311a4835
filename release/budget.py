"""What noisy tables have cost of people's privacy so far, and what is left: one budget for all that an instance tells.

Counted in rho of zero-concentrated differential privacy (Bun and Steinke 2016), which adds up over releases; pure
epsilon costs epsilon² / 2 of it. The whole budget stands here, not in a setting: nobody at the desk can raise it, and
whoever reads a noisy table can look up what it was. What is spent is written before noise is drawn, so nothing that
goes wrong gives any of it back, and in the desk's journal too, so that a note that is taken away is missed. Numbers
once drawn are kept, sealed: the same order of the same people gets the same numbers, as fresh noise on the same counts
would only wear them down.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.desk_notes import FOLDER, keep_note, notes
from release.journal import noise_paid, write_noise_paid

KIND = "budget"
WHOLE = Fraction(1, 2)  # rho: one release of epsilon 1, or the same in smaller parts
Numbers = Mapping[str, int]  # by the name of a cell
MISSING = (
    "The desk's journal says that rho = {:.4g} of the privacy budget is spent, and the notes tell of {:.4g}: notes are "
    "missing. No noisy table is made until {} is as it was. Put it back from the backup."
)


@dataclass(frozen=True)
class Ledger:
    """Where the budget of a study is kept. `keys`: the research keys, the oldest first."""

    releases: Path
    keys: Sequence[PrivateKey]
    study: str


def spent(ledger: Ledger) -> Fraction:
    """How much of the budget is gone. Raises ReleaseError where it cannot be read, or where notes of it are missing."""
    noted = sum((_rho(note) for note in _notes(ledger) if "spent" in note), Fraction(0))
    written = noise_paid(ledger.releases)
    # More notes than the journal knows are what a cut between the two leaves: they count.
    if noted < written:
        raise ReleaseError(MISSING.format(float(written), float(noted), ledger.releases / FOLDER))
    return noted


def left_after(ledger: Ledger, rho: Fraction) -> Fraction:
    """What is left of the budget once this is paid. Raises ReleaseError where it does not reach."""
    left = WHOLE - spent(ledger) - rho
    if left < 0:
        raise ReleaseError(
            f"The privacy budget of this study does not reach: this costs rho = {float(rho):.4g} and "
            f"{float(max(left + rho, Fraction(0))):.4g} is left of {float(WHOLE):.4g}. "
            "Ask for fewer tables or for more noise, or use the noisy tables that were made before."
        )
    return left


def drawn_before(ledger: Ledger, order: str) -> dict[str, int] | None:
    """The numbers of this order where they were drawn before. Raises ReleaseError."""
    for note in _notes(ledger):
        if note.get("order") == order and "drawn" in note:
            return {str(name): int(number) for name, number in note["drawn"].items()}
    return None


def drawn_once(
    ledger: Ledger,
    order: str,
    rho: Fraction,
    draw: Callable[[], Numbers],
    today: date,
    random_id: Callable[[], str] = lambda: secrets.token_hex(16),
) -> tuple[dict[str, int], Fraction]:
    """The numbers of this order and what is left afterwards: as they were drawn before, or spent for and drawn now.

    `order`: a digest of what was asked and of whom. Raises ReleaseError where not enough is left.
    """
    before = drawn_before(ledger, order)
    if before is not None:
        return before, WHOLE - spent(ledger)
    left = left_after(ledger, rho)
    _keep(ledger, {"spent": str(rho), "order": order, "id": random_id()})
    write_noise_paid(ledger.releases, WHOLE - left, today)
    numbers = dict(draw())
    _keep(ledger, {"order": order, "drawn": numbers})
    return numbers, left


def _keep(ledger: Ledger, told: Mapping[str, Any]) -> None:
    keep_note(ledger.releases, ledger.keys[-1].public(), ledger.study, KIND, told)


def _notes(ledger: Ledger) -> list[dict[str, Any]]:
    return list(notes(ledger.releases, ledger.keys, ledger.study, KIND))


def _rho(note: Mapping[str, Any]) -> Fraction:
    try:
        rho = Fraction(note["spent"])
    except (TypeError, ValueError, ZeroDivisionError):
        rho = Fraction(-1)
    if rho <= 0:
        raise ReleaseError(
            "An entry of the privacy budget has a form that this version does not know. No noisy table is made until "
            "it is clear what was spent."
        )
    return rho
