"""Our sealing agrees with the published vectors of RFC 9180 and of X-Wing, by way of a key schedule written apart."""

from __future__ import annotations

import json
from pathlib import Path

from privacy.documents import canonical
from privacy.envelope import DOCUMENT, Context, Envelope, Suite, frame, unframe
from privacy.opening import PrivateKey
from privacy.sealing import seal
from tests.conftest import Keys
from tests.privacy.hpke_by_hand import AES_128_GCM, AES_256_GCM, X25519, XWING, schedule, x25519_secret

VECTORS = Path(__file__).parents[1] / "vectors"
CONTEXT = Context("research", "working_together", "ab" * 32, bytes(16))


def vector(name: str) -> dict[str, str]:
    return json.loads((VECTORS / name).read_text("utf-8"))


def octets(told: dict[str, str], name: str) -> bytes:
    return bytes.fromhex(told[name])


def test_the_schedule_by_hand_gives_the_rfcs_own_vector() -> None:
    told = vector("rfc9180_a1_1.json")
    secret = x25519_secret(octets(told, "skRm"), octets(told, "enc"))
    assert secret == octets(told, "shared_secret")
    made = schedule(X25519, AES_128_GCM, secret, octets(told, "info"))
    assert (made.key, made.nonce) == (octets(told, "key"), octets(told, "base_nonce"))
    assert made.open(octets(told, "ct"), octets(told, "aad")) == octets(told, "pt")


def test_the_schedule_by_hand_opens_what_we_seal_with_suite_1(keys: Keys) -> None:
    envelope = seal({"a": "ب"}, keys.research.public(), CONTEXT, 2048, Suite.X25519)
    secret = x25519_secret(keys.research._x25519.private_bytes_raw(), envelope.sealed[:32])
    made = schedule(X25519, AES_256_GCM, secret, CONTEXT.info(Suite.X25519, envelope.key_id))
    assert unframe(made.open(envelope.sealed[32:])) == (DOCUMENT, canonical({"a": "ب"}))


def test_the_published_x_wing_seed_gives_the_published_public_key() -> None:
    told = vector("xwing_draft08.json")
    public = PrivateKey("research", "working_together", octets(told, "seed")).public().xwing.hex()
    assert len(public) == 2 * 1216
    assert public.startswith(told["public_key_begins"])
    assert public.endswith(told["public_key_ends"])


def test_we_open_what_the_published_x_wing_secret_sealed() -> None:
    told = vector("xwing_draft08.json")
    key = PrivateKey("research", "working_together", octets(told, "seed"))
    key_id = key.public().key_id(Suite.XWING)
    made = schedule(XWING, AES_256_GCM, octets(told, "shared_secret"), CONTEXT.info(Suite.XWING, key_id))
    sealed = octets(told, "ciphertext") + made.seal(frame(DOCUMENT, canonical({"a": 1}), 2048))
    assert key.open(Envelope(Suite.XWING, key_id, sealed), CONTEXT) == {"a": 1}
