"""No file says when somebody took part or withdrew, nor do the times of the staff's rows beside it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import DateTime, select

from app import create_app
from config import Settings
from fieldwork.admissions import new_enrolment
from fieldwork.freshness import EVERY
from fieldwork.staff.links import invite_staff, link_in
from fieldwork.staff.throttling import charge
from fieldwork.study import Study
from privacy.receipts import new_receipt
from storage.approvals import Proposal, keep_proposal, take_to_confirm
from storage.members import FirstFactor, settle_member
from storage.office import metadata
from storage.passkeys import spend_challenge
from storage.sign_ins import change_token, mark_proved, mark_used, offer_totp, start_half, start_sign_in
from storage.vaults import count
from tests.conftest import counted_bytes
from tests.staff import employ, open_session, press
from tests.visits import amina

TIME = re.compile(rb"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{6})?)?)")
RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
NEAR = timedelta(hours=1)
UNITS = (1, 10**3, 10**6, 10**9)  # of a number that counts from 1970


def times_near(home: Path, now: datetime) -> set[str]:
    """Every time near now that is written as text anywhere in any file of an instance, its logs included."""
    found = set()
    for path in (path for path in home.rglob("*") if path.is_file()):
        for day, clock in TIME.findall(path.read_bytes()):
            when = datetime.fromisoformat(f"{day.decode()}T{clock.decode()}").replace(tzinfo=UTC)
            if abs(when - now) < NEAR:
                found.add(clock.decode())
    return found


def numbers_near(study: Study, now: datetime) -> Iterator[str]:
    """Every column of the office in which a number counts up to a time near now."""
    near = [(now + way * NEAR).timestamp() for way in (-1, 1)]
    with study.stores.office.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                numbers = {name: value for name, value in row.items() if isinstance(value, int | float)}
                yield from (
                    f"{table.name}.{name}"
                    for name, value in numbers.items()
                    if any(near[0] < value / unit < near[1] for unit in UNITS)
                )


def take_part_and_withdraw(field: FlaskClient, study: Study) -> None:
    """Amina's visit, its withdrawal, codes that nobody has, and mistyped ones."""
    finished = field.post("/visit/young_person", data=amina(study.instrument))
    receipt = RECEIPT.search(finished.text)
    assert receipt
    field.post("/visit/young_person", data=amina(study.instrument, c_withdraw="no"))
    assert field.post("/withdraw/choices", data={"code": receipt.group(), "o_quote": "no"}).status_code == 200
    for code, status in ((receipt.group(), 200), (strangers_code(), 200), ("ABCD", 422)):
        assert field.post("/withdraw", data={"code": code}).status_code == status


def strangers_code(seed: str = "nobody's") -> str:
    return new_receipt(counted_bytes(seed)).grouped


def test_no_file_says_when_somebody_took_part_or_withdrew(
    field: FlaskClient, study: Study, settings: Settings
) -> None:
    now = datetime.now(UTC)
    take_part_and_withdraw(field, study)
    assert times_near(settings.home, now) == set()
    assert list(numbers_near(study, now)) == []
    with study.stores.office.engine.begin() as connection:
        connection.exec_driver_sql("create table planted (at text)")
        connection.exec_driver_sql(f"insert into planted values ('{now:%Y-%m-%d %H:%M:%S.%f}')")
    assert times_near(settings.home, now) == {f"{now:%H:%M:%S.%f}"}, "this search does find a time"


def test_what_staff_do_meanwhile_is_dated_to_whole_minutes_only(
    field: FlaskClient, study: Study, settings: Settings
) -> None:
    now, staff = datetime.now(UTC), field.application.test_client()
    employ(study.stores.office, "Mara")
    for name in ("Mara", "Nobody"):
        for _ in range(2):
            assert press(staff, "/office/sign-in", {"name": name, "password": "wrong"}).status_code == 403
        take_part_and_withdraw(field, study)
    open_session(staff, study, "Mara")
    assert staff.get("/office").status_code == 200
    clocks = times_near(settings.home, now)
    assert clocks, "sessions do have times"
    assert {clock for clock in clocks if not clock.endswith(":00.000000")} == set()


def test_every_time_that_the_office_has_a_column_for_is_kept_in_whole_minutes(study: Study) -> None:
    office, now = study.stores.office, datetime(2026, 11, 23, 12, 7, 31, 254_318, UTC)
    start_sign_in(office, b"whole", "Mara", now)
    for mark in (mark_used, mark_proved):
        mark(office, b"whole", now)
    change_token(office, b"whole", b"other", now)
    start_half(office, b"half", "Mara", now + timedelta(minutes=5))
    offer_totp(office, b"half", b"sealed", now + timedelta(minutes=5))
    spend_challenge(office, b"challenge", now + timedelta(minutes=5), now)
    charge(office, b"key", now)
    new_enrolment(study, "Tablet 3", "", now)
    invite_staff(office, "Mara", "Vera", "coordinator", now)
    link = link_in(office, invite_staff(office, "Mara", "Salma", "coordinator", now), now)
    settle_member(office, link.token_hash, FirstFactor(password_phc="$", finish_before=now + timedelta(hours=1)), now)
    keep_proposal(office, Proposal("key", "kind", b"", "", "{}", "Mara", now.date(), 1, "digest"))
    assert take_to_confirm(office, "key", "digest", "Nadia", now.date(), now)
    kept: dict[str, set[datetime]] = {}
    with office.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for column in (one for one in table.c if isinstance(one.type, DateTime)):
                kept[str(column)] = set(connection.scalars(select(column).where(column.is_not(None))))
    assert {column for column, times in kept.items() if not times} == set(), "this test writes each of them"
    assert {column for column, times in kept.items() if any(one.second or one.microsecond for one in times)} == set()


def test_a_withdrawal_leaves_no_log_of_what_was_written_beside_it(
    field: FlaskClient, study: Study, settings: Settings
) -> None:
    take_part_and_withdraw(field, study)
    assert log_of(study).stat().st_size == 0


def test_the_log_is_emptied_while_serving(study: Study, settings: Settings) -> None:
    seconds = 0.0
    field = create_app(settings, clock=lambda: seconds).test_client()
    field.post("/visit/young_person", data=amina(study.instrument))
    assert log_of(study).stat().st_size > 0
    seconds += EVERY
    field.get("/support")
    assert log_of(study).stat().st_size == 0


def log_of(study: Study) -> Path:
    return Path(f"{study.stores.office.engine.url.database}-wal")


def test_whoever_reads_the_office_just_now_makes_no_withdrawal_wait(field: FlaskClient, study: Study) -> None:
    with study.stores.office.engine.begin() as reading:
        reading.exec_driver_sql("begin")
        reading.exec_driver_sql("select * from tombstones").all()
        before = time.monotonic()
        assert field.post("/withdraw", data={"code": strangers_code()}).status_code == 200
        assert time.monotonic() - before < 10, "of 15 seconds that a store waits"


def test_a_right_code_is_answered_in_a_flood_of_guesses_from_its_own_network(
    field: FlaskClient, study: Study
) -> None:
    finished = field.post("/visit/young_person", data=amina(study.instrument))
    receipt = RECEIPT.search(finished.text)
    assert receipt
    guesses = [field.post("/withdraw", data={"code": strangers_code(str(number))}) for number in range(40)]
    answer = field.post("/withdraw", data={"code": receipt.group()})
    assert (answer.status_code, count(study.stores.research)) == (200, 0)
    assert {(guess.status_code, guess.text) for guess in guesses} == {(200, answer.text)}, "known or not, all alike"
