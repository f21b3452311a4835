"""The plot of the preview counts everyone once, before and after, and its table has the same numbers."""

from __future__ import annotations

import polars as pl
import pytest
from flask import Flask
from flask_babel import Babel

from views.desk.plots import crowd_bars
from views.plots import WIDEST

BEFORE = pl.Series([1, 1, 3, 3, 3, 6, 6, 6, 6, 6, 6, *(12,) * 12])


@pytest.mark.parametrize("k", [1, 2, 3, 5, 50])
def test_everyone_is_counted_once(k: int) -> None:
    app = Flask("plots")
    Babel(app)
    with app.test_request_context():
        bars = crowd_bars(BEFORE, BEFORE[2:], k)
    assert (sum(bar.before for bar in bars), sum(bar.after for bar in bars)) == (23, 21)
    assert max(bar.before_length for bar in bars) == WIDEST


def test_nobody_at_all_is_no_bar() -> None:
    app = Flask("plots")
    Babel(app)
    with app.test_request_context():
        assert {bar.before_length for bar in crowd_bars(BEFORE[:0], BEFORE[:0], 5)} == {0}
