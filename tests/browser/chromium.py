"""Find a Chromium, or fetch one: the browser tests always run in a real one, and fail where none can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def named() -> str | None:
    """The browser that $CHROMIUM names."""
    return os.environ.get("CHROMIUM")


def on_the_path() -> str | None:
    """A browser that is installed already."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def from_debian() -> str | None:
    """Debian's package, where we may install it."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    wanted = ["chromium", "fonts-noto-core"]
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *wanted]):
        subprocess.run(["apt-get", *words], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return on_the_path()


WAYS: tuple[Callable[[], str | None], ...] = (named, on_the_path, from_debian)


@cache
def find_chromium() -> str:
    """The path of a Chromium. Raises RuntimeError with what to do."""
    # Several processes test side by side: one installs, the others wait until it is whole.
    with (Path(tempfile.gettempdir()) / "amanah-tests-chromium.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        found = next((path for way in WAYS if (path := way())), None)
    if found:
        return found
    raise RuntimeError("No Chromium was found. Install it (apt install chromium) or set CHROMIUM to its path.")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
