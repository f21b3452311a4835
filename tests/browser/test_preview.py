"""A preview is the visit itself, and leaves nothing: not in the browser, not at the server."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from fieldwork.staff.members import hire
from fieldwork.study import Study
from storage.office import tallies
from storage.vaults import rows
from tests.browser.signing_in import sign_in_on_page
from tests.house.served import Served
from tests.staff import PASSWORD

CANARY = "canary of a preview"
STORED = """async () => [
  (await indexedDB.databases()).length, (await caches.keys()).length, localStorage.length, sessionStorage.length,
  (await navigator.serviceWorker.getRegistrations()).length,
]"""
# From step to step, as walk() does, within the frame.
TO_THE_END = """async ([canary]) => {
  for (let step = 0; step < 200; step += 1) {
    const next = document.querySelector("[data-walk=next]");
    if (!next) return;
    for (const piece of [...document.querySelectorAll(".question")].filter((one) => one.checkVisibility())) {
      const box = piece.querySelector("textarea, input:not([type])");
      const choice = piece.querySelector("input[value=yes]") ?? piece.querySelector("input[value='1']");
      if (choice) choice.click();
      if (choice || !box) continue;
      box.value = box.matches(".number") ? "19" : canary;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    next.click();
    await new Promise((done) => setTimeout(done, 0));
  }
}"""


def signed_in(browser: Browser, served: Served, study: Study) -> Page:
    hire(study.stores.office, "Mara", "administrator", PASSWORD)
    page = browser.new_context(viewport={"width": 820, "height": 1180}).new_page()
    sign_in_on_page(page, served.url)
    return page


def test_a_preview_is_walked_to_its_end_and_leaves_nothing(
    browser: Browser, served: Served, study: Study, tmp_path: Path
) -> None:
    page = signed_in(browser, served, study)
    sent: list[str] = []
    page.goto(f"{served.url}/office/instruments/preview?width=phone")
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    frame = page.frames[1]
    expect(frame.locator("[data-walk=next]")).to_be_visible()
    assert frame.evaluate("innerWidth") == 360
    frame.evaluate(TO_THE_END, [CANARY])
    expect(frame.get_by_role("heading", name="The preview ends here")).to_be_visible()
    assert page.evaluate(STORED) == [0, 0, 0, 0, 0]
    assert [one for one in sent if "/static/" not in one] == []
    assert (tallies(study.stores.office), list(rows(study.stores.research))) == ((), [])
    assert CANARY.encode() not in served.said
    page.context.close()


def test_a_preview_in_a_frame_shows_rules_at_work(browser: Browser, served: Served, study: Study) -> None:
    page = signed_in(browser, served, study)
    page.goto(f"{served.url}/office/instruments/preview?width=tablet")
    frame = page.frames[1]
    frame.locator("[data-walk=next]").click()
    expect(frame.locator(".refusal")).to_be_visible()
    assert frame.evaluate("innerWidth") == 820
    page.context.close()


def test_a_screen_of_a_devices_width_shows_the_whole_preview(
    browser: Browser, standing: Served, standing_study: Study
) -> None:
    page = signed_in(browser, standing, standing_study)
    for device, width in (("phone", 360), ("tablet", 820)):
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(f"{standing.url}/office/instruments/preview?width={device}")
        assert page.locator(".stage").evaluate("(one) => [one.scrollWidth, one.clientWidth]") == [width, width]
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.context.close()
