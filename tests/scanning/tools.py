"""The commands by which wapiti and sqlmap, as Debian has them, are called."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.crawling import TOKEN, Form

# Debian's wapiti 3.0.4 cannot leave an address out under Python 3.11: its pattern has a flag where none may stand now.
WAPITI = """import re
from wapitiCore.net import crawler
crawler.wildcard_translate = lambda pattern: re.compile(re.escape(pattern))
from wapitiCore.main.wapiti import wapiti_main
wapiti_main()"""
# All but wapp, nikto and ssrf, which ask other machines for their lists or for a sign that this one did, and buster,
# which guesses at file names. The quick ones first; permanentxss looks for what xss has sent in the same run.
MODULES = (
    "http_headers", "cookieflags", "csp", "csrf", "methods", "htaccess", "redirect", "shellshock", "crlf", "backup",
    "brute_login_form", "sql", "xss,permanentxss", "xxe", "exec", "blindsql", "file",
)  # fmt: skip
SIGN_OUT = "/office/sign-out"
LARGE = 40  # fields; the forms of a visit have hundreds, all of which are read, sealed and stored alike
OF_LARGE = 6
# So that the page has something to show, and a page that shows more or less would be seen.
TYPED = {"act": "staff_invited", "person": "Second", "since": "2026-01-01", "until": "2099-01-01"}


def wapiti(url: str, cookie: str, folder: Path, pages: list[str]) -> list[str]:
    """What every run of wapiti has in common; its session is kept, so that what was crawled once is attacked again."""
    starts = [word for page in pages for word in ("-s", url + page)]
    where = ["-u", url + pages[0], *starts, "--scope", "domain", "-x", url + SIGN_OUT, "-H", f"Cookie: {cookie}"]
    kept = ["--store-session", str(folder / "session"), "--store-config", str(folder / "session")]
    # It asks for brotli, and Debian's cannot read it: of a page that is packed so, it would see no form.
    where += ["-H", "Accept-Encoding: gzip"]
    how = ["-t", "30", "--max-parameters", str(LARGE), "--no-bugreport", "-v", "1", "-f", "json"]
    return ["/usr/bin/python3", "-c", WAPITI, *where, *kept, *how]


def crawling(seconds: int) -> list[str]:
    """Words for the run that only looks at the pages, and sends each form of theirs once."""
    return ["-m", "", "-d", "1", "--max-scan-time", str(seconds), "--flush-session"]


def thinned(session: Path) -> int:
    """Leave one of the requests that differ in their values only; how many are left.

    A page of staff has the same forms for each person, and wapiti would attack every one of them.
    """
    with closing(sqlite3.connect(next(session.glob("*.db")))) as kept, kept:
        named = kept.execute("select path_id, group_concat(name) from params where name != '__RAW__' group by path_id")
        names = {path: ",".join(sorted(set((told or "").split(",")))) for path, told in named}
        first: dict[tuple[str, str, str], int] = {}
        for path, address, method in kept.execute(
            "select path_id, path, method from paths order by path_id"
        ).fetchall():
            if first.setdefault((address, method, names.get(path, "")), path) != path:
                kept.execute("delete from params where path_id = ?", (path,))
                kept.execute("delete from paths where path_id = ?", (path,))
    return len(first)


def attacking(module: str, seconds: int) -> list[str]:
    """Words for the run of one module, on all that was crawled."""
    return ["-m", module, "--skip-crawl", "--flush-attacks", "--max-attack-time", str(seconds)]


def sqlmap(url: str, cookie: str, folder: Path, form: Form) -> list[str]:
    """Every field of a form but its token, with every technique for SQLite and with no guess beforehand."""
    fields = {name: TYPED.get(name, value or "1") for name, value in form.fields.items()}
    names = [name for name in fields if name != TOKEN]
    names = names[:OF_LARGE] if len(names) > LARGE else names
    address, data = url + urlsplit(form.action).path, urlencode(fields)
    sent = ["-u", address, "--data", data] if form.method == "post" else ["-u", f"{address}?{data}"]
    how = ["--batch", "--dbms=SQLite", "--level=3", "--risk=2", "--flush-session", "--timeout=30", "--retries=0"]
    return ["sqlmap", *sent, "--cookie", cookie, "-p", ",".join(names), *how, "--output-dir", str(folder / "sqlmap")]
