"""Documents are tested: each setting, command and error has its line, and nothing names what does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import errors
from config import DEFAULTS
from fieldwork.roles import ALLOWED, FRESH, ROLES
from storage.journal import Act
from views.errors import STATUS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def our_errors(kind: type[Exception] = errors.AmanahError) -> Iterator[type[Exception]]:
    for child in kind.__subclasses__():
        yield child
        yield from our_errors(child)


def things() -> list[object]:
    """What stands in the modules of commands."""
    import backup_commands
    import checkup_commands
    import commands
    import grants_commands
    import hold_commands
    import journal_commands
    import keys_commands
    import migrate_commands
    import order_commands
    import release_commands
    import retention_commands
    import staff_commands
    import study_commands

    modules = (
        commands, hold_commands, journal_commands, keys_commands, order_commands, staff_commands, study_commands,
        checkup_commands, grants_commands, release_commands, retention_commands, backup_commands, migrate_commands,
    )  # fmt: skip
    return [thing for module in modules for thing in vars(module).values()]


def our_commands() -> Iterator[str]:
    for thing in things():
        if isinstance(thing, click.Group):
            yield from (f"{thing.name} {name}" for name in thing.commands)
        elif isinstance(thing, click.Command) and not any(thing in group.commands.values() for group in groups()):
            yield str(thing.name)


def groups() -> list[click.Group]:
    return [thing for thing in things() if isinstance(thing, click.Group)]


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_setting_has_its_line(name: str) -> None:
    assert f"| `{name}` |" in read("docs/settings.md")


@pytest.mark.parametrize("name", sorted(set(our_commands())))
def test_every_command_has_its_line(name: str) -> None:
    assert f"`flask {name}" in read("docs/commands.md")


@pytest.mark.parametrize("act", Act)
def test_every_act_of_the_journal_has_its_line(act: Act) -> None:
    assert f"`{act.value}`" in read("docs/journal.md")


def test_every_error_stands_in_the_drawn_tree() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", str(errors.__doc__)))
    assert drawn == {error.__name__ for error in our_errors()}


def test_every_error_that_can_reach_a_page_has_a_status() -> None:
    assert set(our_errors()) | {errors.AmanahError} == set(STATUS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_threat_model_names_tests_that_exist() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", read("docs/threat-model.md"))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_table_of_roles_is_the_documents() -> None:
    told = [line for line in read("docs/roles.md").splitlines() if line.count("|") == 5]
    for act, roles in ALLOWED.items():
        words = ["yes" if one else "no" for one in (*(role in roles for role in ROLES), act in FRESH)]
        assert f"| {act.value} | {' | '.join(words)} |" in told
    assert len(told) == len(ALLOWED) + 2  # heading and rule
