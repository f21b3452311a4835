"""The container files keep what the units promise. They cannot be run here; docs/deploy.md says what was done."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import Settings
from tests.house.served import ROOT, serving

FOLDER = ROOT / "deploy" / "containers"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
IMAGE = (FOLDER / "Containerfile").read_text("utf-8")


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_shut(name: str) -> None:
    told = SERVICES[name]
    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert "cap_add" not in told
    assert "privileged" not in told
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert told["logging"] == {"driver": "none"}, "a container's log has a time beside each line"
    assert told["ulimits"] == {"core": 0}
    assert told["tmpfs"], "what is written beside its volumes is in memory"
    assert re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*", told["image"]), "an image has a version"
    assert name == "door" or re.fullmatch(r"[1-9]\d*:[1-9]\d*", told["user"])


def test_only_the_door_is_reached_from_outside_and_only_it_reaches_outside() -> None:
    assert [name for name, told in SERVICES.items() if "ports" in told] == ["door"]
    outside = {name for name, told in (COMPOSE["networks"]).items() if not (told or {}).get("internal")}
    assert [name for name, told in SERVICES.items() if outside & set(told["networks"])] == ["door"]
    for store in ("research", "identity", "office"):
        who = {name for name, told in SERVICES.items() if store in told["networks"]}
        assert who == {f"{store}-db", "field", "keeper"}


def test_no_password_stands_in_a_file_that_is_kept() -> None:
    told = (FOLDER / "compose.yaml").read_text("utf-8")
    assert re.findall(r"//\w+:[^@/]*@", told) == []
    assert [line for line in told.splitlines() if re.search(r"PASSWORD\b(?!_FILE)", line)] == []
    assert "field.pgpass" in SERVICES["field"]["secrets"]
    assert not {"owner.pgpass", "owner.password"} & set(SERVICES["field"]["secrets"]), "the collector is not the owner"


def test_the_image_is_built_of_what_is_locked_and_runs_as_nobody() -> None:
    assert "--no-deps --require-hashes --only-binary :all: -r requirements.lock" in IMAGE
    assert re.findall(r"(?m)^USER (.*)$", IMAGE)[-1] == "10001:10001"
    assert re.search(r"(?m)^ARG BASE=\S+:\d+\.\d+\.\d+", IMAGE)
    assert "HEALTHCHECK" in IMAGE
    copied = set(re.findall(r"(?m)^COPY (\w+) \1/$", IMAGE))
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"static", "templates", "translations"}
    assert rooms - {"bench"} - copied == set(), "what is not copied cannot be imported"
    sent = set(re.findall(r"(?m)^!(\w+)$", (ROOT / ".containerignore").read_text("utf-8")))
    assert sent == copied
    assert (ROOT / ".dockerignore").read_bytes() == (ROOT / ".containerignore").read_bytes()


def test_prepare_makes_secrets_of_their_owners_and_a_conf_for_the_host(tmp_path: Path) -> None:
    work = shutil.copytree(FOLDER, tmp_path / "deploy" / "containers", ignore=shutil.ignore_patterns("secrets"))
    shutil.copy(ROOT / "deploy" / "nginx.conf", tmp_path / "deploy")
    run = subprocess.run(["sh", work / "prepare.sh", "study.example.net"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    asked = {Path(told["file"]).name for told in COMPOSE["secrets"].values()} - {"fullchain.pem", "privkey.pem"}
    made = {path.name: path for path in (work / "secrets").iterdir()}
    assert asked <= set(made)
    assert {path.stat().st_mode & 0o077 for path in made.values()} == {0}
    words = {path.read_text() for name, path in made.items() if name.endswith(".password")}
    assert (len(words), {len(word) for word in words}) == (4, {64})
    lines = made["field.pgpass"].read_text().splitlines()
    assert [line.split(":")[:4] for line in lines][1] == ["identity-db", "5432", "identity", "amanah_field"]
    told = (work / "nginx.conf").read_text()
    assert told.count("study.example.net") >= 3
    assert "proxy_pass http://field:8000;" in told
    assert re.findall(r"listen (\d+)", told) == ["8080", "8443", "8080", "8443"]
    again = subprocess.run(["sh", work / "prepare.sh", "study.example.net"], capture_output=True, text=True)
    assert (again.returncode, "there already" in again.stderr) == (1, True)
    assert subprocess.run(["sh", work / "prepare.sh", "a;b"], capture_output=True).returncode == 1


@pytest.mark.torture
def test_what_the_image_holds_is_enough_to_serve(settings: Settings, tmp_path: Path) -> None:
    """Every COPY of the Containerfile, and nothing else, in a folder that nobody may write to."""
    code = tmp_path / "opt"
    for words in re.findall(r"(?m)^COPY ((?!--from).*)$", IMAGE):
        *sources, target = words.split()
        for source in (path for told in sources for path in ROOT.glob(told)):
            put = shutil.copytree if source.is_dir() else shutil.copy
            (code / target).mkdir(parents=True, exist_ok=True)
            put(source, code / target, **({"dirs_exist_ok": True} if source.is_dir() else {}))
    (tmp_path / "around").mkdir()
    with serving(settings.home, tmp_path / "around", is_gunicorn=True, code=code) as served:
        assert served.send("GET", "/visit/young_person").status == 200
        assert served.send("GET", "/office/sign-in").status == 200
