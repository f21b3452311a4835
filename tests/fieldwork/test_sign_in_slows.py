"""Who guesses is slowed down before a password is hashed; nobody else is locked out, and no address or time is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from errors import NotPermitted, TooManyTries
from fieldwork.staff.browsers import vouch
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.paces import MOST_KEPT, OF_NETWORK, SALT_LASTS, Paces, network_of
from fieldwork.staff.signing_in import Door, complete, key_of, show_password
from fieldwork.staff.throttling import FREE, LONGEST_DELAY, MOST_FAILURES, REST, charge, delay_after, forget
from storage.office import Office
from storage.staff import add_staff, staff
from storage.stores import close_stores, create_stores
from storage.throttle import throttle
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
    paces: Paces = field(default_factory=Paces)
    hashing: Hashing = field(default_factory=Hashing)

    def door(self, address: str = STRANGER, known_by: str = "") -> Door:
        return Door(self.office, KEYS, self.paces, address, known_by)

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
        for table in (throttle, staff):
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


def test_a_thousand_wrong_sign_ins_cost_less_than_a_password_a_second(server: Server) -> None:
    attack = ATTACKS["one name, one network"]
    run(server, attack, 1_000, seconds=100)
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
    fail_in_a_row(server, FREE + 8)
    server.now -= LONGEST_DELAY - timedelta(seconds=1.5)
    with pytest.raises(TooManyTries) as refusal:
        server.attempt("Mara", RIGHT)
    assert delay_after(FREE + 8).seconds <= (refusal.value.wait or 0) + 1.5 < delay_after(FREE + 8).seconds + 60


def test_a_count_holds_whole_minutes_and_days_only(server: Server) -> None:
    server.now += timedelta(minutes=3, seconds=17, microseconds=254_318)
    for number in range(FREE + 1):
        charge(server.office, b"%032d" % number, server.now)
        charge(server.office, key_of(server.door(), "Mara"), server.now)
    with server.office.engine.connect() as connection:
        kept = connection.execute(select(throttle.c.until, throttle.c.forget)).all()
    assert len(kept) == FREE + 2
    assert {(row.until.second, row.until.microsecond) for row in kept} == {(0, 0)}
    assert {row.forget.time() for row in kept} == {time()}


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
    server.now += REST + timedelta(days=1)
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


def everything_in(paces: Paces) -> str:
    return repr(vars(paces))


def test_a_pace_is_in_memory_only_and_for_minutes(server: Server) -> None:
    paces, slowed = server.paces, OF_NETWORK.every * OF_NETWORK.at_once
    for number in range(OF_NETWORK.at_once):
        paces.let_in(f"198.51.100.{number}", NOW)
    with pytest.raises(TooManyTries):
        paces.let_in(STRANGER, NOW)
    assert "198.51" not in everything_in(paces), "nor is an address held in memory"
    with server.office.engine.connect() as connection:
        assert connection.execute(select(throttle)).all() == []
    assert slowed <= timedelta(minutes=4)
    paces.forget(NOW + slowed)
    assert paces.due == {}
    paces.forget(NOW + SALT_LASTS)
    assert (paces.salt, SALT_LASTS < timedelta(hours=1)) == (b"", True)


def test_a_network_has_another_key_once_the_salt_is_another(server: Server) -> None:
    keys = []
    for when in (NOW, NOW + SALT_LASTS - OF_NETWORK.every, NOW + SALT_LASTS):
        server.paces.let_in(STRANGER, when)
        keys.append(max(server.paces.due, key=len))
    assert (keys[0] == keys[1], keys[1] == keys[2]) == (True, False)


def test_refusing_takes_no_turn_of_everyones_and_each_process_keeps_its_own_pace(server: Server) -> None:
    for _ in range(3 * OF_NETWORK.at_once):
        with suppress(TooManyTries):
            server.paces.let_in(STRANGER, NOW)
    before = dict(server.paces.due)
    with pytest.raises(TooManyTries):
        server.paces.let_in(COLLEAGUE, NOW)
    assert server.paces.due == before
    Paces().let_in(STRANGER, NOW)


def test_memory_is_bounded(server: Server) -> None:
    server.paces.due = {b"%032d" % number: NOW + timedelta(seconds=9) for number in range(MOST_KEPT)}
    server.paces.let_in(STRANGER, NOW)
    assert len(server.paces.due) == MOST_KEPT
    assert max(server.paces.due.values()) == NOW + OF_NETWORK.every, "the one that is slowed longest stays"


def test_the_office_holds_no_address_and_no_name_that_was_tried(server: Server) -> None:
    for name, address in (("Mara", STRANGER), ("Nobody", COLLEAGUE)):
        server.wrong(name, server.door(address))
    path = Path(str(server.office.engine.url.database))
    kept = path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()
    assert b"throttle" in kept
    assert not [told for told in (STRANGER, "198.51.100", COLLEAGUE, "Nobody") if told.encode() in kept]
