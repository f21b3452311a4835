"""Write the vectors of our own formats from fixed inputs: `python -m tests.vectors.make_vectors`.

The same inputs give the same bytes. Nothing here calls our sealing: suite 1 is sealed by hand with a fixed ephemeral
key, suite 2 with the ciphertext and secret of the published X-Wing vector. So every implementation can check itself
against these files, in opening and in framing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from privacy.documents import canonical
from privacy.envelope import DOCUMENT, Context, Suite, frame
from privacy.key_files import HeldShare, lock, lock_share
from privacy.opening import PrivateKey
from privacy.pseudonyms import pseudonym, pseudonym_key
from privacy.receipts import labels_of, new_receipt
from privacy.shares import read_share, rebuild
from tests.privacy.hpke_by_hand import (
    AES_256_GCM,
    X25519,
    XWING,
    labelled_expand,
    labelled_extract,
    schedule,
    two,
)

HERE = Path(__file__).parent
PUBLISHED = json.loads((HERE / "xwing_draft08.json").read_text("utf-8"))
STUDY, DIGEST, RECORD = "working_together", hashlib.sha256(b"an instrument").hexdigest(), bytes(range(16))
KEY = PrivateKey("research", STUDY, bytes.fromhex(PUBLISHED["seed"]))
ORDERS = PrivateKey("identity", STUDY, bytes.fromhex(PUBLISHED["seed"]))
CONTEXT = Context("research", STUDY, DIGEST, RECORD)
DOCUMENTS: list[dict[str, Any]] = [
    {"format": 1, "answers": {"site": 1, "yp_contact": [1, 2], "yp_text_1": "Listen first."}},
    {"format": 1, "answers": {"yp_text_1": 'سنیں "پہلے" \\ \n শোনা 😀'}},
    {"z": "", "a": -9, "list": [], "yes": True},
]
SHARES = json.loads((HERE / "slip39.json").read_text("utf-8"))[-1][1]
PHRASE = "a quiet room with good light ﬁrst"


def fixed(seed: str):
    """Bytes that follow from a seed."""
    return lambda length: hashlib.shake_256(seed.encode()).digest(length)


def sealed_with(suite: Suite, plaintext: bytes, context: Context = CONTEXT) -> bytes:
    """A whole envelope, sealed by hand."""
    public = KEY.public()
    info = context.info(suite, public.key_id(suite))
    if suite is Suite.XWING:
        enc, secret, kem = bytes.fromhex(PUBLISHED["ciphertext"]), bytes.fromhex(PUBLISHED["shared_secret"]), XWING
    else:
        enc, secret, kem = *_encapsulate(public.x25519), X25519
    made = schedule(kem, AES_256_GCM, secret, info)
    return b"AMN1" + bytes([suite]) + public.key_id(suite) + enc + made.seal(plaintext)


def _encapsulate(public: bytes) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    ephemeral = X25519PrivateKey.from_private_bytes(fixed("ephemeral")(32))
    enc, suite = ephemeral.public_key().public_bytes_raw(), b"KEM" + two(X25519)
    prk = labelled_extract(suite, b"", b"eae_prk", ephemeral.exchange(X25519PublicKey.from_public_bytes(public)))
    return enc, labelled_expand(suite, prk, b"shared_secret", enc + public, 32)


def envelopes() -> dict[str, Any]:
    """Envelopes that open, and envelopes that must not, each with the reason."""
    good = [
        {
            "suite": int(suite),
            "document": document,
            "envelope": sealed_with(suite, frame(DOCUMENT, canonical(document), 2048)).hex(),
        }
        for suite in Suite
        for document in DOCUMENTS
    ]
    return {
        "format": "amanah envelope 1",
        "seed": PUBLISHED["seed"],
        "key_ids": {str(int(suite)): KEY.public().key_id(suite).hex() for suite in Suite},
        "context": {"purpose": "research", "study": STUDY, "instrument": DIGEST, "record_id": RECORD.hex()},
        "info": {str(int(suite)): CONTEXT.info(suite, KEY.public().key_id(suite)).hex() for suite in Suite},
        "opens": good,
        "refused": [{"reason": reason, "envelope": data.hex()} for reason, data in _refused().items()],
    }


def _refused() -> dict[str, bytes]:
    plaintext = frame(DOCUMENT, canonical(DOCUMENTS[0]), 2048)
    whole = sealed_with(Suite.X25519, plaintext)
    return {
        "another magic": b"AMN2" + whole[4:],
        "unknown suite": whole[:4] + b"\x03" + whole[5:],
        "another key id": whole[:5] + bytes(8) + whole[13:],
        "suite 1 said to be suite 2": whole[:4] + b"\x02" + whole[5:],
        "last bit flipped": whole[:-1] + bytes([whole[-1] ^ 1]),
        "cut by a block": whole[:-2048],
        "cut by a byte": whole[:-1],
        "padding not zero": sealed_with(Suite.X25519, plaintext[:-1] + b"\x01"),
        "unknown kind of content": sealed_with(Suite.X25519, b"\x07" + plaintext[1:]),
        "content longer than the frame": sealed_with(Suite.X25519, b"\x01\x00\x00\x08\x00" + plaintext[5:]),
        "not canonical": sealed_with(Suite.X25519, frame(DOCUMENT, b'{"a": 1}', 2048)),
        "a wrapped suite 2 envelope": sealed_with(Suite.XWING, frame(2, sealed_with(Suite.XWING, plaintext), 4096)),
    }


def capsules() -> dict[str, Any]:
    """A capsule that opens, and capsules that must not, each with the reason."""
    label, public = fixed("participant label")(16), KEY.public()
    key_id = public.key_id(Suite.X25519)
    info = b"".join(two(len(part)) + part for part in (b"amanah capsule 1", key_id, STUDY.encode()))
    enc, secret = _encapsulate(public.x25519)
    whole = b"\x01" + key_id + enc + schedule(X25519, AES_256_GCM, secret, info).seal(label)
    refused = {
        "another version": b"\x02" + whole[1:],
        "another key id": whole[:1] + bytes(8) + whole[9:],
        "last bit flipped": whole[:-1] + bytes([whole[-1] ^ 1]),
        "cut by a byte": whole[:-1],
    }
    written = {reason: base64.urlsafe_b64encode(data).rstrip(b"=").decode() for reason, data in refused.items()}
    return {
        "format": "amanah capsule 1",
        "study": STUDY,
        "seed": PUBLISHED["seed"],
        "participant": label.hex(),
        "capsule": base64.urlsafe_b64encode(whole).rstrip(b"=").decode(),
        "refused": [{"reason": reason, "capsule": text} for reason, text in written.items()],
    }


def desk_notes() -> dict[str, Any]:
    """A note that the desk keeps, and notes that must not open, each with the reason."""
    document = {"number": 1, "text": 'سنیں "শোনা" [name]', "who": "Mara"}

    def note(kind: str = "theme", study: str = STUDY, length: int = 2048) -> bytes:
        place = hashlib.sha256(f"amanah desk note 1 {kind}".encode()).hexdigest()
        context = Context("research", study, place, RECORD)
        framed = frame(DOCUMENT, canonical(document), length)
        return b"AMNNOTE1" + RECORD + sealed_with(Suite.XWING, framed, context)

    whole = note()
    refused = {
        "another version": b"AMNNOTE2" + whole[8:],
        "another note's id": whole[:8] + bytes(16) + whole[24:],
        "a note of another kind": note("ledger"),
        "a note of another study": note(study="another"),
        "sealed to another key": whole[:29] + bytes(8) + whole[37:],
        "last bit flipped": whole[:-1] + bytes([whole[-1] ^ 1]),
        "cut by a block": whole[:-2048],
        "a byte more": whole + b"\0",
        "nothing in it": b"",
    }
    return {
        "format": "amanah desk note 1",
        "seed": PUBLISHED["seed"],
        "study": STUDY,
        "kind": "theme",
        "note_id": RECORD.hex(),
        "document": document,
        "note": whole.hex(),
        "refused": [{"reason": reason, "note": data.hex()} for reason, data in refused.items()],
    }


def receipts() -> dict[str, Any]:
    """Receipts with their labels, and pseudonyms of their participants."""
    key = pseudonym_key(KEY.derive, "a purpose")
    told = []
    for number in range(8):
        receipt = new_receipt(fixed(f"receipt {number}"))
        labels = labels_of(receipt, STUDY)
        told.append(
            {
                "code": receipt.code,
                "grouped": receipt.grouped,
                "participant": labels.participant.hex(),
                "research_proof": labels.research_proof.hex(),
                "identity_proof": labels.identity_proof.hex(),
                "research_tag": labels.research_tag.hex(),
                "identity_tag": labels.identity_tag.hex(),
                "person": labels.person.hex(),
                "pseudonym": pseudonym(key, labels.participant),
            }
        )
    return {
        "format": "amanah receipt 1",
        "study": STUDY,
        "seed": PUBLISHED["seed"],
        "purpose": "a purpose",
        "receipts": told,
    }


def journals() -> dict[str, Any]:
    """A journal of four entries and its checkpoint, signed by hand; then each thing that must be found."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes_raw().hex()
    acts = ("init", "study_added", "tablet_revoked", "checkpoint_made")
    rows, before = [], "0" * 64
    for number, act in enumerate(acts, 1):
        told = {"act": act, "actor": 'Mara "M." نور', "before": before, "count": 0, "day": "2026-11-25"}
        told |= {"detail": "", "format": "amanah-journal-1", "key": public, "number": number, "reason": ""}
        written = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        before = hashlib.sha256(written.encode()).hexdigest()
        signature = key.sign(b"amanah-journal-1 entry\n" + written.encode()).hex()
        rows.append({"number": number, "entry": written, "hash": before, "signature": signature})
    said = f"Amanah journal checkpoint, version 1\nstudy: {STUDY}\nentries: 4\nhead: {before}\n"
    said += f"day: 2026-11-25\nkey: {public}\n"
    signature = key.sign(b"amanah-journal-1 checkpoint\n" + said.encode()).hex()
    checkpoint = f"{said}signature: {signature}\n"
    changed = rows[1] | {"entry": rows[1]["entry"].replace("Mara", "Eve")}
    right = changed | {"hash": hashlib.sha256(changed["entry"].encode()).hexdigest()}
    return {
        "seed": bytes(range(32)).hex(),
        "public": public,
        "fingerprint": hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16],
        "study": STUDY,
        "rows": rows,
        "checkpoint": checkpoint,
        "refused": {
            "edited": [rows[0], changed, *rows[2:]],
            "edited with a right hash": [rows[0], right, *rows[2:]],
            "first taken out": rows[1:],
            "one taken out": [*rows[:2], rows[3]],
            "swapped": [rows[0], rows[2], rows[1], rows[3]],
            "last taken out": rows[:3],
        },
    }


def key_files() -> dict[str, Any]:
    """One key file with its passphrase (NFKC makes two spellings of it one), and two custodians' files."""
    data = lock(KEY, PHRASE, fixed("key file"))
    told = {"format": "amanah-key 1", "passphrase": PHRASE, "seed": PUBLISHED["seed"], "file": data.decode()}
    return told | {"custodians": custodians()}


def custodians() -> dict[str, Any]:
    """An identity key in the files of two custodians: its shares are two of the published SLIP-39 vectors."""
    shares = [read_share(words) for words in SHARES]
    key = PrivateKey("identity", STUDY, rebuild(shares))
    files = []
    for name, words, share in zip(("Nadia", "نور"), SHARES, shares, strict=True):
        held = HeldShare(STUDY, key.public().short, name, share)
        data = lock_share(held, f"{PHRASE} {name}", fixed(f"key file of {name}"))
        files.append({"passphrase": f"{PHRASE} {name}", "words": words, "file": data.decode()})
    return {"seed": key.seed.hex(), "orders": key.public().orders.hex(), "files": files}


def orders() -> dict[str, Any]:
    """An order with the key that signed it, made by hand; then each thing that must be refused."""
    key = Ed25519PrivateKey.from_private_bytes(ORDERS.derive(b"amanah key 1 orders"))
    public, short = key.public_key().public_bytes_raw().hex(), ORDERS.public().short
    tags = {name: sorted(fixed(f"{name} {n}")(16).hex() for n in range(2)) for name in ("research", "identity")}
    told = {"format": "amanah-order", "version": 1, "study": STUDY, "key": short, **tags}
    told["forget"] = sorted(fixed(f"contact {n}")(16).hex() for n in range(3))

    def file(signer: Ed25519PrivateKey = key, prefix: bytes = b"amanah-order-1\n", **changed: Any) -> str:
        line = json.dumps(told | changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"{line}\n{signer.sign(prefix + line.encode()).hex()}\n"

    whole, other = file(), Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    digits = hashlib.sha256(whole.partition("\n")[0].encode()).hexdigest()
    return {
        "format": "amanah-order 1",
        "seed": PUBLISHED["seed"],
        "study": STUDY,
        "key": short,
        "public": public,
        "file": whole,
        "mark": " ".join(digits[at : at + 4] for at in (0, 4, 8, 12)),
        **{name: told[name] for name in ("research", "identity", "forget")},
        "refused": {
            "another study": file(study="another"),
            "another key's id": file(key="0" * 16),
            "signed by another key": file(other),
            "signed without its prefix": file(prefix=b""),
            "a tag changed": whole.replace(tags["research"][0], "0" * 32),
            "version 2": file(version=2),
            "nothing in it": file(research=[], identity=[], forget=[]),
            "a person with one tag": file(identity=tags["identity"][:1]),
            "not sorted": file(research=tags["research"][::-1]),
            "the same twice": file(forget=told["forget"][:1] * 2),
            "a short id": file(forget=["00"]),
            "capital digits": file(forget=[one.upper() for one in told["forget"]]),
            "something else in it": file(name="Amina"),
            "a line more": whole + "\n",
            "the last line cut": whole[:-1],
            "the line's end of another system": whole.replace("\n", "\r\n"),
        },
    }


MADE = {
    "capsule_v1.json": capsules,
    "desk_note_v1.json": desk_notes,
    "envelope_v1.json": envelopes,
    "receipt_v1.json": receipts,
    "key_file_v1.json": key_files,
    "journal_v1.json": journals,
    "order_v1.json": orders,
}

if __name__ == "__main__":
    for name, make in MADE.items():
        (HERE / name).write_text(json.dumps(make(), indent=1, ensure_ascii=False) + "\n", "utf-8")
