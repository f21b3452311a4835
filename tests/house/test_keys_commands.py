"""A ceremony on the terminal, as a person or a script goes through it; nothing secret is left but what is sealed."""

from __future__ import annotations

import os
import pty
import re
import secrets
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.cli import cli

from privacy.keys import PURPOSES, Keyring
from release.ceremony import begin
from release.custody import unlock_identity, unlock_research
from release.journal import desk_journal
from storage.journal import read_journal
from tests.house.scanner import bytes_in_files
from tests.house.test_commands import ROOT
from tests.stretching import FLASK

RESEARCH, NADIA, OWEN = (
    "legend adorn debut ajar paid step",
    "uncover trust evil guest grill python",
    "actress jewelry peanut method sled",
)
FRESH = (
    "candle harbor mitten saddle turnip",
    "velvet anchor pigeon ladder mosaic",
    "walnut glacier button tunnel ferry",
)
THREE = ["--custodian", "Nadia", "--custodian", "Owen", "--custodian", "Priya"]
OTHERS = ["--custodian", "Priya", "--custodian", "Quinn"]
NEW = ["--custodian", "Nadia", "--custodian", "Owen"]
SHOWN = "They are not shown again."
ROW = re.compile(r"\s+\d+\. ")


@dataclass
class Talk:
    """A command that is talked to while it runs."""

    process: subprocess.Popen[str]
    said: str = ""
    sheets: dict[str, str] = field(default_factory=dict)

    def listen(self) -> None:
        """Read until the sheets were shown; keep their words by their numbers."""
        assert self.process.stdout
        number = ""
        while SHOWN not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
            if line.startswith("Sheet "):
                number = line.split()[-1]
                self.sheets[number] = ""
            elif ROW.match(line):
                self.sheets[number] += line.strip() + " "

    def end(self, *lines: str) -> int:
        """Answer, and wait for the end."""
        rest, _ = self.process.communicate("".join(f"{line}\n" for line in lines), timeout=60)
        self.said += rest
        return self.process.returncode


@contextmanager
def talking(folder: Path, *words: object) -> Iterator[Talk]:
    """A `flask keys` command with a home, a folder for temporary files and a working folder of its own."""
    for name in ("home", "tmp", "work"):
        (folder / name).mkdir(exist_ok=True)
    environment = os.environ | {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "PYTHONUNBUFFERED": "1"}
    environment |= {"AMANAH_HOME": str(folder / "work" / "none"), "PYTHONPATH": str(ROOT)}
    command = [*FLASK, "--app", str(ROOT / "app.py"), "keys", *map(str, words)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=folder / "work",
    ) as process:
        yield Talk(process)
        process.kill()


def words_of(sheet: str) -> list[str]:
    return re.findall("[a-z]+", sheet)


def phrases_in(folder: Path, *lines: str) -> Path:
    """A passphrase file, beside what is scanned."""
    file = folder.with_suffix(".phrases")
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Talk]:
    """A whole ceremony by a pipe: the folder with all that it could have written to, and what was said."""
    folder = tmp_path_factory.mktemp("ceremonies") / "one"
    folder.mkdir()
    file = phrases_in(folder, RESEARCH, NADIA, OWEN)
    with talking(folder, "new", *NEW, "--out", "keys", "--passphrase-file", file) as talk:
        talk.listen()
        one, two, _, four, _, six = talk.sheets.values()
        swapped = words_of(two)
        swapped[4], swapped[8] = swapped[8], swapped[4]
        # A right sheet stays typed, whatever is wrong with the second one.
        research = (one, "academic acid", one, " ".join(swapped), two.upper())
        assert talk.end(*research, two, six, six, four) == 0, talk.said
    return folder, talk


def keys_of(folder: Path) -> Path:
    return folder / "work" / "keys"


def test_a_ceremony_goes_through_a_pipe_and_asks_again_after_a_mistake(held: tuple[Path, Talk]) -> None:
    folder, talk = held
    told = re.findall("A sheet has 33 words; these are 2.|This is the same sheet again|Words 5 and 9 are not right"
                      "|of another sheet than those printed", talk.said)  # fmt: skip
    assert told == [
        "A sheet has 33 words; these are 2.", "This is the same sheet again", "Words 5 and 9 are not right",
        "of another sheet than those printed", "This is the same sheet again",
    ]  # fmt: skip
    assert "The research key was rebuilt from two sheets." in talk.said
    ring = Keyring.from_json((keys_of(folder) / "keyring.json").read_bytes())
    assert ring.fingerprint in talk.said
    assert " ".join(ring.words) in talk.said
    with desk_journal(folder / "work" / "releases", new=False) as office:
        assert [entry.act for entry in read_journal(office)] == ["keys_made"]


def secrets_of(folder: Path, talk: Talk) -> dict[str, bytes]:
    """Everything that must be in no file, by a name for it."""
    keys = keys_of(folder)
    research = unlock_research((keys / "research.key").read_bytes(), RESEARCH)
    files = [(keys / f"identity-{at}.key").read_bytes() for at in (1, 2)]
    identity = unlock_identity(list(zip(files, (NADIA, OWEN), strict=True)))
    from privacy.key_files import unlock_share
    from privacy.shares import read_share

    shares = [read_share(words) for words in talk.sheets.values()]
    shares += [unlock_share(file, phrase).share for file, phrase in zip(files, (NADIA, OWEN), strict=True)]
    told = {"research seed": bytes(research.seed), "identity seed": bytes(identity.key.seed)}
    for at, share in enumerate(shares):
        told |= {f"words {at}": " ".join(share.words[4:8]).encode(), f"packed {at}": bytes(share.packed[8:])}
        told |= {f"value {at}": share.inner.value, f"rows {at}": f". {share.words[9]}".encode()}
    return told | {"phrase 1": RESEARCH.encode(), "phrase 2": NADIA.encode(), "phrase 3": OWEN.encode()}


def test_no_seed_passphrase_or_share_is_in_any_file(held: tuple[Path, Talk], tmp_path: Path) -> None:
    folder, talk = held
    told = secrets_of(folder, talk)
    assert len(told) == 2 + 8 * 4 + 3
    assert bytes_in_files(folder, told) == {}
    # The control: each secret is found once it is written, in every way in which it could be.
    for name, secret in told.items():
        for written in (secret, secret.hex().encode(), b"x" + secret):
            (tmp_path / "control").write_bytes(b"before " + written + b" after")
            assert bytes_in_files(tmp_path, {name: secret}) == {"control": {name}}


def test_who_listens_to_the_folder_sees_only_sealed_files(held: tuple[Path, Talk]) -> None:
    folder, _ = held
    written = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    names = ("ceremony.txt", "identity-1.key", "identity-2.key", "keyring.json", "research.key")
    assert written == [f"work/keys/{name}" for name in names] + [
        f"work/releases/release-journal/{name}" for name in ("journal.db", "journal.key")
    ]


@pytest.mark.parametrize("way", ["end of input", "interrupt", "hang up"])
def test_nothing_is_written_when_it_is_broken_off(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    file = phrases_in(folder, RESEARCH, NADIA, OWEN)
    with talking(folder, "new", *NEW, "--out", "keys", "--passphrase-file", file) as talk:
        talk.listen()
        one, two, *_ = talk.sheets.values()
        if way == "end of input":
            assert talk.end(one, two) == 1
            assert "The research key was rebuilt" in talk.said
        else:
            talk.process.send_signal(signal.SIGINT if way == "interrupt" else signal.SIGHUP)
            assert talk.end() != 0
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_passphrases_are_typed_unseen_and_weak_ones_asked_again(tmp_path: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        # Whoever runs the tests in the background has Ctrl-C ignored, and whatever they start inherits that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.environ |= {"AMANAH_HOME": str(tmp_path / "none"), "TERM": "dumb"}
        words = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "keys", "new"]
        os.execv(sys.executable, [*words, "--out", str(tmp_path / "keys")])  # noqa: S606 (our own interpreter)
    said = answered(
        terminal,
        ("First custodian", "Nadia"),
        ("Second custodian", "Owen"),
        ("A substitute", ""),
        ("passphrase of the research key", "too short"),
        ("Repeat", "too short"),
        ("needs at least 15 characters", ""),
        ("passphrase of the research key", RESEARCH),
        ("Repeat", RESEARCH),
        ("passphrase of Nadia", NADIA),
        ("Repeat", NADIA),
        ("passphrase of Owen", OWEN),
        ("Repeat", OWEN),
        ("One sheet", "\x03"),
    )
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert not [phrase for phrase in ("too short", RESEARCH, NADIA, OWEN) if phrase in said]
    assert said.count("Sheet 3 of 3") == 2
    assert list(tmp_path.iterdir()) == []


def typed(folder: Path, *words: object, lines: Sequence[str] = (), phrases: Sequence[str]) -> Result:
    """A `flask keys` command in this process, with a passphrase file and these lines typed."""
    told = ["--app", str(ROOT / "app.py"), "keys", *map(str, words), "--passphrase-file"]
    told += [str(phrases_in(folder, *phrases)), "--releases", str(folder / "releases")]
    return CliRunner().invoke(cli, told, input="".join(f"{line}\n" for line in lines))


def test_a_lost_key_is_recovered_and_its_custodians_replaced(held: tuple[Path, Talk], tmp_path: Path) -> None:
    keys, sheets, folder = keys_of(held[0]), list(held[1].sheets.values()), tmp_path / "desk"
    asked = ("recover", "--keyring", keys / "keyring.json", *THREE, "--out", folder / "three")
    recovered = typed(folder, *asked, lines=(sheets[5], sheets[3]), phrases=FRESH)
    assert recovered.exit_code == 0, recovered.output
    words = " ".join(Keyring.from_json((keys / "keyring.json").read_bytes()).words)
    assert f"page Keys: {words}\nType the words" in recovered.output
    assert "a key that this keyring has not" not in recovered.output
    assert "These two sheets rebuild the identity key" in recovered.output
    files = [folder / "three" / f"identity-{at}.key" for at in (3, 1)]
    opened = unlock_identity([(files[0].read_bytes(), FRESH[2]), (files[1].read_bytes(), FRESH[0])])
    assert opened.names == ("Priya", "Nadia")
    asked = ("custodians", *files, "--keyring", keys / "keyring.json", *OTHERS, "--out", folder / "two")
    changed = typed(folder, *asked, phrases=(FRESH[2], FRESH[0], RESEARCH, FRESH[1]))
    assert changed.exit_code == 0, changed.output
    assert "destroy" in changed.output
    one, two = ((folder / "two" / f"identity-{at}.key").read_bytes() for at in (1, 2))
    assert unlock_identity([(one, RESEARCH), (two, FRESH[1])]).key == opened.key
    with desk_journal(folder / "releases", new=False) as office:
        assert [entry.act for entry in read_journal(office)] == ["key_recovered", "custodians_changed"]


def test_a_key_is_rotated_and_a_passphrase_changed(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    made = begin("working_together", PURPOSES, ("Nadia", "Owen"), secrets.token_bytes)
    (tmp_path / "keyring.json").write_bytes(made.ring.to_json())
    asked = ("rotate", "--keyring", tmp_path / "keyring.json", "--key", "research", "--out", folder / "keys")
    with talking(tmp_path, *asked, "--passphrase-file", phrases_in(folder, RESEARCH)) as talk:
        talk.listen()
        assert talk.end(*list(talk.sheets.values())[1:]) == 0, talk.said
    ring = Keyring.from_json((folder / "keys" / "keyring.json").read_bytes())
    assert [key.status for key in ring.keys] == ["retired", "active", "active"]
    file = folder / "keys" / "research.key"
    assert typed(folder, "passphrase", file, phrases=(RESEARCH, NADIA)).exit_code == 0
    assert unlock_research(file.read_bytes(), NADIA).public().short == ring.active("research").short


@pytest.mark.parametrize(
    ("words", "phrases", "says"),
    [
        (("new", *NEW), (RESEARCH, NADIA), "too few lines"),
        (("new", *NEW), (RESEARCH, NADIA, "x"), "15 characters"),
        (("new", *NEW), (RESEARCH, NADIA, NADIA), "must differ"),
        (("new", "--custodian", "Nadia"), (RESEARCH, NADIA, OWEN), "Two custodians"),
        (("recover", "--keyring", str(ROOT / "README.md")), (RESEARCH,), "keyring"),
    ],
)
def test_a_refusal_comes_before_any_sheet_is_shown(
    tmp_path: Path, words: Sequence[str], phrases: Sequence[str], says: str
) -> None:
    told = typed(tmp_path / "desk", *words, "--out", tmp_path / "keys", phrases=phrases)
    assert (told.exit_code, says in told.output, "Sheet" in told.output) == (1, True, False)
    assert [path.name for path in tmp_path.iterdir()] == ["desk.phrases"]


def answered(terminal: int, *turns: tuple[str, str]) -> str:
    """Wait for each question on a terminal and answer it; what was said meanwhile."""
    said, since = "", 0
    for question, answer in turns:
        while question not in said[since:]:
            assert select.select([terminal], [], [], 30)[0], said
            said += os.read(terminal, 4096).decode()
        since = said.index(question, since) + len(question)
        if answer or question == "A substitute":
            os.write(terminal, answer.encode() + (b"" if answer == "\x03" else b"\n"))
    return said + broken_off(terminal)


def broken_off(terminal: int) -> str:
    """What is still said until the other side is gone. Ctrl-C is pressed again each second: a terminal that stops to
    echo throws away what was typed a moment before."""
    said = ""
    try:
        for _ in range(60):
            if select.select([terminal], [], [], 1)[0]:
                said += os.read(terminal, 4096).decode()
            elif "Aborted" not in said:  # who is leaving would be killed by a second one
                os.write(terminal, b"\x03")
    except OSError:
        return said
    raise AssertionError(said)
