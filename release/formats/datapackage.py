"""datapackage.json: data.csv described as a Frictionless Data Package, with what is missing and codes in words.

https://datapackage.org/standard/ (2.0). Holds no row, and no time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from release.formats.cells import neutral
from release.formats.variables import ID, Variable
from release.made import Release

SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
DATA = "data.csv"


def write_datapackage(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """Describe data.csv, which stands in the same folder already."""
    ordered, newest = release.specification, release.instruments[0]
    told = {
        "$schema": SCHEMA,
        "name": "amanah-release",
        "title": newest.title.in_language(ordered.language),
        "description": f"Released for: {ordered.purpose}. Licence: {ordered.licence}.",
        "version": newest.version,
        "resources": [_resource(variables, (path.parent / DATA).read_bytes())],
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _resource(variables: Sequence[Variable], data: bytes) -> dict[str, Any]:
    return {
        "name": "data",
        "path": DATA,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {"fields": [_field(one) for one in variables], "missingValues": [], "primaryKey": [ID]},
    }


def _field(one: Variable) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": neutral(one.name),
        "title": one.label,
        "type": "integer" if one.kind == "whole" else "string",
        "missingValues": [{"value": str(code), "label": words} for code, words in one.missing.items()],
    }
    if one.labels:
        told["categories"] = [{"value": code, "label": words} for code, words in one.labels.items()]
        told["categoriesOrdered"] = one.measure == "ordinal"
    return told
