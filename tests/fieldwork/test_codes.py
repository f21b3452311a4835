"""A code of an app fits near its time and works once; a recovery code works once; the office alone gives neither."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from errors import NotPermitted, SignInOver, StorageError
from fieldwork.staff.factors import HOW_MANY, new_recovery_codes, show_factor
from fieldwork.staff.joining import FINISHED_WITHIN, join_with_password
from fieldwork.staff.links import invite_staff, link_in
from fieldwork.staff.members import Member, hire_with_totp
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.own_factors import confirm_totp, offered_secret
from fieldwork.staff.paces import Paces
from fieldwork.staff.passwords import hash_password
from fieldwork.staff.signing_in import HALF_LASTS, MOST_TRIES, Door, half_signed_in, show_code, show_password
from fieldwork.staff.totp import address_of, code_at, from_base32, in_base32, open_secret, seal_secret
from storage.office import Office
from storage.staff import add_staff, recovery_codes, staff, staff_named
from storage.stores import close_stores, create_stores
from tests.storage.conftest import on_sqlite

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEYS = office_keys("the secret of the tests")
SECRET = b"twenty secret bytes."
RFC = b"12345678901234567890"  # RFC 6238, appendix B
HALF_MINUTE = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    # The standard prints eight digits; six are their last.
    assert code_at(RFC, datetime.fromtimestamp(seconds, UTC)) == code[-6:]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    stores = create_stores(on_sqlite(tmp_path_factory.mktemp("office")))
    yield stores.office
    close_stores(stores)


names = iter(f"Member {number}" for number in range(1000))


@pytest.fixture
def mara(office: Office) -> Member:
    return somebody(office)


def somebody(office: Office, secret: bytes | None = SECRET) -> Member:
    """A new member of staff whose app has this secret."""
    name = next(names)
    add_staff(office, name, "administrator", "$", seal_secret(KEYS, name, secret, b"n" * 12) if secret else None)
    found = staff_named(office, name)
    assert found
    return found


def half(office: Office, name: str) -> str:
    return show_password(Door(office, KEYS, Paces(), None, ""), name, "", NOW, lambda *_: True)


@pytest.mark.parametrize(("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephones_clock_may_be_half_a_minute_off(office: Office, mara: Member, off: int, fits: bool) -> None:
    code = code_at(SECRET, NOW + off * HALF_MINUTE)
    assert show_factor(office, KEYS, mara, f"{code[:3]} {code[3:]}", NOW) is fits


def test_a_code_works_once_and_none_before_it_works_any_more(office: Office, mara: Member) -> None:
    earlier, code = (code_at(SECRET, NOW - off) for off in (HALF_MINUTE, timedelta(0)))
    tries = [show_factor(office, KEYS, mara, one, NOW) for one in (code, code, earlier)]
    assert tries == [True, False, False]


def test_of_two_who_type_one_code_at_the_same_time_one_is_let_in(office: Office, mara: Member) -> None:
    (recovery, *_), code = new_recovery_codes(office, mara.name), code_at(SECRET, NOW)
    with ThreadPoolExecutor(8) as pool:
        for typed in (code, recovery):
            assert sum(pool.map(lambda _, typed=typed: show_factor(office, KEYS, mara, typed, NOW), range(8))) == 1


def test_a_copy_of_the_office_gives_no_code(office: Office, mara: Member) -> None:
    codes = new_recovery_codes(office, mara.name)
    path = Path(str(office.engine.url.database))
    kept = path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()
    hidden = [SECRET, in_base32(SECRET).encode(), *(code.encode() for code in codes)]
    hidden += [code.replace("-", "").encode() for code in codes]
    assert mara.name.encode() in kept
    assert not [one for one in hidden if one in kept]


def test_a_sealed_secret_opens_for_its_member_and_its_instance_only(mara: Member) -> None:
    assert mara.totp
    assert open_secret(KEYS, mara.name, mara.totp) == SECRET
    for keys, name in ((KEYS, "Idris"), (office_keys("another instance"), mara.name)):
        with pytest.raises(StorageError):
            open_secret(keys, name, mara.totp)


def test_ten_recovery_codes_work_once_each_and_for_their_owner_only(office: Office, mara: Member) -> None:
    old, codes = new_recovery_codes(office, mara.name), new_recovery_codes(office, mara.name)
    assert len(set(codes)) == HOW_MANY
    assert all(len(code.replace("-", "")) * 5 >= 112 for code in codes)
    assert not show_factor(office, KEYS, mara, old[0], NOW), "those before no longer work"
    assert not show_factor(office, KEYS, somebody(office), codes[0], NOW)
    typed = codes[0].lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert [show_factor(office, KEYS, mara, one, NOW) for one in (typed, codes[0], codes[1])] == [True, False, True]
    with office.engine.connect() as connection:
        own = select(recovery_codes).where(recovery_codes.c.name == mara.name)
        assert len(connection.execute(own).all()) == HOW_MANY - 2


def test_the_picture_says_what_an_app_needs_and_names_the_study_neutrally() -> None:
    told = urlsplit(address_of(SECRET, "Mara Khan", "Working Together"))
    assert (told.scheme, told.netloc, told.path) == ("otpauth", "totp", "/Working%20Together:Mara%20Khan")
    assert from_base32(parse_qs(told.query)["secret"][0]) == SECRET


def test_a_half_session_has_a_handful_of_tries_and_five_minutes(office: Office, mara: Member) -> None:
    door, token = Door(office, KEYS, Paces(), None, ""), half(office, mara.name)
    assert half_signed_in(office, token, NOW + HALF_LASTS - timedelta(seconds=1))
    assert not half_signed_in(office, token, NOW + HALF_LASTS)
    for number in range(MOST_TRIES):
        with pytest.raises(NotPermitted, match="does not fit"):
            show_code(door, token, "000000", NOW + number * timedelta(seconds=1))
    late = NOW + timedelta(minutes=1)
    with pytest.raises(SignInOver):
        show_code(door, token, code_at(SECRET, late), late)


def test_a_half_session_makes_one_whole_session(office: Office, mara: Member) -> None:
    door, token = Door(office, KEYS, Paces(), None, ""), half(office, mara.name)
    assert show_code(door, token, code_at(SECRET, NOW), NOW)
    with pytest.raises(SignInOver):
        show_code(door, token, code_at(SECRET, NOW + HALF_MINUTE), NOW)


def test_a_first_app_is_set_up_in_the_session_that_was_shown_its_secret_and_by_one_session(office: Office) -> None:
    idris = somebody(office, None)
    mine, theirs = half(office, idris.name), half(office, idris.name)
    shown, other = (offered_secret(office, KEYS, token, idris.name, NOW) for token in (mine, theirs))
    assert shown == offered_secret(office, KEYS, mine, idris.name, NOW)
    with pytest.raises(NotPermitted, match="does not fit"):
        confirm_totp(office, KEYS, mine, idris, code_at(other, NOW), NOW)
    assert confirm_totp(office, KEYS, mine, idris, code_at(shown, NOW), NOW)
    with pytest.raises(SignInOver):
        confirm_totp(office, KEYS, theirs, idris, code_at(other, NOW), NOW)
    kept = staff_named(office, idris.name)
    assert kept
    assert not show_factor(office, KEYS, kept, code_at(shown, NOW), NOW), "the code that showed it is used up"


def test_whoever_is_hired_with_an_app_has_it_sealed(office: Office) -> None:
    hire_with_totp(office, KEYS, "  Nadia   Osei ", "administrator", "five quiet words in a row", SECRET)
    with office.engine.connect() as connection:
        row = connection.execute(select(staff).where(staff.c.name == "Nadia Osei")).one()
    assert open_secret(KEYS, "Nadia Osei", row.totp) == SECRET
    assert row.password_phc.split("$")[3] == hash_password("any", b"s" * 16).split("$")[3]


def test_a_password_without_its_second_factor_is_worth_nothing_after_an_hour(office: Office) -> None:
    name, late = next(names), NOW + FINISHED_WITHIN
    link = link_in(office, invite_staff(office, "Mara", name, "coordinator", NOW), NOW)
    token = join_with_password(office, link, "violet harbour seven kettles", NOW)
    secret = offered_secret(office, KEYS, token, name, NOW)

    def attempt(now: datetime) -> str:
        return show_password(Door(office, KEYS, Paces(), None, ""), name, "", now, lambda *_: True)

    assert attempt(late - timedelta(seconds=1))
    with pytest.raises(NotPermitted, match="do not go together"):
        attempt(late)
    joined = staff_named(office, name)
    assert joined
    confirm_totp(office, KEYS, token, joined, code_at(secret, NOW), NOW)
    assert attempt(late + timedelta(days=300)), "who has finished in time is asked for a code, for good"
    assert timedelta(hours=1) >= FINISHED_WITHIN
