"""The catalogue's tour of an interviewer's tablet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from fieldwork.admissions import new_enrolment
from storage.admissions import revoke_tablet
from tests.browser.devices import begin_visit, come_online, queue_visits, start_shift, type_pin
from tests.browser.touring import Walker, tour

# Shows a screen of the tablet's page that comes only where something is wrong with the site.
SCREEN = """(name) => {
  for (const one of document.querySelectorAll("[data-screen]")) one.hidden = one.dataset.screen !== name;
}"""
RARE = ("insecure", "mismatch", "keys", "keys-refused")


@tour("interviewer", tablet_none="tablet.html", tablet_enrol="tablet.html", tablet_start="tablet.html",
      tablet_start_refused="tablet.html", tablet_home="tablet.html", tablet_home_waiting="tablet.html",
      tablet_visit="visit.html", tablet_locked="tablet.html", tablet_locked_refused="tablet.html",
      tablet_not_empty="tablet.html",
      **{f"tablet_{name}".replace("-", "_"): "tablet.html" for name in RARE})  # fmt: skip
def tablet(walker: Walker) -> Iterator[str]:
    """From an enrolment code to the end of a shift, and the screens that come where something is wrong."""
    page, study = walker.page, walker.busy.study
    revoke_tablet(study.stores.office, "T1")
    walker.goto("/tablet")
    walker.sees("[data-screen=none]")
    yield "tablet-none"
    for name in RARE:
        page.evaluate(SCREEN, name)
        yield f"tablet-{name}"
    code = new_enrolment(study, "T1", "1", datetime.now(UTC))
    page.goto("about:blank")
    assert study.keyring
    walker.goto(f"/tablet#enrol={code}.{study.keyring.pin}")
    walker.sees("[data-screen=enrol]")
    yield "tablet-enrol"
    walker.press("[data-do=enrol]")
    walker.sees("[data-screen=start]")
    yield "tablet-start"
    type_pin(page, "111111")
    walker.press("[data-do=start]")
    walker.sees("[data-say=weak-pin]")
    yield "tablet-start-refused"
    start_shift(page)
    yield "tablet-home"
    queue_visits(page, 3, "no such token")
    come_online(page)
    walker.sees("[data-outbox]")
    yield "tablet-home-waiting"
    walker.press("[data-do=end]")
    walker.sees("[data-say=not-empty]")
    yield "tablet-not-empty"
    offered = page.locator(f"input[name=language][value={walker.language}]")
    offered.or_(page.locator("input[name=language]").first).first.check()
    begin_visit(page)
    yield "tablet-visit"
    walker.goto("/tablet")
    walker.sees("[data-screen=locked]")
    yield "tablet-locked"
    walker.page.locator("#unlock-pin").fill("000001")
    walker.press("[data-do=unlock]")
    walker.sees("[data-say=wrong-pin], [data-say=wait]")
    walker.press(".forgotten summary")
    yield "tablet-locked-refused"
