"""What visits are sealed to is what the signed journal says: a keyring in the database alone is sealed to by nobody."""

from __future__ import annotations

from flask.testing import FlaskClient

from commands import opened_study
from config import Settings
from fieldwork.instance import renew_journal_key, reread
from fieldwork.study import Study
from privacy.keys import Keyring
from storage.journal import Act, write_entry
from storage.journal_key import new_key_file
from storage.office import add_keyring
from storage.stores import close_stores
from tests.approving import Here
from tests.conftest import TODAY, Keys
from tests.storage.tampering import put


def begun(settings: Settings) -> Keyring | None:
    """What an app that starts now would seal to."""
    study = opened_study(settings)
    close_stores(study.stores)
    return study.keyring


def test_a_keyring_in_the_database_alone_is_sealed_to_by_nobody(
    signed_in: FlaskClient, settings: Settings, study: Study
) -> None:
    here, true = Here(settings, study), study.keyring
    add_keyring(study.stores.office, here.new_keys())
    assert (reread(study, here.folder).keyring, begun(settings)) == (true, true)
    assert "does not say that the newest public keys here were added" in signed_in.get("/office/health").text
    page = signed_in.get("/office/keys").text
    assert "Newer public keys are here that nothing is sealed to" in page
    assert true
    assert page.index(true.fingerprint) > page.index("The whole keyring")


def test_keys_of_before_do_not_come_back_through_the_database(settings: Settings, study: Study, keys: Keys) -> None:
    here, office = Here(settings, study), study.stores.office
    data = here.new_keys()
    write_entry(office, "Nadia", Act.KEYS_ADDED, TODAY, detail=Keyring.from_json(data).fingerprint)
    # Cut short here, between the entry and its deed, the keys of before count.
    assert begun(settings) == keys.keyring
    add_keyring(office, data)
    add_keyring(office, keys.keyring.to_json())
    assert begun(settings) == Keyring.from_json(data)


def test_after_the_journals_key_was_renewed_the_keys_stay(settings: Settings, study: Study, keys: Keys) -> None:
    renew_journal_key(study.stores.office, settings.journal_key, "lost", TODAY)
    assert begun(settings) == keys.keyring


def test_without_its_key_a_journal_says_nothing_and_visits_go_on(
    signed_in: FlaskClient, settings: Settings, keys: Keys
) -> None:
    settings.journal_key.unlink()
    assert begun(settings) == keys.keyring
    assert "does not say that the newest public keys here were added" in signed_in.get("/office/health").text


def test_an_app_that_starts_upon_a_forged_journal_seals_to_nothing(settings: Settings, study: Study) -> None:
    office, kept = study.stores.office, settings.journal_key.read_bytes()
    put(office, [])
    settings.journal_key.write_bytes(new_key_file())
    data = Here(settings, study).new_keys()
    write_entry(office, "Mara", Act.INIT, TODAY)
    write_entry(office, "Mara", Act.KEYS_ADDED, TODAY, detail=Keyring.from_json(data).fingerprint)
    add_keyring(office, data)
    settings.journal_key.write_bytes(kept)
    assert begun(settings) is None
