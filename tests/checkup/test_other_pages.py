"""A page that reads, loads, sends or leads otherwise than the signed one of its kind raises the alarm, if hidden."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import brotli
import pytest

from checkup.answers import LARGEST, unpacked
from checkup.client import Site, browser_headers
from checkup.findings import table, well, wrong
from checkup.headers import check_headers
from checkup.loading import check_pages
from checkup.manifest import AssetManifest
from errors import SettingsError
from tests.checkup.conftest import Deployed, Headers

VISIT = "/visit/young_person"
Body = Callable[[bytes], bytes]


def found(deployed: Deployed, manifest: AssetManifest, plain: bool = False) -> dict[str, str]:
    """What is wrong with the start page and one visit, save that they lead to pages that are not looked at here."""
    visited = {path: deployed.site.ask(path) for path in ("/", VISIT)}
    findings = [*check_pages(deployed.site, manifest, visited, plain)]
    findings += check_headers(deployed.site, visited, {}, plain)
    told: dict[str, str] = {}
    for one in findings:
        if one.outcome == "WRONG":
            told[one.about] = "; ".join(filter(None, (told.get(one.about), one.found)))
    return told


def change(deployed: Deployed, body: Body, path: str = VISIT, **headers: str) -> None:
    """Let the operator change one page, and say other headers with it."""

    def changed(asked: str, status: str, told: Headers, data: bytes) -> tuple[str, Headers, bytes]:
        if asked != path:
            return status, told, data
        new = {name.replace("_", "-"): value for name, value in headers.items()}
        return status, [pair for pair in told if pair[0] not in new] + list(new.items()), body(data)

    deployed.operator.change = changed


def first(old: bytes, new: bytes) -> Body:
    return lambda data: data.replace(old, new, 1)


def before_the_end(new: bytes) -> Body:
    return first(b"</body>", new + b"</body>")


FORM = b"<form method=post action='/visit/young_person?lang=en'><textarea name=a></textarea></form>"
LOADS, PLAIN, LEADS = "what the pages load", "plain path", "where the pages lead"


@pytest.mark.parametrize(
    ("body", "about", "says"),
    [
        (first(b"<script ", b"<script src='/evil.js' "), LOADS, "two equal attributes on <script>"),
        (first(b"<script ", b"<script src='/evil.js' "), LOADS, "/evil.js, which the manifest does not name"),
        (first(b"<a ", b"<a href='/go' "), LEADS, "leads to /go, which was not looked at"),
        (first(b"visit.js", b"send.js"), LOADS, "lacks what belongs there: script visit.js"),
        (first(b"visit.js", b"send.js"), LOADS, "has what does not belong there: script send.js"),
        (first(b'type="module"', b'type="text/plain"'), LOADS, "<script> of another making than ours"),
        (first(b'rel="stylesheet"', b'rel="stylesheet" media="print"'), LOADS, "<link> of another making than ours"),
        (first(b"<script ", b"<title><script "), LOADS, "<script> where it does not act"),
        (before_the_end(b"<!--><form method=post action=/x></form>-->"), LOADS, "a tag in a place where none can be"),
        (before_the_end(FORM), PLAIN, f"On: a visit's page can send answers before they are sealed ({VISIT})"),
        (before_the_end(b"<form action='/visit/x'>"), LOADS, "has what does not belong there: form get /visit/x"),
        (before_the_end(b"<button formaction='/x'>"), LOADS, "has what does not belong there: form button /x"),
        (first(b'method="dialog"', b"method='post'"), PLAIN, "On: "),
        (before_the_end(b"<a href='/begin'>Start here</a>"), LEADS, "leads to /begin, which was not looked at"),
        (before_the_end(b"<a href='/\\elsewhere.example/'>"), LEADS, "leads to /\\elsewhere.example/"),
        (first(b"utf-8", b"\xff\xfe"), "headers of pages", "its bytes are no UTF-8"),
    ],
)
def test_a_page_of_another_making_is_named(deployed: Deployed, manifest, body: Body, about: str, says: str) -> None:
    change(deployed, body)
    assert says in found(deployed, manifest)[about]


def as_it_is(data: bytes) -> bytes:
    return data


def past_the_end(data: bytes) -> bytes:
    return data + b" " * LARGEST + b"<script src=/evil.js></script>"


HIDDEN = b"<!doctype html><script src=/evil.js></script>"


@pytest.mark.parametrize(
    ("body", "headers", "says"),
    [
        (lambda data: zlib.compress(HIDDEN), {"Content_Encoding": "deflate"}, "packed as 'deflate', which"),
        (lambda data: gzip.compress(HIDDEN), {"Content_Encoding": "gzip, gzip"}, "packed as 'gzip, gzip', which"),
        (lambda data: HIDDEN.decode().encode("utf-16-le"), {"Content_Type": "text/html; charset=utf-16le"}, "utf-16le"),
        (as_it_is, {"Content_Type": "text/html"}, "'text/html', without charset=utf-8"),
        (as_it_is, {"Content_Type": 'text/html; charset=utf-8; charset="utf-7"'}, "which is not plainly utf-8"),
        (past_the_end, {}, "longer than 16 MiB, so its end was not looked at"),
    ],
)
def test_a_page_that_a_browser_may_read_otherwise_is_not_vouched_for(
    deployed: Deployed, manifest: AssetManifest, body: Body, headers: dict[str, str], says: str
) -> None:
    change(deployed, body, **headers)
    told = found(deployed, manifest)
    assert (says in told[LOADS], says in told["headers of pages"]) == (True, True)


def test_what_is_packed_is_unpacked_whole_and_within_a_bound() -> None:
    whole, bomb = b"A page. " * 100, bytes(4 * LARGEST)
    for way, packed in (("gzip", gzip.compress(whole)), ("br", brotli.compress(whole)), ("identity", whole), ("", b"")):
        assert unpacked(packed, way) == (whole if packed else b"", "")
        if packed and way != "identity":
            assert unpacked(packed[:-1], way)[1] == f"packed as {way}, and does not end where it should"
            assert unpacked(packed + packed, way)[1], "a second part that one browser reads and another does not"
            assert unpacked(b"no such thing", way)[1] == f"said to be packed as {way}, and is not"
    for way, packed in (("gzip", gzip.compress(bomb, 1)), ("br", brotli.compress(bomb, quality=1))):
        body, unread = unpacked(packed, way)
        assert (len(body), unread.startswith("longer than 16 MiB")) == (LARGEST, True)


def test_a_header_said_twice_is_told(deployed: Deployed, manifest: AssetManifest) -> None:
    deployed.operator.change = lambda asked, status, told, data: (status, [*told, ("Content-Type", "text/html")], data)
    assert "Content-Type is said twice" in found(deployed, manifest)[LOADS]


def test_the_plain_path_is_told_and_wrong_unless_the_study_chose_it(deployed: Deployed, manifest) -> None:
    policy = deployed.site.ask("/").headers["Content-Security-Policy"]
    assert "form-action 'self'" in policy
    form = first(b'method="dialog"', b'method="post" action="/visit/young_person?lang=en"')
    change(deployed, form, Content_Security_Policy=policy)
    told = found(deployed, manifest)
    assert (set(told), VISIT in told["headers of pages"]) == ({PLAIN, "headers of pages", LEADS}, True)
    visited = {path: deployed.site.ask(path) for path in ("/", VISIT)}
    assert set(found(deployed, manifest, plain=True)) == {LEADS}
    assert "On, as --plain says" in table(list(check_pages(deployed.site, manifest, visited, True)))
    change(deployed, as_it_is)
    assert found(deployed, manifest, plain=True).keys() == found(deployed, manifest).keys() == {LEADS}


def test_a_page_that_sends_changes_unsealed_is_told_as_the_plain_path(deployed: Deployed, manifest) -> None:
    form = b"<noscript><form method=post action='/withdraw/choices?lang=en'></form></noscript>"
    change(deployed, before_the_end(form), "/withdraw")
    visited = {path: deployed.site.ask(path) for path in ("/", VISIT, "/withdraw")}
    told, chosen = (table(list(check_pages(deployed.site, manifest, visited, plain))) for plain in (False, True))
    assert "can send answers before they are sealed (/withdraw)" in told
    assert "On, as --plain says" in chosen


def test_the_table_of_kinds_is_what_is_served_by_a_name_too(deployed: Deployed, manifest: AssetManifest) -> None:
    for host, script in (("127.0.0.1", False), ("localhost", True)):
        site = Site("http", host, deployed.site.port)
        page = site.ask("/office/sign-in")
        findings = check_pages(site, manifest, {"/office/sign-in": page}, False)
        told = table([one for one in findings if one.about == LOADS])  # it leads to itself in each language
        assert ("passkey.js" in page.text, "(/office/sign-in)" in told) == (script, False), told
    other = replace(manifest, pages=dict(manifest.pages) | {"sign-in": ()})
    findings = check_pages(site, other, {"/office/sign-in": page}, False)
    assert "(/office/sign-in)" in table([one for one in findings if one.about == LOADS])


def test_staff_are_led_to_the_page_of_signing_in_and_other_sites_are_named(deployed: Deployed, manifest) -> None:
    assert "/office does not lead" not in found(deployed, manifest)[LEADS]
    deployed.operator.change = lambda asked, status, *told: ("200 OK" if asked == "/office" else status, *told)
    assert "/office does not lead to /office/sign-in (answered with 200)" in found(deployed, manifest)[LEADS]
    change(deployed, before_the_end(b"<a href=https://help.example/>Help</a>"))
    visited = {VISIT: deployed.site.ask(VISIT)}
    assert ("not seen", "Links to other sites: https://help.example/.") in [
        (one.outcome, one.found) for one in check_pages(deployed.site, manifest, visited, False)
    ]


SPOKEN = "mailto:a@b.example\x1b[2J\x1b[H\u202eAll is well.\x9b8m\r\n"


def test_no_sign_of_a_server_reaches_the_terminal() -> None:
    told = table([well("contact", SPOKEN), wrong(SPOKEN, "x", SPOKEN)])
    assert [one for one in told if not one.isprintable() and one != "\n"] == []
    assert "mailto:a@b.example?[2J?[H?All is well.?8m" in told
    assert well("contact", SPOKEN).found == SPOKEN, "the table alone speaks to the terminal"


def test_an_answer_that_is_none_is_told_without_its_escapes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as visitor:
                visitor.recv(4096)
                visitor.sendall(b"\x1b[2JAll is well.\r\n\r\n")

        thread = Thread(target=answer)
        thread.start()
        with pytest.raises(SettingsError) as refused:
            Site("http", "127.0.0.1", server.getsockname()[1]).ask("/")
        thread.join(10)
    assert (str(refused.value).isprintable(), "All is well." in str(refused.value)) == (True, True)


def test_a_checkup_says_what_a_phone_says_of_what_it_fetches() -> None:
    told = {
        path: "{Sec-Fetch-Dest} {Sec-Fetch-Mode} {Sec-Fetch-Site}".format_map(browser_headers(path))
        for path in ("/", "/visit/a?lang=en", "/worker.js", "/static/0/a.js", "/static/0/a.css", "/keyring.json")
    }
    assert list(told.values()) == [
        "document navigate none", "document navigate same-origin", "serviceworker same-origin same-origin",
        "script cors same-origin", "style no-cors same-origin", "empty cors same-origin",
    ]  # fmt: skip
