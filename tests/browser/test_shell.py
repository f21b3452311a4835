"""What a browser makes of the headers: every feature denied, no text becomes code, and the page works all the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.house.served import Served
from views.headers import DENIED

# Asked for by a header that no answer has; the last is an old name of browsing-topics, which a browser warns of.
NOT_OURS = ("ch-", "interest-cohort")
SINKS = [
    'document.querySelector("main").innerHTML = "<p>x"',
    'document.body.insertAdjacentHTML("beforeend", "<p>x")',
    'new DOMParser().parseFromString("<p>x", "text/html")',
    'document.write("<p>x")',
    'Object.assign(document.createElement("script"), { src: "/static/x.js" })',
    'navigator.serviceWorker.register("/static/x.js")',
    'new Worker("/worker.js")',
    'trustedTypes.createPolicy("another", {})',
    'trustedTypes.createPolicy("worker", {})',
]


def test_a_page_may_do_nothing_but_what_it_needs(browser: Browser, standing: Served) -> None:
    said: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{standing.url}/visit/young_person?lang=en")
    expect(page.locator("form.stepping")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    allowed = page.evaluate("document.featurePolicy.allowedFeatures()")
    assert [name for name in allowed if not name.startswith(NOT_OURS)] == ["clipboard-write"]
    assert set(DENIED) <= set(page.evaluate("document.featurePolicy.features()"))
    for sink in SINKS:
        with pytest.raises(Error, match="Trusted|policy|Policy"):
            page.evaluate(f"async () => {{ {sink.replace('navigator', 'await navigator')} }}")
    assert not [text for text in said if "nrecognized" in text or "Permissions-Policy" in text]
    page.close()
