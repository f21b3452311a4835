"""The README of a release: what it is, what was left out and why, what risk remains, how to read it. No clock times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from instruments.codebook import MISSING_LABELS

if TYPE_CHECKING:
    from release.build import Release


def readme_of(release: Release) -> str:
    """The text, in English."""
    return "\n".join(_lines(release)) + "\n"


def _lines(release: Release) -> Iterator[str]:
    ordered, title = release.specification, release.instruments[0].title.in_language("en")
    yield f"{title}: a pseudonymised release"
    yield ""
    yield f"Purpose: {ordered.purpose}"
    yield f"Groups: {', '.join(ordered.groups)}"
    yield f"People: {len(release.rows)}, one row each in data.csv (UTF-8), in order of research_id."
    yield ""
    yield "WHO MAY USE IT, AND HOW"
    yield "For the purpose above only, by the people it was made for. Do not pass it on; never put it on the open web."
    yield "Trying to find out who a row belongs to, without the controller's consent, is an offence (Data"
    yield "Protection Act 2018, section 171). research_id belongs to this purpose: it does not match the ids of any"
    yield "other release."
    yield ""
    yield "WHAT WAS LEFT OUT"
    yield from _left_out(release)
    yield ""
    yield "WHAT RISK REMAINS"
    yield from _risk(release)
    yield ""
    yield "HOW TO READ IT"
    yield "codebook.csv names every variable, its codes, and the level at which it is released."
    yield from (f"  {code}  {words}" for code, words in MISSING_LABELS.items())
    yield "Several answers to one question stand in one cell, with spaces between. There are no scores of single"
    yield "people, on purpose: scales describe groups of ten or more."
    yield "Not a random sample. People who fear being watched stay away most; faith and views are self-described; the"
    yield "wording is new and the scales are provisional."
    yield ""
    yield "manifest.json holds the SHA-256 of each file, the specification and the digests of the instruments."


def _left_out(release: Release) -> Iterator[str]:
    yield f"  {release.left_out} people who shared their traits with fewer than {release.specification.k - 1} others."
    if release.specification.archive_only:
        yield f"  {release.declined_archive} people who did not agree to the archive."
    if release.withheld:
        yield f"  Open text, until a person has reviewed it: {', '.join(release.withheld)}."
    yield f"  {len(release.faults)} records that could not be used."
    for fault in release.faults:
        yield f"    record {fault.record_id}: {'; '.join(fault.reasons)}"


def _risk(release: Release) -> Iterator[str]:
    after = release.after
    yield f"  Checked together: {', '.join(release.checked)}."
    yield f"  Before coarsening, {release.before.unique} of {release.before.people} people stood alone."
    if after.people:
        yield f"  Now the smallest class holds {after.smallest}: whoever knows all these traits of a person finds at"
        yield "  least so many rows that fit. That is no protection against somebody who knows a person's answers otherwise."
    for name, level in release.levels.items():
        if level:
            yield f"  {name} is released at level {level}."
    for name, count in release.uniform.items():
        if count:
            yield f"  Note: in {count} classes everyone has the same {name}, so belonging to the class tells it."
