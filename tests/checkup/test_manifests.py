"""A manifest is believed only as its signer signed it, and the key that signs rests locked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkup.manifest import CONTEXT, AssetManifest, believed, manifest_of, read_signer, sha256, signed
from checkup.signing import lock, new_signing_key, public_hex, unlock
from errors import ManifestError
from privacy.documents import canonical
from tests.conftest import counted_bytes

ROOT = Path(__file__).parents[2]
PHRASE = "seven plain words that nobody guesses"


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return new_signing_key(counted_bytes("release key"))


@pytest.fixture(scope="module")
def manifest() -> AssetManifest:
    return manifest_of(ROOT, "0.1.0", "c" * 40)


def test_every_static_file_stands_in_the_manifest_with_its_bytes(manifest: AssetManifest) -> None:
    static = ROOT / "static"
    files = {path.relative_to(static).as_posix(): path for path in static.rglob("*") if path.is_file()}
    assert manifest.files == {name: sha256(path.read_bytes()) for name, path in files.items()}
    assert {"visit.js", "vendor/lean-qr.js", "amanah.css"} <= set(manifest.files)


def test_what_was_signed_is_believed_and_says_the_same(manifest: AssetManifest, key: Ed25519PrivateKey) -> None:
    data = signed(manifest, key)
    assert believed(data, public_hex(key)) == manifest
    assert data == signed(manifest, key), "the same key signs the same bytes"


def test_no_other_signer_no_change_and_no_other_document_is_believed(
    manifest: AssetManifest, key: Ed25519PrivateKey
) -> None:
    signer, stranger = public_hex(key), new_signing_key(counted_bytes("a stranger"))
    data, theirs = json.loads(signed(manifest, key)), json.loads(signed(manifest, stranger))
    changed = replace(manifest, files=dict(manifest.files) | {"visit.js": "0" * 64})
    bare = key.sign(manifest.document()).hex()  # signed without saying what it is
    later = json.loads(manifest.document()) | {"version": 2}
    of_later = key.sign(CONTEXT + canonical(later)).hex()
    forged = [
        theirs,
        theirs | {"signer": signer},
        data | {"manifest": json.loads(changed.document())},
        data | {"signature": bare},
        data | {"manifest": later, "signature": of_later},
        {"manifest": data["manifest"]},
    ]
    for one in forged:
        with pytest.raises(ManifestError):
            believed(canonical(one), signer)
    older = json.loads(manifest.document())
    del older["pages"]
    of_older = data | {"manifest": older, "signature": key.sign(CONTEXT + canonical(older)).hex()}
    with pytest.raises(ManifestError, match="lacks something"):
        believed(canonical(of_older), signer)
    with pytest.raises(ManifestError, match="signed with another key"):
        believed(canonical(theirs), signer)
    with pytest.raises(ManifestError, match="no asset manifest"):
        believed(b"<html>", signer)


@pytest.mark.parametrize("told", ["text", ["list"], {"files": ["ab"]}, {"files": {"worker.js": 1}}, {"release": 1}])
def test_what_a_signer_signed_and_is_no_manifest_is_refused(
    manifest: AssetManifest, key: Ed25519PrivateKey, told: object
) -> None:
    document = json.loads(manifest.document()) | told if isinstance(told, dict) else told
    signature = key.sign(CONTEXT + canonical(document)).hex()
    whole = {"manifest": document, "signer": public_hex(key), "signature": signature}
    with pytest.raises(ManifestError, match="does not know|lacks something"):
        believed(canonical(whole), public_hex(key))


def test_a_public_key_is_read_in_groups_or_not_and_nothing_else_is(key: Ed25519PrivateKey) -> None:
    digits = public_hex(key)
    groups = " ".join(digits[at : at + 4] for at in range(0, 64, 4)).upper()
    assert {read_signer(digits), read_signer(f"{groups}\n")} == {digits}
    for other in ("", digits[:-1], "g" * 64, digits + "00"):
        with pytest.raises(ManifestError, match="64 hexadecimal digits"):
            read_signer(other)


def test_a_key_file_opens_by_its_passphrase_alone_and_tells_nothing_else(key: Ed25519PrivateKey) -> None:
    data = lock(key, PHRASE, counted_bytes("salt"))
    assert public_hex(unlock(data, PHRASE)) == public_hex(key)
    assert key.private_bytes_raw().hex().encode() not in data
    weaker = json.loads(data)
    weaker["kdf"] = weaker["kdf"] | {"memory_kib": 8}
    for file, phrase in ((data, PHRASE + " "), (canonical(weaker), PHRASE), (data[:-9], PHRASE), (b"{}", PHRASE)):
        with pytest.raises(ManifestError, match="does not open"):
            unlock(file, phrase)
    with pytest.raises(ManifestError, match="at least 15"):
        lock(key, "too short", counted_bytes("salt"))
