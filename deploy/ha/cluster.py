"""A Patroni cluster of three nodes on loopback, from the templates that stand here: to try what docs/scale.md says.

    python3 deploy/ha/cluster.py start DIR      three nodes and etcd; prints the three addresses of a study
    python3 deploy/ha/cluster.py status DIR     who leads, who follows
    python3 deploy/ha/cluster.py kill DIR       end the leading node, as a power cut would
    python3 deploy/ha/cluster.py revive DIR     start every node that is down
    python3 deploy/ha/cluster.py stop DIR

Needs `apt install patroni etcd-server python3-etcd postgresql-15`. Its databases ask for no password, and all lie on
one disk: never for people's answers.
"""

from __future__ import annotations

import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

HOST = "127.0.0.1"
TEMPLATE = Path(__file__).with_name("patroni.yml")
NAMES = ("one", "two", "three")
STORES = ("research", "identity", "office")
ROLES = ("leader", "sync", "replica")  # as Patroni's REST API is asked for them
SPOKEN = {"leader": "leader", "sync": "sync_standby", "replica": "replica"}
PASSWORDS = ("rest_password", "superuser_password", "replication_password", "rewind_password")
READY = 180.0  # seconds
NONE: Mapping[str, None] = {}
TOLD = "cluster.json"
DEEDS = ("start", "status", "kill", "revive", "stop")
# Debian's own, which see Debian's modules, whatever else is on the path.
PROGRAMS = {"patroni": Path("/usr/bin/patroni"), "etcd": Path("/usr/bin/etcd")}
BINARIES = Path("/usr/lib/postgresql/15/bin")


class ClusterError(Exception):
    """A trial cluster cannot be laid down, or does not get ready."""


@dataclass(frozen=True)
class Node:
    """One PostgreSQL and the Patroni that minds it."""

    name: str
    port: int
    rest_port: int


@dataclass(frozen=True)
class Cluster:
    """A folder with everything of it. Every process is this account's, or nobody's where that is root."""

    folder: Path
    etcd_port: int
    peer_port: int
    nodes: tuple[Node, ...]

    def address(self, database: str) -> str:
        """The SQLAlchemy address of a database, by all nodes."""
        hosts = "&".join(f"host={HOST}:{node.port}" for node in self.nodes)
        return f"postgresql://postgres@/{database}?{hosts}"

    def start(self) -> None:
        """Start what is not running, and wait until somebody leads and another has all that it acknowledges."""
        self._begin(
            "etcd",
            [
                PROGRAMS["etcd"], "--name", "trial", "--data-dir", self.folder / "etcd",
                "--listen-client-urls", f"http://{HOST}:{self.etcd_port}",
                "--advertise-client-urls", f"http://{HOST}:{self.etcd_port}",
                "--listen-peer-urls", f"http://{HOST}:{self.peer_port}",
                "--initial-advertise-peer-urls", f"http://{HOST}:{self.peer_port}",
                "--initial-cluster", f"trial=http://{HOST}:{self.peer_port}",
                "--heartbeat-interval", "500", "--election-timeout", "5000",
            ],
        )  # fmt: skip
        self.revive()

    def revive(self) -> None:
        """Start every node that is down, as the system would, and wait until all are as they should be."""
        begun = {
            node.name: self._begin(node.name, [PROGRAMS["patroni"], self.folder / f"{node.name}.yml"])
            for node in self.nodes
        }
        # Patroni already says "leader" of one that has its place back, and whose server does not take anything yet.
        self.wait_until(lambda roles: sorted(roles.values()) == sorted(SPOKEN.values()) and self._takes(), begun)

    def stop(self) -> None:
        """Stop every process of this cluster, politely first."""
        for name in (*NAMES, "etcd"):
            pid = self._pid(name)
            if pid is None:
                continue
            os.kill(pid, signal.SIGTERM)
            if not _ended(pid, 30):
                os.kill(pid, signal.SIGKILL)
        for node in self.nodes:
            self._end_server(node)

    def kill(self, node: Node) -> None:
        """End a node as a power cut would: Patroni, the server and all its processes at once, with nothing said."""
        patroni = self._pid(node.name)
        if patroni is not None:
            os.kill(patroni, signal.SIGKILL)
        self._end_server(node)

    def leader(self) -> Node:
        """The node that leads now."""
        self.wait_until(lambda roles: "leader" in roles.values())
        return next(node for node in self.nodes if self.roles().get(node.name) == "leader")

    def roles(self) -> dict[str, str]:
        """What each node that answers is, in its own words: etcd remembers for a while what one that is gone was."""
        asked = {node.name: next((role for role in ROLES if _is(node, role)), "") for node in self.nodes}
        return {name: SPOKEN[role] for name, role in asked.items() if role}

    def wait_until(
        self, holds: Callable[[dict[str, str]], bool], begun: Mapping[str, subprocess.Popen[bytes] | None] = NONE
    ) -> None:
        """Wait until the nodes' roles are as wished.

        Raises ClusterError where they never are, or one of those that were just begun has ended.
        """
        until = time.monotonic() + READY
        while not holds(self.roles()):
            if ended := [name for name, process in begun.items() if process and process.poll() is not None]:
                logs = ", ".join(f"{name}.log" for name in ended)
                raise ClusterError(f"Not ready: {', '.join(ended)} ended. Read {logs}, etcd.log in {self.folder}.")
            if time.monotonic() > until:
                raise ClusterError(f"The cluster in {self.folder} did not get ready: {self.roles()}. Read its *.log.")
            time.sleep(0.2)

    def _takes(self) -> bool:
        with suppress(subprocess.CalledProcessError):
            self.say("select 1")
            return True
        return False

    def make_databases(self) -> None:
        """Those that are not there: a start that was broken off is begun again."""
        there = self.say("select datname from pg_database").split()
        for store in STORES:
            if store not in there:
                self.say(f"create database {store}")

    def say(self, statement: str) -> str:
        """Run a statement as the superuser where it may be written; what it gives, a row a line."""
        psql = [BINARIES / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]
        ports = ",".join(str(node.port) for node in self.nodes)
        hosts = ",".join(HOST for _ in self.nodes)
        told = f"host={hosts} port={ports} user=postgres dbname=postgres target_session_attrs=read-write"
        done = subprocess.run([*psql, told], check=True, capture_output=True, text=True)  # noqa: S603 (our own words)
        return done.stdout

    def _begin(self, name: str, command: list[str | Path]) -> subprocess.Popen[bytes] | None:
        if self._pid(name) is not None:
            return None
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 (our own words)
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                env={"PATH": f"{BINARIES}:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(self.folder)},
                **_account(),
            )
        (self.folder / f"{name}.pid").write_text(str(process.pid))
        STARTED.append(process)
        return process

    def _pid(self, name: str) -> int | None:
        """The process of this name, if it runs and is ours."""
        with suppress(FileNotFoundError, ProcessLookupError, ValueError):
            pid = int((self.folder / f"{name}.pid").read_text())
            return pid if str(self.folder) in _command(pid) else None
        return None

    def _end_server(self, node: Node) -> None:
        data = self.folder / node.name
        with suppress(FileNotFoundError, ProcessLookupError, ValueError, IndexError):
            postmaster = int((data / "postmaster.pid").read_text().split()[0])
            if str(data) in _command(postmaster):
                _kill_all(postmaster)


STARTED: list[subprocess.Popen[bytes]] = []  # kept, so that those of this process are not lost to it as zombies


def new_cluster(folder: Path) -> Cluster:
    """Lay a cluster down in a new folder; nothing runs yet. Raises ClusterError where a program is missing."""
    missing = [str(path) for path in (*PROGRAMS.values(), BINARIES / "postgres", TEMPLATE) if not path.exists()]
    if missing:
        raise ClusterError(f"Missing: {', '.join(missing)}. apt install patroni etcd-server python3-etcd postgresql-15")
    if closed := next((part for part in folder.parents if _account() and _is_closed(part)), None):
        raise ClusterError(f"As root this runs as nobody, who may not enter {closed}. Name a folder in an open one.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ports = list(_free_ports(2 + 2 * len(NAMES)))
    nodes = tuple(Node(name, ports.pop(), ports.pop()) for name in NAMES)
    cluster = Cluster(folder, ports.pop(), ports.pop(), nodes)
    for node in nodes:
        (folder / f"{node.name}.yml").write_text(filled(cluster, node))
    told = {"etcd": [cluster.etcd_port, cluster.peer_port], "nodes": [[*vars(node).values()] for node in nodes]}
    (folder / TOLD).write_text(json.dumps(told))
    if account := _account():
        for path in (folder, *folder.iterdir()):
            os.chown(path, account["user"], account["group"])
    return cluster


def _is_closed(part: Path) -> bool:
    return part.exists() and not part.stat().st_mode & 0o001


def found_cluster(folder: Path) -> Cluster:
    """The cluster that was laid down in this folder."""
    if not (folder / TOLD).exists():
        raise ClusterError(f"There is no cluster in {folder}. Make one: cluster.py start {folder}")
    told = json.loads((folder / TOLD).read_text())
    return Cluster(folder, *told["etcd"], tuple(Node(*node) for node in told["nodes"]))


def _is(node: Node, role: str) -> bool:
    with suppress(OSError):
        with urllib.request.urlopen(f"http://{HOST}:{node.rest_port}/{role}", timeout=3):  # noqa: S310 (loopback)
            return True
    return False


def filled(cluster: Cluster, node: Node) -> str:
    """The template as a node of a trial reads it."""
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        scope="trial", name=node.name, host=HOST, port=node.port, rest_port=node.rest_port,
        etcd=f"{HOST}:{cluster.etcd_port}", binaries=BINARIES, data=cluster.folder / node.name,
        passwords=cluster.folder / f"{node.name}.pgpass", sockets=cluster.folder, line="host", network=f"{HOST}/32",
        method="trust", watchdog="off", **dict.fromkeys(PASSWORDS, "of-a-trial"),
    )  # fmt: skip


def _free_ports(count: int) -> Iterator[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
            yield one.getsockname()[1]


def _account() -> dict[str, Any]:
    """As whom processes run: PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _command(pid: int) -> str:
    """The command line of a process that runs; "" of one that has ended."""
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return "" if state == "Z" else Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def _kill_all(postmaster: int) -> None:
    """End a server and its processes. Stopped first, so that it sees none of them go and says nothing."""
    os.kill(postmaster, signal.SIGSTOP)
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for pid in (*map(int, children), postmaster):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _ended(pid: int, patience: float) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            if not _command(pid):
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


def do(deed: str, folder: Path) -> list[str]:
    """Do one of DEEDS with the cluster in this folder. Returns what is to be said of it. Raises ClusterError."""
    is_new = deed == "start" and not (folder / TOLD).exists()
    cluster = new_cluster(folder) if is_new else found_cluster(folder)
    if deed == "kill":
        cluster.kill(cluster.leader())
    elif deed in ("start", "revive", "stop"):
        getattr(cluster, deed)()
    if deed == "start":
        cluster.make_databases()
        return [f"export AMANAH_{store.upper()}_DATABASE='{cluster.address(store)}'" for store in STORES]
    return [] if deed == "stop" else [str(cluster.roles())]


def main(words: list[str]) -> None:
    """The command: what the first word says, with the folder that the second names."""
    if len(words) != 2 or words[0] not in DEEDS:
        raise SystemExit(__doc__)
    try:
        told = do(words[0], Path(words[1]).absolute())
    except ClusterError as error:
        raise SystemExit(str(error)) from None
    for line in told:
        print(line)  # noqa: T201 (a command of its own, and its whole answer)


if __name__ == "__main__":
    main(sys.argv[1:])
