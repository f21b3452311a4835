"""Nothing is installed that the lock does not name with a hash, and the lists, the locks and the audit agree."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from checkup.manifest import sha256
from supply.audit import CLEAN, FOUND, NOT_REACHED, Pin, Report, audit, in_words
from supply.locked import read_list, read_lock

ROOT = Path(__file__).parents[2]
NODE = ("package.json", "package-lock.json")
LISTS = ("requirements", "requirements-test", "requirements-supply")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_and_its_lock_name_the_same_packages_each_with_hashes(name: str) -> None:
    locked = read_lock(ROOT / f"{name}.lock")
    assert {(one.name, one.version) for one in locked} == read_list(ROOT / f"{name}.txt"), "run `./run lock`"
    assert [one.name for one in locked if not one.hashes] == []
    text = (ROOT / f"{name}.lock").read_text("utf-8")
    assert "http" not in text, "an index is named by whoever installs"
    assert "\n--only-binary :all:\n" in text, "whoever installs from it by hand takes no source archive either"


def test_no_package_stands_in_two_versions() -> None:
    versions = Counter(name for name, _ in {pin for name in LISTS for pin in read_list(ROOT / f"{name}.txt")})
    assert [name for name, count in versions.items() if count > 1] == []


def test_run_installs_from_the_locks_alone() -> None:
    told = (ROOT / "run").read_text("utf-8")
    installs = [line for line in told.splitlines() if "pip install" in line]
    assert installs
    assert all("--no-deps --require-hashes --only-binary :all:" in line for line in installs)


def test_the_tool_that_judges_pages_comes_from_its_lock_alone() -> None:
    asked, locked = (json.loads((ROOT / "supply/lighthouse" / name).read_text("utf-8")) for name in NODE)
    packages = dict(locked["packages"])
    assert packages.pop("")["dependencies"] == asked["dependencies"], "run `./run lock lighthouse`"
    assert packages["node_modules/lighthouse"]["version"] == asked["dependencies"]["lighthouse"]
    assert [name for name, one in packages.items() if not one.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, one in packages.items() if "resolved" in one] == [], "who installs names a registry"
    installs = [line for line in (ROOT / "run").read_text("utf-8").splitlines() if "npm ci" in line or "npm i " in line]
    assert len(installs) == 1
    assert "--ignore-scripts" in installs[0]


def test_a_source_archive_is_refused_even_with_the_right_hash(tmp_path: Path) -> None:
    """What builds it has no hash in any lock: an index that hides the wheels would run whatever it likes."""
    shelf, ran = tmp_path / "shelf", tmp_path / "ran"
    files = {
        "PKG-INFO": "Metadata-Version: 2.1\nName: victim\nVersion: 1.0\n",
        "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'theirs'\nbackend-path = ['.']\n",
        "theirs.py": f"open({str(ran)!r}, 'w')\n",
    }
    shelf.mkdir()
    with tarfile.open(shelf / "victim-1.0.tar.gz", "w:gz") as archive:
        for name, text in files.items():
            told = tarfile.TarInfo(f"victim-1.0/{name}")
            told.size = len(text.encode())
            archive.addfile(told, io.BytesIO(text.encode()))
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"victim==1.0 --hash=sha256:{sha256((shelf / 'victim-1.0.tar.gz').read_bytes())}\n")
    # The very words of ./run, in a dry run with this shelf in the place of an index.
    (line,) = (one for one in (ROOT / "run").read_text("utf-8").splitlines() if "pip install" in one)
    words = line.split("-m pip install ")[1].replace('"$lock"', str(lock)).split()
    here = ["--isolated", "--dry-run", "--no-index", "--find-links", str(shelf)]
    done = subprocess.run([sys.executable, "-m", "pip", "install", *here, *words], capture_output=True, text=True)
    assert (done.returncode, "No matching distribution found for victim" in done.stderr) == (1, True), done.stderr
    assert not ran.exists()


PINS: tuple[Pin, ...] = (("flask", "3.1.3"), ("jinja2", "3.1.6"))
QUIET = {"name": "Flask", "version": "3.1.3", "vulns": []}
KNOWN = {"name": "jinja2", "version": "3.1.6", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.7"]}]}
SKIPPED = {"name": "jinja2", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("first", "second", "outcome", "says"),
    [
        ([QUIET, KNOWN | {"vulns": []}], None, CLEAN, "2 packages looked up, no weakness is known."),
        ([QUIET, KNOWN], None, FOUND, "jinja2 3.1.6: PYSEC-1 (mended in: 3.1.7)"),
        ([QUIET, SKIPPED], [KNOWN], FOUND, "PYSEC-1"),
        ([QUIET, SKIPPED], [], NOT_REACHED, "NOT LOOKED UP: 1 of 2 packages: jinja2."),
        ([], [], NOT_REACHED, "NOT LOOKED UP: 2 of 2 packages"),
        ([KNOWN], [], FOUND, "NOT LOOKED UP: 1 of 2 packages: flask."),
    ],
)
def test_an_audit_never_calls_clean_what_it_did_not_look_up(first, second, outcome: int, says: str) -> None:
    def answers(service: str, pins: Sequence[Pin]) -> Report:
        told = {"pypi": first, "osv": second}[service]
        assert told is not None, "nothing is asked twice"
        return {"dependencies": told}

    done = audit(PINS, answers)
    assert done.outcome == outcome
    assert says in in_words(done)
    assert ("no weakness is known" in in_words(done)) == (outcome == CLEAN)
