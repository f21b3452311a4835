"""The catalogue's tours of the identity desk, which two custodians open together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date

from release.custody import Custodians
from release.source import open_source
from tests.browser.touring import Walker, tour
from tests.browser.tours_desk import copy_of
from views.desk.identity_room import Room

PAGES = {
    "people": "", "contacts": "/contacts", "merge": "/contacts/results", "letters-for": "/letters",
    "letters": "/letters/other", "counts": "/counts", "request": "/record", "withdraw-for": "/withdraw",
    "forget": "/forget", "needless": "/needless", "identity-unlock": "/unlock",
}  # fmt: skip
TEMPLATES = {"contacts": "purposes", "letters-for": "purposes", "withdraw-for": "withdraw", "identity-unlock": "unlock"}


@tour("desk", **{name.replace("-", "_"): f"desk/identity/{TEMPLATES.get(name, name)}.html" for name in PAGES},
      people_opened="desk/identity/people.html", identity_unlock_refused="desk/identity/unlock.html",
      opening="desk/identity/opening.html", letters_refused="desk/identity/letters.html",
      sheets="desk/identity/sheets.html", counted="desk/identity/counts.html", record="desk/identity/record.html",
      order="desk/identity/order.html", locked="desk/identity/locked.html")  # fmt: skip
def identities(walker: Walker) -> Iterator[str]:
    """The list of people who asked to be contacted, and every deed on it."""
    page, desk = walker.page, walker.desk.desk
    walker.enter_desk()
    room = desk.held["identities"] = Room(open_source(desk.home / "identities.amanah", "identity"))
    walker.at_the_desk("/identities/unlock")
    walker.send()
    walker.sees(".error, .message.stop")
    yield "identity-unlock-refused"
    over, kept = threading.Event(), room.work.thread
    room.work.done, room.work.whole = 3, 18
    room.work.thread = threading.Thread(target=over.wait, daemon=True)
    room.work.thread.start()
    walker.at_the_desk("/identities/opening")
    yield "opening"
    over.set()
    room.work.thread = kept
    room.open(Custodians(copy_of(walker.houses.keys.identity), ("Nadia", "Owen")), date.today())
    assert room.work.thread
    room.work.thread.join(30)
    for name, path in PAGES.items():
        walker.at_the_desk(f"/identities{path}")
        yield name
    walker.at_the_desk("/identities")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    yield "people-opened"
    walker.at_the_desk("/identities/letters/other")
    walker.send()
    walker.sees(".error, .message.stop")
    yield "letters-refused"
    page.locator("textarea").first.fill("Dear {name},\n\nhere it is.")
    page.locator("#words").fill("a look")
    for box in page.locator("input[name=people]").all():
        box.check()
    yield from _written(walker, "sheets", ".letter")
    walker.at_the_desk("/identities/counts")
    yield from _written(walker, "counted", "section.version")
    walker.at_the_desk("/identities/record")
    page.locator("#name").fill("Yusuf Ali")
    yield from _written(walker, "record", "ol.agreed")
    walker.at_the_desk("/identities/forget")
    page.locator("input[name=people]").first.check()
    yield from _written(walker, "order", "form[action*='order/file']")
    room.clock = lambda: room.seen + 10_000
    walker.at_the_desk("/identities/locked")
    yield "locked"


def _written(walker: Walker, name: str, shown: str) -> Iterator[str]:
    """Say why, and see what comes of it."""
    walker.page.locator("#reason").fill("An audit")
    walker.send()
    walker.sees(shown)
    yield name
