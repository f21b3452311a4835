"""Devices in the tests: walk a stepped visit, enrol a tablet, queue visits, pull the plug on either side."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, expect

from config import Settings
from fieldwork.admissions import new_enrolment
from fieldwork.study import Study
from storage.vaults import count
from tests.browser.chromium import FLAGS, find_chromium
from tests.house.served import PACKS_QUICKLY, ROOT, START, free_port

TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 360, "height": 740}
PIN = "271828"
PATIENCE = 30  # seconds. Only what is broken ever takes so long; a busy machine needs several for what is quick here
GROUPS = ("young_person", "police_officer", "community_leader")
RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
LEAST = {"elig_muslim": "1", "age": "19", "site": "1"}  # what a visit cannot be finished without, beside consent

# Has the worker keep these addresses beside its files; tells whether it keeps them all, once it does.
ASK_WORKER = """async (addresses) => {
    const { active } = await navigator.serviceWorker.ready, { port1, port2 } = new MessageChannel();
    const told = new Promise((done) => { port1.onmessage = ({ data }) => done(data.all); });
    active.postMessage({ keep: addresses }, [port2]);
    return told;
}"""

# ---- walking a visit

# Goes on from step to step by the page's own button until somebody has to do something; says what.
WALK = """([wanted, until]) => {
    const sentences = JSON.parse(document.querySelector("form[data-plan]")?.dataset.sentences ?? "{}");
    const shown = (one) => one.offsetParent !== null;
    for (let step = 0; step < 400; step += 1) {
        const next = document.querySelector("[data-walk=next]");
        if (!next) return { state: "ended" };
        if (until && [...document.querySelectorAll(`#q-${until}`)].some(shown)) return { state: "until" };
        if (next.textContent === sentences.send) return { state: "send" };
        if (next.textContent === sentences.finish) return { state: "finish" };
        const asked = [...document.querySelectorAll(".question")].filter(shown).map((one) => one.id.slice(2));
        const mine = asked.filter((name) => wanted.includes(name));
        if (mine.length) return { state: "answer", names: mine };
        for (const yes of document.querySelectorAll(".must .yes")) if (shown(yes) && !yes.checked) yes.click();
        const at = document.querySelector("[data-walk=progress]").value;
        next.click();
        if (document.querySelector("[data-walk=progress]")?.value === at) {
            const refusals = [...document.querySelectorAll(".refusal")].filter(shown).map((one) => one.textContent);
            return { state: "refused", refusals, asked };
        }
    }
    return { state: "lost" };
}"""

# Marks the page once the study's keys have come.
SEE_KEYS = """(names = []) => new PerformanceObserver((list) => {
    names.push(...list.getEntries().map(({ name }) => name));
    const has = (end) => names.some((name) => name.endsWith(end));
    // A tablet has its keys with it: there the page is ready once it has what seals to them.
    const come = has("/keyring.json") || (has("/shift.js") && has("/speech.js"));
    if (come) document.documentElement.dataset.keys = "";
}).observe({ type: "resource", buffered: true })"""


def walk(page: Page, answers: Mapping[str, str] | None = None, until: str | None = None) -> str:
    """Walk the visit that is open; "send" at its last step, "finish" after a No, "ended", or "until" at that question.

    Every required statement gets a Yes unless `answers` says otherwise.
    """
    ready(page)
    said = LEAST | dict(answers or {})
    while True:
        told = page.evaluate(WALK, [list(said), until])
        if told["state"] != "answer":
            assert told["state"] in ("send", "finish", "ended", "until"), told
            unasked = said.keys() & dict(answers or {}).keys()
            assert told["state"] != "send" or not unasked, f"the visit never asked for {unasked}"
            return str(told["state"])
        for name in told["names"]:
            give(page, name, said.pop(name))


def ready(page: Page) -> None:
    """Wait until the visit knows who stands behind it and holds the keys: they come after the first question."""
    expect(page.locator("[data-walk=next]")).to_be_visible()
    page.evaluate(SEE_KEYS, [])
    expect(page.locator("html[data-keys]")).to_be_attached()


def give(page: Page, name: str, value: str) -> None:
    """Answer one question that is on the screen, by key or click."""
    box = page.locator(f"#q-{name} :is(textarea, input:not([type=radio], [type=checkbox], [type=hidden]))")
    if box.count():
        box.fill(value)
    else:
        page.locator(f"input[name={name}][value='{value}']").check()


def send(page: Page) -> None:
    page.locator("[data-walk=next]").click()


def finish(page: Page, answers: Mapping[str, str] | None = None) -> str:
    """Walk to the end, send, and read the receipt from the screen."""
    assert walk(page, answers) == "send"
    send(page)
    code = page.locator("[data-code]")
    expect(code).to_have_text(RECEIPT)
    return code.inner_text()


def let_go(page: Page) -> None:
    """Leave the receipt."""
    page.locator("[data-kept]").click()


# ---- a tablet

# A PIN is stretched for a moment only, once it is seen that the page asks for the million rounds of the field.
PIN_QUICKLY = """(() => {
    const { prototype } = SubtleCrypto, derive = prototype.deriveKey;
    if (derive.name === "quickly") return;  // a page may be told twice
    prototype.deriveKey = function quickly(how, ...more) {
        if (how.name !== "PBKDF2") return derive.call(this, how, ...more);
        if (how.iterations < 1_000_000) throw new Error(`a PIN is stretched ${how.iterations} times only`);
        return derive.call(this, { ...how, iterations: 1_000 }, ...more);
    };
})()"""


def enrol(page: Page, url: str, study: Study, name: str = "T1") -> None:
    """Enrol this browser as a tablet for site 1."""
    assert study.keyring
    code = new_enrolment(study, name, "1", datetime.now(UTC))
    page.add_init_script(PIN_QUICKLY)
    page.goto("about:blank")
    page.goto(f"{url}/tablet#enrol={code}.{study.keyring.pin}")
    page.locator("[data-do=enrol]").click()
    expect(page.locator("[data-screen=enrol]")).to_be_hidden()


def type_pin(page: Page, pin: str = PIN) -> None:
    page.locator("#code").fill("IV7")
    page.locator("#pin").fill(pin)
    page.locator("#again").fill(pin)


def start_shift(page: Page, pin: str = PIN) -> None:
    type_pin(page, pin)
    page.locator("[data-do=start]").click()
    expect(page.locator("[data-screen=home]")).to_be_visible(timeout=2_000 * PATIENCE)


def new_tablet(page: Page, url: str, study: Study) -> None:
    """An enrolled tablet with a shift begun."""
    enrol(page, url, study)
    start_shift(page)


def begin_visit(page: Page, group: str = "young_person") -> None:
    """From the tablet's own page into a visit."""
    page.locator(f"input[name=group][value={group}]").check()
    page.locator("[data-do=visit]").click()
    expect(page.locator("[data-walk=next], [data-resume=page]").first).to_be_visible()


def unlock(page: Page, pin: str = PIN) -> None:
    expect(page.locator("[data-screen=locked]")).to_be_visible()
    page.locator("#unlock-pin").fill(pin)
    page.locator("[data-do=unlock]").click()


# ---- the outbox

# Seals and queues with the page's own modules, from the folder that the page itself names.
QUEUE = r"""async ([group, number, token]) => {
    const { plan, at } = await page_of(group);
    const module = (name) => import(at(name));
    const [{ sealVisit }, { enqueue }, { loadKeyring }] =
        await Promise.all(["documents.js", "outbox.js", "keyring.js"].map(module));
    const consent = { refused: false, route: plan.consent_route, choices: {}, statements: [] };
    const visit = { answers: { site: 1 }, contact: {}, consent, interviewer: "", mode: "self", language: "en" };
    const made = [];
    for (let one = 0; one < number; one += 1) {
        const { delivery } = await sealVisit(plan, await loadKeyring(), visit);
        await enqueue(delivery, token);
        made.push(delivery);
    }
    return made;

    async function page_of(name) {
        // Text may not become a page here (Trusted Types), so the browser is asked for a page.
        const asked = new XMLHttpRequest();
        asked.open("GET", `/visit/${name}?lang=en`);
        asked.responseType = "document";
        await new Promise((done, fail) => { asked.onload = done; asked.onerror = fail; asked.send(); });
        const found = asked.response;
        const raw = JSON.parse(found.querySelector("form[data-plan]").dataset.plan);
        const script = found.querySelector("script[src$='/visit.js']").getAttribute("src");
        const at = (file) => script.replace(/visit\.js$/, file);
        return { plan: { ...raw, items: raw.items.map((item) => ({ ...raw.defaults, ...item })) }, at };
    }
}"""
KEPT = """(store) => new Promise((done) => {
    const asked = indexedDB.open("amanah");
    asked.onsuccess = () => {
        const found = asked.result.transaction(store).objectStore(store).getAll();
        found.onsuccess = () => {
            asked.result.close();
            done(found.result.map(({ id, name, state, reason, group }) => ({ id, name, state, reason, group })));
        };
    };
})"""

# What changes with every keeping of a draft.
DRAFT = """() => new Promise((done) => {
    const asked = indexedDB.open("amanah");
    asked.onsuccess = () => {
        const found = asked.result.transaction("drafts").objectStore("drafts").getAll();
        found.onsuccess = () => { asked.result.close(); done(found.result.map(({ iv }) => iv.join())); };
    };
})"""


def queue_visits(page: Page, number: int, token: str | None = None) -> list[dict[str, Any]]:
    """Seal visits with the page's own modules and put them into its outbox; the deliveries, as they will be sent."""
    made: list[dict[str, Any]] = page.evaluate(QUEUE, ["young_person", number, token])
    return made


def kept(page: Page, store: str) -> list[dict[str, Any]]:
    """What a store of this browser holds, without the secrets."""
    found: list[dict[str, Any]] = page.evaluate(KEPT, store)
    return found


def come_online(page: Page) -> None:
    """What a browser says when the network comes back."""
    page.evaluate("dispatchEvent(new Event('online'))")


def hold_the_clock(page: Page) -> None:
    """Let the page's clock and timers stand still, until a test moves them: a slow machine then changes nothing."""
    page.clock.install()
    page.clock.pause_at(datetime.now() + timedelta(seconds=2))


def wait_until(true: Any, seconds: float = PATIENCE, page: Page | None = None) -> None:
    """Wait until `true()` is. With a page, its events go on meanwhile."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        page.wait_for_timeout(50) if page else time.sleep(0.05)


def last_draft_kept(page: Page) -> None:
    """Wait until the draft that a person's last key or step made is on the disk: none comes after it."""
    wait_until(lambda: kept(page, "drafts"), page=page)
    before = None
    while before != (before := page.evaluate(DRAFT)):
        page.wait_for_timeout(600)


def stored(study: Study) -> tuple[int, float]:
    """How many visits each vault holds: the identity vault has three records of each."""
    return count(study.stores.research), count(study.stores.identity) / 3


# ---- browsers and servers that can be killed


@contextmanager
def device(play: Playwright, profile: Path, size: Mapping[str, int] = TABLET) -> Iterator[BrowserContext]:
    """A browser with a profile on the disk."""
    context = play.chromium.launch_persistent_context(
        str(profile), executable_path=find_chromium(), args=FLAGS, viewport=dict(size)
    )
    context.add_init_script(PIN_QUICKLY)
    try:
        yield context
    finally:
        if processes_of(profile):
            context.close()


def processes_of(profile: Path) -> list[int]:
    """The browser that runs on this profile, and its children."""
    wanted, found = f"--user-data-dir={profile}".encode(), []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if wanted in (folder / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def kill_browser(profile: Path) -> None:
    """SIGKILL to every process of the browser on this profile: it writes nothing more."""
    while running := processes_of(profile):
        for number in running:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.05)


@dataclass
class Server:
    """A field app on one port, which can be stopped, killed and started again."""

    home: Path
    output: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-c", PACKS_QUICKLY + START, str(self.home), str(self.port)]
        with self.output.open("ab") as sink:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT)
        wait_until(self._answers)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process:
            self.process.send_signal(how)
            self.process.wait()
        self.process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def _answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.output.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def restartable(settings: Settings, around: Path) -> Iterator[Server]:
    """A field app that a test may stop and start."""
    server = Server(settings.home, around / "said.txt")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def close_plain_path(settings: Settings) -> None:
    """The study takes sealed visits from tablets and invitations only, as every study does that is not the demo."""
    told = settings.study_folder / "study.toml"
    told.write_text(told.read_text("utf-8").replace("plain_path = true", "plain_path = false"), "utf-8")


def invitation(study: Study, token: str, group: str = "young_person") -> str:
    """The path of an invitation's link."""
    assert study.keyring
    return f"/visit/{group}#{token}.{study.keyring.pin}.1"


def plan_on(page: Page) -> dict[str, Any]:
    """The plan that stands in the page."""
    plan: dict[str, Any] = json.loads(page.locator("form[data-plan]").get_attribute("data-plan") or "")
    return plan
