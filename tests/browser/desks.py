"""A desk as `flask desk` serves it, for real browsers."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tests.house.served import ROOT, free_port
from tests.stretching import FLASK


@contextmanager
def desk_of(home: Path, scratch: Path) -> Iterator[str]:
    """The one-time link of a desk over this folder."""
    output, port = scratch / "desk.txt", str(free_port())
    command = [*FLASK, "--app", str(ROOT / "app.py"), "desk", "--port", port]
    with output.open("wb") as sink:
        told = dict(os.environ) | {"AMANAH_HOME": str(home), "TMPDIR": str(scratch), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, env=told, stdout=sink, stderr=sink, cwd=ROOT)
    try:
        for _ in range(1200):
            found = re.search(r"http://\S+/open/\S+", output.read_text("utf-8"))
            if found:
                break
            time.sleep(0.05)
        assert found, output.read_text("utf-8")
        yield found.group()
    finally:
        process.terminate()
        process.wait()


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """Send a form within: what follows finds the page that answers. A form goes out only once the desk is known to be
    there, so that the page it was sent from stands a moment longer."""
    with page.expect_navigation():
        yield
