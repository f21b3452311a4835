"""The sheets settings and amanah of an instrument: what the study is, and what it decides beside its questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from instruments.hold_words import hold_words
from instruments.model import Hierarchy, Instrument, Scale
from instruments.reading.compiling import BRACKETS
from instruments.settings import StudySettings
from instruments.writing.cells import Cells, Columns, texts_of

NAMESPACE = 'amanah="urn:amanah:1"'  # so that what other tools make of bind::amanah:… is sound XML


def settings_rows(instrument: Instrument, columns: Columns) -> list[Cells]:
    """The one row of the sheet settings."""
    return [
        {
            "form_title": dict(instrument.title.translations)[instrument.languages[0]],
            **_other_titles(instrument, columns),
            "form_id": instrument.study,
            "version": instrument.version,
            "default_language": columns.headings[instrument.languages[0]],
            "namespaces": NAMESPACE,
        }
    ]


def _other_titles(instrument: Instrument, columns: Columns) -> Cells:
    told = columns.led_by("title_in", dict(instrument.title.translations))
    return {column: words for column, words in told.items() if column != "title_in"}


def amanah_rows(instrument: Instrument, settings: StudySettings | None, columns: Columns) -> list[Cells]:
    """The rows of the sheet amanah."""
    return [
        *_named("setting", _settings(instrument, settings)),
        *_spoken("setting", _spoken_settings(instrument, settings), columns),
        *_groups(instrument, columns),
        *_named("quota", _quotas(instrument, settings)),
        *_named("retention", settings.retention if settings else {}),
        *_named("switched_on", _reasons(instrument, settings)),
        *_named("fill_in", _brackets(instrument)),
        *_named("legal_hold", hold_words(settings, instrument.languages) if settings else {}),
        *_named("release", _release(instrument)),
        *(row for hierarchy in instrument.hierarchies for row in _hierarchy(hierarchy, columns)),
        *(_scale(scale, columns) for scale in instrument.scales),
    ]


def _named(kind: str, told: Mapping[str, object]) -> Iterator[Cells]:
    for name, value in told.items():
        yield {"kind": kind, "name": name, "value": str(value)}


def _settings(instrument: Instrument, settings: StudySettings | None) -> dict[str, object]:
    told: dict[str, object] = {
        "format": instrument.format,
        "languages": " ".join(instrument.languages),
        "consent_route": instrument.consent_route,
        "minor_consent": instrument.minor_consent,
        "cut_off_days": instrument.cut_off_days,
    }
    if instrument.waves > 1:
        told |= {"waves": instrument.waves, "wave": instrument.wave}
    if instrument.easy_read_version:
        told["easy_read_version"] = instrument.easy_read_version
    if settings:
        told["plain_path"] = "yes" if settings.plain_path else "no"
        told["unreviewed"] = settings.unreviewed
    return told


def _spoken_settings(instrument: Instrument, settings: StudySettings | None) -> dict[str, Mapping[str, str]]:
    title = {"neutral_title": dict(settings.neutral_title.translations)} if settings else {}
    return {"sheet_version": dict(instrument.sheet_versions.translations), **title}


def _spoken(kind: str, told: Mapping[str, Mapping[str, str]], columns: Columns) -> Iterator[Cells]:
    for name, spoken in told.items():
        yield {"kind": kind, "name": name} | columns.led_by("value", spoken)


def _groups(instrument: Instrument, columns: Columns) -> Iterator[Cells]:
    for group in instrument.groups:
        ages = {"minimum_age": group.minimum_age, "maximum_age": group.maximum_age}
        told = {name: str(age) for name, age in ages.items() if age is not None}
        yield {"kind": "group", "name": group.name} | columns.titles(group.title) | told


def _quotas(instrument: Instrument, settings: StudySettings | None) -> dict[str, int]:
    groups = {group.name for group in instrument.groups}
    return {name: count for name, count in (settings.quotas if settings else {}).items() if name in groups}


def _reasons(instrument: Instrument, settings: StudySettings | None) -> dict[str, str]:
    """The reasons for questions that are off by default and that this version asks."""
    items = {item.name: item for part in instrument.parts for block in part.blocks for item in block.items}
    reasons = settings.switch_reasons if settings else {}
    return {
        name: reason for name, reason in reasons.items() if name in items and items[name].on_for == items[name].groups
    }


def _brackets(instrument: Instrument) -> dict[str, str]:
    """What stands in brackets still, with nothing to fill it in."""
    words = (words for text in texts_of(instrument) for _, words in text.translations)
    return dict.fromkeys((name for one in words for name in BRACKETS.findall(one)), "")


def _release(instrument: Instrument) -> dict[str, object]:
    release = instrument.release
    return {
        "k": release.k,
        "largest_suppression": release.largest_suppression,
        "minimum_cell": release.minimum_cell,
        "coarsening": " ".join(release.coarsening),
        "diversity": " ".join(release.diversity),
    }


def _hierarchy(hierarchy: Hierarchy, columns: Columns) -> Iterator[Cells]:
    for number, level in enumerate(hierarchy.levels, 1):
        head = {"name": hierarchy.name, "level": str(number)}
        if not level.categories:
            yield {"kind": "level"} | head | {"rule": level.rule, "source": level.source or ""}
        for category in level.categories:
            told = {"code": category.code, "members": " ".join(category.members)}
            yield {"kind": "category"} | head | columns.titles(category.label) | told
    if not hierarchy.levels:
        yield {"kind": "level", "name": hierarchy.name}


def _scale(scale: Scale, columns: Columns) -> Cells:
    told = {"group": scale.group, "minimum_answered": str(scale.minimum_answered), "direction": scale.direction}
    head = {"kind": "scale", "name": scale.name} | columns.titles(scale.title)
    return head | told | {"parent": scale.parent or ""}
