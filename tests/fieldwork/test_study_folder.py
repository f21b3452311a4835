"""A study's folder is there at the next start, wherever a process fell that was putting another in its place."""

from __future__ import annotations

import os
import time

from app import create_app
from config import Settings


def test_a_process_that_fell_between_two_steps_leaves_the_study_as_it_was(settings: Settings) -> None:
    folder = settings.study_folder
    staged = folder.with_name(f".{folder.name}-abc")
    (staged / folder.name).mkdir(parents=True)
    folder.rename(staged / f"{folder.name}.old")  # as `swap` does, which then falls
    before = sorted(path.name for path in (staged / f"{folder.name}.old").iterdir())
    create_app(settings)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert staged.exists(), "it may still be somebody's work"
    long_ago = time.time() - 7200
    os.utime(staged, (long_ago, long_ago))
    create_app(settings)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
