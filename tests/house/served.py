"""The field app as its users meet it: a process of its own, on a port, with its output and temporary files kept."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]
START = """
import sys
from pathlib import Path
import app, config
app.serve_field(app.create_app(config.read_settings(Path(sys.argv[1]), {})), int(sys.argv[2]))
"""
# Packs a page in milliseconds: as small as it goes, all that a tablet keeps in six languages takes seconds, in each
# process anew. What a first load weighs is looked at where a server packs as it does in the field.
PACKS_QUICKLY = """
import functools, brotli
brotli.compress = functools.partial(brotli.compress, quality=4)
"""
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: str = ""  # all that were set, as a browser sends them back

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Served:
    """A running field app; `said` is all that it has printed, `scratch` its temporary folder."""

    port: int
    process: subprocess.Popen[bytes]
    output: Path
    scratch: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> bytes:
        return self.output.read_bytes()

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(source, 0))
        sent = dict(headers or {})
        if isinstance(body, Mapping):
            body = urlencode(body, doseq=True).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        try:
            # A server may refuse a body before it has read the whole of it; its answer is there all the same.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, sent)
            answer = connection.getresponse()
            kept = "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie", []))
            return Answer(answer.status, dict(answer.headers.items()), answer.read(), kept)
        finally:
            connection.close()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    home: Path,
    around: Path,
    is_gunicorn: bool = False,
    code: Path = ROOT,
    packs_quickly: bool = False,
    watch: str = "",
    under: tuple[str, ...] = (),
    before: str = "",
) -> Iterator[Served]:
    """Serve the instance in `home` by this code, as `./run` or as deploy/ does; output and scratch stay in `around`.

    `watch`: where gunicorn lets itself be watched; `under`: a program that starts it; `before`: a line of Python that
    `./run` has not.
    """
    start = before + (PACKS_QUICKLY + START if packs_quickly else START)
    scratch, output, port = around / "scratch", around / "output.txt", free_port()
    scratch.mkdir()
    told = {"TMPDIR": str(scratch), "AMANAH_HOME": str(home), "AMANAH_BIND": f"127.0.0.1:{port}", "AMANAH_WATCH": watch}
    gunicorn = [*GUNICORN[:-1], str(code / "deploy" / "gunicorn.conf.py")]
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [*under, *(gunicorn if is_gunicorn else [sys.executable, "-c", start, str(home), str(port)])],
            cwd=code,
            env=dict(os.environ) | told,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(port, process, output)
            yield Served(port, process, output, scratch)
        finally:
            process.terminate()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    for _ in range(600):
        if is_listening(port):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"The field app did not start:\n{output.read_text()}")
