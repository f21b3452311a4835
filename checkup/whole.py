"""One checkup from beginning to end. Changes nothing on the site, and leaves nothing on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from checkup.assets import check_assets, check_keyring, served_files
from checkup.client import Site
from checkup.door import check_door
from checkup.findings import Finding
from checkup.headers import check_headers
from checkup.loading import check_pages
from checkup.manifest import AssetManifest
from checkup.sinks import begin, check_sinks, new_canaries, send
from checkup.walk import walk

A_MOMENT = 1.0  # seconds that a log may lag behind


@dataclass(frozen=True)
class Order:
    """What is to be checked, and against what."""

    site: Site
    manifest: AssetManifest
    logs: Sequence[Path] = ()
    keyring: bytes | None = None
    plain: bool = False  # this study has chosen to take visits without script, too


def check(order: Order, now: datetime, random_bytes: Callable[[int], bytes], wait: float = A_MOMENT) -> list[Finding]:
    """Everything that can be found out from here. Raises SettingsError where the site gives no answer."""
    site, manifest = order.site, order.manifest
    logs, canaries = begin(order.logs), new_canaries(random_bytes)
    visited = walk(site)
    files = served_files(site, manifest, visited)
    findings = [*check_pages(site, manifest, visited, order.plain), *check_assets(site, manifest, files)]
    findings.append(check_keyring(site, order.keyring))
    addresses = {f"/static/{version}/{name}": one for version, all_ in files.items() for name, one in all_.items()}
    findings += check_headers(site, visited, addresses, order.plain)
    findings += check_door(site, canaries.word("page"), now)
    own = send(site, canaries)
    if logs:
        time.sleep(wait)
    return [*findings, *check_sinks(logs, canaries, own)]
