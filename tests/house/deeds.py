"""Every deed of the staff that is an act of the journal, as a test can do it: on one instance, in this order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import inspect, literal_column, select, table

from commands import addresses_of
from config import Settings, read_settings
from fieldwork.admissions import enrol_tablet, invite, new_enrolment
from fieldwork.bundles import make_bundle
from fieldwork.drafts import Upload, begin_draft, decide, draft_folder, drop_draft, name_draft, to_decide
from fieldwork.enrolling import Wanted, batches, begin_enrolment, make_invitations, revoke, withdraw_alike
from fieldwork.hold import lift_hold, set_hold
from fieldwork.instance import (
    add_keys,
    add_study,
    copy_study,
    found_instance,
    make_folder,
    open_study,
    renew_journal_key,
)
from fieldwork.journal import checkpoint, pen_of, write_not_permitted
from fieldwork.orders import carry_out
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.own_factors import change_password, confirm_totp, make_recovery_codes, offered_secret
from fieldwork.staff.paces import Paces
from fieldwork.staff.sessions import begin_session
from fieldwork.staff.signing_in import Door
from fieldwork.staff.totp import code_at
from fieldwork.study import Study
from fieldwork.versions import adopt, compare, refuse_adoption
from storage.journal import Act
from storage.staff import StaffMember, staff_named
from tests.conftest import STUDY, TODAY, Keys
from tests.office.test_drafts import FORM
from tests.ordering import an_order
from tests.staff import PASSWORD, employ

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
STAFF_KEYS = office_keys("the secret of the tests")
HELD, LIFTED = b'{"reason":"an order","words":{}}', b'{"lifts":"","reason":"it is over"}'
WANTED = Wanted("single", "", "", "", TODAY + timedelta(days=7))
ASIDE = ("journal", "spent_challenges")
Deed = tuple[Act, Callable[["Office"], object]]


@dataclass(frozen=True)
class Office:
    """An instance, and all that a deed needs of it."""

    settings: Settings
    study: Study
    keys: Keys
    folder: Path

    @property
    def sheets(self) -> Path:
        return self.settings.study_folder

    def state(self) -> str:
        """All that the stores and the instance's folder hold, but the journal and the challenges that were used up.

        A challenge that was answered in vain is gone: nothing is done by that.
        """
        told = hashlib.sha256()
        for store in (self.study.stores.research, self.study.stores.identity, self.study.stores.office):
            with store.engine.connect() as connection:
                for name in sorted(set(inspect(store.engine).get_table_names()) - set(ASIDE)):
                    rows = connection.execute(select(literal_column("*")).select_from(table(name)))
                    told.update(repr((name, sorted(map(repr, rows)))).encode())
        files = [*self.settings.home.rglob("*"), *self.folder.iterdir()]
        for file in sorted(file for file in files if file.is_file() and ".db" not in file.name):
            told.update(f"{file}".encode() + file.read_bytes())
        return told.hexdigest()


def office_in(tmp_path: Path, keys: Keys) -> Office:
    form, out = tmp_path / "visitors.md", tmp_path / "out"
    out.mkdir()
    form.write_text(FORM, "utf-8")
    make_folder(tmp_path / "instance", STUDY, demo=True)
    settings = read_settings(tmp_path / "instance", {})
    copy_study(form, settings.study_folder, plain_path=True)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    add_keys(stores.office, STUDY, keys.keyring.to_json(), TODAY)
    study = open_study(STUDY, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    employ(study.stores.office, "Mara")
    offered_secret(study.stores.office, STAFF_KEYS, "a session", "Mara", NOW)
    for name in ("Tablet 1", "Tablet 2"):
        enrol_tablet(study, new_enrolment(study, name, "", NOW), NOW)
    invite(study, **vars(WANTED))
    return Office(settings, study, keys, out)


def bring(o: Office) -> None:
    begin_draft(o.sheets, "questionnaire", Upload("again.md", FORM.encode()), pen_of(o.study, "Mara", TODAY))


def classify(o: Office) -> None:
    decisions = [one.likely for one in to_decide(o.sheets, "questionnaire")]
    decide(o.sheets, "questionnaire", decisions, pen_of(o.study, "Mara", TODAY))


def take_up(o: Office) -> None:
    found = compare(o.study.stores.office, STUDY, o.sheets, draft_folder(o.sheets))
    adopt(o.study.stores.office, found, o.sheets, TODAY, "Mara", True)


def refuse(o: Office) -> None:
    found = compare(o.study.stores.office, STUDY, o.sheets, o.sheets)
    refuse_adoption(pen_of(o.study, "Mara", TODAY), found)


def mara(o: Office) -> StaffMember:
    found = staff_named(o.study.stores.office, "Mara")
    assert found
    return found


def connect(o: Office) -> None:
    code = code_at(offered_secret(o.study.stores.office, STAFF_KEYS, "a session", "Mara", NOW), NOW)
    confirm_totp(o.study.stores.office, STAFF_KEYS, "a session", mara(o), code, NOW)


def another_password(o: Office) -> None:
    door = Door(o.study.stores.office, STAFF_KEYS, Paces(), None, "")
    change_password(door, "a token", mara(o), PASSWORD, "violet harbour seven kettles", NOW)


def order_of(o: Office) -> bytes:
    return an_order(o.keys.identity, STUDY, forget=[b"r" * 16])


# In this order: a later one stands on what an earlier one did.
DEEDS: tuple[Deed, ...] = (
    (Act.KEYS_ADDED, lambda o: add_keys(o.study.stores.office, STUDY, o.keys.keyring.to_json(), TODAY)),
    (Act.BUNDLE_MADE, lambda o: make_bundle(o.study, o.folder / "bundle", "Mara", TODAY, "research")),
    (Act.ORDER_CARRIED_OUT, lambda o: carry_out(o.study, order_of(o), TODAY, "Mara")),
    (Act.TABLET_ENROLMENT_OPENED, lambda o: begin_enrolment(o.study, "Mara", "Tablet 3", "", NOW)),
    (Act.TABLET_REVOKED, lambda o: revoke(o.study, "Mara", "Tablet 1", TODAY)),
    (Act.INVITATIONS_MADE, lambda o: make_invitations(o.study, "Mara", WANTED, 2, TODAY)),
    (Act.INVITATION_WITHDRAWN, lambda o: withdraw_alike(o.study, "Mara", batches(o.study, TODAY)[0].key, TODAY)),
    (Act.DRAFT_FORM_BROUGHT, bring),
    (Act.DRAFT_NAMED, lambda o: name_draft(o.sheets, "2", pen_of(o.study, "Mara", TODAY))),
    (Act.DRAFT_CLASSIFIED, classify),
    (Act.STUDY_ADDED, take_up),
    (Act.DRAFT_DROPPED, lambda o: drop_draft(o.sheets, pen_of(o.study, "Mara", TODAY))),
    (Act.SIGNED_IN, lambda o: begin_session(o.study.stores.office, "Mara", NOW)),
    (Act.SECOND_FACTOR_SET, connect),
    (Act.RECOVERY_CODES_MADE, lambda o: make_recovery_codes(o.study.stores.office, mara(o), TODAY)),
    (Act.PASSWORD_CHANGED, another_password),
    (Act.JOURNAL_KEY_RENEWED, lambda o: renew_journal_key(o.study.stores.office, o.settings.journal_key, "x", TODAY)),
)
# These change nothing but the journal.
WRITTEN_ONLY: tuple[Deed, ...] = (
    (Act.CHECKPOINT_MADE, lambda o: checkpoint(o.study, "Mara", TODAY)),
    (Act.NOT_PERMITTED, lambda o: write_not_permitted(pen_of(o.study, "Idris", TODAY), "read the journal")),
    (Act.ADOPTION_REFUSED, refuse),
    (Act.HOLD_SET, lambda o: set_hold(o.study, HELD, "Mara", TODAY)),
    (Act.HOLD_LIFTED, lambda o: lift_hold(o.study, LIFTED, "Mara", TODAY)),
)
