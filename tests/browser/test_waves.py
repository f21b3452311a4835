"""The page carries a capsule from an invitation into the sealed records, and makes one that the desk opens."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser

from fieldwork.study import Study
from fieldwork.visits import FinishedVisit
from instruments.consent import gate
from privacy.capsules import capsule_of, read_capsule
from privacy.envelope import Context, Envelope
from privacy.receipts import labels_of, read_receipt
from tests.browser.laboratory import Laboratory, laboratory
from tests.browser.test_page_seals import SEAL, handed_in
from tests.conftest import Keys
from tests.house.served import Served
from tests.visits import amina

BEARER = """
  location.hash = told;
  const { token, pin, site, earlier } = await m.bearerNow(false);
  return { token, pin, site, earlier, left: location.hash };
"""


@pytest.fixture
def lab(browser: Browser, standing: Served) -> Iterator[Laboratory]:
    with laboratory(browser, standing.url) as ready:
        yield ready


def sealed(lab: Laboratory, study: Study, keys: Keys, earlier: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The receipt, the research record and the link of a visit that the page sealed."""
    said = {name: values[0] for name, values in amina(study.instrument).items()}
    visit = FinishedVisit("young_person", "en", "self", {"site": 1}, gate(study.instrument, "young_person", 19, said))
    told = handed_in(study, visit)
    told["visit"]["earlier"] = earlier
    made = lab.call("documents", SEAL, told)
    documents = []
    for name, key in (("research", keys.research), ("link", keys.identity)):
        parcel = made["delivery"][name]
        context = Context(key.purpose, study.name, study.instrument.digest, bytes.fromhex(parcel["id"]))
        documents.append(key.open(Envelope.parse(base64.b64decode(parcel["envelope"])), context))
    return made["code"], documents[0], documents[1]


def test_a_first_visit_makes_a_capsule_that_only_the_research_key_opens(
    lab: Laboratory, standing_study: Study, keys: Keys
) -> None:
    study = replace(standing_study, instrument=replace(standing_study.instrument, waves=2))
    code, record, link = sealed(lab, study, keys, "")
    label = labels_of(read_receipt(code), study.name).participant
    assert keys.research.open_capsule(*read_capsule(link["capsule"])) == label
    assert (record["wave"], record["earlier"]) == (1, "")


def test_a_capsule_that_was_brought_along_goes_into_the_record_and_on(
    lab: Laboratory, standing_study: Study, keys: Keys
) -> None:
    study = replace(standing_study, instrument=replace(standing_study.instrument, waves=2, wave=2))
    capsule = capsule_of(bytes(16), keys.research.public())
    _, record, link = sealed(lab, study, keys, capsule)
    assert (record["wave"], record["earlier"], link["capsule"]) == (2, capsule, capsule)


def test_a_study_that_asks_once_carries_nothing_on(lab: Laboratory, standing_study: Study, keys: Keys) -> None:
    _, record, link = sealed(lab, standing_study, keys, "A" * 98)
    assert not {"wave", "earlier"} & set(record)
    assert link["capsule"] == ""


@pytest.mark.parametrize(
    ("behind", "site", "earlier"),
    [("1.", "1", ""), ("1." + "c" * 98, "1", "c" * 98), ("." + "c" * 98, "", "c" * 98), ("1." + "c" * 5000, "1", "")],
)
def test_the_link_of_an_invitation_is_read_and_leaves_the_address(
    lab: Laboratory, behind: str, site: str, earlier: str
) -> None:
    made = lab.call("bearer", BEARER, f"#token.pin.{behind}")
    assert made == {"token": "token", "pin": "pin", "site": site, "earlier": earlier, "left": ""}
