"""The one command of the README: a demo, the field app, the desk, their links and sign-ins; one signal stops both."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tests.house.served import ROOT, free_port


def wait_for(pattern: str, output: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        found = re.search(pattern, output.read_text("utf-8"))
        if found:
            return found.group()
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"never said {pattern!r}:\n{output.read_text('utf-8')}")


def status(address: str) -> int:
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.netloc, timeout=10)
    try:
        connection.request("GET", where.path)
        return connection.getresponse().status
    finally:
        connection.close()


def is_served(port: int) -> bool:
    try:
        status(f"http://127.0.0.1:{port}/")
    except OSError:
        return False
    return True


def test_one_command_serves_both_and_one_signal_stops_both(tmp_path: Path) -> None:
    field, desk, output = free_port(), free_port(), tmp_path / "output"
    told = {"AMANAH_HOME": str(tmp_path / "demo"), "AMANAH_PORT": str(field), "AMANAH_DESK_PORT": str(desk)}
    told["FLASK_DEMO_PEOPLE"] = "12"  # of 240 who go the same way
    with output.open("wb") as sink:
        command = [sys.executable, str(ROOT / "app.py")]
        # As at a terminal: what is started in the background of a shell is told to take no notice of Ctrl-C.
        heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        process = subprocess.Popen(
            command, env=dict(os.environ) | told, stdout=sink, stderr=sink, preexec_fn=heeding
        )
    try:
        page = wait_for(r"http://127\.0\.0\.1:\d+/(?= *\n)", output, process)
        link = wait_for(r"http://127\.0\.0\.1:\d+/open/\S+", output, process)
        told_too = ("flask code Mara", "research key for the desk", "Ctrl-C")
        for words in ("sign in as administrator", "sign in as coordinator", *told_too):
            wait_for(words, output, process)
        for _ in range(600):
            if is_served(field) and is_served(desk):
                break
            time.sleep(0.1)
        assert [status(page), status(f"{page}visit/young_person")] == [200, 200]
        assert [status(link), status(link)] == [303, 403]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert (is_served(field), is_served(desk)) == (False, False)
    assert "12 synthetic visits" in output.read_text("utf-8")
    assert "Traceback" not in output.read_text("utf-8")
    assert "127.0.0.1 - -" not in output.read_text("utf-8"), "no request is logged"


def test_flask_run_logs_no_addresses(settings, tmp_path: Path) -> None:
    port, output = free_port(), tmp_path / "output"
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "run", "--port", str(port)]
    with output.open("wb") as sink:
        told = dict(os.environ) | {"AMANAH_HOME": str(settings.home)}
        process = subprocess.Popen(command, env=told, stdout=sink, stderr=sink, cwd=ROOT)
    try:
        wait_for("Running on", output, process)
        assert [status(f"http://127.0.0.1:{port}{path}") for path in ("/", "/nowhere-to-be-found")] == [200, 404]
    finally:
        process.terminate()
        process.wait(60)
    said = output.read_text("utf-8").split("Running on", 1)[1].split("\n", 1)[1]
    assert "127.0.0.1" not in said
    assert "nowhere-to-be-found" not in said
