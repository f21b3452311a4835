"""What it costs to stretch a passphrase or a password in the tests: next to nothing, except where that is the subject.

At their real cost the hundreds of key files and sign-ins of the tests take minutes. The cost is held by
tests/privacy/test_key_files.py, tests/fieldwork/test_passwords.py and the vectors.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fieldwork.staff import passwords
from privacy import key_files

CHEAP = (64, 1)  # KiB, passes
REAL = {module: (module.MEMORY_KIB, module.PASSES) for module in (key_files, passwords)}
# `flask` in a process of its own, whose key files cost as little.
START = f"""
from flask.cli import main
from privacy import key_files
key_files.MEMORY_KIB, key_files.PASSES = {CHEAP}
main()
"""
FLASK = [sys.executable, "-c", START]


@contextmanager
def stretched_quickly() -> Iterator[None]:
    """Whatever is locked or hashed within costs next to nothing."""
    with _costing(dict.fromkeys(REAL, CHEAP)):
        yield


@contextmanager
def stretched_as_in_the_field() -> Iterator[None]:
    """Whatever is locked or hashed within costs what it costs people."""
    with _costing(REAL):
        yield


@contextmanager
def _costing(costs: dict[object, tuple[int, int]]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for module, (memory, passes) in costs.items():
            patched.setattr(module, "MEMORY_KIB", memory)
            patched.setattr(module, "PASSES", passes)
        yield
