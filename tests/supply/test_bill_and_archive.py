"""The bill of materials is CycloneDX and says the same each time; an archive is the same wherever it is made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import jsonschema_rs
import pytest

from checkup.manifest import sha256
from errors import SettingsError
from supply.archive import make_archive
from supply.locked import read_lock
from supply.project import commit_of
from supply.sbom import bill_of, written

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "tests" / "vectors" / "cyclonedx"
PARTS = ("pyproject.toml", "requirements.lock", ".gitattributes", "supply/commit.txt")


def schema(name: str) -> dict[str, object]:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))


def test_the_bill_is_valid_by_the_official_schema() -> None:
    base = "http://cyclonedx.org/schema/"
    names = {"spdx": "spdx", "jsf-0.82": "jsf-0.82"}
    others = [(f"{base}{name}.SNAPSHOT.schema.json", schema(file)) for name, file in names.items()]
    registry = jsonschema_rs.Registry(others)
    validator = jsonschema_rs.validator_for(schema("bom-1.6"), registry=registry)
    bill = bill_of(ROOT)
    assert [f"{error.message} at {error.instance_path}" for error in validator.iter_errors(bill)] == []
    assert not validator.is_valid(bill | {"components": [{"name": "without a type"}]})


def test_the_bill_names_every_package_with_every_hash_and_the_script_that_is_not_ours() -> None:
    parts = {part["purl"]: part for part in bill_of(ROOT)["components"]}
    for one in read_lock(ROOT / "requirements.lock"):
        files = parts.pop(f"pkg:pypi/{one.name}@{one.version}")["externalReferences"]
        assert {file["hashes"][0]["content"] for file in files} == set(one.hashes)
    (script,) = parts.values()
    lean = (ROOT / "static" / "vendor" / "lean-qr.js").read_bytes()
    assert (script["name"], script["hashes"][0]["content"]) == ("lean-qr", sha256(lean))
    assert script["licenses"] == [{"license": {"name": "MIT License"}}]
    assert written(ROOT) == written(ROOT)


def git(folder: Path, *words: str, when: str = "2026-11-25T10:00:00Z") -> None:
    who = ("-c", "user.name=Mara", "-c", "user.email=mara@example.org", "-c", "commit.gpgsign=false")
    told = dict(os.environ) | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True, env=told)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small clone with what an archive needs."""
    folder = tmp_path / "project"
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, folder / part)
    shutil.copytree(ROOT / "static" / "vendor", folder / "static" / "vendor")
    git(tmp_path, "init", "--quiet", str(folder))
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "A version")
    return folder


def test_two_clones_at_two_places_and_times_make_the_same_archive(project: Path, tmp_path: Path) -> None:
    made = []
    for place in ("here", "some/where else"):
        clone = tmp_path / place
        git(tmp_path, "clone", "--quiet", str(project), str(clone), when="2027-01-01T00:00:00Z")
        for path in clone.rglob("*.toml"):
            os.utime(path, (len(place), len(place)))
            path.chmod(0o600 if place == "here" else 0o664)
        made.append([path.read_bytes() for path in make_archive(clone, tmp_path / f"out of {clone.name}")])
    assert made[0] == made[1]
    assert made[0][0][4:8] == bytes(4), "no time of packing"
    out = tmp_path / "out of here"
    archive = next(out.glob("*.tar.gz"))
    assert f"{sha256(archive.read_bytes())}  {archive.name}\n" in next(out.glob("*.sha256")).read_text("utf-8")
    with tarfile.open(archive) as packed:
        told = packed.extractfile(f"{archive.name.removesuffix('.tar.gz')}/supply/commit.txt")
        assert told is not None
        assert told.read().decode().strip() == commit_of(project)
        assert {(one.uid, one.uname) for one in packed.getmembers()} == {(0, "root")}


def test_what_is_not_committed_is_in_no_archive(project: Path, tmp_path: Path) -> None:
    (project / "stray.txt").write_text("not committed")
    with pytest.raises(SettingsError, match=r"stray\.txt"):
        make_archive(project, tmp_path / "out")
    assert not (tmp_path / "out").exists()
