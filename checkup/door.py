"""How a site meets strangers: TLS, the staff's cookie, another's host name, mistakes, whom to tell of a weakness."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from checkup.answers import Answer
from checkup.client import Site
from checkup.findings import Finding, judged, told, unseen, wrong
from errors import SettingsError

SIGN_IN = "/office/sign-in"
STRANGER = "another-site.invalid"
SAFE_TLS = ("TLSv1.2", "TLSv1.3")
FEWEST_DAYS = 14  # of a certificate's life; less leaves no room for a holiday
# What an error page of a server that shows its insides looks like.
INSIDES = re.compile(
    r"Traceback|File \"|\.py\b|line \d+, in|werkzeug|sqlalchemy|Debugger|site-packages|/srv/|/home/|/usr/", re.I
)


def check_door(site: Site, canary: str, now: datetime) -> Iterator[Finding]:
    """Everything about the way in. `canary`: a word that must not come back on an error page."""
    yield from tls_findings(site, now)
    yield _cookie(site)
    yield _host(site)
    yield from _mistakes(site, canary)
    yield _contact(site, now)


def tls_findings(site: Site, now: datetime) -> Iterator[Finding]:
    """The version of TLS and the days that the certificate still lasts, or that there is none."""
    if site.scheme == "http":
        remedy = "Name the site with https://, as participants reach it."
        if site.is_here:
            yield unseen("TLS", "Not looked at: this is http on this machine itself.", remedy)
        else:
            yield wrong("TLS", "This address has none: devices cannot seal, and anybody between can change it.", remedy)
        return
    tls = site.tls(now)
    yield judged(tls.version in SAFE_TLS, "TLS", f"{tls.version}.", "Let the server speak TLS 1.2 and 1.3 only.")
    days = f"The certificate lasts {tls.days_left} more days."
    yield judged(tls.days_left >= FEWEST_DAYS, "certificate", days, "Renew the certificate now.")


def _cookie(site: Site) -> Finding:
    about, remedy = "cookie of the staff", "Set secure_cookies = true in settings.toml, and serve over https."
    cookies = site.ask(SIGN_IN).headers.get_all("Set-Cookie", [])
    if not cookies:
        return unseen(about, "The page of signing in set none.", "See that /office/sign-in opens, and check again.")
    lacking = sorted({flag for cookie in cookies for flag in lacking_flags(cookie, site)})
    if lacking:
        return wrong(about, f"Lacks {', '.join(lacking)}.", remedy)
    told_here = " Secure and __Host- are not asked of http here." if site.scheme == "http" else ""
    return judged(True, about, "It has every flag that keeps it to this site." + told_here, remedy)


def lacking_flags(cookie: str, site: Site) -> Iterator[str]:
    """The flags that a cookie ought to have and has not."""
    flags = [part.strip().lower() for part in cookie.split(";")]
    name = cookie.split("=")[0].strip()
    wanted = ["httponly", "samesite=strict", "path=/"]
    if not (site.scheme == "http" and site.is_here):
        wanted.append("secure")
        if not name.startswith("__Host-"):
            yield "__Host-"
    yield from (flag for flag in wanted if flag not in flags[1:])
    if any(flag.startswith("domain") for flag in flags[1:]):
        yield "a tie to this host alone"


def _host(site: Site) -> Finding:
    about, remedy = (
        "another's host name",
        "Name this site's hosts in settings.toml, and let no proxy answer for others.",
    )
    try:
        answer = site.ask("/", {"Host": STRANGER})
    except SettingsError:
        return judged(True, about, "The connection was closed.", remedy)
    refused = answer.status >= 400 and STRANGER not in answer.text
    found = f"Refused with {answer.status}." if refused else f"Answered with {answer.status}."
    return judged(refused, about, found, remedy)


def _mistakes(site: Site, canary: str) -> Iterator[Finding]:
    answers = {
        "404": site.ask(f"/{canary}?{canary}={canary}"),
        "405": site.ask("/withdraw", method="PUT"),
        "400": site.ask("/withdraw", {"Content-Type": "multipart/form-data"}, "POST", canary.encode()),
        "sign-in": site.ask(SIGN_IN, {"Content-Type": "application/x-www-form-urlencoded"}, "POST", b"name=%FF%00"),
        "delivery": site.ask("/deliveries", {"Content-Type": "application/json"}, "POST", b"{" + canary.encode()),
    }
    problems: defaultdict[str, list[str]] = defaultdict(list)
    for name, answer in answers.items():
        for problem in _shown(answer, canary):
            problems[problem].append(name)
    remedy = "Serve as docs/settings.md says, never in debug mode; let the proxy name no version."
    yield from told(
        "error pages", problems, f"{len(answers)} mistakes, answered without a word of the insides.", remedy
    )


def _shown(answer: Answer, canary: str) -> Iterator[str]:
    if answer.status < 400 and answer.status != 200:
        yield f"a mistake leads on, with {answer.status}"
    if answer.status >= 500:
        yield f"a mistake breaks something: {answer.status}"
    if found := INSIDES.search(answer.text):
        yield f"shows its insides: {found[0]!r}"
    if canary in answer.text:
        yield "gives back what was asked for"
    if re.search(r"\d", server := answer.headers.get("Server", "")):
        yield f"names the server's version: {server}"
    if "X-Powered-By" in answer.headers:
        yield "names what it is powered by"


def _contact(site: Site, now: datetime) -> Finding:
    about = "where to report weaknesses"
    answer = site.ask("/.well-known/security.txt")
    lines = dict(line.split(":", 1) for line in reversed(answer.text.splitlines()) if ":" in line)
    fields = {name.strip().lower(): value.strip() for name, value in lines.items()}
    remedy = "Set the contact for weaknesses in settings.toml; /.well-known/security.txt then names it."
    if answer.status != 200 or answer.kind != "text/plain" or not fields.get("contact"):
        return wrong(about, f"No /.well-known/security.txt with a contact (answered with {answer.status}).", remedy)
    try:
        ends = datetime.fromisoformat(fields["expires"].upper().replace("Z", "+00:00"))
        fresh = now < ends < now + timedelta(days=400)
    except (KeyError, ValueError, TypeError):
        fresh = False
    found = fields["contact"] if fresh else "It has no day on which it ends, or has ended."
    return judged(fresh, about, found, remedy)
