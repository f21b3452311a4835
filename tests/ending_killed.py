"""Destroy a study again and again in children that die by SIGKILL, each before another statement is sent.

A process of its own: it loads the app once and forks, so that hundreds of kills take seconds. Prints the number of
statements of a whole destruction; `python -m tests.ending_killed HOME EVERY` kills before each EVERYth of them.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, event

from commands import opened_study
from config import read_settings
from fieldwork.destroying import Destruction, destroy_study
from storage.stores import close_stores

ENDED = date(2026, 11, 23)


def destroy_here(home: Path, day: date = date(2027, 3, 1)) -> None:
    """The destruction that every child begins, and that must come to its end whatever happened before."""
    study = opened_study(read_settings(home, {}))
    try:
        destroy_study(study, home, Destruction(ENDED.isoformat(), None, False), day)
    finally:
        close_stores(study.stores)


def killed_at(home: Path, statement: int) -> bool:
    """Begin it in a child that dies before this statement; whether it died."""
    child = os.fork()
    if not child:
        die_before(statement)
        destroy_here(home)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a child failed")
    return os.WIFSIGNALED(status)


def die_before(statement: int) -> None:
    left = statement

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)


def main(home: Path, every: int) -> None:
    statement, copy = 0, home.with_name("killed")
    while True:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(home, copy)
        died = killed_at(copy, statement)
        if not died:
            break
        # Once more dying, a little later, and then to the end: on another day than it was begun.
        if killed_at(copy, statement + 3):
            destroy_here(copy, date(2027, 3, 2))
        copy.rename(home.with_name(f"killed at {statement}"))
        statement += every
    print(statement)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
