"""The field app is ready before anyone grows impatient."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from config import Settings

ROOT = Path(__file__).parents[2]
START = """
import sys
from pathlib import Path
from app import create_app
from config import read_settings
create_app(read_settings(Path(sys.argv[1]), {}))
"""


def seconds_to_start(settings: Settings) -> float:
    """Processor seconds, so that a busy machine does not make the test fail."""
    from resource import RUSAGE_CHILDREN, getrusage

    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", START, str(settings.home)], cwd=ROOT, check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_the_app_starts_in_under_a_second(settings: Settings) -> None:
    # Processor time too is more while others are at work: one quick start shows that it can be.
    assert any(seconds_to_start(settings) < 1 for _ in range(30)), "thirty starts took a second and more"


def test_no_process_of_ours_writes_its_memory_to_the_disk(settings: Settings) -> None:
    ask = START + "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    told = subprocess.run([sys.executable, "-c", ask, str(settings.home)], cwd=ROOT, check=True, capture_output=True)
    assert told.stdout.decode().strip() == "(0, 0)"
