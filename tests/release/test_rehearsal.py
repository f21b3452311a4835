"""A rehearsal proves every key on test data, names what it did not prove, and is asked for again after 90 days."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from errors import CeremonyError, EnvelopeError, ShareError
from keys_commands import keys_rehearse, keys_show
from privacy.opening import PrivateKey, new_private_key
from release.journal import desk_journal
from release.rehearsal import (
    OLD_AFTER,
    Proof,
    Rehearsal,
    Reminder,
    Way,
    by_file,
    by_sheets,
    reminder,
    write_rehearsal,
)
from storage.journal import COMMAND_LINE, Act, Entry, read_journal
from tests.conftest import STUDY, TODAY, Keys, counted_bytes
from tests.rehearsing import NAMES, NEW, PHRASE, Cabinet


@pytest.fixture(scope="module")
def whole(cabinet: Cabinet) -> Rehearsal:
    return cabinet.rehearsed()


def written(releases: Path) -> list[Entry]:
    with desk_journal(releases, new=False) as office:
        return list(read_journal(office))


def test_every_key_active_and_retired_is_proven_and_the_day_written_down(
    cabinet: Cabinet, whole: Rehearsal, keys: Keys, tmp_path: Path
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
        f"whole, keyring {cabinet.ring.pin}, research {keys.research.public().short}: key file, "
        f"identity {keys.identity.public().short}: two custodians, research {NEW.public().short}: key file"
    )


def test_it_is_asked_for_after_ninety_days_and_after_a_rotation(
    cabinet: Cabinet, whole: Rehearsal, keys: Keys, tmp_path: Path
) -> None:
    write_rehearsal(tmp_path, whole, TODAY)
    for ring in (None, cabinet.ring):
        assert reminder(tmp_path, TODAY + OLD_AFTER, ring) == Reminder(TODAY, False)
        assert reminder(tmp_path, TODAY + OLD_AFTER + timedelta(days=1), ring).is_due
    later = cabinet.ring.rotated(new_private_key("research", STUDY, counted_bytes("one more")).public())
    assert (reminder(tmp_path, TODAY, later).last, reminder(tmp_path, TODAY, later).is_due) == (None, True)


def test_what_was_not_brought_is_named_and_is_no_whole_rehearsal(whole: Rehearsal, keys: Keys, tmp_path: Path) -> None:
    done = replace(whole, proofs=tuple(proof for proof in whole.proofs if proof.key == NEW.public()))
    assert [key.short for key in done.unproven] == [keys.research.public().short, keys.identity.public().short]
    write_rehearsal(tmp_path, done, TODAY)
    (entry,) = written(tmp_path)
    assert (entry.actor, entry.detail.startswith("in part, ")) == (COMMAND_LINE, True)
    assert f"research {keys.research.public().short}: not proven" in entry.detail
    assert reminder(tmp_path, TODAY) == reminder(tmp_path / "none", TODAY)


def test_two_sheets_prove_that_a_key_could_be_recovered_and_not_that_its_file_opens(cabinet: Cabinet) -> None:
    proof = by_sheets(cabinet.ring, cabinet.sheets[2], cabinet.sheets[0], os.urandom)
    assert proof == Proof(NEW.public(), Way.SHEETS)
    done = Rehearsal(cabinet.ring).with_proof(proof).with_proof(proof)
    assert (len(done.proofs), NEW.public() in done.unproven) == (1, True)
    with pytest.raises(ShareError):
        by_sheets(cabinet.ring, cabinet.sheets[0], cabinet.sheets[0], os.urandom)


def test_a_custodian_alone_proves_nothing(cabinet: Cabinet) -> None:
    with pytest.raises(EnvelopeError, match="Two custodians' files are needed"):
        cabinet.rehearsed("identity-2.key")


@pytest.mark.parametrize("change", [{"x25519": b"x" * 32}, {"orders": b"o" * 32}], ids=lambda change: str(*change))
def test_a_keyring_whose_public_halves_were_changed_is_found_out(cabinet: Cabinet, change: dict[str, bytes]) -> None:
    changed = [replace(key, **change) if key.purpose == "identity" else key for key in cabinet.ring.keys]
    with pytest.raises(CeremonyError, match="find out who changed it"):
        by_sheets(replace(cabinet.ring, keys=tuple(changed)), *cabinet.others[:2], os.urandom)


def test_a_key_of_another_keyring_is_told_as_such(cabinet: Cabinet, keys: Keys) -> None:
    with pytest.raises(CeremonyError, match=f"{NEW.public().short} opens, but is not in this keyring"):
        by_file(keys.keyring, cabinet.files["new.key"], PHRASE, os.urandom)


def test_nothing_proven_is_not_written_down(cabinet: Cabinet, tmp_path: Path) -> None:
    with pytest.raises(CeremonyError, match="Nothing was proven"):
        write_rehearsal(tmp_path, Rehearsal(cabinet.ring), TODAY)
    assert list(tmp_path.iterdir()) == []


# ---- the command


@pytest.fixture(scope="module")
def folder(cabinet: Cabinet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a desk: keys and keyring."""
    made = tmp_path_factory.mktemp("desk") / "keys"
    made.mkdir()
    for name, data in cabinet.files.items():
        (made / name).write_bytes(data)
    (made / "keyring.json").write_bytes(cabinet.ring.to_json())
    return made


def run(command: object, words: Sequence[object], typed: str = "") -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], input=typed)  # type: ignore[arg-type]


def test_the_command_says_what_was_proven_and_show_reminds(cabinet: Cabinet, folder: Path, tmp_path: Path) -> None:
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
    words = f"{cabinet.sheets[0]}\n{cabinet.sheets[1]}\n"
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
    assert not [word for word in (PHRASE, cabinet.sheets[0].split()[5]) if any(word in detail for detail in details)]


class Careless(PrivateKey):
    """A key that opens something else than was sealed."""

    def open(self, envelope: object, context: object) -> dict[str, object]:
        return {"format": 1}


def test_a_key_that_opens_something_else_is_not_proven(cabinet: Cabinet) -> None:
    from release.rehearsal import _open_test_data

    careless = Careless("research", STUDY, bytearray(NEW.seed))
    with pytest.raises(CeremonyError, match="opens what it should not"):
        _open_test_data(careless, NEW.public(), os.urandom)
