"""How far two coders agree: Cohen's kappa of each theme as present or absent, and over all themes together. Exact.

J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960. Knows
nothing of whose words were coded, nor of what was settled afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

Pairs = Sequence[tuple[bool, bool]]  # whether the first coder and the second one gave a theme


def kappa(pairs: Pairs) -> Fraction | None:
    """Cohen's kappa; None where chance alone would make the two agree, or nothing is coded."""
    if not pairs:
        return None
    n = len(pairs)
    observed = Fraction(sum(a == b for a, b in pairs), n)
    first, second = Fraction(sum(a for a, _ in pairs), n), Fraction(sum(b for _, b in pairs), n)
    chance = first * second + (1 - first) * (1 - second)
    return None if chance == 1 else (observed - chance) / (1 - chance)


def overall(by_theme: Mapping[str, Pairs]) -> Fraction | None:
    """Kappa over every theme of every answer, as if they were one: a theme that is often given counts for more."""
    return kappa([pair for pairs in by_theme.values() for pair in pairs])
