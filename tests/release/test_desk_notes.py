"""What the desk keeps is sealed: it opens with its key and as its kind only, and what does not open is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.desk_notes import FOLDER, Notebook, keep_note, notes

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "desk_note_v1.json").read_text("utf-8"))
STUDY, KIND = VECTOR["study"], VECTOR["kind"]
KEY = PrivateKey("research", STUDY, bytes.fromhex(VECTOR["seed"]))
WORDS = "marker of Amina"


def put(releases: Path, data: str) -> None:
    (releases / FOLDER).mkdir()
    (releases / FOLDER / f"{KIND}-{VECTOR['note_id']}.note").write_bytes(bytes.fromhex(data))


def test_the_vector_opens(tmp_path: Path) -> None:
    put(tmp_path, VECTOR["note"])
    assert list(notes(tmp_path, [KEY], STUDY, KIND)) == [VECTOR["document"]]


@pytest.mark.parametrize("told", VECTOR["refused"], ids=lambda told: told["reason"])
def test_what_does_not_open_is_named_and_never_passed_over(told: dict[str, Any], tmp_path: Path) -> None:
    put(tmp_path, told["note"])
    with pytest.raises(ReleaseError, match=f"{KIND}-{VECTOR['note_id']}.note"):
        list(notes(tmp_path, [KEY], STUDY, KIND))


def test_without_its_key_a_note_is_named_too(tmp_path: Path) -> None:
    keep_note(tmp_path, KEY.public(), STUDY, KIND, {"text": WORDS})
    with pytest.raises(ReleaseError, match="add its key file"):
        list(notes(tmp_path, [PrivateKey("research", STUDY, bytearray(32))], STUDY, KIND))


def test_notes_are_for_their_owner_and_show_neither_words_nor_their_length(tmp_path: Path) -> None:
    for text in (WORDS * 300, WORDS * 500):  # three blocks and four
        keep_note(tmp_path, KEY.public(), STUDY, KIND, {"text": text})
    folder = tmp_path / FOLDER
    files = sorted(folder.iterdir())
    assert [one.suffix for one in files] == [".note"] * 2  # nothing half-written stays beside them
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in files} == {0o600}
    assert len({one.stat().st_size for one in files}) == 1
    assert not any(WORDS.encode() in one.read_bytes() for one in files)
    assert {one["text"] for one in notes(tmp_path, [KEY], STUDY, KIND)} == {WORDS * 300, WORDS * 500}
    assert list(notes(tmp_path, [KEY], STUDY, "ledger")) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(ReleaseError, match="cannot be written"):
        keep_note(tmp_path, KEY.public(), STUDY, KIND, {"text": WORDS})


def test_what_another_desk_wrote_just_before_us_is_read_too(tmp_path: Path) -> None:
    ours, theirs = (Notebook(tmp_path, [KEY], STUDY, KIND) for _ in range(2))
    assert ours.news() == []
    theirs.keep({"whose": "theirs"})
    ours.keep({"whose": "ours"})
    assert ours.news() == [{"whose": "theirs"}]
    assert ours.news() == []
