"""Recordings beside the sheets: what is taken, what is refused and where, and that they travel with the study."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import InstrumentError
from fieldwork.drafts import Upload, check_upload
from fieldwork.instance import copy_study
from instruments.catalogue import check_study, load_study
from instruments.comparing.differences import differences
from instruments.model import Text
from instruments.recordings import LARGEST, carry_recordings, content_name, used, why_not
from instruments.stored import instrument_from_canonical
from tests.recordings import put, silence

MP3 = silence(0.2)
M4A = (
    b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\0\x20moov\0\0\0\x18trakmp4a" + bytes(12) + b"\0\0\0\x0cmdat" + bytes(4)
)  # fmt: skip
HEAD = "| survey |\n| | type | name | label::English (en) | label::Urdu (ur) | {} |\n"
ROWS = """| | note | hello | Hello | Salam | {} |
| | select_one yn | fine | Are you well? | Kya? | {} |
| choices |
| | list_name | name | label::English (en) | media::audio::English (en) |
| | yn | 1 | Yes | {} |
| | yn | 2 | No | |
"""


def form(folder: Path, *files: str, column: str = "media::audio::English (en)") -> Path:
    """A form whose note, question and first choice name these recordings."""
    path = folder / "talk.md"
    path.write_text(HEAD.format(column) + ROWS.format(*(*files, "", "", "")[:3]), "utf-8")
    return path


def problems(path: Path) -> list[str]:
    return [str(one) for one in check_study(path) if not one.is_warning]


@pytest.mark.parametrize("column", ["media::audio::English (en)", "audio::English (en)", "media:audio:English (en)"])
def test_a_recording_is_part_of_the_version_by_its_content(tmp_path: Path, column: str) -> None:
    put(tmp_path, "a 1.mp3", MP3)
    put(tmp_path, "b.m4a", M4A)
    found = load_study(form(tmp_path, "a 1.mp3", "b.m4a", "a 1.mp3", column=column)).instrument
    assert found.items["hello"].label.recording("en") == content_name("a 1.mp3", MP3)
    assert found.items["fine"].choices[0].label.recording("en") == content_name("a 1.mp3", MP3)
    assert found.items["fine"].label.recording("ur") == ""
    assert used(found) == {content_name("a 1.mp3", MP3), content_name("b.m4a", M4A)}
    assert instrument_from_canonical(found.canonical) == found
    put(tmp_path, "b.m4a", M4A[:-1] + b"\1")
    other = load_study(tmp_path / "talk.md").instrument
    assert other.digest != found.digest
    assert [(one.about, one.kind, one.breaks) for one in differences(found, other)] == [("fine", "recording", "")]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("gone.mp3", None, "no file of this name"),
        ("../a.mp3", MP3, "the file's name only"),
        ("a.wav", b"RIFF", "no recording that every phone plays"),
        ("a.ogg", b"OggS", "no recording that every phone plays"),
        ("a.mp3", b"<script>alert(1)</script>", "not what its name says"),
        ("a.m4a", MP3, "not what its name says"),
        ("a.mp3", MP3 + bytes(LARGEST), "larger than 1,000,000 bytes"),
        ("a.m4a", M4A.replace(b"mp4a" + bytes(4), b"mp4a\xa9xyz"), "where it was recorded"),
    ],
)
def test_what_cannot_be_played_everywhere_is_refused_by_its_row(
    tmp_path: Path, name: str, data: bytes | None, says: str
) -> None:
    put(tmp_path, "other.mp3", MP3)
    if data is not None:
        put(tmp_path, Path(name).name, data)
    (found,) = problems(form(tmp_path, name))
    assert says in found
    assert "row 3, column audio::English (en)" in found


def test_a_recording_needs_the_words_that_it_says(tmp_path: Path) -> None:
    put(tmp_path, "a.mp3", MP3)
    (found,) = problems(form(tmp_path, "a.mp3", column="media::audio::Somali (so)"))
    assert "write its words in label::Somali (so)" in found


def test_what_is_silent_in_one_language_or_heard_nowhere_is_warned_of(tmp_path: Path) -> None:
    put(tmp_path, "a.mp3", MP3)
    put(tmp_path, "left.mp3", silence(0.3))
    told = [str(one) for one in check_study(form(tmp_path, "a.mp3")) if one.is_warning]
    assert any("1 texts have no recording in 'ur' that have one in another: hello" in one for one in told)
    assert any("media/left.mp3" in one and "nobody hears it" in one for one in told)


@pytest.mark.parametrize(
    "data", [MP3[:20], MP3[:36], b"ID3", b"", M4A[:-3], b"\xff\xfb\xf0\x00" * 50, b"\0\0\0\0ftyp", bytes(200)]
)
def test_half_a_file_is_none(data: bytes) -> None:
    assert why_not("a.mp3", data)
    assert why_not("a.m4a", data)


def test_real_heads_are_known() -> None:
    assert why_not("a.MP3", silence(0.2, b"a tag before it")) is None
    assert why_not("a.m4a", M4A) is None
    assert why_not("a.m4a", M4A.replace(b"mp4a" + bytes(4), b"mp4avide"))


def test_they_go_with_a_form_into_an_instance(tmp_path: Path) -> None:
    put(tmp_path, "a.mp3", MP3)
    copy_study(form(tmp_path, "a.mp3"), tmp_path / "kept", plain_path=False)
    assert (tmp_path / "kept" / "media" / "a.mp3").read_bytes() == MP3
    assert load_study(tmp_path / "kept").instrument.digest == load_study(tmp_path / "talk.md").instrument.digest


def test_nothing_but_recordings_goes_along(tmp_path: Path) -> None:
    put(tmp_path, "a.mp3", MP3)
    put(tmp_path, "people.csv", b"Amina Yusuf")
    (tmp_path / "media" / "deep").mkdir()
    put(tmp_path, "deep/b.mp3", MP3)
    copy_study(form(tmp_path, "a.mp3"), tmp_path / "kept", plain_path=False)
    assert [one.name for one in (tmp_path / "kept" / "media").iterdir()] == ["a.mp3"]


def test_a_link_is_no_recording(tmp_path: Path) -> None:
    put(tmp_path, "a.mp3", MP3)
    (tmp_path / "elsewhere.mp3").write_bytes(silence(0.4))
    (tmp_path / "media" / "link.mp3").symlink_to(tmp_path / "elsewhere.mp3")
    told = "media/link.mp3: this is a link, which could lead to any file of this machine; put the file itself"
    assert [one.startswith(told) for one in problems(form(tmp_path, "a.mp3"))] == [True]
    (named,) = problems(form(tmp_path, "link.mp3"))
    assert "row 3" in named
    assert "this is a link" in named
    with pytest.raises(InstrumentError, match="this is a link"):
        copy_study(form(tmp_path, "a.mp3"), tmp_path / "kept", plain_path=False)


def test_what_is_too_large_is_told_before_it_is_copied(tmp_path: Path) -> None:
    put(tmp_path, "a.mp3", MP3)
    put(tmp_path, "long.mp3", MP3 + bytes(LARGEST))
    with pytest.raises(InstrumentError, match=r"media/long.mp3.*larger than 1,000,000 bytes"):
        carry_recordings(form(tmp_path), tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_recording_in_a_language_without_words_is_not_played() -> None:
    assert Text((("en", "Hello"),), (("ur", "0.mp3"),)).recording("ur") == ""


def test_a_form_brought_on_a_page_finds_them_among_the_studys_own(tmp_path: Path) -> None:
    upload = Upload("talk.md", form(tmp_path, "a.mp3").read_bytes())
    (one,) = [problem for problem in check_upload(upload, tmp_path) if not problem.is_warning]
    assert "no file of this name" in one.message
    put(tmp_path, "a.mp3", MP3)
    assert [problem for problem in check_upload(upload, tmp_path) if not problem.is_warning] == []
