"""Two scanners that others wrote, wapiti and sqlmap, against a running field app with an administrator signed in.

    python -m tests.scanning FOLDER [--minutes 10] [--only wapiti | sqlmap] [--match /sign-in]

A tool for people and no test: docs/scans.md says what was found, and what of it counts. Everything is kept in the
folder, which must be new and outside the project; it serves on loopback, on a free port. `--minutes`: how long one
module of wapiti, or one form of sqlmap's, may take. `--match`: only pages and forms whose address begins like that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient

from tests.crawling import TOKEN, Crawler, Form, Page
from tests.house.served import serving
from tests.scanning.site import TO_JOIN, make_site, put_back, watched
from tests.scanning.tools import MODULES, SIGN_OUT, attacking, crawling, sqlmap, thinned, wapiti

OUTSIDE = ("/sign", "/withdraw", "/join")


def main() -> None:
    """Make an instance, serve it, scan it."""
    told = _arguments()
    told.folder.mkdir(parents=True)
    site = make_site(told.folder / "instance")
    put_back(site)
    clients = {"administrator": site.client(), "beginner": site.beginner()}
    ours = {who: seen(client, who, told.match) for who, client in clients.items()}
    scans: dict[str, Callable[..., None]] = {"wapiti": scan_by_wapiti, "sqlmap": scan_by_sqlmap}
    with serving(told.folder / "instance", told.folder) as served, watched(site):
        for name, scan in scans.items():
            for who, client in clients.items():
                if told.only in (name, "") and any(ours[who]):
                    scan(served.url, site.cookie_of(client), told.folder / name / who, 60 * told.minutes, *ours[who])
        print(f"answered 500: {served.said.count(b' 500 ') + served.said.count(b':500,')}", flush=True)


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m tests.scanning")
    reader.add_argument("folder", type=Path)
    reader.add_argument("--minutes", type=int, default=10)
    reader.add_argument("--only", choices=("wapiti", "sqlmap", ""), default="")
    reader.add_argument("--match", default="/")
    return reader.parse_args()


def seen(client: FlaskClient, who: str, match: str) -> tuple[list[str], list[Form]]:
    """The addresses that this client can look at and the forms it is shown, those that a link's token opens too."""
    pages, forms = _seen(client, who)
    return [page for page in pages if page.startswith(match)], [form for form in forms if form.action.startswith(match)]


def _seen(client: FlaskClient, who: str) -> tuple[list[str], list[Form]]:
    if who == "beginner":
        only = "/office/sign-in/set-up"
        return [only], Page(only, client.get(only).text).forms
    crawler = Crawler(client)
    crawler.walk()
    pages = [page for page in sorted(crawler.visited) if client.get(page).status_code == 200]
    token = next(form.fields[TOKEN] for form in crawler.forms.values() if TOKEN in form.fields)
    opened = client.post("/office/join", data={TOKEN: token, "token": TO_JOIN})
    return pages, [*crawler.forms.values(), *Page("/office/join", opened.text).forms]


def scan_by_wapiti(url: str, cookie: str, folder: Path, seconds: int, pages: list[str], forms: list[Form]) -> None:
    """Let it look at every page once; then each module for itself, so that each has its time."""
    folder.mkdir(parents=True)
    command = wapiti(url, cookie, folder, pages)
    for modules in ("", *MODULES):
        name, words = modules or "crawl", attacking(modules, seconds) if modules else crawling(seconds)
        out = folder / f"{name}.json"
        said, took = _run([*command, *words, "-o", str(out)], folder / f"{name}.txt", 2 * seconds + 60)
        ended = "stopped" if "Max attack time" in said or not out.is_file() else "ended"
        print(f"wapiti {folder.name} {name}: {ended} after {took:.0f} s: {_told_in(out)}", flush=True)
        if not modules:
            print(f"wapiti {folder.name}: {thinned(folder / 'session')} requests to attack", flush=True)


def _told_in(report: Path) -> dict[str, int]:
    if not report.is_file():
        return {}
    told = json.loads(report.read_text("utf-8"))
    kinds = {**told["vulnerabilities"], **told["anomalies"]}
    return {kind: len(found) for kind, found in kinds.items() if found}


def scan_by_sqlmap(url: str, cookie: str, folder: Path, seconds: int, pages: list[str], forms: list[Form]) -> None:
    """Each form for itself; what somebody who is not signed in can send comes first."""
    folder.mkdir(parents=True)
    sendable = [form for form in forms if form.method in ("get", "post") and not set(form.fields) <= {TOKEN}]
    ours = [form for form in sendable if form.action.partition("?")[0] != SIGN_OUT]
    for number, form in enumerate(sorted(ours, key=lambda form: not any(word in form.action for word in OUTSIDE))):
        said, took = _run(sqlmap(url, cookie, folder, form), folder / f"{number}.txt", seconds)
        clean = "do not appear to be injectable" in said
        ended = "clean" if clean else "see its output" if "ending" in said else "stopped"
        print(f"sqlmap {folder.name} {number} {form.method} {form.action[:60]}: {ended} after {took:.0f} s", flush=True)


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
