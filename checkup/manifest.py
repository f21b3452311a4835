"""The asset manifest: every file that a site serves as it stands, with its SHA-256, and what each kind of page loads.

Signed by the team's release key. docs/checkup.md is its format. Says nothing about a study, a person or a server.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkup.kinds import PAGES
from checkup.signing import public_hex, verify
from errors import EnvelopeError, ManifestError
from privacy.documents import canonical, read_canonical
from views.assets import version_of

FORMAT, VERSION = "amanah-assets", 1
# What is signed begins with this, so that no signature of another kind of document can ever pass for one of these.
CONTEXT = b"amanah assets 1\n"
WORKER = "worker.js"  # served with a list of the instance's addresses before it


@dataclass(frozen=True)
class AssetManifest:
    """What one version of Amanah serves. `assets` is the digest in the addresses of its static files."""

    release: str
    commit: str
    assets: str
    templates: str
    files: Mapping[str, str]
    pages: Mapping[str, tuple[str, ...]]  # by the kind of page, as checkup/kinds.py writes them

    @property
    def named(self) -> str:
        """This version, as people tell it from another."""
        return f"Amanah {self.release}, commit {self.commit[:12]}, assets {self.assets}"

    def document(self) -> bytes:
        """What is signed."""
        told = {"release": self.release, "commit": self.commit, "assets": self.assets, "templates": self.templates}
        pages = {kind: list(lines) for kind, lines in self.pages.items()}
        return canonical({"format": FORMAT, "version": VERSION, "files": dict(self.files), "pages": pages} | told)


def manifest_of(root: Path, release: str, commit: str) -> AssetManifest:
    """The manifest of the files in this tree."""
    static = root / "static"
    paths = sorted(path for path in static.rglob("*") if path.is_file())
    files = {path.relative_to(static).as_posix(): sha256(path.read_bytes()) for path in paths}
    return AssetManifest(release, commit, version_of(static), version_of(root / "templates"), files, _in_order(PAGES))


def _in_order(pages: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {kind: tuple(sorted(lines)) for kind, lines in pages.items()}


def sha256(data: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def signed(manifest: AssetManifest, key: Ed25519PrivateKey) -> bytes:
    """The manifest's file."""
    signature = key.sign(CONTEXT + manifest.document()).hex()
    document = read_canonical(manifest.document())
    return canonical({"manifest": document, "signer": public_hex(key), "signature": signature}) + b"\n"


def believed(data: bytes, signer: str) -> AssetManifest:
    """The manifest in this file, if this signer signed it. Raises ManifestError."""
    try:
        told = read_canonical(data.removesuffix(b"\n"))
        signature, document = bytes.fromhex(told["signature"]), canonical(told["manifest"])
    except (EnvelopeError, KeyError, TypeError, ValueError, AttributeError):
        raise ManifestError("This file is no asset manifest of Amanah, or it is damaged.") from None
    # The key is the one that the person brought. The one in the file only helps to say what is wrong.
    if told.get("signer") != signer:
        raise ManifestError("The manifest was signed with another key than the signer's that you named.")
    verify(signer, signature, CONTEXT + document)
    return _read(told["manifest"])


def _read(told: Any) -> AssetManifest:
    if not isinstance(told, dict) or (told.get("format"), told.get("version")) != (FORMAT, VERSION):
        raise ManifestError("This manifest is of a version that this Amanah does not know.")
    names = ("release", "commit", "assets", "templates")
    texts: dict[str, Any] = {name: told.get(name) for name in names}
    files = told.get("files")
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in (*texts.values(), *files.values())):
        raise ManifestError("This manifest lacks something that it must say.")
    try:
        pages = _in_order(told["pages"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ManifestError("This manifest lacks something that it must say.") from None
    manifest = AssetManifest(**texts, files=files, pages=pages)
    if WORKER not in manifest.files:
        raise ManifestError("This manifest lacks the service worker.")
    return manifest


def read_signer(text: str) -> str:
    """The public key as typed or kept in a file: 64 hexadecimal digits, in groups or not. Raises ManifestError."""
    digits = "".join(text.split()).lower()
    if len(digits) != 64 or set(digits) - set("0123456789abcdef"):
        raise ManifestError("A signer's public key is 64 hexadecimal digits, or a file that holds them.")
    return digits
