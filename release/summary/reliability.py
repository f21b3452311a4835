"""How well a scale's items hang together: alpha, omega, Spearman-Brown, from covariances of complete people.

Omega is McDonald's total for one factor: (Σλ)² / ((Σλ)² + Σψ), loadings λ and unique variances ψ of the
maximum-likelihood one-factor model on the covariances (Jöreskog 1967). Where the model gives an item no variance of
its own (a Heywood case), or loadings of different signs, no single factor is there to speak of: omega is not defined.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

LEAST_ITEMS = 3  # below it one factor is not identified; two items have Spearman-Brown
LEAST_UNIQUE = 0.005  # of an item's variance: where maximum likelihood stops there, it is a Heywood case
MOST_STEPS = 5000
NEAR = 1e-12
Covariances = Sequence[Sequence[Fraction]]


def omega(covariances: Covariances) -> float | None:
    """McDonald's omega of one factor; None where it is not defined."""
    found = np.array([[float(one) for one in row] for row in covariances])
    if len(found) < LEAST_ITEMS or not np.all(np.diag(found) > 0):
        return None
    scales = np.sqrt(np.diag(found))
    loadings = _loadings(found / np.outer(scales, scales))
    if loadings is None:
        return None
    common = float(np.sum(loadings * scales)) ** 2
    return common / (common + float(np.sum((1 - loadings**2) * scales**2)))


def spearman_brown(covariances: Covariances) -> float | None:
    """2r / (1 + r) of two items; None where a variance is 0 or r is -1."""
    (first, both), (_, second) = covariances
    if not first or not second:
        return None
    r = float(both) / math.sqrt(first * second)
    return 2 * r / (1 + r) if r > -1 else None


def _loadings(correlations: np.ndarray) -> np.ndarray | None:
    """The loadings of one factor by maximum likelihood, all of one sign; None where there is no such factor.

    Of three items they follow at once, as three correlations are three products of loadings. Of more: given the
    unique variances, the best loadings follow from the first eigenvector of the rescaled correlations; at the maximum
    each item's variance is its squared loading and its own. The steps go from the one to the other.
    """
    if len(correlations) == LEAST_ITEMS:
        return _three(correlations)
    unique = np.full(len(correlations), 0.5)
    for _ in range(MOST_STEPS):
        root = np.sqrt(unique)
        values, vectors = np.linalg.eigh(correlations / np.outer(root, root))
        loadings = root * vectors[:, -1] * math.sqrt(max(float(values[-1]) - 1, 0.0))
        following = np.maximum(1 - loadings**2, LEAST_UNIQUE)
        if float(np.max(np.abs(following - unique))) < NEAR:
            break
        unique = following
    else:
        return None
    if np.any(unique <= LEAST_UNIQUE) or not (np.all(loadings > 0) or np.all(loadings < 0)):
        return None
    return np.array(np.abs(loadings))


def _three(correlations: np.ndarray) -> np.ndarray | None:
    a, b, c = (float(correlations[one]) for one in ((0, 1), (0, 2), (1, 2)))
    if a * b * c <= 0:
        return None
    squares = np.array([a * b / c, a * c / b, b * c / a])
    has_one_sign = min(a, b, c) > 0
    return np.array(np.sqrt(squares)) if has_one_sign and np.all(squares < 1 - LEAST_UNIQUE) else None
