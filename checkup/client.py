"""Ask a site over http or https as a phone's browser does. Follows no redirect, keeps no cookie."""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from checkup.answers import LARGEST, Answer, unpacked
from checkup.findings import printable
from errors import SettingsError

PATIENCE = 30  # seconds
# An ordinary phone's words, so that a server cannot tell a checkup from a visit by these alone. It still can by others:
# the order of headers, how TLS is spoken, that nothing is run, and how many pages are asked for how fast.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 "
    "Mobile Safari/537.36",
    "Accept-Encoding": "gzip, br",
    "Accept-Language": "en-GB,en;q=0.9",
}
NAVIGATES = {
    "Upgrade-Insecure-Requests": "1",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-User": "?1",
    "Sec-Fetch-Dest": "document",
}
# What a browser says it wants an address for, by how the address ends. The worker comes before other scripts.
WANTED = (
    (re.compile(r"/worker\.js"), "serviceworker", "same-origin", "*/*"),
    (re.compile(r".*\.js"), "script", "cors", "*/*"),
    (re.compile(r".*\.css"), "style", "no-cors", "text/css,*/*;q=0.1"),
    (re.compile(r".*\.(svg|png)"), "image", "no-cors", "image/avif,image/webp,image/apng,image/svg+xml,*/*;q=0.8"),
    (re.compile(r".*\.webmanifest"), "manifest", "cors", "*/*"),
    (re.compile(r"/keyring\.json|/admission|/deliveries"), "empty", "cors", "*/*"),
)


def browser_headers(path: str) -> dict[str, str]:
    """What a phone's browser says when it asks for this address."""
    for address, dest, mode, accept in WANTED:
        if address.fullmatch(path.split("?")[0]):
            fetch = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
            return BROWSER | {"Accept": accept} | fetch
    return BROWSER | NAVIGATES | ({"Sec-Fetch-Site": "none"} if path == "/" else {})


@dataclass(frozen=True)
class Tls:
    """How the connection is protected."""

    version: str
    days_left: int


@dataclass(frozen=True)
class Site:
    """A site, by its scheme, host and port. `authority`: the certificate of a pilot's own authority."""

    scheme: str
    host: str
    port: int
    authority: Path | None = field(default=None)

    @property
    def is_here(self) -> bool:
        """Whether it is served on this very machine."""
        return self.host == "localhost" if self.has_name else ip_address(self.host).is_loopback

    @property
    def has_name(self) -> bool:
        """Whether its address is a name, not a number: passkeys need one."""
        try:
            ip_address(self.host)
        except ValueError:
            return True
        return False

    @property
    def origin(self) -> str:
        """As a browser writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{host}" + ("" if usual else f":{self.port}")

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        """Send one request. Raises SettingsError where no answer comes."""
        connection = self._connection()
        try:
            connection.request(method, path, body, browser_headers(path) | dict(headers or {}))
            own = str(connection.sock.getsockname()[0])
            got = connection.getresponse()
            way = (got.headers.get("Content-Encoding") or "").strip().lower()
            body, unread = unpacked(got.read(LARGEST + 1), way)
            return Answer(got.status, got.headers, body, own, unread)
        except (OSError, http.client.HTTPException, ValueError) as error:
            # What is wrong with an answer is told in the answer's own words.
            raise SettingsError(printable(f"{self.origin}{path} gave no answer that can be read: {error}")) from None
        finally:
            connection.close()

    def tls(self, now: datetime) -> Tls:
        """The version of TLS, and how long the certificate lasts. Raises SettingsError."""
        connection = self._connection()
        try:
            connection.connect()
            assert isinstance(connection.sock, ssl.SSLSocket)  # noqa: S101 (for the type checker: this site is https)
            certificate = connection.sock.getpeercert() or {}
            ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
            return Tls(connection.sock.version() or "", (ends - now).days)
        except OSError as error:
            raise SettingsError(f"{self.origin} could not be reached safely: {error}") from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.scheme == "http":
            return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        context = ssl.create_default_context(cafile=str(self.authority) if self.authority else None)
        return http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE, context=context)


def site_at(url: str, authority: Path | None = None) -> Site:
    """The site of an address. Raises SettingsError for anything but http(s)://host[:port]/."""
    try:
        told = urlsplit(url if "//" in url else f"https://{url}")
        port = told.port or {"http": 80, "https": 443}[told.scheme]
    except (ValueError, KeyError):
        raise SettingsError(f"{url} is no address of a site. Write for example https://study.example/") from None
    if not told.hostname or told.username or told.path.strip("/") or told.query:
        raise SettingsError(f"{url}: name the site alone, for example https://study.example/")
    return Site(told.scheme, told.hostname, port, authority)
