"""What the page seals is what Python would have sealed: vectors, documents, both suites, and nothing when it fails."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from playwright.sync_api import Browser, Error

from fieldwork.documents import FinishedVisit, identity_documents, research_document
from fieldwork.keeping import length_of
from fieldwork.plan import plan_of
from fieldwork.study import Study
from instruments.consent import gate
from instruments.model import Block, Instrument
from privacy.documents import canonical
from privacy.envelope import Context, Envelope, Suite, frame, sealed_length
from privacy.receipts import cut_off, labels_of, read_receipt
from tests.browser.laboratory import Laboratory, laboratory
from tests.conftest import Keys
from tests.house.served import Served
from tests.visits import amina

VECTORS = Path(__file__).parents[1] / "vectors"
NOW = [2026, 10, 23]  # 23 November, as the page counts months
TODAY = date(2026, 11, 23)
# RFC 9180, appendix A.1.1: the private key of the ephemeral pair, which the vector file of the opener has no use for.
EPHEMERAL = "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"
WITHOUT_ML_KEM = "crypto.subtle.encapsulateBits = () => Promise.reject(new Error('not here'));"
HEX = """
  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
"""


def vector(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / name).read_text("utf-8"))


@pytest.fixture
def study(standing_study: Study) -> Study:
    """Nothing is stored here, so one study serves every test."""
    return standing_study


def test_sha3_is_hashlibs(lab: Laboratory) -> None:
    chance = random.Random(3)
    texts = [chance.randbytes(length) for length in (*range(0, 280, 7), 135, 136, 137, 271, 272, 1000)]
    made = lab.call("sha3", HEX + "return told.map((one) => hex(m.sha3(bytes(one))));", [one.hex() for one in texts])
    assert made == [hashlib.sha3_256(one).hexdigest() for one in texts]


def test_dhkem_and_the_key_schedule_are_the_rfcs(lab: Laboratory) -> None:
    told = vector("rfc9180_a1_1.json")
    made = lab.call(
        "hpke",
        HEX
        + """
        const pkcs8 = bytes("302e020100300506032b656e04220420" + told.ephemeral), X = { name: "X25519" };
        const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, X, false, ["deriveBits"]);
        const publicKey = await crypto.subtle.importKey("raw", bytes(told.enc), X, true, []);
        const { enc, secret } = await m.dhkem(bytes(told.pkRm), { privateKey, publicKey });
        const suite = bytes(told.suite), none = new Uint8Array();
        const context = m.join(new Uint8Array([0]), await m.extract(suite, "", "psk_id_hash", none),
            await m.extract(suite, "", "info_hash", bytes(told.info)));
        const prk = await m.extract(suite, secret, "secret", none);
        return { enc: hex(enc), shared_secret: hex(secret), key: hex(await m.expand(suite, prk, "key", context, 16)),
            base_nonce: hex(await m.expand(suite, prk, "base_nonce", context, 12)) };
        """,
        # The vector's suite has AES-128-GCM; the schedule is the same but for its name.
        told | {"ephemeral": EPHEMERAL, "suite": (b"HPKE" + bytes.fromhex("002000010001")).hex()},
    )
    assert made == {name: told[name] for name in ("enc", "shared_secret", "key", "base_nonce")}


def test_the_combiner_is_x_wings(lab: Laboratory) -> None:
    told = vector("xwing_draft08.json")
    seeds = hashlib.shake_256(bytes.fromhex(told["seed"])).digest(96)
    sealed = bytes.fromhex(told["ciphertext"])
    mlkem, x25519 = MLKEM768PrivateKey.from_seed_bytes(seeds[:64]), X25519PrivateKey.from_private_bytes(seeds[64:])
    parts = [
        mlkem.decapsulate(sealed[:1088]),
        x25519.exchange(X25519PublicKey.from_public_bytes(sealed[1088:])),
        sealed[1088:],
        x25519.public_key().public_bytes_raw(),
    ]
    body = HEX + "return hex(m.combine(...told.map(bytes)));"
    assert lab.call("hpke", body, [part.hex() for part in parts]) == told["shared_secret"]


def test_receipts_and_labels_are_those_of_the_vectors(lab: Laboratory) -> None:
    told = vector("receipt_v1.json")
    body = (
        HEX
        + """
      return Promise.all(told.receipts.map(async ({ code }) => {
        const labels = await m.labelsOf(code, told.study);
        return { grouped: m.grouped(code), check: m.checkSymbol(code.slice(0, -1)) === code.at(-1),
          participant: hex(labels.participant),
          research_proof: hex(labels.proofs.research), identity_proof: hex(labels.proofs.identity),
          research_tag: hex(labels.research), identity_tag: hex(labels.identity), person: hex(labels.person) };
      }));"""
    )
    names = ("grouped", "participant", "research_proof", "identity_proof", "research_tag", "identity_tag", "person")
    wanted = [{name: one[name] for name in names} | {"check": True} for one in told["receipts"]]
    assert lab.call("receipts", body, told) == wanted


def test_a_receipt_of_the_page_is_one_that_python_reads(lab: Laboratory) -> None:
    body = "return Array.from({ length: 200 }, () => m.grouped(m.newReceipt()));"
    made = lab.call("receipts", body)
    assert [read_receipt(code).grouped for code in made] == made
    assert len(set(made)) == 200


def test_the_last_day_on_the_slip_is_pythons(lab: Laboratory) -> None:
    days = [date(2026, 1, 1) + timedelta(day) for day in range(1000)]
    body = """return told.map(([year, month, day]) => {
      const end = m.cutOff(new Date(year, month - 1, day, 23, 59), 28);
      return [end.getFullYear(), end.getMonth() + 1, end.getDate()]; });"""
    made = lab.call("receipts", body, [[day.year, day.month, day.day] for day in days])
    ends = [cut_off(day, 28) for day in days]
    assert made == [[end.year, end.month, end.day] for end in ends]


def some_document(chance: random.Random, depth: int = 0) -> Any:
    texts = ["", 'a"b\\c', "line\nbreak\ttab\x7f", "مرحبا", "পুলিশ", "😀 e\u0301", "\u2028", "</script>", "\x01\x1f"]
    kinds = [
        lambda: chance.choice(texts),
        lambda: chance.randint(-(2**53) + 1, 2**53 - 1),
        lambda: chance.random() < 0.5,
    ]
    if depth < 3:
        kinds += [
            lambda: [some_document(chance, depth + 1) for _ in range(chance.randint(0, 4))],
            lambda: {
                chance.choice("abcXYZ_0") * chance.randint(1, 3): some_document(chance, depth + 1) for _ in range(4)
            },
        ]
    return chance.choice(kinds)()


def test_canonical_json_and_frames_are_pythons_byte_for_byte(lab: Laboratory) -> None:
    chance = random.Random(9)
    documents = [{"all": some_document(chance)} for _ in range(1500)]
    body = HEX + "return told.map((one) => hex(m.frame(one, 8192)));"
    made = lab.call("seal", body, documents)
    assert made == [frame(1, canonical(one), 8192).hex() for one in documents]


@pytest.mark.parametrize("value", ["1.5", "null", "undefined", "{'é': 1}", "NaN", "2 ** 53", "'\\ud800'"])
def test_what_has_no_canonical_spelling_is_not_sealed(lab: Laboratory, value: str) -> None:
    with pytest.raises(Error):
        lab.call("seal", f"return m.canonical({{ a: {value} }});")


def test_a_document_that_does_not_fit_is_not_sealed_longer(lab: Laboratory) -> None:
    with pytest.raises(Error, match="fixed length"):
        lab.call("seal", "return m.frame({ a: 'x'.repeat(2048) }, 2048);")


def test_info_binds_what_python_binds(lab: Laboratory) -> None:
    told = vector("envelope_v1.json")
    body = (
        HEX
        + """
      const context = { ...told.context, recordId: bytes(told.context.record_id) };
      const info = (suite) => hex(m.infoOf(context, suite, bytes(told.key_ids[suite])));
      return { 1: info(1), 2: info(2) };"""
    )
    assert lab.call("seal", body, told) == told["info"]


PARCELS = ("research", "identity", "contact", "link")


@pytest.fixture
def visit(study: Study) -> FinishedVisit:
    said = {name: values[0] for name, values in amina(study.instrument, o_quote="yes", o_recontact="yes").items()}
    answers = {"site": 1, "sex": -2, "yp_contact": (1, 3), "yp_text_1": "Listen first. أولاً 😀"}
    consent = gate(study.instrument, "young_person", 19, said)
    return FinishedVisit("young_person", "en", "interviewer", answers, consent, {"v_name": "Amina"}, "K7")


def as_told(visit: FinishedVisit) -> dict[str, Any]:
    consent = {
        "route": visit.consent.route,
        "statements": [list(one) for one in visit.consent.statements],
        "choices": dict(visit.consent.choices),
    }
    answers = {name: list(one) if isinstance(one, tuple) else one for name, one in visit.answers.items()}
    return {
        "answers": answers,
        "consent": consent,
        "contact": dict(visit.contact),
        "mode": visit.mode,
        "language": visit.language,
        "interviewer": visit.interviewer,
    }


SEAL = """
  const keyring = await (await load("keyring")).readKeyring(new TextEncoder().encode(told.keyring), told.pin);
  return m.sealVisit(told.plan, keyring, told.visit, new Date(...told.now)).then(({ code, until, delivery }) =>
    ({ code, until: [until.getFullYear(), until.getMonth() + 1, until.getDate()], delivery }));
"""


def handed_in(study: Study, visit: FinishedVisit, **more: Any) -> dict[str, Any]:
    assert study.keyring
    return {
        "plan": plan_of(study, "young_person", "en"),
        "keyring": study.keyring.to_json().decode(),
        "pin": study.keyring.pin,
        "visit": as_told(visit),
        "now": NOW,
    } | more


@pytest.mark.parametrize(("before", "suite"), [("", Suite.XWING), (WITHOUT_ML_KEM, Suite.X25519)])
def test_what_chromium_seals_python_opens(
    browser: Browser, standing: Served, study: Study, keys: Keys, visit: FinishedVisit, before: str, suite: Suite
) -> None:
    with laboratory(browser, standing.url, before) as lab:
        made = lab.call("documents", SEAL, handed_in(study, visit))
    receipt = read_receipt(made["code"])
    labels = labels_of(receipt, study.name)
    assert made["until"] == [2026, 12, 27]
    documents = (research_document(study, visit, labels, TODAY), *identity_documents(study, visit, labels, TODAY))
    tags = {"research": labels.research_tag.hex(), "identity": labels.identity_tag.hex()}
    for name, wanted in zip(PARCELS, documents, strict=True):
        key = keys.research if name == "research" else keys.identity
        parcel = made["delivery"][name]
        sealed = base64.b64decode(parcel["envelope"])
        envelope, length = Envelope.parse(sealed), length_of(study.instrument, key.purpose, str(wanted["kind"]))
        assert (envelope.suite, len(sealed)) == (suite, sealed_length(suite, length))
        context = Context(key.purpose, study.name, study.instrument.digest, bytes.fromhex(parcel["id"]))
        assert canonical(key.open(envelope, context)) == canonical(wanted)
        assert parcel.get("tag") == tags.get(name)


def test_where_consent_is_signed_too(lab: Laboratory, study: Study, visit: FinishedVisit) -> None:
    signed = replace(study, instrument=with_signature(study.instrument))
    typed = {"v_name": "Amina", "v_phone": "07700 900123", "v_signature": "Amina K. أمينة"}
    visit = replace(visit, contact=typed, language="ur")
    labels = labels_of(read_receipt(vector("receipt_v1.json")["receipts"][0]["code"]), study.name)
    told = {"plan": plan_of(signed, "young_person", "ur"), "visit": as_told(visit), "now": NOW}
    told["labels"] = {"person": list(labels.person)}
    body = """const given = [told.plan, told.visit, { person: told.labels.person }, new Date(...told.now)];
      return [m.consentDocument(...given), m.contactDocument(...given)];"""
    made = lab.call("documents", body, told)
    assert made == list(identity_documents(signed, visit, labels, TODAY)[:2])
    assert made[0]["record"]["attested"] == {"v_name": "Amina", "v_signature": "Amina K. أمينة"}
    assert made[1]["contact"] == {"v_name": "Amina", "v_phone": "07700 900123"}


def with_signature(instrument: Instrument) -> Instrument:
    """The study as it is where consent is signed."""
    signature = replace(instrument.item("v_name"), name="v_signature", relevant=None)
    parts = tuple(
        replace(part, blocks=(*part.blocks, Block("signature", (signature,)))) if part.name == "contact" else part
        for part in instrument.parts
    )
    return replace(instrument, parts=parts, consent_route="signed")


def test_two_visits_share_nothing(lab: Laboratory, study: Study, visit: FinishedVisit) -> None:
    first, second = (lab.call("documents", SEAL, handed_in(study, visit)) for _ in range(2))
    assert first["code"] != second["code"]
    for name in PARCELS:
        one, two = first["delivery"][name], second["delivery"][name]
        assert [name for name in one if one[name] == two[name]] == []


@pytest.mark.parametrize(
    "more",
    [
        {"pin": "A" * 22},
        {"keyring": "{}"},
        {"keyring": '{"format":"amanah-keyring","keys":[],"study":"working_together","version":1}', "pin": ""},
    ],
)
def test_to_keys_that_are_not_the_pinned_ones_nothing_is_sealed(
    lab: Laboratory, study: Study, visit: FinishedVisit, more: dict[str, Any]
) -> None:
    with pytest.raises(Error):
        lab.call("documents", SEAL, handed_in(study, visit, **more))


def test_another_studys_keys_are_refused(lab: Laboratory, study: Study, visit: FinishedVisit) -> None:
    plan = plan_of(study, "young_person", "en") | {"study": "another"}
    with pytest.raises(Error, match="another study"):
        lab.call("documents", SEAL, handed_in(study, visit, plan=plan))


@pytest.mark.parametrize(
    "broken",
    [
        "crypto.subtle.encrypt = () => Promise.reject(new Error('broken'));",
        "crypto.subtle.deriveBits = () => Promise.reject(new Error('broken'));",
        "crypto.subtle.encrypt = () => new Promise(() => {}); const wait = setTimeout;"
        "setTimeout = (deed) => wait(deed, 50);",
    ],
)
def test_when_sealing_fails_or_hangs_nothing_comes_out(
    browser: Browser, standing: Served, study: Study, visit: FinishedVisit, broken: str
) -> None:
    with laboratory(browser, standing.url, broken) as lab, pytest.raises(Error, match="broken|too long"):
        lab.call("documents", SEAL, handed_in(study, visit))


def test_sealing_is_quick_enough_for_a_slow_phone(
    browser: Browser, standing: Served, study: Study, visit: FinishedVisit
) -> None:
    with laboratory(browser, standing.url) as lab:
        lab.call("documents", SEAL, handed_in(study, visit))
        tools = lab.page.context.new_cdp_session(lab.page)
        tools.send("Emulation.setCPUThrottlingRate", {"rate": 6})
        body = (
            "const start = performance.now();"
            + SEAL.replace("return m", "await m")
            + "return performance.now() - start;"
        )
        taken = sorted(lab.call("documents", body, handed_in(study, visit)) for _ in range(9))
    # The figure is under 50 ms (docs); a test of a busy machine only shows that it is not another order.
    assert taken[4] < 500
    print(f"sealing one visit at a sixth of the speed: {taken[4]:.1f} ms")
