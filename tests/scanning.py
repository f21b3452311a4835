"""Two scanners that others wrote, wapiti and sqlmap, against a running field app with an administrator signed in.

    python -m tests.scanning FOLDER [MINUTES]

A tool for people and no test: docs/scans.md says what was found, and what of it counts. Everything is kept in the
folder, which must be new and outside the project; it serves on loopback, on a free port.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app import create_app
from commands import addresses_of
from fieldwork.instance import open_study
from privacy.opening import new_private_key
from tests.conftest import STUDY, Keys, counted_bytes, new_instance
from tests.house.served import serving
from tests.staff import sign_in_as

# Debian's wapiti 3.0.4 cannot leave an address out under Python 3.11: its pattern has a flag where none may stand now.
WAPITI = """import re
from wapitiCore.net import crawler
crawler.wildcard_translate = lambda pattern: re.compile(re.escape(pattern))
from wapitiCore.main.wapiti import wapiti_main
wapiti_main()"""
# All but those that ask other machines for their lists, or for a sign that this one did.
MODULES = "all,-wapp,-nikto,-ssrf"
AFTER_THE_END = "sign-out"  # nobody scans much after it


def main() -> None:
    """Make an instance, serve it, scan it."""
    folder, minutes = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    folder.mkdir(parents=True)
    cookie = _instance(folder / "instance")
    with serving(folder / "instance", folder) as served:
        for name, command in (
            ("wapiti", wapiti(served.url, cookie, folder, minutes)),
            ("sqlmap", sqlmap(served.url, cookie, folder)),
        ):
            print(f"{name} begins", flush=True)
            with (folder / f"{name}.txt").open("wb") as said:
                try:
                    subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, timeout=60 * minutes, cwd=folder)
                except subprocess.TimeoutExpired:
                    print(f"{name}: stopped after {minutes} minutes", flush=True)
        print(f"answered 500: {served.said.count(b' 500 ') + served.said.count(b':500,')}", flush=True)


def _instance(home: Path) -> str:
    """A new instance; gives the cookie of an administrator who is signed in."""
    random_bytes = counted_bytes("keys of the scans")
    keys = Keys(*(new_private_key(purpose, STUDY, random_bytes) for purpose in ("research", "identity")))
    settings = new_instance(home, keys)
    study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    app = create_app(settings)
    client = sign_in_as(app.test_client(), study, "administrator", "Scanner")
    name = str(app.config["SESSION_COOKIE_NAME"])
    found = client.get_cookie(name)
    assert found
    return f"{name}={found.value}"


def wapiti(url: str, cookie: str, folder: Path, minutes: int) -> list[str]:
    """Every module, on every page it finds."""
    limits = ["--max-scan-time", str(60 * minutes // 2), "--max-attack-time", str(2 * minutes)]
    limits += ["-d", "6", "--scope", "domain"]
    out = ["-f", "json", "-o", str(folder / "wapiti.json"), "--store-session", str(folder / "session")]
    start = ["-u", f"{url}/", "-s", f"{url}/office", "-x", f"{url}/office/{AFTER_THE_END}", "-H", f"Cookie: {cookie}"]
    how = ["-m", MODULES, "--flush-session", "--no-bugreport", "-v", "1"]
    return ["/usr/bin/python3", "-c", WAPITI, *start, *limits, *out, *how]


def sqlmap(url: str, cookie: str, folder: Path) -> list[str]:
    """Every form and parameter it finds, with a token for each post."""
    how = ["--batch", "--crawl=3", "--forms", "--level=3", "--risk=2", "--flush-session", "--smart"]
    limits = ["--crawl-exclude", AFTER_THE_END, "--timeout=10", "--retries=0", "--output-dir", str(folder / "sqlmap")]
    return ["sqlmap", "-u", f"{url}/office", "--cookie", cookie, "--csrf-token=csrf_token", *how, *limits]


if __name__ == "__main__":
    main()
