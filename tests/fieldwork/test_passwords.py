"""A password is long, and not what is guessed first; who types a wrong one learns nothing from how long it takes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from errors import NotPermitted, PasswordRefused
from fieldwork.staff.guessable import is_guessable
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.paces import Paces
from fieldwork.staff.passwords import DECOY, check_password, hash_password, is_password
from fieldwork.staff.signing_in import Check, Door, show_password
from storage.office import Office
from storage.staff import add_staff
from storage.stores import close_stores, create_stores
from tests.storage.conftest import on_sqlite
from tests.stretching import stretched_as_in_the_field

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEYS = office_keys("the secret of the tests")


@pytest.fixture(scope="module", autouse=True)
def _real_cost() -> Iterator[None]:
    with stretched_as_in_the_field():
        yield


@pytest.mark.parametrize(
    "password",
    [
        "five quiet words in a row",
        "birmingham rain on slow bicycles",
        "the mosque clock is eleven minutes fast",
        "x" * 3 + "kjhw wpeo znrm dpyq",
        "قهوة الصباح بلا سكر أبدا",
        "violet 7 harbour",
        "q" + "wombat lantern " * 8,
    ],
)
def test_a_long_password_of_any_characters_is_taken(password: str) -> None:
    check_password(password, "Mara")


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "P@ssw0rd!P@ssw0rd!",
        "correct horse battery staple".replace(" ", ""),
        "qwertyuiopasdfghjkl",
        "123456789012345",
        "aaaaaaaaaaaaaaaaaaa",
        "xk7 xk7 xk7 xk7 xk7",
        "London Birmingham 2026",
        "WestMidlandsPolice1",
        "Working Together Study",
        "amanah-amanah-amanah",
        "Mosque.Mosque.2026!",
        "mara khan mara khan",
        "Assalamu alaikum 786",
        "iloveyou iloveyou x",
    ],
)
def test_what_is_made_of_nothing_but_expected_words_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused, match="words that nobody expects"):
        check_password(password, "Mara Khan")


def test_the_own_name_counts_for_its_owner_only() -> None:
    assert is_guessable("featherstonehaugh 1", "Ana Featherstonehaugh")
    assert not is_guessable("featherstonehaugh 1", "Mara")


@pytest.mark.parametrize(("length", "taken"), [(14, False), (15, True), (128, True), (129, False)])
def test_its_length_is_counted_in_characters_as_typed(length: int, taken: bool) -> None:
    # Each é is sent as two code points here, and is one character.
    password = ("kjhwwpeoznrmdpyq" * 9)[: length - 5] + "e\u0301" * 5
    if taken:
        check_password(password, "Mara")
    else:
        with pytest.raises(PasswordRefused):
            check_password(password, "Mara")


def test_a_password_fits_however_its_accents_were_sent() -> None:
    phc = hash_password("caf\u00e9 au lait, no sugar", b"s" * 16)
    assert is_password("cafe\u0301 au lait, no sugar", phc)
    assert not is_password("cafe au lait, no sugar", phc)
    assert phc.split("$")[1:4] == DECOY.split("$")[1:4], "the decoy costs what a password costs"


def quick(password: str, salt: bytes) -> str:
    """A hash that costs little, so that many can be timed."""
    cheap = Argon2id(salt=salt, length=32, iterations=1, lanes=1, memory_cost=24_000)
    return cheap.derive_phc_encoded(password.encode())


def mann_whitney(one: list[float], other: list[float]) -> float:
    """How far two samples differ in rank, in standard deviations of what chance alone would do (no ties)."""
    ranks = {taken: rank for rank, taken in enumerate(sorted(one + other), 1)}
    n, m = len(one), len(other)
    u = sum(ranks[taken] for taken in one) - n * (n + 1) / 2
    return (u - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    stores = create_stores(on_sqlite(tmp_path_factory.mktemp("office")))
    yield stores.office
    close_stores(stores)


def timed(
    office: Office, pairs: int, hashed: Callable[[str, bytes], str], check: Check, since: datetime = NOW
) -> float:
    """Wrong passwords of a member and unknown names, timed in turn: how far apart they are."""
    name = secrets.token_hex(8)
    add_staff(office, name, "coordinator", hashed("the right one", b"s" * 16))
    decoy = hashed("nobody's", b"d" * 16)
    taken: dict[str, list[float]] = {"member": [], "unknown": []}
    for number in range(pairs):
        # The order in which they come must not matter either.
        kinds = sorted(taken, key=lambda _: secrets.randbits(32))
        for place, kind in enumerate(kinds):
            when = since + timedelta(hours=1) * (2 * number + place)
            typed = secrets.token_hex(8) if kind == "unknown" else name
            door = Door(office, KEYS, Paces(), f"10.0.{number % 256}.1", "")
            start = time.perf_counter()
            with pytest.raises(NotPermitted):
                show_password(door, typed, "wrong", when, check, decoy)
            taken[kind].append(time.perf_counter() - start)
    return mann_whitney(taken["member"], taken["unknown"])


FAR = 4.0  # standard deviations: by chance once in 16,000 runs


def test_the_time_tells_no_unknown_name_from_a_wrong_password(office: Office) -> None:
    assert abs(timed(office, 40, quick, is_password)) < FAR


def test_the_statistic_would_see_a_missing_decoy(office: Office) -> None:
    skipped = quick("nobody's", b"d" * 16)
    later = NOW + timedelta(days=365)
    without = timed(office, 30, quick, lambda typed, phc: phc != skipped and is_password(typed, phc), later)
    assert abs(without) > FAR


@pytest.mark.torture
def test_the_time_tells_nothing_at_the_real_cost_either(office: Office) -> None:
    assert abs(timed(office, 90, hash_password, is_password)) < FAR
