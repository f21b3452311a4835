"""What deploy/ha says of a node: it acknowledges nothing that one disk alone holds, and logs nothing that was sent."""

from __future__ import annotations

import os
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from sqlalchemy.engine import make_url

from storage.reaching import LOSES, WRITABLE, reached
from tests.house.served import ROOT

SCALE = (ROOT / "docs" / "scale.md").read_text("utf-8")


@pytest.fixture
def clusters(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """deploy/ha/cluster.py, as a module."""
    told = spec_from_file_location("clusters_of_deploy", ROOT / "deploy" / "ha" / "cluster.py")
    assert told
    assert told.loader
    made = module_from_spec(told)
    monkeypatch.setitem(sys.modules, told.name, made)
    told.loader.exec_module(made)
    return made


@pytest.fixture
def cluster(clusters: ModuleType) -> Any:
    nodes = tuple(clusters.Node(name, port, 8000 + port) for port, name in enumerate(clusters.NAMES, 5001))
    return clusters.Cluster(Path("/srv/trial"), 2379, 2380, nodes)


def test_a_node_acknowledges_nothing_that_it_alone_holds(clusters: ModuleType, cluster: Any) -> None:
    node = yaml.safe_load(clusters.filled(cluster, cluster.nodes[0]))
    told = node["bootstrap"]["dcs"]
    assert told["synchronous_mode"] is told["synchronous_mode_strict"] is True
    assert told["synchronous_node_count"] >= 1
    kept = told["postgresql"]["parameters"]
    assert kept["synchronous_commit"] not in LOSES["synchronous_commit"]
    assert "fsync" not in kept
    assert "data-checksums" in node["bootstrap"]["initdb"]
    assert node["watchdog"]["mode"] == "off", "a trial has none"
    assert 'mode: "$watchdog"' in clusters.TEMPLATE.read_text("utf-8")


def test_a_silent_leader_has_lost_its_place_within_what_is_stated(clusters: ModuleType, cluster: Any) -> None:
    told = yaml.safe_load(clusters.filled(cluster, cluster.nodes[0]))["bootstrap"]["dcs"]
    assert told["ttl"] >= told["loop_wait"] + 2 * told["retry_timeout"], "else Patroni gives up before it may"
    stated = re.search(r"deliveries go on within (\d+) seconds", SCALE)
    assert stated
    assert told["ttl"] + 2 * told["loop_wait"] <= int(stated[1])


def test_no_log_of_a_node_holds_a_statement_an_address_or_a_time(clusters: ModuleType, cluster: Any) -> None:
    kept = yaml.safe_load(clusters.filled(cluster, cluster.nodes[0]))["bootstrap"]["dcs"]["postgresql"]["parameters"]
    assert (kept["log_statement"], kept["log_min_error_statement"], kept["log_line_prefix"]) == ("none", "panic", "")
    assert kept["log_connections"] == kept["log_disconnections"] == "off"


def test_a_cluster_says_nothing_by_itself_and_the_command_says_it(
    clusters: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / clusters.TOLD).write_text('{"etcd": [1, 2], "nodes": []}')
    assert clusters.do("status", tmp_path) == ["{}"]
    assert capsys.readouterr().out == ""
    clusters.main(["status", str(tmp_path)])
    assert capsys.readouterr().out == "{}\n"
    monkeypatch.setattr(clusters, "READY", -1)
    with pytest.raises(SystemExit, match="did not get ready"):
        clusters.main(["revive", str(tmp_path)])


def test_one_address_names_every_node_and_asks_for_the_one_that_may_be_written_to(cluster: Any) -> None:
    query = reached(make_url(cluster.address("research"))).query
    assert query["host"] == ("127.0.0.1:5001", "127.0.0.1:5002", "127.0.0.1:5003")
    assert query["target_session_attrs"] in WRITABLE


def test_a_trial_that_cannot_begin_says_so_at_once(
    clusters: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="There is no cluster in"):
        clusters.main(["status", str(tmp_path / "none")])
    monkeypatch.setattr(clusters, "PROGRAMS", dict.fromkeys(clusters.PROGRAMS, Path("/bin/false")))
    (tmp_path / "closed").mkdir(mode=0o700)
    monkeypatch.setattr(clusters, "_account", lambda: {"user": os.getuid(), "group": os.getgid()})
    monkeypatch.setattr(clusters, "BINARIES", made_up(tmp_path / "binaries"))
    with pytest.raises(SystemExit, match="may not enter"):
        clusters.main(["start", str(tmp_path / "closed" / "ha")])
    monkeypatch.setattr(clusters, "_account", dict)
    with pytest.raises(SystemExit, match=r"ended\. Read "):
        clusters.main(["start", str(tmp_path / "closed" / "ha")])
    for process in clusters.STARTED:
        process.wait(10)


def made_up(folder: Path) -> Path:
    """A folder in which a server would lie."""
    folder.mkdir()
    (folder / "postgres").touch()
    return folder
