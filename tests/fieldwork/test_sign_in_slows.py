"""Who guesses is slowed down before a password is hashed; nobody else is locked out, and no address is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from errors import NotPermitted, TooManyTries
from fieldwork.staff.browsers import vouch
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.signing_in import Door, complete, key_of, show_password
from fieldwork.staff.throttling import (
    FREE,
    LONGEST_DELAY,
    MOST_FAILURES,
    OF_RECEIPTS,
    REST,
    SALT_LASTS,
    charge,
    delay_after,
    forget,
    keep_pace,
    network_key,
    network_of,
)
from storage.office import Office
from storage.staff import add_staff, staff
from storage.stores import close_stores, create_stores
from storage.throttle import throttle, throttle_salt
from tests.storage.conftest import on_sqlite

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RIGHT = "the right one"
STRANGER, COLLEAGUE = "198.51.100.7", "203.0.113.9"
KEYS = office_keys("the secret of the tests")


@dataclass
class Hashing:
    """In the place of Argon2id: counts how often a password was hashed."""

    times: int = 0

    def __call__(self, password: str, phc: str) -> bool:
        self.times += 1
        return password == phc


@dataclass
class Server:
    """An office with Mara and Idris, a clock, and a count of hashed passwords."""

    office: Office
    now: datetime = NOW
    hashing: Hashing = field(default_factory=Hashing)

    def door(self, address: str = STRANGER, known_by: str = "") -> Door:
        return Door(self.office, KEYS, address, known_by)

    def attempt(self, name: str, password: str, door: Door | None = None) -> str:
        return show_password(door or self.door(), name, password, self.now, self.hashing, "nobody's")

    def wrong(self, name: str, door: Door | None = None) -> bool:
        """A wrong try; whether it was refused unheard."""
        try:
            self.attempt(name, "wrong", door)
        except TooManyTries:
            return True
        except NotPermitted:
            return False
        raise AssertionError("let in")

    def known(self, name: str) -> str:
        return vouch(KEYS, "", name, name.ljust(16).encode()[:16])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    stores = create_stores(on_sqlite(tmp_path_factory.mktemp("office")))
    yield stores.office
    close_stores(stores)


@pytest.fixture
def server(office: Office) -> Server:
    with office.engine.begin() as connection:
        for table in (throttle, throttle_salt, staff):
            connection.execute(delete(table))
    for name in ("Mara", "Idris"):
        add_staff(office, name, "coordinator", RIGHT)
    return Server(office)


Attack = Callable[[int], tuple[str, str]]
ATTACKS: dict[str, Attack] = {
    "one name, one network": lambda n: ("Mara", f"198.51.100.{n % 256}"),
    "every name, one network": lambda n: (f"name {n}", f"198.51.100.{n % 256}"),
    "one name, every network": lambda n: ("Mara", f"10.{n // 256 % 256}.{n % 256}.1"),
    "every name, every network": lambda n: (f"name {n}", f"10.{n // 256 % 256}.{n % 256}.1"),
}


def run(server: Server, attack: Attack, tries: int, seconds: float) -> None:
    for number in range(tries):
        name, address = attack(number)
        server.wrong(name, server.door(address))
        server.now += timedelta(seconds=seconds / tries)


def nobody_else_is_locked_out(server: Server, attack: Attack) -> bool:
    """Both members get in at once on their own browsers, and Idris on a new one a moment later."""
    for name in ("Mara", "Idris"):
        server.attempt(name, RIGHT, server.door(attack(0)[1], server.known(name)))
    server.now += timedelta(seconds=2)
    return bool(server.attempt("Idris", RIGHT, server.door(COLLEAGUE)))


def test_ten_thousand_wrong_sign_ins_cost_less_than_a_password_a_second(server: Server) -> None:
    attack = ATTACKS["one name, one network"]
    run(server, attack, 10_000, seconds=100)
    assert 0 < server.hashing.times < 100
    assert nobody_else_is_locked_out(server, attack)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_from_wherever_they_come_and_whatever_name_they_try(server: Server, attack: Attack) -> None:
    run(server, attack, 250, seconds=100)
    assert 0 < server.hashing.times < 100
    assert nobody_else_is_locked_out(server, attack)


@pytest.mark.torture
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_ten_thousand_of_every_kind(server: Server, attack: Attack) -> None:
    run(server, attack, 10_000, seconds=100)
    assert 0 < server.hashing.times < 100
    assert nobody_else_is_locked_out(server, attack)


def fail_in_a_row(server: Server, times: int, door: Door | None = None) -> None:
    for _ in range(times):
        charge(server.office, key_of(door or server.door(), "Mara"), server.now)
        server.now += LONGEST_DELAY


def test_each_failure_makes_the_next_try_wait_longer_up_to_a_quarter_of_an_hour(server: Server) -> None:
    waits = [delay_after(failures) for failures in range(1, 30)]
    assert waits == sorted(waits)
    assert waits[:FREE] == [timedelta(0)] * FREE
    assert waits[FREE] == timedelta(seconds=1)
    assert waits[-1] == LONGEST_DELAY
    fail_in_a_row(server, FREE + 3)
    server.now -= LONGEST_DELAY
    with pytest.raises(TooManyTries) as refusal:
        server.attempt("Mara", RIGHT)
    assert refusal.value.wait == delay_after(FREE + 3).seconds


def test_after_a_hundred_failures_strangers_are_refused_and_the_own_browser_is_not(server: Server) -> None:
    fail_in_a_row(server, MOST_FAILURES)
    with pytest.raises(TooManyTries) as refusal:
        server.attempt("Mara", RIGHT)
    assert refusal.value.wait is None
    own = server.door(known_by=server.known("Mara"))
    complete(own, server.attempt("Mara", RIGHT, own), "Mara", server.now)
    assert server.attempt("Mara", RIGHT), "who got in has opened the way again"


def test_no_door_is_shut_for_good(server: Server) -> None:
    fail_in_a_row(server, MOST_FAILURES)
    server.now += REST - LONGEST_DELAY
    forget(server.office, server.now)
    assert server.attempt("Mara", RIGHT)


def test_a_clock_that_is_set_back_shuts_nobody_out(server: Server) -> None:
    fail_in_a_row(server, FREE + 2)
    for number in range(30):
        server.wrong(f"name {number}")
    server.now = NOW - timedelta(days=300)
    assert server.attempt("Mara", RIGHT)


def test_a_known_browser_has_a_hundred_tries_too_and_then_is_a_stranger(server: Server) -> None:
    own = server.door(known_by=server.known("Mara"))
    fail_in_a_row(server, MOST_FAILURES, own)
    fail_in_a_row(server, MOST_FAILURES, own)
    with pytest.raises(TooManyTries):
        server.attempt("Mara", RIGHT, own)


def test_a_browser_is_known_to_its_own_people_only_and_by_our_word_only(server: Server) -> None:
    fail_in_a_row(server, MOST_FAILURES)
    for cookie in (server.known("Idris"), vouch(office_keys("another"), "", "Mara", b"n" * 16), "0" * 96, "ü.." * 99):
        with pytest.raises(TooManyTries):
            server.attempt("Mara", RIGHT, server.door(known_by=cookie))
    shared = vouch(KEYS, server.known("Mara"), "Idris", b"i" * 16)
    assert "Mara" not in shared
    assert server.attempt("Mara", RIGHT, server.door(known_by=shared))


def test_a_right_password_is_no_failure(server: Server) -> None:
    for _ in range(3 * FREE):
        assert server.attempt("Mara", RIGHT)
        server.now += timedelta(seconds=10)


def test_of_many_at_the_same_time_no_more_are_heard_than_one_after_another(server: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        unheard = list(pool.map(lambda _: server.wrong("Mara"), range(24)))
    assert server.hashing.times == unheard.count(False) <= FREE + 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8:0:1200::1", "2001:db8:0:12ff::9", True),
        ("2001:db8:0:1200::1", "2001:db8:0:1300::1", False),
        ("::ffff:192.0.2.1", "192.0.2.7", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("no address", None, True),
    ],
)
def test_a_network_is_a_24th_or_a_56th_of_its_kind(one: str, other: str | None, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_a_network_has_another_key_within_the_hour_and_leaves_nothing_behind(server: Server) -> None:
    first = network_key(server.office, STRANGER, "sign in", NOW)
    assert first == network_key(server.office, STRANGER, "sign in", NOW + SALT_LASTS - timedelta(seconds=1))
    assert first != network_key(server.office, STRANGER, "receipts", NOW)
    assert SALT_LASTS < timedelta(hours=1)
    assert first != network_key(server.office, STRANGER, "sign in", NOW + SALT_LASTS)
    keep_pace(server.office, first, OF_RECEIPTS, NOW)
    forget(server.office, NOW + timedelta(hours=1))
    with server.office.engine.connect() as connection:
        assert [connection.execute(select(table)).all() for table in (throttle, throttle_salt)] == [[], []]


def test_a_receipt_is_never_refused_for_long_and_ten_thousand_guesses_take_hours(server: Server) -> None:
    key, heard, waits = b"k" * 32, 0, [1]
    for _ in range(160):
        try:
            keep_pace(server.office, key, OF_RECEIPTS, server.now)
            heard += 1
        except TooManyTries as refusal:
            waits.append(refusal.wait or 0)
        server.now += timedelta(seconds=0.5)
    assert heard <= 30 + 160 * 0.5 / 2 + 1
    assert len(waits) > 80
    assert max(waits) <= 2
    assert (10_000 - 30) * OF_RECEIPTS.every > timedelta(hours=5)


def test_the_office_holds_no_address_and_no_name_that_was_tried(server: Server) -> None:
    for name, address in (("Mara", STRANGER), ("Nobody", COLLEAGUE)):
        server.wrong(name, server.door(address))
    path = Path(str(server.office.engine.url.database))
    kept = path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()
    assert b"throttle" in kept
    assert not [told for told in (STRANGER, "198.51.100", COLLEAGUE, "Nobody") if told.encode() in kept]
