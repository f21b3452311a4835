"""The catalogue's tours of the desk: releases, keys, people's own words. Those of identities are in tours_identity.py.

What takes a passphrase's stretching on the way is put into the desk's memory instead: the pages are the same.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from playwright.sync_api import expect

from instruments.model import Instrument
from privacy.opening import PrivateKey
from release.dataset import open_records
from release.review.book import Book, Theme
from release.review.themes import Codings
from release.source import open_source
from tests.browser.touring import Walker, tour
from tests.conftest import TODAY
from tests.desk.ceremonies import NAMES, PHRASES
from tests.release.test_distrust import source
from tests.release.test_orders_of_rows import crowd
from tests.releases import dataset_of
from views.desk.state import Desk
from views.work import Work

DOORS = {
    "desk-home": "/", "source": "/source", "keys-new": "/keys/new", "keys-fingerprints": "/keys/fingerprints",
    "keys-passphrase": "/keys/passphrase", "keys-recover": "/keys/recover", "keys-rotate": "/keys/rotate",
    "keys-custodians": "/keys/custodians", "rehearse": "/rehearsal", "identity-source": "/identities/source",
    "review-closed": "/review",
}  # fmt: skip
TEMPLATES = {
    "desk-home": "home", "rehearse": "keys/rehearse", "identity-source": "identity/source",
    "review-closed": "review/closed",
}  # fmt: skip
PLACES = {f"{name.replace('-', '_')}_bare": f"desk/{TEMPLATES.get(name, name.replace('keys-', 'keys/'))}.html"
          for name in DOORS}  # fmt: skip


@tour("desk", **PLACES, no_link="error.html")
def desk_bare(walker: Walker) -> Iterator[str]:
    """A desk over an empty folder."""
    walker.at_the_desk("/", "bare")
    yield "no-link"
    walker.enter_desk("bare")
    for name, path in DOORS.items():
        walker.at_the_desk(path, "bare")
        yield f"{name}-bare"


@tour("desk", **{name.removesuffix("_bare"): template for name, template in PLACES.items()},
      unlock="desk/unlock.html", unlock_refused="desk/unlock.html", working="desk/working.html",
      not_done="desk/working.html", specify="desk/specify.html", specify_refused="desk/specify.html",
      preview="desk/preview.html", preview_of_nobody="desk/preview.html", preview_of_tables="desk/preview_files.html",
      built="desk/build.html")  # fmt: skip
def releasing(walker: Walker) -> Iterator[str]:
    """A desk with everything in its folder; from the sealed records to a release."""
    page, desk = walker.page, walker.desk.desk
    walker.enter_desk()
    for name, path in DOORS.items():
        walker.at_the_desk(path)
        yield name
    walker.at_the_desk("/source")
    page.locator("input[name=place][value$='records.amanah']").check()
    walker.send()
    walker.sees("#passphrase")
    yield "unlock"
    walker.send()
    walker.sees(".error, .message.stop")
    yield "unlock-refused"
    open_answers(walker)
    yield from _at_work(walker, desk)
    walker.at_the_desk("/specify")
    yield "specify"
    walker.send()
    walker.sees(".error, .message.stop")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    yield "specify-refused"
    for name, k in (("preview-of-nobody", "1000"), ("preview", "1")):
        specify(walker, k=k)
        expect(page.locator("figure.plot")).to_be_visible()
        yield name
    walker.send()
    walker.sees("a.button")
    yield "built"
    specify(walker, kind="tables", tables="site sex")
    walker.sees("main table, main .message")
    yield "preview-of-tables"


def copy_of(key: PrivateKey) -> PrivateKey:
    """The same key once more: a desk that is locked overwrites its own."""
    return PrivateKey(key.purpose, key.study, bytearray(key.seed))


def open_answers(walker: Walker) -> None:
    """The records lie open, as after the passphrase."""
    desk, key = walker.desk.desk, copy_of(walker.houses.keys.research)
    desk.source, desk.keys = open_source(desk.home / "records.amanah"), (key,)
    desk.dataset = open_records(desk.source.rows(), [key], desk.source.instruments)


def specify(walker: Walker, **said: str) -> None:
    """Order a release of young people."""
    page = walker.page
    walker.at_the_desk("/specify")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.locator("#purpose").fill("a look")
    page.locator("input[name=groups][value=young_person]").check()
    for name, value in said.items():
        box = page.locator(f"#{name}")
        box.select_option(value) if name == "kind" else box.fill(value)
    walker.press("form[action*='/specify'] button.primary")
    page.wait_for_url("**/preview*")


def _at_work(walker: Walker, desk: Desk) -> Iterator[str]:
    """Long work that goes on, and such that failed."""
    over = threading.Event()
    desk.work = Work("release", done=3, whole=8, began=desk.clock() - 60, clock=desk.clock)
    desk.work.thread = threading.Thread(target=over.wait, daemon=True)
    desk.work.thread.start()
    walker.at_the_desk("/working")
    yield "working"
    walker.page.goto("about:blank")  # a page that waits goes on by itself, and this tour would meet it on its way
    over.set()
    desk.work.thread.join()
    desk.work = Work("release", error="The folder for releases cannot be written. Nothing was written.")
    walker.at_the_desk("/working")
    yield "not-done"
    desk.work = Work()


@tour("desk", keys_holder="desk/keys/holder.html", keys_holder_waits="desk/keys/holder.html",
      keys_holder_drawn="desk/keys/holder.html",
      keys_holder_refused="desk/keys/holder.html", keys_sheets="desk/keys/sheets.html",
      keys_prove="desk/keys/prove.html", keys_prove_refused="desk/keys/prove.html", keys_finish="desk/keys/finish.html",
      keys_done="desk/keys/done.html",
      keys_turn="desk/keys/turn.html", keys_holders="desk/keys/holders.html")  # fmt: skip
def ceremony(walker: Walker) -> Iterator[str]:
    """Three people make keys; a key is rotated, a custodian replaced, as far as no passphrase is needed."""
    page = walker.page
    walker.enter_desk("bare")
    walker.at_the_desk("/keys/new", "bare")
    for box, name in zip(("manager", "first", "second"), NAMES.values(), strict=True):
        page.locator(f"#{box}").fill(name)
    walker.send()
    walker.sees("#phrase")
    yield "keys-holder"
    walker.say("rest")
    yield "keys-holder-waits"
    walker.say("")
    walker.send()
    walker.sees(".error")
    yield "keys-holder-refused"
    walker.press("button[name=draw]")
    walker.sees("#phrase")
    yield "keys-holder-drawn"
    for phrase in PHRASES[:3]:
        page.locator("#phrase").fill(phrase)
        page.locator("#again").fill(phrase)
        walker.send()
        page.wait_for_load_state("load")
    sheets = [sheet.locator(".word").all_text_contents() for sheet in page.locator(".share").all()]
    yield "keys-sheets"
    walker.send()
    walker.sees("#w1")
    yield "keys-prove"
    page.locator("#w1").fill("zzzz " * 33)
    walker.send()
    walker.sees("[role=alert], [aria-invalid=true]")
    yield "keys-prove-refused"
    for at in (2, 0, 4, 3):
        page.locator("#w1").fill(" ".join(sheets[at]))
        walker.send()
        page.wait_for_load_state("load")
    yield "keys-finish"
    walker.send()
    walker.sees("#files")
    yield "keys-done"
    walker.enter_desk()
    walker.at_the_desk("/keys/rotate")
    page.locator("input[name=purpose]").first.check()
    walker.send()
    walker.sees("#manager, #first")
    yield "keys-holders"
    walker.enter_desk()
    walker.at_the_desk("/keys/custodians")
    walker.send()
    walker.sees("#passphrase")
    yield "keys-turn"


@tour("desk", rehearsing="desk/keys/rehearsing.html", rehearsing_refused="desk/keys/rehearsing.html")
def rehearsal(walker: Walker) -> Iterator[str]:
    """A rehearsal that everything opens."""
    walker.enter_desk()
    walker.at_the_desk("/rehearsal")
    walker.send()
    walker.sees("form[action*='/rehearsal/file']")
    yield "rehearsing"
    walker.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    walker.press("form[action*='/rehearsal/sheets'] button")
    walker.page.wait_for_load_state("load")
    walker.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    yield "rehearsing-refused"


@tour("desk", review="desk/review/answer.html", review_asks="desk/review/answer.html",
      review_refused="desk/review/answer.html", review_done="desk/review/done.html",
      themes="desk/review/themes.html", coding="desk/review/coding.html")  # fmt: skip
def own_words(walker: Walker) -> Iterator[str]:
    """People's own words, one answer at a time; themes."""
    page = walker.page
    walker.enter_desk()
    open_words(walker)
    walker.at_the_desk("/review")
    yield "review"
    page.locator("#text").fill("typed by hand")
    walker.press("button[value=apply]")
    walker.sees(".asks")
    yield "review-asks"
    walker.press("button[value=keep]")
    walker.press("button[value=save]")
    walker.sees(".error, .message.stop")
    yield "review-refused"
    page.locator("#by").fill("Nadia")
    walker.press("button[value=withhold]")
    page.wait_for_load_state("load")
    yield "review-done"
    for name, path in (("themes", "/themes"), ("coding", "/themes/first")):
        walker.at_the_desk(path)
        yield name


def open_words(walker: Walker) -> None:
    """Answers lie open of which one may be quoted, and a code book is kept."""
    desk, keys = walker.desk.desk, walker.houses.keys
    instrument: Instrument = walker.busy.study.instrument
    people = crowd(instrument, [{"yp_text_1": f"I spoke with Amina in London {id(walker)}"}] * 2, o_quote="yes")
    people[1] = replace(people[1], choices={"o_quote": "no"})
    desk.source, desk.keys, desk.today = source(keys, instrument), (copy_of(keys.research),), lambda: TODAY
    desk.dataset = dataset_of(people, instrument)
    book = Book((Theme("1", "trust", "الثقة بالشرطة"), Theme("2", "fair", "Fairness"), Theme("3", "old", "Old", "2")))
    Codings(desk.home / "releases", desk.keys, desk.source.study).keep_book(book)
