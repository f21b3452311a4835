"""Ask whether known weaknesses touch what the locks name. Never says that all is well when nobody could be asked.

Exit code 0: everything was looked up, nothing is known. 1: something is known. 3: not everything could be looked up.
"""

from __future__ import annotations

import json
import subprocess  # noqa: S404 (pip-audit, with words of our own)
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supply.locked import plain_name, read_lock
from supply.project import ROOT

LOCKS = ("requirements-test.lock", "requirements-supply.lock")  # the first holds everything that the app runs on too
SERVICES = ("pypi", "osv")  # the second is asked for what the first did not answer
CLEAN, FOUND, NOT_REACHED = 0, 1, 3
Pin = tuple[str, str]
Report = Mapping[str, Any]


@dataclass(frozen=True)
class Audit:
    """What is known of each package, and the packages that nobody could tell about."""

    known: dict[Pin, tuple[str, ...]] = field(default_factory=dict)
    unanswered: tuple[Pin, ...] = ()

    @property
    def found(self) -> list[tuple[Pin, tuple[str, ...]]]:
        """The packages with weaknesses."""
        return [(pin, told) for pin, told in sorted(self.known.items()) if told]

    @property
    def outcome(self) -> int:
        """The exit code. What is known comes before what could not be looked up."""
        if self.found:
            return FOUND
        return NOT_REACHED if self.unanswered else CLEAN


def audit(pins: Iterable[Pin], ask: Callable[[str, Sequence[Pin]], Report]) -> Audit:
    """Look every pin up, by `ask(service, pins)`."""
    known: dict[Pin, tuple[str, ...]] = {}
    waiting = sorted(set(pins))
    for service in SERVICES:
        if waiting:
            known |= _answers(ask(service, waiting))
            waiting = [pin for pin in waiting if pin not in known]
    return Audit(known, tuple(waiting))


def _answers(report: Report) -> dict[Pin, tuple[str, ...]]:
    # A package that was skipped has no "vulns": it counts as not looked up, whatever the report says in sum.
    return {
        (plain_name(one["name"]), one["version"]): tuple(_told(weakness) for weakness in one["vulns"])
        for one in report.get("dependencies", ())
        if "vulns" in one and "skip_reason" not in one
    }


def _told(weakness: Mapping[str, Any]) -> str:
    mended = ", ".join(weakness.get("fix_versions") or ()) or "no version yet"
    return f"{weakness['id']} (mended in: {mended})"


def ask_pip_audit(service: str, pins: Sequence[Pin]) -> Report:
    """What pip-audit reports; nothing at all where it could not reach the service."""
    with tempfile.TemporaryDirectory() as folder:
        pinned, report = Path(folder) / "pins.txt", Path(folder) / "report.json"
        pinned.write_text("".join(f"{name}=={version}\n" for name, version in pins), "utf-8")
        words = ["-r", str(pinned), "--no-deps", "--disable-pip", "-s", service, "-f", "json", "-o", str(report)]
        subprocess.run([sys.executable, "-m", "pip_audit", *words], capture_output=True)  # noqa: S603 (no shell)
        return json.loads(report.read_text("utf-8")) if report.exists() else {}


def in_words(done: Audit) -> str:
    """What came out, for people."""
    lines = [f"{name} {version}: {one}" for (name, version), told in done.found for one in told]
    if done.unanswered:
        every = len(done.known) + len(done.unanswered)
        names = ", ".join(name for name, _ in done.unanswered) if done.known else "none could be"
        lines.append(f"NOT LOOKED UP: {len(done.unanswered)} of {every} packages: {names}.")
        lines.append("The advisory data could not be reached for them from here, so nothing is known about them:")
        lines.append("this is no clean result. Run `./run audit` again on a machine with an open network.")
    if done.outcome == CLEAN:
        lines.append(f"{len(done.known)} packages looked up, no weakness is known.")
    return "\n".join(lines)


def main() -> int:
    """Audit the locks of this project."""
    pins = [(one.name, one.version) for lock in LOCKS for one in read_lock(ROOT / lock)]
    done = audit(pins, ask_pip_audit)
    sys.stdout.write(in_words(done) + "\n")
    return done.outcome


if __name__ == "__main__":
    raise SystemExit(main())
