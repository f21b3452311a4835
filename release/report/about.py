"""What the manifest of a release says of it: the order, the versions, who is not in it, the figures of the check."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from release.specification import settings_of
from release.versions import incomparable

if TYPE_CHECKING:
    from release.made import Release


def about(release: Release) -> dict[str, Any]:
    """The facts, as JSON holds them. No time, and nothing that says who."""
    return {
        "kind": "rows",
        "specification": settings_of(release.specification),
        "instruments": sorted(instrument.digest for instrument in release.instruments),
        "versions": [
            {"version": version.version, "digest": version.digest, "people": count}
            for version, count in zip(release.instruments, release.answered, strict=True)
        ],
        "order_of_versions": "known" if release.is_order_known else "guessed",
        "incomparable": _incomparable(release),
        "people": release.frame.height,
        "left_out": release.outside(release.left_out),
        "not_usable": release.outside(len(release.faults)),
        "keys": list(release.keys),
        "links_that_join_nobody": release.unjoined,
        "ids_follow_from": release.keys[0],
        "records_of_other_keys": dict(release.lacking),
        "checked": list(release.checked),
        "levels": dict(release.levels),
        "withheld": list(release.withheld),
        "declined_archive": release.outside(release.declined_archive),
        "risk_before": asdict(release.before),
        "risk_after": asdict(release.after),
    }


def _incomparable(release: Release) -> list[dict[str, Any]]:
    return [
        {
            "since": version.version,
            "about": one.about,
            "what": one.what,
            "language": one.language,
            "because": one.breaks,
        }
        for version, one in incomparable(release)
    ]
