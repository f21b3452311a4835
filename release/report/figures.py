"""disclosure.json: every figure of a release's disclosure control, before and after. docs/disclosure-report.md.

Holds counts and names of variables, never a row and never a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from instruments.codebook import level_in_words
from instruments.model import Level
from privacy.disclosure.classes import Risk, histogram
from release.limits import limits_of

if TYPE_CHECKING:
    from release.columns import Column
    from release.made import Release

FORMAT, VERSION = "amanah-disclosure", 1
LAW = (
    "Knowingly or recklessly re-identifying anybody in it without the consent of the controller is an offence: Data "
    "Protection Act 2018, section 171."
)
NEVER = "it names or reaches somebody directly, and is never released"
RARE = "it is a theme that too few people have: who knows what they tell would find them by it"
UNREVIEWED = "it is open text, which nobody has reviewed for this release"
NOT_FOR_ARCHIVES = "it is of use to the team alone, and left out of files for an archive"


def as_json(release: Release) -> bytes:
    """The file."""
    told = json.dumps(figures_of(release), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return told.encode() + b"\n"


def figures_of(release: Release) -> dict[str, Any]:
    """What the file holds."""
    ordered, newest = release.specification, release.instruments[0]
    return {
        "format": FORMAT,
        "version": VERSION,
        "study": newest.study,
        "title": newest.title.in_language("en"),
        "purpose": ordered.purpose,
        "recipient": ordered.recipient,
        "legal_ground": ordered.legal_ground,
        "licence": ordered.licence,
        "law": LAW,
        "people": _people(release),
        "asked": {"k": ordered.k, "l": dict(ordered.l), "l_kind": ordered.l_kind, "t": dict(ordered.t)},
        "reached": {"k": release.after.smallest, "l": rounded(release.l), "t": rounded(release.t)},
        "checked": list(release.checked),
        "classes": {"before": _histogram(release, 0), "after": _histogram(release, 1)},
        "risk": {"before": risk_figures(release.before), "after": risk_figures(release.after)},
        "variables": [variable_figures(release, column) for column in release.columns],
        "withheld": [{"name": name, "why": why} for name, why in withheld(release)],
        "classes_with_one_answer": dict(release.uniform),
        "earlier_releases": [asdict(one) for one in release.differences],
        "search": _search(release),
        "loss": _loss(release),
        "limits": list(limits_of(newest.study, ordered.groups)),
    }


def risk_figures(risk: Risk) -> dict[str, Any]:
    """A table's risk: counts, then chances between 0 and 1."""
    chances = {"prosecutor": risk.prosecutor, "journalist": risk.journalist, "marketer": risk.marketer}
    return {**asdict(risk), **rounded(chances)}


def variable_figures(release: Release, column: Column) -> dict[str, Any]:
    """What became of one variable."""
    name = column.item.name
    level = release.levels.get(name, 0)
    words = in_words(column.hierarchy.levels[level - 1]) if level and column.hierarchy else ""
    return {
        "name": name,
        "label": column.item.label.in_language("en"),
        "privacy": "quasi" if column.is_known_to_others else column.item.privacy,
        "checked": name in release.checked,
        "level": level,
        "highest_level": column.highest,
        "level_in_words": words,
        "share_of_information_lost": round(release.loss_by_variable.get(name, 0.0), 6),
        "values_removed": release.suppressed_cells.get(name, 0),
    }


def gone_for_everyone(release: Release) -> list[str]:
    """The checked traits of which the release tells nothing, of anybody."""
    made = [(one, release.levels.get(one.item.name, 0)) for one in release.columns if one.item.name in release.checked]
    return [
        one.item.name
        for one, level in made
        if level and one.hierarchy and one.hierarchy.levels[level - 1].rule == "suppressed"
    ]


def in_words(level: Level) -> str:
    """What people can still tell from a value at this level."""
    if level.rule == "suppressed":
        return "removed for everyone"
    if level.rule == "categories":
        return ", ".join(category.label.in_language("en") for category in level.categories)
    return level_in_words(level, "en")


def withheld(release: Release) -> Iterator[tuple[str, str]]:
    """Each variable that is not in the release, and why."""
    known = {name: item for version in reversed(release.instruments) for name, item in version.items.items()}
    for name in release.withheld:
        is_open = name in known and known[name].privacy == "open"
        yield name, UNREVIEWED if is_open else NEVER
    yield from ((name, RARE) for name in release.rare_themes)
    yield from ((name, NOT_FOR_ARCHIVES) for name in release.not_archived)


def rounded(told: Any) -> dict[str, float]:
    """Figures by name, to six places: no machine spells the last digits otherwise than another."""
    return {name: round(float(value), 6) for name, value in told.items()}


def _search(release: Release) -> dict[str, Any]:
    """How the levels were found: whether another way may lose less, and whether more people went than may."""
    node, asked = release.node, release.specification.largest_suppression
    return {
        "nodes": node.nodes,
        "looked_at": node.looked_at,
        "best": node.is_best,
        "least_loss_in_bits": _bits(release, node.least),
        "within_bound": node.is_within,
        "largest_suppression": release.instruments[0].release.largest_suppression if asked is None else asked,
    }


def _loss(release: Release) -> dict[str, Any]:
    """Bits a person by non-uniform entropy; and how many look like each person, summed over all people.

    Who is left out counts there as like everybody, as nothing is told of them; outside the team they count for nothing.
    """
    before, after = (int(sizes.sum()) for sizes in release.sizes)
    left_out = 0 if release.specification.leaves_team else release.left_out
    people = release.after.people + left_out
    return {
        "entropy_in_bits": _bits(release, release.node.loss),
        "discernibility": {"before": before, "after": after + left_out * people},
        "people": people,
    }


def _bits(release: Release, told: float) -> float:
    """Worked out over everybody, also who was left out: outside the team to one place, so that nobody shows in it."""
    return round(told, 1 if release.specification.leaves_team else 6)


def _people(release: Release) -> dict[str, Any]:
    return {
        "released": release.frame.height,
        "left_out_for_k_l_t": release.outside(release.left_out),
        "held_back_for_earlier_releases": release.outside(release.held_back),
        "declined_archive": release.outside(release.declined_archive),
        "not_usable": release.outside(len(release.faults)),
        "records_of_other_keys": dict(release.lacking),
    }


def _histogram(release: Release, which: int) -> list[dict[str, int]]:
    return [{"size": size, "people": people} for size, people in histogram(release.sizes[which]).items()]
