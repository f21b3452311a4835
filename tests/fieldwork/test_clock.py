"""A clock that was set back dates nothing: what it would date is refused until it is right, and what erases goes on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from errors import ClockBehind
from fieldwork.admissions import admitted, invite
from fieldwork.clock import LEEWAY
from fieldwork.deliveries import read_delivery, take_in
from fieldwork.instance import reread
from fieldwork.progress import MAINTAINED, last_upkeep
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from fieldwork.withdrawal import withdraw
from storage.meta import tell
from storage.vaults import count
from tests.conftest import TODAY
from tests.deliveries import sealed_visit
from tests.visits import amina

A_YEAR_AGO = TODAY - timedelta(days=365)


@pytest.fixture
def kept_up(study: Study, settings: Settings) -> Study:
    """The study after a night's upkeep."""
    tell(study.stores.office.engine, MAINTAINED, TODAY.isoformat())
    return reread(study, settings.study_folder)


def test_a_visit_under_a_clock_that_was_set_back_is_not_kept_and_is_taken_when_it_is_right(kept_up: Study) -> None:
    token, sent = invite(kept_up, "single", TODAY + timedelta(days=9)), sealed_visit(kept_up, "amina")
    delivery, single = read_delivery(sent.data), admitted(kept_up, token, TODAY)
    with pytest.raises(ClockBehind, match="Set the clock right"):
        take_in(kept_up, delivery, single, A_YEAR_AGO)
    assert count(kept_up.stores.research) == count(kept_up.stores.identity) == 0
    assert take_in(kept_up, delivery, single, TODAY)


def test_withdrawing_goes_on_whatever_the_clock_says(kept_up: Study) -> None:
    sent = sealed_visit(kept_up, "amina")
    token = invite(kept_up, "open", TODAY)
    assert take_in(kept_up, read_delivery(sent.data), admitted(kept_up, token, TODAY), TODAY)
    withdraw(kept_up, sent.receipt.code, A_YEAR_AGO)
    assert count(kept_up.stores.research) == count(kept_up.stores.identity) == 0


def test_upkeep_does_nothing_under_a_clock_that_was_set_back(kept_up: Study) -> None:
    with pytest.raises(ClockBehind):
        maintain(kept_up, A_YEAR_AGO)
    assert last_upkeep(kept_up.stores.office) == TODAY


def test_a_machine_in_another_time_zone_is_not_refused(kept_up: Study) -> None:
    token = invite(kept_up, "open", TODAY)
    delivery = read_delivery(sealed_visit(kept_up, "amina").data)
    assert take_in(kept_up, delivery, admitted(kept_up, token, TODAY), TODAY - LEEWAY)


def test_a_person_on_the_plain_path_is_asked_to_come_back(settings: Settings, study: Study) -> None:
    tell(study.stores.office.engine, MAINTAINED, (date.today() + timedelta(days=300)).isoformat())
    client: FlaskClient = create_app(settings).test_client()
    answer = client.post("/visit/young_person", data=amina(study.instrument))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert count(study.stores.research) == count(study.stores.identity) == 0
