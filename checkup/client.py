"""Ask a site over http or https as a phone's browser does. Follows no redirect, keeps no cookie."""

from __future__ import annotations

import gzip
import http.client
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import brotli

from errors import SettingsError

PATIENCE = 30  # seconds
LARGEST = 16 * 1024 * 1024  # bytes of one answer; ours are far smaller
# An ordinary phone's words, so that a server cannot tell a checkup from a visit by them.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 "
    "Mobile Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "gzip, br",
    "Accept-Language": "en-GB,en;q=0.9",
}


@dataclass(frozen=True)
class Answer:
    """What came back, unpacked; `own_address` is the address that the site saw, unless something stands between."""

    status: int
    headers: Message
    body: bytes
    own_address: str

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def kind(self) -> str:
        """The media type."""
        return self.headers.get_content_type()


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
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
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
            connection.request(method, path, body, BROWSER | dict(headers or {}))
            own = str(connection.sock.getsockname()[0])
            got = connection.getresponse()
            return Answer(got.status, got.headers, _unpacked(got), own)
        except (OSError, http.client.HTTPException, ValueError, zlib.error, brotli.error) as error:
            raise SettingsError(f"{self.origin}{path} gave no answer that can be read: {error}") from None
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


def _unpacked(got: http.client.HTTPResponse) -> bytes:
    data = got.read(LARGEST)
    way = (got.headers.get("Content-Encoding") or "").lower()
    if not way or not data:
        return data
    return {"gzip": gzip.decompress, "br": brotli.decompress}[way](data) if way in ("gzip", "br") else data
