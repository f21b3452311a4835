"""What deploy/ holds is run as it stands: gunicorn in every suite, nginx before it in the torture."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import Settings
from fieldwork.study import Study
from instruments.model import Instrument
from tests.house.journey import assert_nothing_said, journey
from tests.house.served import serving


@pytest.mark.parametrize("is_gunicorn", [False, True], ids=["waitress", "gunicorn"])
def test_a_full_journey_leaves_no_trace_in_any_sink(
    settings: Settings, study: Study, instrument: Instrument, tmp_path: Path, is_gunicorn: bool
) -> None:
    with serving(settings.home, tmp_path, is_gunicorn) as served:
        went = journey(served.send, study, instrument, settings.home)
        assert_nothing_said(served, went, settings.home)
