"""Keys are written only once two typed sheets rebuilt each, whole or not at all; afterwards nobody is indispensable."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from errors import CeremonyError, JournalNotWritten, ShareError
from privacy.keys import PURPOSES, Keyring
from release import folders
from release.ceremony import begin, finish, holders_of, prove
from release.custody import unlock_research
from release.journal import FOLDER
from tests.ceremonies import CUSTODIANS, FILES, PHRASES, begun, identity_in, proven, ring_in, words
from tests.conftest import STUDY, TODAY, counted_bytes


def test_a_ceremony_leaves_files_that_open_and_a_record(made: tuple[Path, dict[str, list[str]]]) -> None:
    keys = made[0] / "keys"
    assert sorted(path.name for path in keys.iterdir()) == FILES
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    research, identity = unlock_research((keys / "research.key").read_bytes(), PHRASES[0]), identity_in(keys, 2, 1)
    assert ring_in(keys).keys == (research.public(), identity.key.public())
    assert identity.names == ("Owen", "Nadia")


def test_the_record_says_who_when_and_which_and_holds_no_secret(made: tuple[Path, dict[str, list[str]]]) -> None:
    told = (made[0] / "keys" / "ceremony.txt").read_text("utf-8")
    ring = ring_in(made[0] / "keys")
    for said in (STUDY, TODAY.isoformat(), ring.fingerprint, " ".join(ring.words), *CUSTODIANS, "research.key"):
        assert said in told
    assert told.count("-1: ___") == told.count("-3: ___") == 2
    for phrase in PHRASES:
        assert phrase not in told
    for sheet in made[1]["research"]:
        assert " ".join(sheet.split()[4:7]) not in told


@pytest.mark.parametrize("shown", [(0, 0), (0, 1), (1, 0)])
def test_it_does_not_end_before_both_keys_were_rebuilt(tmp_path: Path, shown: tuple[int, int]) -> None:
    ceremony = begun()
    for purpose, is_shown in zip(PURPOSES, shown, strict=True):
        if is_shown:
            prove(ceremony, purpose, words(ceremony, purpose, 1), words(ceremony, purpose, 2))
    with pytest.raises(CeremonyError, match="First type two sheets"):
        finish(ceremony, tmp_path / "keys", PHRASES, TODAY, releases=tmp_path / "releases")
    assert list(tmp_path.iterdir()) == []


def test_only_two_different_sheets_of_the_key_itself_prove_it() -> None:
    ceremony, other = begun(), begin(STUDY, PURPOSES, CUSTODIANS, counted_bytes("another ceremony"))
    first = words(ceremony, "research", 1)
    wrong = [(first, first), (first, words(ceremony, "identity", 2)), (first, words(other, "research", 2))]
    wrong += [(words(one, name, 1), words(one, name, 2)) for one, name in ((other, "research"), (ceremony, "identity"))]
    for pair in (*wrong, (first, "never"), ("", "")):
        with pytest.raises(ShareError):
            prove(ceremony, "research", *pair)
    assert ceremony.unproven() == PURPOSES
    ceremony.forget()
    with pytest.raises(CeremonyError):
        prove(ceremony, "research", first, first)


BAD_PHRASES = {
    "too short": (("short", *PHRASES[1:]), "15 characters"),
    "easy": (("password password password", *PHRASES[1:]), "easy to guess"),
    "one for two": ((PHRASES[0], PHRASES[1], PHRASES[1]), "must differ"),
    "one for both keys": ((PHRASES[1], PHRASES[1], PHRASES[2]), "must differ"),
    "the same in another spelling": ((PHRASES[0], PHRASES[1], PHRASES[1].replace("e", "ｅ")), "must differ"),
    "too few": (PHRASES[:2], "3 passphrases are needed"),
}


@pytest.mark.parametrize("bad", BAD_PHRASES)
def test_a_bad_passphrase_is_refused_with_a_sentence_and_the_ceremony_goes_on(tmp_path: Path, bad: str) -> None:
    ceremony, (phrases, says) = proven(begun()), BAD_PHRASES[bad]
    with pytest.raises(CeremonyError, match=says):
        finish(ceremony, tmp_path / "keys", phrases, TODAY, releases=tmp_path / "releases")
    assert list(tmp_path.iterdir()) == []
    assert ceremony.keys
    assert ceremony.unproven() == ()


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("Nadia",), "Two custodians"),
        (("A", "B", "C", "D"), "Two custodians"),
        (("Nadia", " nadia "), "different people"),
        (("Nadia", ""), "name or initials"),
        (("Nadia", "O" * 61), "name or initials"),
        (("Nadia", "Ow\x00en"), "name or initials"),
    ],
)
def test_custodians_are_two_or_three_people_with_names(names: tuple[str, ...], says: str) -> None:
    with pytest.raises(CeremonyError, match=says):
        holders_of(PURPOSES, names)


def test_a_study_begins_with_both_keys() -> None:
    for purposes in ((), ("research",)):
        with pytest.raises(CeremonyError):
            begin(STUDY, purposes, CUSTODIANS, counted_bytes("x"))


def test_nothing_is_written_over_what_is_there_and_it_can_end_elsewhere(tmp_path: Path) -> None:
    ceremony = proven(begun(("research",), Keyring(STUDY, begun().ring.keys)))
    (tmp_path / "keys").mkdir()
    with pytest.raises(CeremonyError, match="exists already"):
        finish(ceremony, tmp_path / "keys", PHRASES[:1], TODAY, releases=tmp_path / "releases")
    assert [path.name for path in tmp_path.rglob("*")] == ["keys"]


def test_a_disk_that_fails_half_way_leaves_no_half_ceremony(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, write = [], folders._write

    def failing(path: Path, data: bytes) -> None:
        # Whatever happens now, even the end of the process: nothing stands under the name that was asked for.
        assert not (tmp_path / "keys").exists()
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path.name)
        write(path, data)

    ceremony = proven(begun())
    with monkeypatch.context() as patched:
        patched.setattr(folders, "_write", failing)
        with pytest.raises(CeremonyError, match="Nothing was written"):
            finish(ceremony, tmp_path / "keys", PHRASES, TODAY, releases=tmp_path / "releases")
    assert [path.name for path in tmp_path.iterdir()] == ["releases"]
    record = finish(ceremony, tmp_path / "keys", PHRASES, TODAY, releases=tmp_path / "releases")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == FILES
    assert record.ring == ring_in(tmp_path / "keys")


def test_keys_are_not_made_where_the_journal_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / FOLDER).write_text("a file where the journal's folder would be")
    with pytest.raises(JournalNotWritten):
        finish(proven(begun()), tmp_path / "keys", PHRASES, TODAY, releases=tmp_path / "releases")
    assert not (tmp_path / "keys").exists()


def test_a_finished_ceremony_has_forgotten_its_keys(tmp_path: Path) -> None:
    ceremony = proven(begun(("research",), Keyring(STUDY, begun().ring.keys)))
    seeds = [key.seed for key in ceremony.keys]
    finish(ceremony, tmp_path / "keys", PHRASES[:1], TODAY, releases=tmp_path / "releases")
    assert seeds == [b""]
    assert (ceremony.keys, ceremony.sheets) == ((), ())
    with pytest.raises(CeremonyError, match="over"):
        finish(ceremony, tmp_path / "more", PHRASES[:1], TODAY, releases=tmp_path / "releases")


def test_a_ceremony_shows_no_secret_of_itself() -> None:
    ceremony = begun()
    told = repr(ceremony) + repr(ceremony.sheets) + repr(ceremony.keys)
    said = re.findall("[a-z]+", told)
    threes = set(zip(said, said[1:], said[2:], strict=False))  # one word alone may well be there: "research" is one
    for sheet in ceremony.sheets:
        assert not threes & set(zip(sheet.words, sheet.words[1:], sheet.words[2:], strict=False))
    assert ceremony.keys[0].seed.hex() not in told
    assert "seed" not in told
