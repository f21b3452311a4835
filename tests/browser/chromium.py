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
FONTS = "fonts-noto-core"
# A second --disable-features takes the place of the first, so Playwright's own list stands here again. What the last
# two name would draw an address bar's suggestions for every window: almost a second of a core for each test.
WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
)  # fmt: skip
FLAGS = [
    f"--disable-features={','.join(WITHOUT)}",
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
    return on_the_path() if install("chromium", FONTS) else None


def install(*packages: str) -> bool:
    """Install packages of Debian's, where we may. Whether that could be tried."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *words], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return True


def lacks_fonts() -> bool:
    """Whether a browser that was here already has nothing to write Arabic, Urdu and Bengali with."""
    if not shutil.which("fc-list"):
        return False
    return not subprocess.run(["fc-list", ":lang=bn"], check=False, capture_output=True).stdout.strip()


WAYS: tuple[Callable[[], str | None], ...] = (named, on_the_path, from_debian)


@cache
def find_chromium() -> str:
    """The path of a Chromium. Raises RuntimeError with what to do."""
    # Several processes test side by side: one installs, the others wait until it is whole.
    with (Path(tempfile.gettempdir()) / "amanah-tests-chromium.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        found = next((path for way in WAYS if (path := way())), None)
        if found and lacks_fonts():
            install(FONTS)
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
