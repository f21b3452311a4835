"""Three kinds of release that people ask for again and again, and what each of them always keeps to.

A preset fills in what the specification does not say. What it promises cannot be taken back by another key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

Preset = Literal["team", "archive", "public"]
PRESETS: tuple[str, ...] = get_args(Preset)
FILLED: Mapping[str, Mapping[str, Any]] = {
    "team": {"k": 5, "formats": ["csv"]},
    "archive": {"k": 5, "formats": ["csv"], "archive_only": True},
    "public": {"kind": "tables"},
}
LEAST_K = 5  # of a file for an archive: study.md section 6


def filled(told: Mapping[str, Any]) -> dict[str, Any]:
    """These settings, with what their preset says where they say nothing."""
    preset = told.get("preset")
    return {**FILLED.get(preset if isinstance(preset, str) else "", {}), **told}


def broken_promises(told: Mapping[str, Any]) -> Iterator[str]:
    """What these settings take back of what their preset promises, a sentence each."""
    preset = told.get("preset")
    if preset == "archive" and not told["archive_only"]:
        yield "the preset archive holds only people who agreed to the archive, so archive_only cannot be false"
    if preset == "archive" and told.get("k", LEAST_K) < LEAST_K:
        yield f"the preset archive needs a k of at least {LEAST_K}"
    if preset == "public" and told["kind"] == "rows":
        yield "the preset public has no rows, so kind must be tables or summary"
