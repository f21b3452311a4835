"""Sentences handed to a translator and taken back: a JSON list that says of each what it is and where it stands.

What comes back is looked at before anything is kept: a sentence with a fault is refused, and told; the others are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message

from translations.catalogues import HERE, keep, po_of, read
from translations.faults import faults, faults_of, forms_of, numbers_of
from views.reviews import digests


def missing(language: str, template: Catalog, folder: Path = HERE) -> str:
    """What has no words in this language, or faulty ones."""
    catalog = read(po_of(language, folder))
    return _handed(catalog, (one for one in template if one.id and any(faults(one, catalog))))


def unreviewed(language: str, template: Catalog, folder: Path = HERE) -> str:
    """What nobody has reviewed since it was last changed, with the words that it has."""
    catalog, known = read(po_of(language, folder)), _known(language, folder)
    return _handed(catalog, (one for one in template if one.id and not _stands(one, catalog, known)))


def fill(language: str, text: str, template: Catalog, folder: Path = HERE) -> list[str]:
    """Keep what came back, in a catalogue that has every sentence of now, and tell what was refused."""
    path = po_of(language, folder)
    catalog, refused = read(path), []
    catalog.update(template, no_fuzzy_matching=True)
    for row in json.loads(text):
        refused += [f"{what}: {row['english']!r}" for what in _take(row, catalog, template)]
    keep(catalog, path)
    return refused


def _take(row: dict[str, Any], catalog: Catalog, template: Catalog) -> list[str]:
    name = (row["english"], row["plural"]) if "plural" in row else row["english"]
    asked = template.get(name, row.get("context"))
    said = row["translation"] if isinstance(row["translation"], str) else tuple(row["translation"])
    if asked is None:
        return ["is not a sentence of the interface"]
    if not all(forms_of(said)):
        return []  # left for another day
    found = list(faults_of(asked, forms_of(said), catalog))
    kept = catalog.get(asked.id, asked.context)
    if not found and kept:
        kept.string = said
        kept.flags.discard("fuzzy")
    return found


def _handed(catalog: Catalog, chosen: Iterator[Message]) -> str:
    rows = [_row(message, catalog) for message in chosen]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _row(message: Message, catalog: Catalog) -> dict[str, Any]:
    english, found = forms_of(message.id), catalog.get(message.id, message.context)
    row: dict[str, Any] = {"english": english[0]}
    if message.context:
        row["context"] = message.context
    if len(english) > 1:
        row["plural"] = english[1]
        row["forms are for the numbers"] = [_some(numbers) for _form, numbers in sorted(numbers_of(catalog).items())]
    row["stands in"] = sorted({file for file, _line in message.locations})
    said = forms_of(found.string) if found else []
    forms = said if len(said) == _wanted(message, catalog) else [""] * _wanted(message, catalog)
    row["translation"] = forms if len(english) > 1 else forms[0]
    return row


def _wanted(message: Message, catalog: Catalog) -> int:
    return catalog.num_plurals if len(forms_of(message.id)) > 1 else 1


def _some(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:6])) + (" ..." if len(numbers) > 6 else "")


def _known(language: str, folder: Path) -> set[str]:
    path = folder / language / "reviewed.txt"
    return set(path.read_text("utf-8").split()) if path.is_file() else set()


def _stands(message: Message, catalog: Catalog, known: set[str]) -> bool:
    only = Catalog()
    found = catalog.get(message.id, message.context)
    if found:
        only.add(found.id, found.string, context=found.context)
    return any(one in known for one in digests(only))
