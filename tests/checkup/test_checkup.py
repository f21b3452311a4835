"""A checkup of an honest site finds nothing; whatever its operator changes raises the alarm, in words."""

from __future__ import annotations

import gzip
import re
import shutil
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from checkup.assets import check_assets, check_keyring, served_files
from checkup.client import Site, site_at
from checkup.door import check_door, lacking_flags, tls_findings
from checkup.findings import Finding, all_well, table
from checkup.headers import check_headers
from checkup.loading import check_pages
from checkup.manifest import AssetManifest, signed
from checkup.signing import new_signing_key, public_hex
from checkup.sinks import begin, check_sinks, new_canaries, send
from checkup.whole import Order, check
from checkup_commands import checkup
from errors import SettingsError
from fieldwork.certificate import issue
from tests.checkup.conftest import Change, Deployed, Headers
from tests.conftest import Keys, counted_bytes, new_instance
from tests.house.served import serving

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 25, tzinfo=UTC)
PAGE, SCRIPT = "/visit/young_person", b"<script src='/static/0123456789abcdef/extra.js'></script>"


def wrongs(findings: Sequence[Finding]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in findings:
        if one.outcome == "WRONG":
            found[one.about] = "; ".join(filter(None, (found.get(one.about), one.found)))
    return found


def assets(deployed: Deployed, manifest: AssetManifest) -> dict[str, str]:
    visited = {path: deployed.site.ask(path) for path in ("/", PAGE)}
    files = served_files(deployed.site, manifest, visited)
    pages = check_pages(deployed.site, manifest, visited, False)
    # Two pages are looked at here: of course they lead to others.
    found = wrongs([*pages, *check_assets(deployed.site, manifest, files)])
    return {about: told for about, told in found.items() if about != "where the pages lead"}


def test_an_honest_site_is_well_and_the_table_says_what_was_not_seen(deployed: Deployed, manifest, keys: Keys) -> None:
    order = Order(deployed.site, manifest, keyring=keys.keyring.to_json())
    findings = check(order, NOW, counted_bytes("canaries"), wait=0)
    assert wrongs(findings) == {}
    assert {one.about for one in findings if one.outcome == "not seen"} == {"TLS", "logs of the server"}
    assert {one.about: one.found for one in findings}["what the pages load"].startswith("140 pages, 18 of them visits")
    assert "What to do: Run this on the server too, with --log FILE" in " ".join(table(findings).split())


def adding(path: str, what: bytes, where: bytes = b"</body>") -> Change:
    def change(asked: str, status: str, headers: Headers, body: bytes) -> tuple[str, Headers, bytes]:
        return status, headers, body.replace(where, what + where) if asked == path else body

    return change


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (SCRIPT, "extra.js, which the manifest does not name"),
        (b"<script src=https://elsewhere.example/a.js></script>", "https://elsewhere.example/a.js"),
        (b"<script>send(answers)</script>", "script written into the page: 'send(answers)'"),
        (b"<svg><script href='//elsewhere.example/a.js'/></svg>", "elsewhere.example/a.js"),
        # A browser ends this comment at once; who reads it carelessly sees no script.
        (b"<!--><script src=/static/x.js></script>-->", "a tag in a place where none can be"),
        (b"<img src=/static/x.png onerror=send()>", "onerror on <img>"),
        (b"<a href='java\nscript:send()'>on</a>", "a script in href of <a>"),
        (b"<link rel=stylesheet href=https://elsewhere.example/a.css>", "https://elsewhere.example/a.css"),
        (b"<style>input[value^=a]{}</style>", "style written into the page"),
        (b"<img src=https://elsewhere.example/seen.gif>", "https://elsewhere.example/seen.gif"),
        (b"<form action=https://elsewhere.example/>", "https://elsewhere.example/"),
        (b"<iframe src=/></iframe>", "<iframe>"),
        (b"<base href=https://elsewhere.example/>", "<base>"),
        (b"<meta http-equiv=Refresh content='0;url=/x'>", "<meta http-equiv='Refresh'>"),
    ],
)
def test_whatever_is_added_to_one_page_raises_the_alarm(
    deployed: Deployed, manifest: AssetManifest, what: bytes, says: str
) -> None:
    deployed.operator.change = adding(PAGE, what)
    visited = {path: deployed.site.ask(path) for path in ("/", PAGE)}
    found = wrongs(list(check_pages(deployed.site, manifest, visited, False)))
    assert says in found["what the pages load"]
    assert PAGE in found["what the pages load"]


def one_byte(asked: str, status: str, headers: Headers, body: bytes) -> tuple[str, Headers, bytes]:
    return status, headers, body.replace(b"seal", b"sea1", 1) if asked.endswith("/seal.js") else body


def test_one_changed_byte_of_a_script_or_of_the_worker_raises_the_alarm(deployed: Deployed, manifest) -> None:
    deployed.operator.change = one_byte
    assert assets(deployed, manifest) == {f"files of {manifest.assets}": "other bytes than were signed (seal.js)"}
    deployed.operator.change = adding("/worker.js", b"// ", b"addEventListener")
    assert "service worker" in assets(deployed, manifest)
    deployed.operator.change = adding("/worker.js", b'"/office/.*", ', b'"/withdraw", ')
    assert assets(deployed, manifest) == {"what the worker keeps": "It is told to keep /office/.*."}
    deployed.operator.change = adding("/worker.js", b"/*", b'{"cache"')
    assert "service worker" in assets(deployed, manifest)


def test_a_manifest_of_another_version_says_which_and_which(deployed: Deployed, manifest: AssetManifest) -> None:
    older = replace(manifest, release="0.0.9", assets="0" * 16, files=dict(manifest.files) | {"visit.js": "0" * 64})
    found = assets(deployed, older)
    told = found["version of the files"]
    assert (f"assets {manifest.assets}" in told, "Amanah 0.0.9, commit cccccccccccc, assets 0000" in told) == (
        True,
        True,
    )
    assert found[f"files of {manifest.assets}"] == "other bytes than were signed (visit.js)"


def test_other_keys_than_the_desks_raise_the_alarm(deployed: Deployed, keys: Keys) -> None:
    ring = keys.keyring
    theirs = replace(ring, keys=tuple(replace(key, x25519=bytes(32)) for key in ring.keys)).to_json()
    assert check_keyring(deployed.site, theirs).outcome == "WRONG"
    assert check_keyring(deployed.site, ring.to_json()).outcome == "well"
    shown = check_keyring(deployed.site, None)
    assert (shown.outcome, " ".join(ring.words) in shown.found) == ("not seen", True)


def without(name: str) -> Change:
    return lambda asked, status, headers, body: (status, [pair for pair in headers if pair[0] != name], body)


def test_each_missing_or_weaker_header_is_named(deployed: Deployed) -> None:
    def loosened(asked: str, status: str, headers: Headers, body: bytes) -> tuple[str, Headers, bytes]:
        told = [(name, value.replace("script-src 'self'", "script-src *")) for name, value in headers]
        return status, [pair for pair in told if pair[0] not in ("X-Content-Type-Options", "Cache-Control")], body

    deployed.operator.change = loosened
    visited = {"/": deployed.site.ask("/")}
    told = [one.found for one in check_headers(deployed.site, visited, {}, False) if one.outcome == "WRONG"]
    assert any(found.startswith("no X-Content-Type-Options (/, ") for found in told)
    assert any(found.startswith("another Content-Security-Policy: ") for found in told)
    assert any(found.startswith("may be kept by a browser or a proxy (/office/sign-in (GET), ") for found in told)


def careless(asked: str, status: str, headers: Headers, body: bytes) -> tuple[str, Headers, bytes]:
    """A debug server before everybody's names: shows its insides, what was asked for, and its version."""
    kept = [pair for pair in headers if pair[0] not in ("Set-Cookie", "Server")]
    told = f"Traceback (most recent call last): {asked}".encode()
    return "200 OK", [*kept, ("Server", "nginx/1.2"), ("Set-Cookie", "amanah=1; Path=/")], told


def test_a_careless_server_is_told_each_thing(deployed: Deployed) -> None:
    deployed.operator.change = careless
    findings = list(check_door(deployed.site, "zqcanary", NOW))
    found = wrongs(findings)
    assert found["cookie of the staff"] == "Lacks httponly, samesite=strict."
    assert found["another's host name"] == "Answered with 200."
    assert "where to report weaknesses" in found
    told = [one.found for one in findings if one.about == "error pages"]
    assert {said.split(" (")[0] for said in told} == {
        "shows its insides: 'Traceback'", "gives back what was asked for", "names the server's version: nginx/1.2",
    }  # fmt: skip


class Silent(BaseHTTPRequestHandler):
    """Answers with nothing, and logs nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_tls_its_certificate_and_its_days_are_looked_at(tmp_path: Path) -> None:
    issued = issue(["127.0.0.1"], datetime.now(UTC))
    for name, data in (("authority", issued.authority), ("chain", issued.certificate), ("key", issued.key)):
        (tmp_path / name).write_bytes(data)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "chain", tmp_path / "key")
    with HTTPServer(("127.0.0.1", 0), Silent) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            site = Site("https", "127.0.0.1", server.server_port, tmp_path / "authority")
            soon = datetime.now(UTC) + timedelta(days=360)
            now, later = list(tls_findings(site, datetime.now(UTC))), wrongs(list(tls_findings(site, soon)))
            assert (wrongs(now), now[0].found) == ({}, "TLSv1.3.")
            assert set(later) == {"certificate"}
            with pytest.raises(SettingsError, match="CERTIFICATE_VERIFY_FAILED"):
                replace(site, authority=None).tls(NOW)
        finally:
            server.shutdown()
            thread.join(10)
    far = next(iter(tls_findings(Site("http", "study.example", 80), NOW)))
    assert (far.outcome, "devices cannot seal" in far.found) == ("WRONG", True)


def test_cookies_need_every_flag_beyond_this_machine() -> None:
    site = Site("https", "study.example", 443)
    assert set(lacking_flags("amanah=1; Path=/; HttpOnly; SameSite=Lax", site)) == {
        "__Host-",
        "secure",
        "samesite=strict",
    }
    assert list(lacking_flags("__Host-amanah=1; Secure; HttpOnly; Path=/; SameSite=Strict", site)) == []


def test_logs_that_keep_a_word_or_an_address_are_named_also_rotated_ones(deployed: Deployed, tmp_path: Path) -> None:
    log, canaries = tmp_path / "access.log", new_canaries(counted_bytes("words"))
    log.write_text("127.0.0.1 older line, from before\n")
    logs = begin([log])
    deployed.operator.log.clear()
    own = send(deployed.site, canaries)
    assert own == {"127.0.0.1"}
    assert all_well(list(check_sinks(logs, canaries, own))), "an older line is no trace of this checkup"
    with log.open("a") as file:
        file.write("\n".join(deployed.operator.log))
    found = [one.found for one in check_sinks(logs, canaries, own)]
    assert found == [f"keeps a marked word ({log})", f"keeps the address of this checkup ({log})"]
    log.write_text("127.0.0.1 older line, from before\n")
    packed = tmp_path / "access.log.2.gz"
    packed.write_bytes(gzip.compress(f"from {canaries.address}\n".encode()))
    assert [one.found for one in check_sinks(logs, canaries, own)] == [f"keeps a visitor's address ({packed})"]
    packed.write_bytes(b"no gzip")
    assert "cannot be read here" in next(check_sinks(logs, canaries, own)).found


def test_a_site_that_leads_elsewhere_or_does_not_answer_is_never_called_well(deployed: Deployed, manifest) -> None:
    deployed.operator.change = lambda asked, status, headers, body: ("302 Found", [*headers, ("Location", "/x")], b"")
    found = assets(deployed, manifest)
    assert found["version of the files"].startswith("The site serves assets of no version")
    assert "what the pages load" in found
    with pytest.raises(SettingsError, match="gave no answer"):
        Site("http", "127.0.0.1", 1).ask("/")
    for url in ("ftp://x.example", "https://x.example/visit", "https://u:p@x.example", "https://x.example:port"):
        with pytest.raises(SettingsError):
            site_at(url)


def test_a_copy_with_one_changed_byte_is_found_by_the_command(tmp_path: Path, keys: Keys, manifest) -> None:
    copy, key = tmp_path / "copy", new_signing_key(counted_bytes("release key"))
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "tests", "docs", "bench", "demo"))
    (tmp_path / "manifest.json").write_bytes(signed(manifest, key))
    settings = new_instance(tmp_path / "instance", keys)
    with serving(settings.home, tmp_path, code=copy, packs_quickly=True) as site:
        script = copy / "static" / "receipts.js"
        script.write_bytes(script.read_bytes().replace(b"e", b"3", 1))
        words = ("--manifest", tmp_path / "manifest.json", "--signer", public_hex(key), "--log", site.output, "--plain")
        told = CliRunner().invoke(checkup, [site.url, *map(str, words)])
    assert (told.exit_code, "other bytes than were signed (receipts.js)" in told.output) == (1, True), told.output
    assert re.search(r"well +logs of the server", told.output)
    assert "not as they should be: see WRONG above" in told.output
