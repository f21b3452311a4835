"""What can be done at the desk, as its home page lists it: each task with one honest sentence. One row a task."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _


@dataclass(frozen=True)
class Task:
    """A row of the home page. `endpoint`: where the task begins."""

    endpoint: str
    title: LazyString
    sentence: LazyString


@dataclass(frozen=True)
class Group:
    """Tasks that belong together, under one heading."""

    title: LazyString
    tasks: tuple[Task, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        _("With the answers"),
        (
            Task(
                "desk.source",
                _("Make a release"),
                _("Opens the sealed answers with the research key and writes a pseudonymised file of them."),
            ),
        ),
    ),
)
