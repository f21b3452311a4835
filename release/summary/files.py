"""The files of a group summary: summary.html, summary.pdf, summary.json, README.txt. Writes none of them itself.

Whoever writes them (release/export.py) adds the manifest. Whom the summary is of is for the ledger alone:
release/summary/ledger.py compares them with earlier releases before anything is handed on.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import polars as pl

from errors import ReleaseError
from instruments.scoring import half_up
from release.dataset import Dataset
from release.limits import limits_of
from release.source import Source
from release.specification import Specification
from release.summary.build import NOTHING, Beside, GroupSummary, Mirror, Summary, build_summary
from release.summary.distributions import Distribution
from release.summary.flow import in_steps
from release.summary.html import html_of
from release.summary.means import ScaleRow
from release.summary.pages import page_of
from release.summary.pdf import lacking_fonts, pdf_of
from release.summary.rules import Rules, rules_for
from release.summary.told_beside import beside_in_words
from release.summary.words import WHO, method_in_words, withheld_in_words
from release.versions import versions_of
from release.waves import of_one_wave

FORMAT, VERSION = "amanah-summary", 1
WIDTH = 110


def summary_files(source: Source, dataset: Dataset, ordered: Specification) -> dict[str, bytes]:
    """The files of this summary by name, to be looked at. Raises ReleaseError when it cannot be made as ordered.

    What is handed on goes by release/summary/ledger.py: it compares with earlier releases first.
    """
    return files_of(summary_of(source, people_of(source, dataset, ordered), ordered), ordered)


def files_of(summary: Summary, ordered: Specification) -> dict[str, bytes]:
    """The files that tell this summary."""
    page = page_of(summary, ordered)
    lacking = lacking_fonts(page)
    pdf = pdf_of(page)
    files = {"summary.html": html_of(page)} | ({"summary.pdf": pdf} if pdf is not None else {})
    told = json.dumps(_told(summary, ordered), indent=2, sort_keys=True, ensure_ascii=False)
    readme = "\n".join(line for said in _readme(summary, ordered, lacking) for line in _wrapped(said))
    return files | {"summary.json": f"{told}\n".encode(), "README.txt": f"{readme}\n".encode()}


def summary_of(source: Source, people: pl.DataFrame, ordered: Specification, beside: Beside = NOTHING) -> Summary:
    """The figures of these people. `beside`: what they give up beside earlier releases."""
    if ordered.language not in source.newest.languages:
        raise ReleaseError(
            f"The study does not speak {ordered.language}. It has: {', '.join(source.newest.languages)}."
        )
    versions = versions_of(source.newest_first, people)
    return build_summary(people, versions, ordered.groups, source.tallies, rules_for(ordered.preset), beside)


def people_of(source: Source, dataset: Dataset, ordered: Specification) -> pl.DataFrame:
    """Whose answers the summary is of: one wave of the ordered groups. Raises ReleaseError where it is not named."""
    everyone = dataset.people
    people = of_one_wave(everyone.filter(pl.col(".group").is_in(ordered.groups)), ordered.wave)
    if ordered.instrument_versions:
        wanted = [one.digest for one in source.newest_first if one.version in ordered.instrument_versions]
        people = people.filter(pl.col(".instrument").is_in(wanted))
    if not ordered.archive_only:
        return people
    agreed = pl.col(".o_archive").fill_null(False) if ".o_archive" in people.columns else pl.lit(False)
    return people.filter(agreed)


def _told(summary: Summary, ordered: Specification) -> dict[str, Any]:
    rules, flow = summary.rules, summary.flow
    return {
        "format": FORMAT,
        "version": VERSION,
        "purpose": ordered.purpose,
        "study": summary.versions[0].study,
        "instruments": [{"version": one.version, "digest": one.digest} for one in summary.versions],
        "rules": {"cell": rules.cell, "zero_withheld": rules.zero_too, "mean": rules.mean, "alpha": rules.reliability},
        "flow": {
            "in_steps_of": flow.step,
            "groups": {row.group: [row.finished, row.refused, row.not_eligible] for row in flow.rows},
            "withdrawn": flow.withdrawn,
        }
        if flow.is_told
        else None,
        "beside_earlier_releases": _beside(summary),
        "groups": {group.group.name: _group(group, rules) for group in summary.groups},
        "mirrors": [_mirror(mirror, rules) for mirror in summary.mirrors],
    }


def _beside(summary: Summary) -> dict[str, Any]:
    """Who was left out and what is not told apart, by group. Outside the team in steps; null: fewer than one step."""
    rules, beside = summary.rules, summary.beside
    left_out = {
        name: in_steps(count, rules.step) if rules.zero_too else count for name, count in beside.left_out.items()
    }
    not_told = {name: sorted(split for ours, split in beside.untold if ours == name) for name, _ in beside.untold}
    return {"left_out_at_least" if rules.zero_too else "left_out": left_out, "not_told_by": not_told}


def _group(group: GroupSummary, rules: Rules) -> dict[str, Any]:
    return {
        "people" if group.is_exact else "people_at_least": group.people,
        "scales": [_scale(row, rules) for row in group.scales],
        "missing": {
            one.scale.name: None
            if one.dont_know is None or one.not_said is None
            else {"dont_know": _share(one.dont_know), "not_said": _share(one.not_said)}
            for one in group.missing
        },
        "questions": {told.item.name: _question(told, rules) for _, block in group.blocks for told in block},
    }


def _scale(row: ScaleRow, rules: Rules) -> dict[str, Any]:
    named = {"scale": row.scale.name, "part": dict([row.part]) if row.part else None}
    mean, places = row.mean, rules.decimals
    if mean is None:
        return {**named, "withheld": row.why}
    rounded = {name: half_up(getattr(mean, name), places) for name in ("mean", "deviation", "low", "high")}
    coefficients = {
        name: None if value is None else half_up(Fraction(value), 2)
        for name, value in (("alpha", mean.alpha), ("omega", mean.omega))
    }
    if len(row.scale.items) == 2:
        coefficients = {"spearman_brown": coefficients["alpha"]}
    return {**named, "n": mean.number, **rounded, "complete": mean.complete, **coefficients}


def _question(told: Distribution, rules: Rules) -> dict[str, Any]:
    counts = [{"answers": list(group), "people": count} for group, count in zip(told.answers, told.counts, strict=True)]
    return {"n": told.number, "answers": counts or None, "mean": _mean(told, rules)}


def _mean(told: Distribution, rules: Rules) -> str | None:
    return half_up(told.mean.mean, rules.decimals) if told.mean else None


def _mirror(mirror: Mirror, rules: Rules) -> dict[str, Any]:
    return {"idea": mirror.idea, "means": {told.item.name: _mean(told, rules) for _, told in mirror.questions}}


def _share(share: Fraction) -> str:
    return half_up(share * 100, 1)


def _readme(summary: Summary, ordered: Specification, lacking: tuple[str, ...]) -> Iterator[str]:
    yield f"{summary.versions[0].title.in_language('en')}: a summary by group"
    yield ""
    yield f"Purpose: {ordered.purpose}"
    yield f"Groups: {', '.join(ordered.groups)}"
    for name, holds in (
        ("html", "the summary, for reading and printing"),
        ("pdf", "the same"),
        ("json", "its figures"),
    ):
        if name != "pdf" or not lacking:
            yield f"  summary.{name}: {holds}."
    if lacking:
        yield f"There is no PDF: this machine has no font for {', '.join(lacking)}. Install one, or print summary.html."
    yield from beside_in_words(summary)
    for heading, lines in (
        ("WHO MAY USE IT, AND HOW", iter((f"Licence: {ordered.licence}.", WHO))),
        ("WHAT IS WITHHELD, AND WHY", withheld_in_words(summary.rules)),
        ("HOW THE FIGURES WERE WORKED OUT", method_in_words(summary.rules)),
        ("WHAT IT CANNOT SHOW", limits_of(summary.versions[0].study, ordered.groups)),
    ):
        yield from ("", heading)
        yield from (f"  {line}" for line in lines)


def _wrapped(told: str) -> list[str]:
    hang = "  " if told.startswith("  ") else ""
    return textwrap.wrap(told, WIDTH, subsequent_indent=hang * 2, break_long_words=False) or [""]
