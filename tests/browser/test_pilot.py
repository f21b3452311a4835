"""A pilot without a domain: `flask certificate` and `flask serve`, as a researcher with a router starts them."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import HTTPSHandler, build_opener

import pytest
from playwright.sync_api import Browser

from config import Settings
from tests.house.served import ROOT, free_port


@contextmanager
def serving_tablets(settings: Settings, output: Path) -> Iterator[int]:
    """`flask serve`, as a researcher starts it, on this machine alone."""
    port = free_port()
    words = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py")]
    told = dict(os.environ) | {"AMANAH_HOME": str(settings.home)}
    made = [*words, "certificate", "--host", "127.0.0.1"]
    said = subprocess.run(made, env=told, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    assert "authority.crt" in said
    with output.open("wb") as sink:
        serving = [*words, "serve", "--address", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(serving, env=told, stdout=sink, stderr=sink, cwd=ROOT)
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait()


def test_tablets_that_trust_the_authority_get_the_page_and_may_seal(
    settings: Settings, tmp_path: Path, browser: Browser
) -> None:
    output = tmp_path / "output.txt"
    with serving_tablets(settings, output) as port:
        trusting = ssl.create_default_context(cafile=settings.home / "tls" / "authority.crt")
        page = build_opener(HTTPSHandler(context=trusting)).open(f"https://127.0.0.1:{port}/", timeout=30).read()
        assert b"Working Together" in page
        with pytest.raises(OSError, match="certificate"):
            build_opener(HTTPSHandler(context=ssl.create_default_context())).open(
                f"https://127.0.0.1:{port}/", timeout=30
            )
        # The certificate is for the host that was asked for: by another name it is refused.
        with pytest.raises(OSError, match="not valid for"):
            build_opener(HTTPSHandler(context=trusting)).open(f"https://localhost:{port}/", timeout=30)
        context = browser.new_context(ignore_https_errors=True)
        tablet = context.new_page()
        tablet.goto(f"https://127.0.0.1:{port}/visit/young_person")
        assert tablet.evaluate("isSecureContext && crypto.subtle !== undefined")
        context.close()
    assert b"127.0.0.1" not in output.read_bytes()


def test_without_a_certificate_serving_says_what_to_do(settings: Settings) -> None:
    told = dict(os.environ) | {"AMANAH_HOME": str(settings.home)}
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "serve", "--address", "127.0.0.1"]
    done = subprocess.run(command, env=told, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert "flask certificate --host" in done.stderr
    assert "Traceback" not in done.stderr
