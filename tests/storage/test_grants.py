"""The collector's role on PostgreSQL can do all that a visit needs, and cannot read an identity (REQUIREMENTS 41)."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from errors import IdTaken, NotGranted, SettingsError
from fieldwork.staff.throttling import charge, forgive, give_back
from storage.admissions import (
    Invitation,
    Tablet,
    add_invitation,
    all_invitations,
    all_tablets,
    enrol,
    forget_enrolments,
    forget_invitations,
    open_enrolment,
    open_enrolments,
    revoke_tablet,
    spending,
    tablet_of,
    withdraw_invitation,
)
from storage.grants import RIGHTS, collector_grants, grant
from storage.journal import Act, write_entry
from storage.journal_check import verify_journal
from storage.kept import kept_of
from storage.meta import SCHEMA, tell, told
from storage.migrating import OTHERS, migrate_stores
from storage.notices import count_notice, counted_for
from storage.office import Office, add_instrument, add_keyring, count_visit, current_instrument, keyring_json, tallies
from storage.sign_ins import (
    change_token,
    count_try,
    drop_offer,
    end_half,
    end_sign_ins_of,
    forget_sign_ins,
    half_of,
    keep_newest,
    mark_used,
    offer_totp,
    offered_totp,
    sign_in_of,
    start_half,
    start_sign_in,
)
from storage.staff import add_staff, set_recovery_codes, set_totp, spend_recovery_code, spend_step
from storage.stores import close_stores
from storage.throttle import forget_counts
from storage.tombstones import bury, is_buried, replay
from storage.vaults import (
    Deposit,
    Limit,
    Vault,
    count,
    deposit,
    deposit_all,
    erase,
    erase_records,
    expire_limits,
    rows,
    take_back,
    until_of,
)
from tests.storage.conftest import UNTIL, Both, envelope

DAY = date(2026, 11, 23)


def refused(vault: Vault, statement: str) -> bool:
    """Whether PostgreSQL refuses this role this statement for want of rights, and for nothing else."""
    with vault.engine.connect() as connection:
        try:
            connection.execute(text(statement))
        except NotGranted as error:
            return "permission denied" in str(error.__cause__) or "must be owner" in str(error.__cause__)
    return False


def test_the_collector_can_do_all_that_a_visit_and_a_withdrawal_need(both: Both, tmp_path: Path) -> None:
    office, file = both.collector.office, tmp_path / "tombstones.txt"
    for vault in (both.collector.research, both.collector.identity):
        record_id, tag, one = os.urandom(16), os.urandom(16), envelope()
        assert deposit(vault, record_id, tag, one, UNTIL)
        assert not deposit(vault, record_id, tag, one, UNTIL)
        with pytest.raises(IdTaken):
            deposit(vault, record_id, tag, envelope(), UNTIL)
        assert until_of(vault, tag) == UNTIL
        take_back(vault, record_id)
        deposit(vault, record_id, tag, one, UNTIL)
        bury(office, [file], [tag])
        assert is_buried(office, tag)
        assert erase(vault, tag) == 1
        assert count(vault) == 0
    assert len(replay(office, [file])) == 2


def test_the_collector_can_let_go_of_what_has_a_day_of_its_own(both: Both) -> None:
    vault, tag, later = both.collector.identity, os.urandom(16), UNTIL + timedelta(days=600)
    for _ in range(2):
        contact = Deposit(os.urandom(16), envelope(), limit=Limit("contact", later))
        deposit_all(vault, tag, UNTIL, (Deposit(os.urandom(16), envelope()), contact), in_place_of="contact")
    deposit(vault, os.urandom(16), tag, envelope(), UNTIL, limit=Limit("link", UNTIL))
    assert count(vault) == 4
    assert erase_records(vault, [contact.record_id]) == 1
    assert kept_of(vault, "link", later).late == 1
    assert expire_limits(vault, later) == {"link": 1}
    assert count(vault) == 2


def test_the_collector_can_do_all_that_the_staff_pages_need(both: Both) -> None:
    add_keyring(both.owner.office, b"{}")
    add_instrument(both.owner.office, "0" * 64, "wt", b"{}")
    add_staff(both.owner.office, "Mara", "administrator", "$argon2id$")
    office, now = both.collector.office, datetime(2026, 11, 23, tzinfo=UTC)
    assert (keyring_json(office), current_instrument(office, "wt")) == (b"{}", b"{}")
    count_visit(office, "finished", "young_person")
    count_visit(office, "finished", "young_person")
    assert [tally.count for tally in tallies(office)] == [2]
    write_entry(office, "Mara", Act.INIT, DAY)
    sign_in_and_out(office, now)
    assert verify_journal(office).entries == 1
    deposit(both.collector.research, b"r" * 16, b"t" * 16, envelope(), UNTIL)
    assert len(list(rows(both.collector.research))) == 1


def sign_in_and_out(office: Office, now: datetime) -> None:
    """Every deed on the tables that a sign-in touches."""
    token = b"t" * 32
    start_half(office, token, "Mara", now + timedelta(minutes=5))
    assert count_try(office, token, 1)
    assert half_of(office, token, now)
    offer_totp(office, token, b"first", now + timedelta(minutes=5))
    offer_totp(office, token, b"second", now + timedelta(minutes=5))
    assert offered_totp(office, token, now) == b"second"
    drop_offer(office, token)
    assert set_totp(office, "Mara", b"sealed", 1, instead_of=None)
    assert [spend_step(office, "Mara", step) for step in (2, 2)] == [True, False]
    set_recovery_codes(office, "Mara", [b"c" * 32])
    assert [spend_recovery_code(office, "Mara", b"c" * 32) for _ in "12"] == [True, False]
    assert end_half(office, token)
    start_sign_in(office, token, "Mara", now)
    keep_newest(office, "Mara", token, 1)
    change_token(office, token, b"n" * 32, now)
    change_token(office, b"n" * 32, token, now)
    count_notice(office, "Mara", failed=1)
    count_notice(office, None, failed=1)
    assert counted_for(office, "Mara").failed == 1
    mark_used(office, token, now)
    assert sign_in_of(office, token)
    end_sign_ins_of(office, "Mara")
    assert not sign_in_of(office, token)
    charged = charge(office, b"k" * 32, now)
    give_back(office, charged, now)
    forgive(office, b"k" * 32)
    forget_counts(office, now + timedelta(days=40))
    forget_sign_ins(office, now, now, now)


def test_the_collector_can_do_all_that_tablets_and_invitations_need(both: Both) -> None:
    office, now = both.collector.office, datetime(2026, 11, 23)
    for token_hash in (b"first", b"again"):
        open_enrolment(office, b"code", "Tablet 3", "", now + timedelta(minutes=15))
        assert open_enrolments(office, now) == (("Tablet 3", ""),)
        assert enrol(office, b"code", token_hash, now)
        assert tablet_of(office, token_hash) == Tablet(token_hash, "Tablet 3", "", False)
        assert revoke_tablet(office, "Tablet 3")
    forget_enrolments(office, now)
    assert [tablet.revoked for tablet in all_tablets(office)] == [True]
    for token_hash in (b"used", b"withdrawn"):
        add_invitation(office, Invitation(token_hash, "single", "", "", "", DAY))
    with spending(office, b"used") as is_first:
        assert is_first
    assert withdraw_invitation(office, b"withdrawn")
    assert {(one.token_hash, one.withdrawn) for one in all_invitations(office)} == {
        (b"used", False), (b"withdrawn", True),
    }  # fmt: skip
    assert forget_invitations(office, DAY + timedelta(days=1)) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "select envelope from records",
        "select * from records",
        "select id from records where envelope is not null",
        "select id from records order by envelope",
        "delete from records where envelope is not null",
        "delete from records returning envelope",
        "insert into records select id, digest, envelope from records",
        "copy records to stdout",
        "create table mine as select * from records",
        "create view mine as select * from records",
        "update records set envelope = ''",
        "truncate records",
        "alter table records add column t timestamptz default now()",
        "create trigger t after insert on records execute function f()",
        "drop table records",
        "grant select on records to public",
    ],
)
def test_the_collector_can_never_read_an_identity(both: Both, statement: str) -> None:
    deposit(both.collector.identity, b"i" * 16, b"t" * 16, envelope(), UNTIL)
    with both.owner.identity.engine.connect() as connection:
        assert connection.execute(text("select envelope from records")).all(), "there is something to read"
    if statement.startswith("grant"):
        # PostgreSQL only warns that nothing was granted: so look whether anything was.
        with both.collector.identity.engine.begin() as connection:
            connection.execute(text(statement))
        statement = "select envelope from records"
    assert refused(both.collector.identity, statement)


def test_the_rows_function_itself_is_refused_on_identities(both: Both) -> None:
    deposit(both.collector.identity, b"i" * 16, b"t" * 16, envelope(), UNTIL)
    with pytest.raises(NotGranted, match="does not let this app"):
        list(rows(both.collector.identity))


@pytest.mark.parametrize(
    "statement",
    [
        "update journal set entry = ''",
        "delete from journal",
        "delete from tombstones",
        "update tombstones set tag = ''",
        "delete from tallies",
        "delete from staff",
        "update staff set name = 'Eve'",
        "delete from proposals",
        "insert into instruments values ('0', 'wt', '')",
        "update meta set value = ''",
        "insert into keyrings values (9, '')",
        "update instruments set canonical = ''",
        "delete from tablets",
    ],
)
def test_the_collector_cannot_rewrite_what_the_office_relies_on(both: Both, statement: str) -> None:
    assert refused(both.collector.office, statement)  # type: ignore[arg-type]


def test_every_table_of_every_store_has_its_line(both: Both) -> None:
    engines = {store: getattr(both.owner, store).engine for store in RIGHTS}
    assert {store: set(inspect(engine).get_table_names()) for store, engine in engines.items()} == {
        store: set(tables) for store, tables in RIGHTS.items()
    }


def test_the_document_names_every_right() -> None:
    document = (Path(__file__).parents[2] / "docs" / "grants.md").read_text()
    lines = [f"| {store} | `{table}` | {rights} |" for store, of in RIGHTS.items() for table, rights in of.items()]
    assert [line for line in lines if line not in document] == []


@pytest.mark.parametrize("role", ["", "collector; drop table records", 'c"', "1c", "Collector", "a" * 64])
def test_a_role_name_that_is_more_than_a_name_is_refused(role: str) -> None:
    with pytest.raises(ValueError, match="role's name"):
        collector_grants("identity", role)


def test_no_rights_are_said_to_be_given_that_were_not(both: Both) -> None:
    owner, collector = both.owner.office.engine, both.collector.office.engine
    with owner.connect() as connection:
        named = {"owner": connection.scalar(text("select current_user"))}
    with collector.connect() as connection:
        named["collector"] = connection.scalar(text("select current_user"))
    with collector.begin() as connection, pytest.raises(NotGranted, match="with the owner's addresses"):
        grant(connection, "collector", "office", named["collector"])
    for role, why in (("nobody_such", "has no role nobody_such"), (named["owner"], "keeps its rights")):
        with owner.begin() as connection, pytest.raises(SettingsError, match=why):
            grant(connection, "collector", "office", role)
    with owner.connect() as connection:
        for kind in ("superuser", f"noinherit in role {named['owner']}"):
            # Taken back with the connection.
            connection.execute(text(f"create role like_the_owner {kind}"))
            with pytest.raises(SettingsError, match="keeps its rights"):
                grant(connection, "collector", "office", "like_the_owner")
            connection.rollback()
    with owner.begin() as connection:
        grant(connection, "collector", "office", named["collector"])
        with pytest.raises(ValueError, match="everybody"):
            grant(connection, "collector", "office", "public")


def test_the_collector_takes_no_store_forwards(both: Both) -> None:
    close_stores(both.collector)
    tell(both.owner.office.engine, "schema", "3")
    close_stores(both.owner)
    with pytest.raises(NotGranted, match="Nothing was changed"):
        list(migrate_stores(both.addresses, (), date(2026, 11, 26)))
    tell(both.owner.office.engine, "schema", SCHEMA)


def test_a_role_that_may_see_nothing_of_others_is_told_that_they_are_connected(both: Both) -> None:
    told(both.owner.office.engine, "store")  # the owner's connection waits in its pool
    with both.collector.office.engine.connect() as connection:
        assert connection.scalar(text(OTHERS)) >= 1
    close_stores(both.owner)
    assert any(is_alone(both.collector.office.engine) for _ in range(100))


def is_alone(engine: Engine) -> bool:
    """Whether nobody else is connected; asked after a moment, since the server counts for so long whoever hangs up."""
    time.sleep(0.05)
    with engine.connect() as connection:
        return connection.scalar(text(OTHERS)) == 0
