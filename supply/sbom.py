"""The bill of materials (CycloneDX 1.6): every package that the app runs on, and the script that is not our own.

The same commit gives the same bytes: there is no time and no random number in it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from checkup.manifest import sha256
from supply.locked import Locked, read_lock
from supply.project import ROOT, name_and_version

LOCK = "requirements.lock"
VENDORED = re.compile(r"// (?P<name>[\w-]+) (?P<version>[\d.]+).*?(?P<home>https://\S+?)\.\s")


def bill_of(root: Path) -> dict[str, Any]:
    """The document."""
    name, version = name_and_version(root)
    ours = {"type": "application", "bom-ref": name, "name": name, "version": version}
    components = [*_packages(root), *_vendored(root)]
    refs = [one["bom-ref"] for one in components]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours},
        "components": components,
        "dependencies": [{"ref": name, "dependsOn": refs}],
    }


def written(root: Path) -> bytes:
    """The document's file."""
    return (json.dumps(bill_of(root), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _packages(root: Path) -> Iterator[Mapping[str, Any]]:
    for one in read_lock(root / LOCK):
        # One package has many files, one for each system; each stands with its hash, as in the lock.
        files = [{"type": "distribution", "url": _purl(one), "hashes": [_hash(digest)]} for digest in one.hashes]
        yield {
            "type": "library",
            "bom-ref": _purl(one),
            "name": one.name,
            "version": one.version,
            "purl": _purl(one),
            "externalReferences": files,
        } | _licences(one.name)


def _vendored(root: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted((root / "static" / "vendor").glob("*.js")):
        found = VENDORED.match(path.read_text("utf-8"))
        if found is None:
            raise ValueError(f"{path.name} does not begin with its name, version and home.")
        purl = f"pkg:npm/{found['name']}@{found['version']}"
        licence = path.with_suffix(".LICENSE").read_text("utf-8").splitlines()[0]
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": found["name"],
            "version": found["version"],
            "purl": purl,
            "hashes": [_hash(sha256(path.read_bytes()))],
            "licenses": [{"license": {"name": licence}}],
            "externalReferences": [{"type": "website", "url": found["home"]}],
        }


def _purl(one: Locked) -> str:
    return f"pkg:pypi/{one.name}@{one.version}"


def _hash(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}


def _licences(name: str) -> dict[str, Any]:
    """What the installed package says of its licence. One that this system does not install says nothing."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return {}
    if "License-Expression" in told:
        return {"licenses": [{"expression": told["License-Expression"]}]}
    names = _named(told)
    return {"licenses": [{"license": {"name": one}} for one in names]} if names else {}


def _named(told: PackageMetadata) -> list[str]:
    classified = [one for one in told.get_all("Classifier") or () if one.startswith("License ::")]
    names = [one.rsplit(" :: ", 1)[1] for one in classified if one != "License :: OSI Approved"]
    # Some put the whole text there: its first line names it.
    first = told["License"].strip().splitlines()[:1] if "License" in told else []
    return sorted(names) or first


if __name__ == "__main__":
    sys.stdout.write(written(ROOT).decode())
