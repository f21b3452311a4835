"""No code path erases what a legal hold keeps: every call that can erase stands in the document, with what holds of it.

The functions that erase are found in the syntax tree of the vaults, and so are their calls: a new one of either fails
here until somebody has said what a legal hold means for it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VAULTS = ROOT / "storage" / "vaults.py"
TABLES = {"records", "tags", "limits"}
# How many arguments stand before the one by which what comes takes the place of what is there.
BEFORE = {"keep_all": 7, "deposit_all": 4}
TESTED = ("tests", ".tools", "instance", "demo")  # and what is not ours
DOCUMENT = ROOT / "docs" / "legal-hold.md"
# What the document says of each call; that it is so, tests/fieldwork/test_hold.py shows.
ANSWERS = ("waits", "stays", "no erasure")


def called(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            name = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
            yield name


def erasing() -> set[str]:
    """The public functions of the vaults that delete a row, by themselves or through another of them."""
    body = ast.parse(VAULTS.read_text("utf-8")).body
    made = {one.name: set(called(one)) for one in body if isinstance(one, ast.FunctionDef)}
    found = {name for name, calls in made.items() if "delete" in calls}
    while more := {name for name, calls in made.items() if calls & found} - found:
        found |= more
    return {name for name in found if not name.startswith("_")}


def ours() -> Iterator[Path]:
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).parts
        if path != VAULTS and parts[0] not in TESTED and not parts[0].startswith("."):
            yield path


def calls_in(source: str, names: set[str]) -> Iterator[tuple[str, str]]:
    """Function and what it calls, for each call of one of these names, whatever an import calls it."""
    tree = ast.parse(source)
    known = {name: name for name in names} | {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.name in names
    }
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        yield from ((function.name, known[name]) for name in called(function) if name in known)


def told() -> dict[tuple[str, str], tuple[set[str], str]]:
    rows = re.findall(r"^\| `([\w/.]+)` \| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", DOCUMENT.read_text("utf-8"), re.M)
    return {(file, function): (set(re.findall(r"`(\w+)`", calls)), answer) for file, function, calls, answer in rows}


def test_every_call_that_can_erase_stands_in_the_document() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for path in ours():
        source = path.read_text("utf-8")
        if "storage.vaults" in source or "storage import" in source:
            for function, call in calls_in(source, erasing()):
                found.setdefault((path.relative_to(ROOT).as_posix(), function), set()).add(call)
    assert found == {place: calls for place, (calls, _answer) in told().items()}
    assert {re.split("[:,]", answer)[0] for _calls, answer in told().values()} == set(ANSWERS)


def test_the_functions_that_erase_are_those_that_we_know() -> None:
    assert erasing() == {
        "deposit", "deposit_all", "take_back", "erase", "erase_records", "expire_tags", "expire_limits",
        "write_semblance", "erase_unlimited", "destroy",
    }  # fmt: skip


def test_only_a_change_of_contact_details_takes_the_place_of_anything() -> None:
    for path in ours():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (before := BEFORE.get(getattr(node.func, "id", ""))):
                is_in_place = "in_place_of" in {one.arg for one in node.keywords} or len(node.args) > before
                assert not is_in_place or path.name in ("changes.py", "keeping.py"), path


def test_the_vaults_tables_are_emptied_nowhere_else() -> None:
    for path in ours():
        tree = ast.parse(path.read_text("utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        named = {alias.name for node in imports if node.module == "storage.vaults" for alias in node.names}
        if TABLES & named:
            assert "delete" not in set(called(tree)), path


@pytest.mark.parametrize(
    "line",
    ["erase(vault, tag)", "vaults.erase(vault, tag)", "sum(erase(vault, tag) for vault in them)", "forget(vault, tag)"],
)
def test_a_new_call_is_found_however_it_is_spelled(line: str) -> None:
    source = f"from storage.vaults import erase as forget\ndef tidy(vault, tag, them):\n    {line}\n"
    assert set(calls_in(source, erasing())) == {("tidy", "erase")}
