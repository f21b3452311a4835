"""The README of a release: what it is, what was left out and why, what risk remains, how to read it. No clock times."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from instruments.codebook import MISSING_LABELS, level_in_words
from instruments.model import NOT_IN_VERSION
from release.dataset import by_reason
from release.limits import limits_of
from release.versions import incomparable_in_words

if TYPE_CHECKING:
    from release.build import Release

WIDTH = 110
INTERVIEWER = "interviewer_code"
WHO = (
    "For the purpose above only, by the people it was made for. Do not pass it on; never put it on the open web. "
    "Trying to find out who a row belongs to, without the controller's consent, is an offence (Data Protection Act "
    "2018, section 171). The ids belong to this purpose: they do not match those of a release for another one."
)


def readme_of(release: Release) -> str:
    """The text, in English."""
    return "\n".join(line for told in _paragraphs(release) for line in _wrapped(told)) + "\n"


def counted(number: int | str, one: str, many: str) -> str:
    """A number with its noun: 1 person, 2 people."""
    return f"{number} {one if number == 1 else many}"


def _wrapped(told: str) -> list[str]:
    hang = "  " if told.startswith("  ") else ""
    return textwrap.wrap(told, WIDTH, subsequent_indent=hang * 2, break_long_words=False) or [""]


def _paragraphs(release: Release) -> Iterator[str]:
    ordered, title = release.specification, release.instruments[0].title.in_language("en")
    yield f"{title}: a pseudonymised release"
    yield ""
    yield f"Purpose: {ordered.purpose}"
    yield f"Groups: {', '.join(ordered.groups)}"
    yield f"People: {release.frame.height}, one row each, in order of research_id."
    if ordered.recipient:
        yield f"For: {ordered.recipient}"
    if ordered.legal_ground:
        yield f"Legal ground: {ordered.legal_ground}"
    yield f"Licence: {ordered.licence}"
    for heading, part in (
        ("WHO MAY USE IT, AND HOW", iter((WHO,))),
        ("WHAT WAS LEFT OUT, AND WHY", _left_out(release)),
        ("WHAT RISK REMAINS", _risk(release)),
        *((("WHAT DIFFERS BETWEEN VERSIONS", _versions(release)),) if len(release.instruments) > 1 else ()),
        ("HOW TO READ IT", _reading(release)),
    ):
        yield from ("", heading)
        yield from part


def _left_out(release: Release) -> Iterator[str]:
    yield f"  {_alone(release)}"
    if not release.node.is_within:
        yield (
            "  Attention: that is more than the order allows: even with traits as coarse as they may be, as many "
            "stand out. Unusual people are missing, so figures from these rows may not hold for people like them."
        )
    if release.held_back:
        yield (
            f"  {counted(release.outside(release.held_back), 'person', 'people')}: held back, so that nobody can be "
            "worked out by comparing this with an earlier release."
        )
    for name, count in release.suppressed_cells.items():
        yield f"  {counted(count, 'value', 'values')} of {name}: removed, as these people could be recognised by it."
    if release.specification.archive_only:
        declined = release.outside(release.declined_archive)
        yield f"  {counted(declined, 'person', 'people')}: did not agree to the archive."
    if release.rare_themes:
        yield f"  Themes that too few people have: {', '.join(release.rare_themes)}."
    if release.withheld:
        yield f"  Open text, until a person has reviewed it: {', '.join(release.withheld)}."
    if release.not_archived:
        yield f"  Of use to the team alone: {', '.join(release.not_archived)}."
    for key, count in release.lacking.items():
        yield f"  {counted(count, 'record', 'records')} sealed to the research key {key}, which was not given."
    yield f"  {counted(release.outside(len(release.faults)), 'record', 'records')} that could not be used."
    for why, count in by_reason(release.faults).items():
        yield f"    {counted(release.outside(count), 'record', 'records')}: {why}"


def _alone(release: Release) -> str:
    if not release.left_out:
        return "Nobody for having traits that too few others share."
    return (
        f"{counted(release.outside(release.left_out), 'person', 'people')}: fewer than {release.specification.k} had "
        "the same traits, even after the traits below were made coarser, so they could be recognised."
    )


def _risk(release: Release) -> Iterator[str]:
    after = release.after
    yield f"  What a neighbour, a colleague or a parent could know was checked together: {', '.join(release.checked)}."
    if after.smallest == 1:
        yield f"  {counted(after.unique, 'person stands', 'people stand')} alone: whoever knows all of that finds them."
    elif after.people:
        yield (
            f"  Whoever knows all of that about a person finds at least {after.smallest} rows that fit, so the chance "
            f"of picking the right one is at most 1 in {after.smallest}. This does not protect against somebody who "
            "also knows how the person answered other questions."
        )
    yield from _alike(release)
    yield from (f"  {words}" for words in _coarser(release))
    if not release.node.is_best:
        yield "  The search for the best way to make traits coarser was given up early: another way may lose less."


def _alike(release: Release) -> Iterator[str]:
    if not any(release.uniform.values()):
        yield "  No class of like people gives away a sensitive answer by being all alike."
    for name, count in release.uniform.items():
        if count:
            yield (
                f"  Attention: in {counted(count, 'class', 'classes')} of like people everyone gave the same answer "
                f"to {name}. Whoever knows that a person is in such a class knows the answer."
            )


def _coarser(release: Release) -> Iterator[str]:
    for column in release.columns:
        name, level = column.item.name, release.levels.get(column.item.name, 0)
        if level and column.hierarchy:
            made = column.hierarchy.levels[level - 1]
            words = "removed for everyone (the code -6)" if made.rule == "suppressed" else level_in_words(made, "en")
            how = "As coarse as the study stores it" if level == column.stored else "Made coarser"
            yield f"{how}: {name}: {words}. Level {level} of {column.highest}."


def _versions(release: Release) -> Iterator[str]:
    yield "The column form_version says under which version each row was answered. The newest first:"
    for version, count in zip(release.instruments, release.answered, strict=True):
        yield f"  {version.version}: {counted(count, 'person', 'people')}"
    yield from _doubts(release)
    yield (
        f"Where a version did not ask what another asks of the same group, its rows hold {NOT_IN_VERSION}. "
        "codebook.csv says which versions asked a variable, and what its words and codes were where they differ."
    )
    found = list(incomparable_in_words(release))
    if not found:
        yield "No variable was found whose answers cannot be compared between these versions."
        return
    yield "Answers from before and after cannot be compared in:"
    yield from (f"  {line}" for line in found)


def _doubts(release: Release) -> Iterator[str]:
    labels = [version.version for version in release.instruments]
    if not release.is_order_known:
        yield (
            "Attention: these records do not say which version came first. The order was guessed from the numbers in "
            "the labels."
        )
    if len(set(labels)) < len(labels):
        yield "Attention: two versions have the same label, so form_version does not tell their rows apart."


def _reading(release: Release) -> Iterator[str]:
    newest = release.instruments[0]
    yield "codebook.csv names every variable, its codes as they stand in the data, and what was withheld. Everywhere:"
    yield from (f"  {code}  {words}" for code, words in MISSING_LABELS.items())
    yield "Several answers to one question stand in one cell, with spaces between."
    if INTERVIEWER in release.frame.columns:
        yield f"{INTERVIEWER} is empty, and no code stands there, where people filled it in without an interviewer."
    if newest.scales:
        yield "There are no scores of single people, on purpose: scales describe groups of ten or more."
    yield " ".join(limits_of(newest.study, release.specification.groups))
    yield from _ids(release)
    yield from _wave(release)
    yield "disclosure.html tells an ethics board what was done and what risk remains; disclosure.json has its figures."
    yield (
        "manifest.json holds the SHA-256 of each file, the specification and the digests of the instruments; "
        "manifest.sig is the desk's signature of it. `flask release verify` compares both: ask the team for the "
        "fingerprint of its desk key, and give it with --key."
    )


def _wave(release: Release) -> Iterator[str]:
    """Which wave it is, and what joining it to another means; nothing for a study that asks once."""
    newest = release.instruments[0]
    if newest.waves == 1:
        return
    wave = release.specification.wave or newest.wave
    yield f"This is wave {wave} of {newest.waves}. Releases of other waves for the same purpose have the same ids."
    yield "Attention: k was checked within this wave. Two waves joined say more of each person: k does not hold there."
    if release.unjoined:
        links = counted(release.unjoined, "link", "links")
        yield f"{links} to an earlier wave joined nobody; they count as new people."


def _ids(release: Release) -> Iterator[str]:
    """Which key the ids follow from: a later release has the same ones only if it is given that key again."""
    yield f"The ids follow from the research key {release.keys[0]}. The same purpose with that key gives the same ids."
    if release.specification.new_ids:
        yield "Attention: the study's oldest research key may be lost. These ids match no release made with it."
