"""The house keeps its order: each room imports only what the table of docs/architecture.md allows."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("checkup", "supply", "instruments", "forms", "privacy", "storage", "fieldwork", "release", "views")
EVERYONE = {"errors"}
# Room → the modules of ours it may import. A name covers its submodules, save those taken out in FORBIDDEN.
MAY_IMPORT = {
    "instruments": {"instruments"},
    "privacy": {"privacy"},
    "forms": {"forms", "instruments"},
    "storage": {"storage", "privacy.envelope"},
    "fieldwork": {"fieldwork", "instruments", "storage", "privacy"},
    "release": {"release", "instruments", "storage", "privacy"},
    # From outside, on somebody's own machine: of what serves, only what it promises (the headers, the files' digest).
    "checkup": {"checkup", "privacy.documents", "privacy.keys", "views.headers", "views.assets"},
    "supply": {"supply", "checkup.manifest"},
    "views/office": {"views", "forms", "fieldwork", "instruments", "config"},
    "views/field": {"views", "forms", "fieldwork", "instruments", "config"},
    "views/desk": {"views", "forms", "release", "instruments", "config"},
    "views": {"views", "config", "forms.locales"},
}
# Top-level modules that put rooms together.
COMMANDS = (
    "commands", "backup_commands", "checkup_commands", "grants_commands", "hold_commands", "journal_commands",
    "keys_commands", "migrate_commands", "order_commands", "release_commands", "retention_commands", "staff_commands",
    "study_commands",
)  # fmt: skip
WIRED = ("app", *COMMANDS, "ceremony_console", "rehearsing_console", "serving", "tls")
OURS = {*ROOMS, *WIRED, "config", "console", "errors"}
OPENING = ("privacy.opening", "privacy.key_files", "privacy.shares")


@cache
def imports_of(path: Path) -> set[str]:
    """The modules of ours that a file names in an import, lazily or not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" if is_room(node.module) else node.module for alias in node.names}
    return {name for name in found if name.split(".")[0] in OURS}


def is_room(module: str) -> bool:
    return module in ROOMS or (ROOT / module.replace(".", "/")).is_dir()


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    two = "/".join(parts[:2])
    return two if two in MAY_IMPORT else parts[0]


def files() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def allowed(name: str, room: str) -> bool:
    return any(name == one or name.startswith(one + ".") for one in MAY_IMPORT[room] | EVERYONE)


def test_a_file_imports_only_what_its_room_may() -> None:
    found = files()
    assert len(found) > 400
    strangers = {
        str(path.relative_to(ROOT)): names
        for path in found
        if (names := {name for name in imports_of(path) if not allowed(name, room_of(path))})
    }
    assert strangers == {}


OWN = "privacy/key_files.py"  # stands on the two others
WIRING = [ROOT / f"{name}.py" for name in WIRED]


def reaches_a_key(path: Path) -> bool:
    return any(name == one or name.startswith(one + ".") for name in imports_of(path) for one in OPENING)


def test_only_the_desk_may_reach_a_private_key() -> None:
    reaching = {path for path in (*files(), *WIRING) if reaches_a_key(path) and room_of(path) != "release"}
    assert reaching == {ROOT / OWN}


def test_the_walk_sees_a_forbidden_import(tmp_path: Path) -> None:
    stray = tmp_path / "stray.py"
    stray.write_text("def f():\n    from privacy import opening\n")
    assert imports_of(stray) == {OPENING[0]}


START = """
import sys
from pathlib import Path
from app import create_app
from config import read_settings
app = create_app(read_settings(Path(sys.argv[1]), {}))
with app.test_client() as client:
    assert client.get("/visit/young_person").status_code == 200
print("\\n".join(sys.modules))
"""


@pytest.fixture
def loaded(settings) -> set[str]:
    """Every module that a field app has loaded once it has started and shown a visit."""
    command = [sys.executable, "-c", START, str(settings.home)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(told.stdout.split())


def test_the_field_app_never_loads_what_opens(loaded: set[str]) -> None:
    # Neither what opens records, nor what signs the list of served files.
    strangers = ("release", "checkup", "supply")
    assert not {name for name in loaded if name in OPENING or name.split(".")[0] in strangers}


def test_heavy_libraries_are_loaded_only_where_they_are_used(loaded: set[str]) -> None:
    heavy = {"pyxform", "polars", "pyreadstat", "segno", "shamir_mnemonic", "psycopg", "openpyxl", "playwright"}
    heavy |= {"webauthn", "typst", "alembic", "mako"}
    assert not heavy & {name.split(".")[0] for name in loaded}
