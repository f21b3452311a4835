"""The commands as a person at a shell meets them: a demo, a bundle, a release, refusals with one clear line."""

from __future__ import annotations

import csv
import gc
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.cli import cli

from commands import DEFAULT_STUDY
from fieldwork.drafts import Upload, begin_draft, draft_folder
from fieldwork.instance import copy_study, staged
from fieldwork.journal import pen_of
from fieldwork.staff.totp import code_at, from_base32
from fieldwork.study import Study
from privacy.keys import Keyring
from release.demo_keys import make_demo_keys
from release.journal import desk_journal
from release.signing import desk_signer
from storage.journal import read_journal
from storage.stores import close_stores
from tests.office.test_drafts import FORM

ROOT = Path(__file__).parents[2]
SPEC = 'purpose = "{purpose}"\ngroups = ["young_person"]\nk = {k}\nformats = ["csv"]\nlanguage = "en"\n'


@dataclass(frozen=True)
class Told:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


def flask(*words: object, home: Path | None = None) -> Told:
    """Run a command in this process: starting Python anew takes longer than most commands."""
    environment = {"AMANAH_HOME": str(home)} if home else {}
    ran = CliRunner().invoke(cli, ["--app", str(ROOT / "app.py"), *map(str, words)], env=environment)
    told = Told(ran.exit_code, ran.stdout, ran.stderr)
    if told.returncode:
        # What a refusal holds, the lock on its instance too, a process would give back when it ends.
        del ran
        gc.collect()
    return told


def shell(*words: object, home: Path) -> Told:
    """Run a command as a person at a shell does."""
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), *map(str, words)]
    ran = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"AMANAH_HOME": str(home)}, cwd=ROOT)
    return Told(ran.returncode, ran.stdout, ran.stderr)


def released(demo: Path, out: Path, source: Path, purpose: str = "test", k: int = 5) -> Told:
    spec, phrase = demo / "order.toml", demo / "order.phrase"
    spec.write_text(SPEC.format(purpose=purpose, k=k), "utf-8")
    key = json.loads((demo / "demo.json").read_text("utf-8"))["keys"]["research"]
    phrase.write_text(key["passphrase"], "utf-8")
    where = ("--source", source, "--key", demo / key["file"], "--passphrase-file", phrase)
    return flask("release", *where, "--spec", spec, "--out", out, home=demo)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demos") / "demo"
    made = flask("demo", folder, "--people", 60, home=folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def desk(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo in which nothing was released before."""
    return shutil.copytree(demo, tmp_path / "desk")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real instance without keys, which no test here changes."""
    home = tmp_path_factory.mktemp("real") / "real"
    assert flask("init", home=home).returncode == 0
    return home


def people(out: Path) -> list[dict[str, str]]:
    with (out / "data.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written_beside(releases: Path) -> list[str]:
    """What the desk's journal holds, but that keys were made."""
    with desk_journal(releases) as office:
        return [entry.act for entry in read_journal(office) if entry.act != "keys_made"]


def test_a_demo_says_where_its_keys_and_sign_ins_are(demo: Path) -> None:
    note = json.loads((demo / "demo.json").read_text("utf-8"))
    assert (demo / note["keys"]["research"]["file"]).is_file()
    assert all((demo / key["file"]).is_file() for key in note["keys"]["identity"])
    assert {member["role"] for member in note["sign_ins"]} == {"administrator", "coordinator"}


def test_a_demo_prints_the_codes_of_its_staff_and_a_real_instance_prints_none(demo: Path, tmp_path: Path) -> None:
    (secret,) = [one["totp"] for one in json.loads((demo / "demo.json").read_text("utf-8"))["sign_ins"][:1]]
    before, printed, after = datetime.now(UTC), flask("code", "Mara", home=demo), datetime.now(UTC)
    assert printed.stdout.strip() in {code_at(from_base32(secret), when) for when in (before, after)}
    for name, home, why in (("Nobody", demo, "no sign-in called Nobody"), ("Mara", tmp_path, "your authenticator")):
        refused = flask("code", name, home=home)
        assert refused.returncode == 1
        assert why in refused.stderr


def test_everything_in_a_demo_is_for_its_owner_only(demo: Path) -> None:
    assert loose_in(demo) == set()


def test_what_is_copied_into_an_instance_is_for_its_owner_only_too(study: Study, tmp_path: Path) -> None:
    """Sheets, a form in the place of one, a draft: whatever their modes were, under a umask that shuts nothing."""
    form, sheets, before = tmp_path / "visitors.md", tmp_path / "around", os.umask(0)
    try:
        form.write_text(FORM, "utf-8")
        form.chmod(0o666)
        copy_study(DEFAULT_STUDY, tmp_path / "copied", plain_path=False)
        copy_study(form, sheets, plain_path=False)
        begin_draft(sheets, "questionnaire", Upload("again.md", FORM.encode()), pen_of(study, "Mara", date.today()))
        with staged(form, sheets) as made:
            assert loose_in(made) == set()
    finally:
        os.umask(before)
    assert loose_in(tmp_path / "copied") | loose_in(sheets) | loose_in(draft_folder(sheets)) == set()
    close_stores(study.stores)


def loose_in(folder: Path) -> set[str]:
    """What somebody else on the machine could read or write."""
    return {str(path) for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077}


def test_a_bundle_gives_the_same_release_as_the_stores(desk: Path, tmp_path: Path) -> None:
    assert flask("bundle", tmp_path / "records.amanah", home=desk).returncode == 0
    from_stores = released(desk, tmp_path / "stores", desk)
    from_bundle = released(desk, tmp_path / "bundle", tmp_path / "records.amanah")
    assert (from_stores.returncode, from_bundle.returncode) == (0, 0), from_stores.stderr + from_bundle.stderr
    assert people(tmp_path / "stores")
    assert (tmp_path / "stores" / "data.csv").read_bytes() == (tmp_path / "bundle" / "data.csv").read_bytes()


def test_a_release_of_nobody_is_refused_with_what_would_help(desk: Path, tmp_path: Path) -> None:
    told = released(desk, tmp_path / "none", desk, k=1000)
    assert told.returncode == 1
    assert "Nobody can be released: of these groups there are only" in told.stderr
    assert "Lower k only where the files stay in a safe setting." in told.stderr
    assert not (tmp_path / "none").exists()
    assert written_beside(desk / "releases") == ["release_refused"]


def test_another_folder_for_the_files_is_no_fresh_start(desk: Path, tmp_path: Path) -> None:
    """One memory and one key for every release of a source; and never another desk's folder, nor a mistyped one."""
    (tmp_path / "far").mkdir()
    first, second = (released(desk, out, desk) for out in (desk / "releases" / "one", tmp_path / "far" / "two"))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout.split("desk key ")[1] == second.stdout.split("desk key ")[1]
    assert written_beside(desk / "releases") == ["release_made"] * 2
    assert [path.name for path in (tmp_path / "far").iterdir() if path.is_dir()] == ["two"]
    desk_signer(tmp_path / "far")
    for out, why in ((tmp_path / "far" / "three", "memory of another desk"), (desk / "no" / "no" / "x", "no folder")):
        told = released(desk, out, desk)
        assert (told.returncode, why in told.stderr) == (1, True), told.stderr
        assert not out.exists()


def test_invented_people_answer_a_form_of_ones_own_and_say_what_nobody_can_answer(tmp_path: Path) -> None:
    age = "| | integer | age | Age | . >= 16 and . <= 99 | yes |\n"
    phone = "| | text | phone | Call | . = 'a' and . = 'b' | yes |\n"
    for more, outcome in (("", "2 finished."), (phone, "2 refused.")):
        form, home = tmp_path / f"form{len(more)}.md", tmp_path / f"demo{len(more)}"
        head = "| survey |\n| | type | name | label | constraint | required |\n"
        form.write_text(head + age + more, "utf-8")
        told = flask("demo", home, "--people", 2, "--seed", 4, "--study", form)
        assert told.returncode == 0, told.stderr
        assert f"2 synthetic visits: {outcome}" in told.stdout
        said = "2 people could not answer phone: its constraint was not met by 72 tries." in told.stdout
        assert said is bool(more)


def test_pseudonyms_belong_to_the_purpose(desk: Path, tmp_path: Path) -> None:
    for name, purpose in (("first", "one"), ("again", "one"), ("other", "two")):
        told = released(desk, tmp_path / name, desk, purpose=purpose, k=1)
        assert told.returncode == 0, told.stderr
    first, again, other = (
        {person["research_id"] for person in people(tmp_path / name)} for name in ("first", "again", "other")
    )
    assert first == again
    assert len(first) == len(other) == len(people(tmp_path / "first"))
    assert not first & other
    assert written_beside(desk / "releases") == ["release_made"] * 3


def test_a_real_instance_starts_without_keys_and_with_the_plain_path_off(tmp_path: Path) -> None:
    home = tmp_path / "real"
    made = flask("init", home=home)
    assert (made.returncode, "set security_contact" in made.stdout) == (0, True), made.stderr
    assert "plain_path = false" in (home / "studies" / "working_together" / "study.toml").read_text("utf-8")
    shown = flask("keys", "show", home=home)
    assert (shown.returncode, "no public keys" in shown.stderr) == (1, True)


def test_keys_made_at_the_desk_are_taken_in_with_the_same_fingerprint(tmp_path: Path) -> None:
    home = tmp_path / "real"
    flask("init", home=home)
    ring = Keyring.from_json(make_demo_keys("working_together", tmp_path / "keys", date.today()).keyring)
    added = flask("keys", "add", tmp_path / "keys" / "keyring.json", home=home)
    assert added.returncode == 0, added.stderr
    assert f"Fingerprint: {ring.fingerprint}\n{' '.join(ring.words)}" in added.stdout
    assert "Compare these words with the desk's record now." in added.stdout
    assert ring.fingerprint in flask("keys", "show", home=home).stdout
    missing = flask("keys", "show", tmp_path / "missing.json")
    assert (missing.returncode, "missing.json cannot be read." in missing.stderr) == (1, True)
    assert flask("journal", "verify", home=home).stdout.startswith("The chain holds: 3 entries")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("init",), "is not empty"),
        (("simulate", "--people", 1), "real instance"),
        (("withdraw", "ABCD"), "code"),
        (("keys", "add", ROOT / "README.md"), "keyring"),
    ],
)
def test_a_refusal_is_one_clear_line_and_exit_code_1(real: Path, words: tuple[object, ...], says: str) -> None:
    told = flask(*words, home=real)
    assert told.returncode == 1
    assert says in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1, told.stderr


def test_a_shell_is_told_the_same(real: Path) -> None:
    told = shell("init", home=real)
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (1, "", 1)
    assert "is not empty" in told.stderr
    assert shell("release", home=real).returncode == 2


def test_a_folder_without_an_instance_is_refused_before_serving(tmp_path: Path) -> None:
    told = flask("run", "--port", 1, home=tmp_path / "nothing")
    assert (told.returncode, "There is no instance" in told.stderr) == (1, True)


def test_wrong_usage_is_exit_code_2() -> None:
    assert flask("release").returncode == 2
    assert flask("keys", "new").returncode == 2


def test_a_study_comes_back_out_as_a_workbook_and_goes_in_again(demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "study.xlsx"
    written = flask("study", "show", "--xlsx", file, home=demo)
    assert (written.returncode, written.stdout.startswith("Wrote version")) == (0, True), written.stderr
    digest = written.stdout.split()[2]
    assert flask("study", "check", file).stdout.endswith("no problems.\n")
    again = flask("study", "show", "--version", digest[:6], "--xlsx", file, home=demo)
    assert (again.returncode, "exists already" in again.stderr) == (1, True)
    assert flask("study", "show", file, "--version", digest).returncode == 2


def test_a_demo_is_made_around_one_form(tmp_path: Path) -> None:
    form = ROOT / "tests" / "instruments" / "data" / "forms" / "household_roster.md"
    made = flask("demo", tmp_path / "demo", "--study", form, "--people", 3)
    assert (made.returncode, "3 synthetic visits" in made.stdout) == (0, True), made.stderr
    broken = tmp_path / "broken.md"
    broken.write_text("| survey |\n| | type | name | label |\n| | geopoint | place | Where? |\n", "utf-8")
    refused = flask("init", "--study", broken, home=tmp_path / "real")
    assert (refused.returncode, "geopoint" in refused.stderr, (tmp_path / "real").exists()) == (1, True, False)
