"""Send requests full of marked words, then look whether any log kept one. The words are random and stand for nobody."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from checkup.client import Site
from checkup.findings import Finding, told, unseen
from errors import SettingsError

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REMEDY = "Let the log name routes, status and duration, and no address, path or agent. Then destroy what it has kept."


@dataclass(frozen=True)
class Canaries:
    """The marked words of one checkup: all begin with `stem`; `address` is claimed as the visitor's own."""

    stem: str
    address: str

    def word(self, place: str) -> str:
        """The word that stands in this place of a request."""
        return self.stem + place


@dataclass(frozen=True)
class Log:
    """A log file and how long it was before anything was sent."""

    path: Path
    before: int = field(default=0)


def new_canaries(random_bytes: Callable[[int], bytes]) -> Canaries:
    """Words that no log can hold by chance, and an address that is nobody's (RFC 3849)."""
    groups = random_bytes(12).hex()
    address = "2001:db8:" + ":".join(groups[at : at + 4] for at in range(0, 24, 4))
    return Canaries(f"zq{random_bytes(8).hex()}", address)


def begin(paths: Iterable[Path]) -> tuple[Log, ...]:
    """The logs as they are now. Raises SettingsError for one that is not there."""
    try:
        return tuple(Log(path, path.stat().st_size) for path in paths)
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be read. Name log files of this machine.") from None


def send(site: Site, canaries: Canaries) -> set[str]:
    """Send the words in every part of a request, rightly and wrongly. Tells the addresses that were asked from."""
    claimed = {
        "User-Agent": canaries.word("agent"),
        "Referer": f"https://{canaries.word('referer')}.invalid/",
        "X-Forwarded-For": canaries.address,
        "X-Real-IP": canaries.address,
        "Forwarded": f'for="[{canaries.address}]"',
        "Authorization": f"Bearer {canaries.word('token')}",
        "Cookie": f"amanah={canaries.word('cookie')}; __Host-amanah={canaries.word('cookie')}",
    }
    typed = urlencode({name: canaries.word("typed") for name in ("code", "name", "password")}).encode()
    asked = [
        ("GET", f"/{canaries.word('path')}?{canaries.word('query')}={canaries.word('query')}", None),
        ("GET", f"/?{canaries.word('query')}", None),
        ("GET", f"/visit/{canaries.word('path')}", None),
        ("PUT", f"/withdraw?{canaries.word('query')}", None),
        ("POST", "/withdraw", typed),
        ("POST", "/office/sign-in", typed),
        ("POST", "/deliveries", typed),
        ("GET", "/admission", None),
    ]
    return {site.ask(path, claimed | (FORM if body else {}), method, body).own_address for method, path, body in asked}


def check_sinks(logs: Iterable[Log], canaries: Canaries, own: Iterable[str]) -> Iterator[Finding]:
    """Whether the logs kept a word, or where the requests came from."""
    logs = tuple(logs)
    if not logs:
        yield unseen(
            "logs of the server",
            "Not looked at: they can be seen on the server only.",
            "Run this on the server too, with --log FILE for each log of the app and the proxy. A journal: "
            f"journalctl --since -10min | grep -E '{canaries.stem}|{canaries.address}' must find nothing, now.",
        )
    for log in logs:
        problems: dict[str, list[str]] = {}
        for path in _kin(log.path):
            for what in _kept(path, log, canaries, own):
                problems.setdefault(f"keeps {what}", []).append(str(path))
        yield from told("logs of the server", problems, _as_it_should_be(log), REMEDY)


def _as_it_should_be(log: Log) -> str:
    grown = log.path.stat().st_size - log.before
    quiet = " Nothing was written to it meanwhile: is it the right file?" if not grown else ""
    return f"{log.path} and its older ones keep none of the marked words.{quiet}"


def _kin(path: Path) -> list[Path]:
    """The file and those that it was rotated to."""
    return sorted(one for one in path.parent.glob(f"{path.name}*") if one.is_file())


def _kept(path: Path, log: Log, canaries: Canaries, own: Iterable[str]) -> Iterator[str]:
    words = {canaries.stem.encode(): "a marked word", canaries.address.encode(): "a visitor's address"}
    # Where this checkup came from may stand in older lines for good reasons: only what was added since counts.
    mine = {address.encode(): "the address of this checkup" for address in own}
    after = log.before if path == log.path and path.stat().st_size >= log.before else 0
    found = set(_found(path, words, 0))
    if path == log.path:
        found |= set(_found(path, mine, after))
    yield from sorted(found)


def _found(path: Path, words: Mapping[bytes, str], after: int) -> Iterator[str]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            lines.seek(after, os.SEEK_SET)
            for line in lines:
                yield from (what for word, what in words.items() if word in line)
    except (OSError, EOFError, zlib.error):
        yield "what cannot be read here, so it was not looked at"
