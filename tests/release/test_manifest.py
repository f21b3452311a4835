"""A signed manifest: whatever is missing, added or changed is named, and so is another key than the desk's."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from errors import ReleaseError
from release.journal import FOLDER
from release.manifest import sign_folder, spelled, verify
from release.signing import KEY_FILE, desk_signer, fingerprint, signer_of
from release_commands import release
from tests.conftest import counted_bytes

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "release_manifest_v2.json").read_text("utf-8"))


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A release of three files, beside the desk that signed it."""
    folder = tmp_path / "releases" / "one"
    (folder / "syntax").mkdir(parents=True)
    for name in ("data.csv", "README.txt", "syntax/scales.R"):
        (folder / name).write_text(f"what {name} holds", "utf-8")
    sign_folder(folder, {"kind": "rows"}, desk_signer(folder.parent, counted_bytes("desk")))
    return folder


def test_a_release_as_it_was_signed_verifies_and_says_whose_key_it_is(signed: Path) -> None:
    found = verify(signed)
    assert (found.faults, found.is_known, found.files) == ((), False, 3)
    assert found.signer == fingerprint(desk_signer(signed.parent).public)
    assert verify(signed, found.signer.replace(" ", "").upper()).is_known


def remove(folder: Path) -> None:
    (folder / "data.csv").unlink()


def add(folder: Path) -> None:
    (folder / "syntax" / "more.csv").write_text("more", "utf-8")


def change(folder: Path) -> None:
    (folder / "README.txt").write_text("what README.txt holdz", "utf-8")


def link(folder: Path) -> None:
    (folder / "data.csv").rename(folder.parent / "data.csv")
    (folder / "data.csv").symlink_to(folder.parent / "data.csv")


def link_manifest(folder: Path) -> None:
    (folder / "manifest.json").rename(folder.parent / "manifest.json")
    (folder / "manifest.json").symlink_to(folder.parent / "manifest.json")


def rewrite(folder: Path) -> None:
    told = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_bytes(spelled(told | {"kind": "tables"}))


def respell(folder: Path) -> None:
    told = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").write_bytes(told + b" ")


def sign_again(folder: Path) -> None:
    for name in ("manifest.json", "manifest.sig"):
        (folder / name).unlink()
    sign_folder(folder, {"kind": "rows"}, desk_signer(folder.parent.parent / "elsewhere", counted_bytes("another")))


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (remove, "data.csv is missing"),
        (add, "syntax/more.csv was added"),
        (change, "README.txt was changed"),
        (link, "data.csv was changed"),
        (link_manifest, "manifest.json is missing"),
        (lambda folder: (folder / "more").mkdir(), "more was added"),
        (rewrite, "the signature is wrong"),
        (respell, "the signature is wrong"),
        (lambda folder: (folder / "manifest.sig").write_bytes(b"not one\n"), "no signature"),
        (lambda folder: (folder / "manifest.sig").unlink(), "manifest.sig is missing"),
        (lambda folder: (folder / "manifest.json").unlink(), "manifest.json is missing"),
    ],
)
def test_each_harm_is_named_and_ends_with_1(signed: Path, harm, says: str) -> None:
    harm(signed)
    done = CliRunner().invoke(release, ["verify", str(signed)])
    assert (done.exit_code, says in done.stderr) == (1, True), done.output


@pytest.mark.parametrize("is_planted", [False, True])
def test_it_is_not_taken_for_checked_until_the_key_is_given_also_where_a_key_lies_beside_it(
    signed: Path, tmp_path: Path, is_planted: bool
) -> None:
    (tmp_path / "inbox").mkdir()
    away = signed if is_planted else signed.rename(tmp_path / "inbox" / "one")
    assert (away.parent / FOLDER / KEY_FILE).exists() == is_planted
    done = CliRunner().invoke(release, ["verify", str(away)])
    signer = verify(away).signer
    assert (done.exit_code, signer in done.stdout, "NOBODY HAS CHECKED" in done.stderr) == (3, True, True)
    done = CliRunner().invoke(release, ["verify", str(away), "--key", signer])
    assert (done.exit_code, "the key that you gave" in done.stdout, done.stderr) == (0, True, "")
    done = CliRunner().invoke(release, ["verify", str(away), "--key", "0" * 32])
    assert (done.exit_code, "not the one that you gave" in done.stderr) == (1, True)
    assert "whole and unchanged since they were signed, but another key signed them" in done.stderr
    (away / "README.txt").write_bytes(b"other")
    changed = CliRunner().invoke(release, ["verify", str(away), "--key", "0" * 32])
    assert "not as it was signed" in changed.stderr
    done = CliRunner().invoke(release, ["verify", str(away), "--key", signer[:19]])
    assert (done.exit_code, "Type all of them" in done.stderr) == (1, True)
    sign_again(away)
    done = CliRunner().invoke(release, ["verify", str(away), "--key", signer])
    assert (done.exit_code, "not the one that you gave" in done.stderr) == (1, True)


def test_the_key_is_made_once_is_private_and_not_the_journals(tmp_path: Path) -> None:
    first = desk_signer(tmp_path)
    assert desk_signer(tmp_path).public == first.public
    file = tmp_path / FOLDER / KEY_FILE
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    file.write_bytes(b"amanah-journal-key-1 " + b"0" * 64 + b"\n")
    with pytest.raises(ReleaseError, match="damaged"):
        desk_signer(tmp_path)


def test_the_vector_holds_also_when_read_without_our_code(tmp_path: Path) -> None:
    signer = signer_of(VECTOR["key_file"].encode(), tmp_path)
    for name, text in VECTOR["files"].items():
        (tmp_path / name).write_text(text, "utf-8")
    sign_folder(tmp_path, VECTOR["about"], signer)
    assert (tmp_path / "manifest.json").read_text("utf-8") == VECTOR["manifest"]
    assert (tmp_path / "manifest.sig").read_text("utf-8") == VECTOR["signature"]
    word, public, signature = VECTOR["signature"].split()
    message = f"{word}\n{VECTOR['manifest']}".encode()
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    digits = hashlib.sha256(bytes.fromhex(public)).hexdigest()[:32]
    assert VECTOR["fingerprint"].replace(" ", "") == digits
    for bad in VECTOR["refused"]:
        (tmp_path / "manifest.sig").write_text(bad["signature"], "utf-8")
        assert verify(tmp_path).faults, bad["why"]


def test_making_a_release_needs_its_options_and_what_is_below_has_its_own() -> None:
    done = CliRunner().invoke(release, [])
    assert (done.exit_code, "--source" in done.stderr) == (2, True)
    here = os.path.dirname(__file__)
    done = CliRunner().invoke(release, ["--source", here, "verify", here])
    assert (done.exit_code, "options of its own" in done.stderr) == (2, True)
