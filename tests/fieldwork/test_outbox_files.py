"""An outbox that was carried by hand is taken in only from an enrolled tablet, unchanged, and as often as one likes."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from app import create_app
from config import Settings
from errors import DeliveryRefused, NotAdmitted
from fieldwork.admissions import enrol_tablet, hash_of, new_enrolment
from fieldwork.keeping import length_of
from fieldwork.outbox_files import take_in_file
from fieldwork.study import Study
from fieldwork.withdrawal import withdraw
from privacy.documents import canonical
from privacy.envelope import Context
from privacy.receipts import Receipt, labels_of, new_receipt
from privacy.sealing import seal
from storage.admissions import revoke_tablet
from storage.vaults import Vault, count
from tests.conftest import TODAY, counted_bytes

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def token(study: Study) -> str:
    """The token of an enrolled tablet."""
    return enrol_tablet(study, new_enrolment(study, "T1", "1", NOW), NOW)[0]


def parcel(study: Study, vault: Vault, kind: str, seed: str, **tag: str) -> dict[str, str]:
    record_id = counted_bytes(f"{seed} {kind}")(16)
    context = Context(vault.purpose, study.name, study.instrument.digest, record_id)
    assert study.keyring
    length = length_of(study.instrument, vault.purpose, kind)
    envelope = seal({"seed": seed}, study.keyring.active(vault.purpose), context, length)
    return {"id": record_id.hex(), "envelope": base64.b64encode(envelope.to_bytes()).decode(), **tag}


def delivery(study: Study, receipt: Receipt, seed: str) -> dict[str, object]:
    labels = labels_of(receipt, study.name)
    return {
        "format": "amanah-delivery",
        "version": 2,
        "instrument": study.instrument.digest,
        "group": "young_person",
        "research": parcel(study, study.stores.research, "record", seed, tag=labels.research_tag.hex()),
        "identity": parcel(study, study.stores.identity, "consent", seed, tag=labels.identity_tag.hex()),
        "contact": parcel(study, study.stores.identity, "contact", seed),
        "link": parcel(study, study.stores.identity, "link", seed),
    }


def outbox(token: str, deliveries: list[dict[str, object]]) -> bytes:
    written = canonical({"format": "amanah-outbox", "version": 1, "deliveries": deliveries})
    return written + b"\n" + hmac.digest(hash_of(token), written, "sha256").hex().encode() + b"\n"


@pytest.fixture
def receipts() -> list[Receipt]:
    random_bytes = counted_bytes("receipts of an outbox")
    return [new_receipt(random_bytes) for _ in range(3)]


@pytest.fixture
def carried(study: Study, token: str, receipts: list[Receipt]) -> bytes:
    """Three visits in a file."""
    return outbox(token, [delivery(study, receipt, str(place)) for place, receipt in enumerate(receipts)])


def kept(study: Study) -> tuple[int, float]:
    """Visits in each vault: the identity vault has three records of each."""
    return count(study.stores.research), count(study.stores.identity) / 3


def test_every_visit_is_kept_once_however_often_the_file_comes(study: Study, carried: bytes) -> None:
    first, second = take_in_file(study, carried, TODAY), take_in_file(study, carried, TODAY)
    assert (first.new, first.known, second.new, second.known) == (3, 0, 0, 3)
    assert kept(study) == (3, 3)


def test_a_visit_that_was_withdrawn_before_is_left_out(study: Study, carried: bytes, receipts: list[Receipt]) -> None:
    withdraw(study, receipts[1].code, TODAY)
    done = take_in_file(study, carried, TODAY)
    assert (done.new, done.withdrawn) == (2, 1)
    assert kept(study) == (2, 2)


def test_a_file_that_was_changed_is_refused_whole(study: Study, carried: bytes) -> None:
    with pytest.raises(NotAdmitted, match="changed"):
        take_in_file(study, carried.replace(b"young_person", b"police_officer", 1), TODAY)
    assert kept(study) == (0, 0)


def test_a_file_of_a_revoked_tablet_or_of_none_is_refused(study: Study, carried: bytes) -> None:
    with pytest.raises(NotAdmitted, match="No tablet"):
        take_in_file(study, outbox("another token", []), TODAY)
    revoke_tablet(study.stores.office, "T1")
    with pytest.raises(NotAdmitted, match="'T1'.*revoked"):
        take_in_file(study, carried, TODAY)
    assert kept(study) == (0, 0)


@pytest.mark.parametrize("data", [b"", b"{}\n", b"{}\nzz\n", b"{}\n00\n\n", b"\xff\n\xff\n", b"[]\n00"])
def test_anything_else_is_refused_with_a_sentence(study: Study, data: bytes) -> None:
    with pytest.raises(DeliveryRefused, match="not a sealed outbox file"):
        take_in_file(study, data, TODAY)


@pytest.mark.parametrize(
    "written", [b"{}", b"[]", b"nonsense", b'{"format":"amanah-outbox","version":2,"deliveries":[]}']
)
def test_a_marked_file_of_another_version_is_refused(study: Study, token: str, written: bytes) -> None:
    mark = hmac.digest(hash_of(token), written, "sha256").hex().encode()
    with pytest.raises(DeliveryRefused):
        take_in_file(study, written + b"\n" + mark + b"\n", TODAY)


def test_one_bad_visit_does_not_hold_the_others_back(
    study: Study, token: str, receipts: list[Receipt], settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    bad = json.loads(json.dumps(delivery(study, receipts[0], "bad"))) | {"group": "nobody"}
    file = tmp_path / "visits.amanah"
    file.write_bytes(outbox(token, [bad, delivery(study, receipts[1], "good")]))
    monkeypatch.setenv("AMANAH_HOME", str(settings.home))
    runner = CliRunner()
    said = runner.invoke(create_app(settings).cli, ["deliver", str(file)])
    assert said.exit_code == 1
    assert "1 visits taken in" in said.output
    assert "1 refused: This study has no such group." in said.output
    assert kept(study) == (1, 1)
