"""The first load of a visit as somebody on mobile data meets it, beside Enketo's for a form of the same length.

DevTools' throttling: 1.6 Mbit/s, 150 ms, CPU a quarter. Ready: the first question is there and its button works.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.chromium import chromium
from tests.browser.counting import counting
from tests.house.served import serving

NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER, ROUNDS = 4, 5
MARK_READY = """new MutationObserver((_, seen) => {
  if (!document.querySelector("form.stepping")) return;
  performance.mark("ready");
  seen.disconnect();
}).observe(document, { subtree: true, attributes: true, childList: true })"""
# Enketo's first page of a form of the same length, measured in the same way: bytes and seconds.
ENKETO = (818_000, 6.5)


def bench_first_load(home: Path, around: Path) -> None:
    """Print bytes and seconds, and their ratios to Enketo's."""
    with serving(home, around) as served, chromium() as browser:
        with counting(served.port) as counted:
            _load(browser, counted.url, slowly=False)
            size = counted.received
        seconds = statistics.median(_load(browser, served.url, slowly=True) for _ in range(ROUNDS))
    _show("first load of a visit, all of it", "kB", size / 1000, ENKETO[0] / 1000)
    _show("until its first question", "s", seconds, ENKETO[1])


def _show(what: str, unit: str, ours: float, theirs: float) -> None:
    print(f"{what:<36} {ours:>9.2f} {unit:<3}  {'Enketo':<36} {theirs:>9.2f} {unit:<3}  ratio {ours / theirs:.3f}")


def _load(browser: Browser, url: str, slowly: bool) -> float:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    if slowly:
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.send("Network.emulateNetworkConditions", NETWORK)
        tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(MARK_READY)
    page.goto(f"{url}/visit/young_person?lang=en")
    expect(page.locator("form.stepping")).to_be_visible()
    if not slowly:
        page.evaluate("navigator.serviceWorker.ready")
        page.wait_for_timeout(1500)
    seconds = float(page.evaluate("performance.getEntriesByName('ready')[0].startTime")) / 1000
    context.close()
    return seconds
