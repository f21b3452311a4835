"""A rehearsal proves every key on test data, names what it did not prove, and is asked for again after 90 days."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from errors import CeremonyError, EnvelopeError, ShareError
from keys_commands import keys_rehearse, keys_show
from privacy.key_files import HeldShare, lock, lock_share
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key
from privacy.shares import split
from release.journal import desk_journal
from release.rehearsal import (
    OLD_AFTER,
    Brought,
    Proof,
    Rehearsal,
    Reminder,
    Way,
    attempts,
    by_file,
    by_sheets,
    reminder,
    write_rehearsal,
)
from storage.journal import COMMAND_LINE, Act, Entry, read_journal
from tests.conftest import STUDY, TODAY, Keys, counted_bytes

PHRASE = "five quiet words in a row"
NEW = new_private_key("research", STUDY, counted_bytes("the key that came with the rotation"))
NAMES = ("Nadia", "Owen", "Tariq")


@dataclass(frozen=True)
class Desk:
    """A keyring after a rotation, and the key files of all its keys."""

    ring: Keyring
    files: dict[str, bytes]
    sheets: tuple[str, ...]  # of the new research key
    others: tuple[str, ...]  # of the identity key

    def brought(self, *names: str) -> list[Brought]:
        return [Brought(name, self.files[name], PHRASE) for name in names or self.files]

    def rehearsed(self, *names: str) -> Rehearsal:
        done = Rehearsal(self.ring)
        for _, attempt in attempts(self.ring, self.brought(*names), os.urandom):
            done = done.with_proof(attempt())
        return done


@pytest.fixture(scope="module")
def desk(keys: Keys) -> Desk:
    identity = keys.identity
    held = [HeldShare(STUDY, identity.public().short, name, share)
            for name, share in zip(NAMES, split(identity.seed, 3), strict=True)]  # fmt: skip
    files = {"old.key": lock(keys.research, PHRASE, os.urandom), "new.key": lock(NEW, PHRASE, os.urandom)}
    files |= {f"identity-{one.share.place}.key": lock_share(one, PHRASE, os.urandom) for one in held}
    words, others = ([" ".join(share.words) for share in split(key.seed, 3)] for key in (NEW, identity))
    return Desk(keys.keyring.rotated(NEW.public()), files, tuple(words), tuple(others))


@pytest.fixture(scope="module")
def whole(desk: Desk) -> Rehearsal:
    return desk.rehearsed()


def written(releases: Path) -> list[Entry]:
    with desk_journal(releases, new=False) as office:
        return list(read_journal(office))


def test_every_key_active_and_retired_is_proven_and_the_day_written_down(
    desk: Desk, whole: Rehearsal, keys: Keys, tmp_path: Path
) -> None:
    assert (whole.is_whole, whole.unproven) == (True, ())
    # Three custodians' files are tried two by two, so that each is.
    assert [proof.names for proof in whole.proofs if proof.way is Way.CUSTODIANS] == [NAMES[:2], NAMES[1:]]
    assert reminder(tmp_path, TODAY).is_due
    write_rehearsal(tmp_path, whole, TODAY)
    (entry,) = written(tmp_path)
    assert (entry.actor, entry.act, entry.day, entry.count) == (
        "Nadia and Owen and Tariq", Act.REHEARSED, TODAY.isoformat(), 3,
    )  # fmt: skip
    assert entry.detail == (
        f"whole, keyring {desk.ring.pin}, research {keys.research.public().short}: key file, "
        f"identity {keys.identity.public().short}: two custodians, research {NEW.public().short}: key file"
    )


def test_it_is_asked_for_after_ninety_days_and_after_a_rotation(
    desk: Desk, whole: Rehearsal, keys: Keys, tmp_path: Path
) -> None:
    write_rehearsal(tmp_path, whole, TODAY)
    for ring in (None, desk.ring):
        assert reminder(tmp_path, TODAY + OLD_AFTER, ring) == Reminder(TODAY, False)
        assert reminder(tmp_path, TODAY + OLD_AFTER + timedelta(days=1), ring).is_due
    later = desk.ring.rotated(new_private_key("research", STUDY, counted_bytes("one more")).public())
    assert (reminder(tmp_path, TODAY, later).last, reminder(tmp_path, TODAY, later).is_due) == (None, True)


def test_what_was_not_brought_is_named_and_is_no_whole_rehearsal(whole: Rehearsal, keys: Keys, tmp_path: Path) -> None:
    done = replace(whole, proofs=tuple(proof for proof in whole.proofs if proof.key == NEW.public()))
    assert [key.short for key in done.unproven] == [keys.research.public().short, keys.identity.public().short]
    write_rehearsal(tmp_path, done, TODAY)
    (entry,) = written(tmp_path)
    assert (entry.actor, entry.detail.startswith("in part, ")) == (COMMAND_LINE, True)
    assert f"research {keys.research.public().short}: not proven" in entry.detail
    assert reminder(tmp_path, TODAY) == reminder(tmp_path / "none", TODAY)


def test_two_sheets_prove_that_a_key_could_be_recovered_and_not_that_its_file_opens(desk: Desk) -> None:
    proof = by_sheets(desk.ring, desk.sheets[2], desk.sheets[0], os.urandom)
    assert proof == Proof(NEW.public(), Way.SHEETS)
    done = Rehearsal(desk.ring).with_proof(proof).with_proof(proof)
    assert (len(done.proofs), NEW.public() in done.unproven) == (1, True)
    with pytest.raises(ShareError):
        by_sheets(desk.ring, desk.sheets[0], desk.sheets[0], os.urandom)


def test_a_custodian_alone_proves_nothing(desk: Desk) -> None:
    with pytest.raises(EnvelopeError, match="Two custodians' files are needed"):
        desk.rehearsed("identity-2.key")


@pytest.mark.parametrize("change", [{"x25519": b"x" * 32}, {"orders": b"o" * 32}], ids=lambda change: str(*change))
def test_a_keyring_whose_public_halves_were_changed_is_found_out(desk: Desk, change: dict[str, bytes]) -> None:
    changed = [replace(key, **change) if key.purpose == "identity" else key for key in desk.ring.keys]
    with pytest.raises(CeremonyError, match="find out who changed it"):
        by_sheets(replace(desk.ring, keys=tuple(changed)), *desk.others[:2], os.urandom)


def test_a_key_of_another_keyring_is_told_as_such(desk: Desk, keys: Keys) -> None:
    with pytest.raises(CeremonyError, match=f"{NEW.public().short} opens, but is not in this keyring"):
        by_file(keys.keyring, desk.files["new.key"], PHRASE, os.urandom)


def test_nothing_proven_is_not_written_down(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(CeremonyError, match="Nothing was proven"):
        write_rehearsal(tmp_path, Rehearsal(desk.ring), TODAY)
    assert list(tmp_path.iterdir()) == []


# ---- the command


@pytest.fixture(scope="module")
def folder(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a desk: keys and keyring."""
    made = tmp_path_factory.mktemp("desk") / "keys"
    made.mkdir()
    for name, data in desk.files.items():
        (made / name).write_bytes(data)
    (made / "keyring.json").write_bytes(desk.ring.to_json())
    return made


def run(command: object, words: Sequence[object], typed: str = "") -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], input=typed)  # type: ignore[arg-type]


def test_the_command_says_what_was_proven_and_show_reminds(desk: Desk, folder: Path, tmp_path: Path) -> None:
    ring, before = ("--keyring", folder / "keyring.json"), {path: path.read_bytes() for path in folder.iterdir()}
    phrases = tmp_path / "phrases"
    phrases.write_text(f"{PHRASE}\nwrong\n{PHRASE}\n{PHRASE}\n")
    files = [word for name in ("new", "old", "identity-1", "identity-2") for word in ("--key", folder / f"{name}.key")]
    told = run(keys_rehearse, [*ring, *files[:4], "--passphrase-file", phrases])
    assert told.exit_code == 1
    assert "Not proven with old.key: This does not open" in told.output
    assert "NOT PROVEN: the research key" in told.output
    assert "NOT PROVEN: the identity key" in told.output
    assert "never rehearsed. It is time for a rehearsal" in run(keys_show, [folder / "keyring.json"]).output
    phrases.write_text(f"{PHRASE}\n" * 4)
    words = f"{desk.sheets[0]}\n{desk.sheets[1]}\n"
    told = run(keys_rehearse, [*ring, *files, "--sheets", "--passphrase-file", phrases], words)
    assert (told.exit_code, "Everything opens." in told.output) == (0, True), told.output
    assert "Proven with identity-1.key and identity-2.key: the identity key" in told.output
    assert f"Proven: the research key {NEW.public().short} opens, by two sheets." in told.output
    assert "last proven to open on" in run(keys_show, [folder / "keyring.json"]).output
    assert PHRASE not in told.output
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    details = [entry.detail for entry in written(folder.parent / "releases")]
    assert [detail.split(",")[0] for detail in details] == ["in part", "whole"]
    assert "key file and two sheets" in details[1]
    assert not [word for word in (PHRASE, desk.sheets[0].split()[5]) if any(word in detail for detail in details)]


class Careless(PrivateKey):
    """A key that opens something else than was sealed."""

    def open(self, envelope: object, context: object) -> dict[str, object]:
        return {"format": 1}


def test_a_key_that_opens_something_else_is_not_proven(desk: Desk) -> None:
    from release.rehearsal import _open_test_data

    careless = Careless("research", STUDY, bytearray(NEW.seed))
    with pytest.raises(CeremonyError, match="opens what it should not"):
        _open_test_data(careless, NEW.public(), os.urandom)
