"""`flask desk` as a person runs it: it prints its one-time link and answers on this machine's loopback only."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys

from config import Settings
from tests.house.served import ROOT, free_port


def test_flask_desk_prints_a_link_that_opens(settings: Settings) -> None:
    port = free_port()
    words = [sys.executable, "-u", "-m", "flask", "--app", str(ROOT / "app.py"), "desk", "--port", str(port)]
    environment = dict(os.environ) | {"AMANAH_HOME": str(settings.home)}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as desk:
        try:
            assert desk.stdout is not None
            printed = desk.stdout.readline()
            link = re.search(rf"http://127\.0\.0\.1:{port}(/open/\S+)", printed)
            assert link, printed + desk.stdout.read()
            assert (status(port, "/"), status(port, link.group(1))) == (403, 303)
            assert status(port, link.group(1)) == 403
            assert not listens_beyond_loopback(port)
        finally:
            desk.terminate()
            assert desk.wait(30) == 0, "it ends by itself when it is asked to, and overwrites its keys"


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse().status
    connection.close()
    return answer


def listens_beyond_loopback(port: int) -> bool:
    """Whether the port is taken on another of this machine's loopback addresses: then it listens everywhere."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.2", port)) == 0
