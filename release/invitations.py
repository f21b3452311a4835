"""Invitations to the next wave: one open invitation, and behind its `#` each person's capsule, unopened.

The link between a person and their answers is in the link document until their cut-off (docs/waves.md). Afterwards
somebody can be invited all the same, without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from errors import EnvelopeError, ReleaseError
from privacy.capsules import read_capsule
from privacy.opening import PrivateKey
from release.people import Contactable, Opened, documents_of
from release.source import Source

LINK = "v_link"  # the field that an invitation adds to somebody's contact details, for letters and lists
# What stands behind the # of an invitation's link: token, pin and, where it names one, the site.
TOLD = re.compile(r"(?P<token>[\w-]{16,64})\.(?P<pin>[\w-]{22})(?:\.(?P<site>[^.#\s]{0,40}))?")
NO_INVITATION = (
    "This is not the link of an invitation. Paste the whole link of an open invitation, as the coordinator's page "
    "shows it, with everything behind the #."
)


def invite(
    people: Sequence[Contactable], link: str, opened: Opened, source: Source, keys: Sequence[PrivateKey]
) -> tuple[Contactable, ...]:
    """Give each of these people their own link of an open invitation. Raises ReleaseError for what is no such link."""
    if source.newest.waves == 1:
        raise ReleaseError("This study asks people once. There is no next wave to invite to.")
    address, told = _parts(link)
    capsules = (_capsule(documents_of(opened, source, keys, one.person, "link")) for one in people)
    links = (_link(address, told, capsule) for capsule in capsules)
    return tuple(replace(one, contact={**one.contact, LINK: link}) for one, link in zip(people, links, strict=True))


def _parts(link: str) -> tuple[str, re.Match[str]]:
    address, _, behind = link.strip().partition("#")
    where, told = urlsplit(address), TOLD.fullmatch(behind)
    if where.scheme not in ("http", "https") or not where.netloc or told is None:
        raise ReleaseError(NO_INVITATION)
    return address, told


def _link(address: str, told: re.Match[str], capsule: str) -> str:
    parts = [told["token"], told["pin"], told["site"] or "", capsule]
    return f"{address}#{'.'.join(parts).rstrip('.')}"


def _capsule(links: Sequence[Mapping[str, object]]) -> str:
    for one in links:
        capsule = one.get("capsule")
        try:
            read_capsule(capsule if isinstance(capsule, str) else "")
        except EnvelopeError:
            continue
        return str(capsule)
    return ""
