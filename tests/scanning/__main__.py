"""Two scanners that others wrote, wapiti and sqlmap, against a running field app with an administrator signed in.

    python -m tests.scanning FOLDER [--minutes 10] [--only wapiti | sqlmap]

A tool for people and no test: docs/scans.md says what was found, and what of it counts. Everything is kept in the
folder, which must be new and outside the project; it serves on loopback, on a free port. `--minutes`: how long one
module of wapiti, or one form of sqlmap's, may take.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask.testing import FlaskClient

from tests.crawling import TOKEN, Crawler, Form, Page
from tests.house.served import Served, serving
from tests.scanning.site import TO_JOIN, Site, make_site, put_back, watched
from tests.scanning.tools import MODULES, SIGN_OUT, attacking, crawling, sqlmap, wapiti


def main() -> None:
    """Make an instance, serve it, scan it."""
    told = _arguments()
    told.folder.mkdir(parents=True)
    site = make_site(told.folder / "instance")
    put_back(site)
    clients = {"administrator": site.client(), "beginner": site.beginner()}
    ours = {who: list(forms(client, who)) for who, client in clients.items()}
    scans: dict[str, Callable[..., None]] = {"wapiti": scan_by_wapiti, "sqlmap": scan_by_sqlmap}
    with serving(told.folder / "instance", told.folder) as served, watched(site):
        for name, scan in scans.items():
            for who, client in clients.items():
                if told.only in (name, ""):
                    scan(served, site.cookie_of(client), told.folder / name / who, 60 * told.minutes, ours[who], who)
        print(f"answered 500: {served.said.count(b' 500 ') + served.said.count(b':500,')}", flush=True)


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m tests.scanning")
    reader.add_argument("folder", type=Path)
    reader.add_argument("--minutes", type=int, default=10)
    reader.add_argument("--only", choices=("wapiti", "sqlmap", ""), default="")
    return reader.parse_args()


def forms(client: FlaskClient, who: str) -> Iterator[Form]:
    """Every form that this client is shown, and those that only a link's token opens."""
    if who == "beginner":
        yield from Page("/office/sign-in/set-up", client.get("/office/sign-in/set-up").text).forms
        return
    crawler = Crawler(client)
    crawler.walk()
    yield from (form for form in crawler.forms.values() if form.action.partition("?")[0] != SIGN_OUT)
    token = next(form.fields[TOKEN] for form in crawler.forms.values() if TOKEN in form.fields)
    opened = client.post("/office/join", data={TOKEN: token, "token": TO_JOIN})
    yield from Page("/office/join", opened.text).forms


def scan_by_wapiti(served: Served, cookie: str, folder: Path, seconds: int, ours: list[Form], who: str) -> None:
    """Crawl once; then each module for itself, so that each has its time."""
    folder.mkdir(parents=True)
    start, scope = (("/", "/office"), "domain") if who == "administrator" else (("/office/sign-in/set-up",), "page")
    command = wapiti(served.url, cookie, folder, start, scope)
    for module in ("crawl", *MODULES):
        words = crawling(seconds) if module == "crawl" else attacking(module, seconds)
        out = folder / f"{module}.json"
        said, took = _run([*command, *words, "-o", str(out)], folder / f"{module}.txt", seconds + 120)
        ended = "stopped" if "Max attack time" in said or not out.is_file() else "ended"
        print(f"wapiti {who} {module}: {ended} after {took:.0f} s: {_told_in(out)}", flush=True)


def _told_in(report: Path) -> dict[str, int]:
    if not report.is_file():
        return {}
    told = json.loads(report.read_text("utf-8"))
    kinds = {**told["vulnerabilities"], **told["anomalies"]}
    return {kind: len(found) for kind, found in kinds.items() if found}


def scan_by_sqlmap(served: Served, cookie: str, folder: Path, seconds: int, ours: list[Form], who: str) -> None:
    """Each form for itself."""
    folder.mkdir(parents=True)
    # What somebody who is not signed in can send comes first.
    ordered = sorted(ours, key=lambda form: not any(word in form.action for word in ("/sign", "/withdraw", "/join")))
    for number, form in enumerate(ordered):
        if set(form.fields) <= {TOKEN} or form.method not in ("get", "post"):
            continue
        said, took = _run(sqlmap(served.url, cookie, folder, form), folder / f"{number}.txt", seconds)
        clean = "do not appear to be injectable" in said
        ended = "clean" if clean else "see its output" if "ending" in said else "stopped"
        print(f"sqlmap {who} {number} {form.method} {form.action[:60]}: {ended} after {took:.0f} s", flush=True)


def _run(command: list[str], output: Path, seconds: int) -> tuple[str, float]:
    begun = time.monotonic()
    with output.open("wb") as said:
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, timeout=seconds)
        except subprocess.TimeoutExpired:
            said.write(b"\nstopped\n")
    return output.read_text("utf-8", "replace"), time.monotonic() - begun


if __name__ == "__main__":
    main()
