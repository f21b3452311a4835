"""What noisy tables have cost of people's privacy so far, and what is left: one budget for all that an instance tells.

Counted in rho of zero-concentrated differential privacy (Bun and Steinke 2016), which adds up over releases; pure
epsilon costs epsilon² / 2 of it. The whole budget stands here, not in a setting: nobody at the desk can raise it, and
whoever reads a noisy table can look up what it was. What is spent is written before noise is drawn, so nothing that
goes wrong gives any of it back. Numbers once drawn are kept, sealed: the same order of the same people gets the same
numbers, as fresh noise on the same counts would only wear them down.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.desk_notes import keep_note, notes

KIND = "budget"
WHOLE = Fraction(1, 2)  # rho: one release of epsilon 1, or the same in smaller parts
Numbers = Mapping[str, int]  # by the name of a cell


@dataclass(frozen=True)
class Ledger:
    """Where the budget of a study is kept. `keys`: the research keys, the oldest first."""

    releases: Path
    keys: Sequence[PrivateKey]
    study: str


def spent(ledger: Ledger) -> Fraction:
    """How much of the budget is gone. Raises ReleaseError where it cannot be read."""
    return sum((_rho(note) for note in _notes(ledger) if "spent" in note), Fraction(0))


def drawn_once(
    ledger: Ledger,
    order: str,
    rho: Fraction,
    draw: Callable[[], Numbers],
    random_id: Callable[[], str] = lambda: secrets.token_hex(16),
) -> tuple[dict[str, int], Fraction]:
    """The numbers of this order and what is left afterwards: as they were drawn before, or spent for and drawn now.

    `order`: a digest of what was asked and of whom. Raises ReleaseError where not enough is left.
    """
    before = _kept(ledger, order)
    if before is not None:
        return before, WHOLE - spent(ledger)
    left = WHOLE - spent(ledger) - rho
    if left < 0:
        raise ReleaseError(
            f"The privacy budget of this study does not reach: this costs rho = {float(rho):.4g} and "
            f"{float(max(left + rho, Fraction(0))):.4g} is left of {float(WHOLE):.4g}. "
            "Ask for fewer tables or for more noise, or use the noisy tables that were made before."
        )
    _keep(ledger, {"spent": str(rho), "order": order, "id": random_id()})
    numbers = dict(draw())
    _keep(ledger, {"order": order, "drawn": numbers})
    return numbers, left


def _keep(ledger: Ledger, told: Mapping[str, Any]) -> None:
    keep_note(ledger.releases, ledger.keys[-1].public(), ledger.study, KIND, told)


def _notes(ledger: Ledger) -> list[dict[str, Any]]:
    return list(notes(ledger.releases, ledger.keys, ledger.study, KIND))


def _kept(ledger: Ledger, order: str) -> dict[str, int] | None:
    for note in _notes(ledger):
        if note.get("order") == order and "drawn" in note:
            return {str(name): int(number) for name, number in note["drawn"].items()}
    return None


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
