"""`./run lighthouse`: what Lighthouse says of each public page, as somebody with a slow phone meets it.

It judges by three floors and exits 1 below one. A busy machine makes a page slower and never faster: a page below the
floor of speed alone is measured twice more, and the middle one counts. It asks nothing of any host but this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.instance import make_instance
from commands import DEFAULT_STUDY
from instruments.catalogue import load_study
from tests.browser.chromium import FLAGS, find_chromium
from tests.house.served import ROOT, serving

TOOL = ROOT / ".lighthouse" / "node_modules" / ".bin" / "lighthouse"
# How good is good enough, in hundredths. Search engines are told to keep away, so what they would like is only shown.
FLOORS = {"performance": 95, "accessibility": 100, "best-practices": 100}
SHOWN = (*FLOORS, "seo")
PAGES = {
    "start": "/",
    "support": "/support",
    "withdraw": "/withdraw",
    "agreed": "/visit/agreed",
    "done": "/visit/done",
    "away": "/away",
    "tablet": "/tablet",
    "sign-in": "/office/sign-in",
    "join": "/office/join",
}
OF_A_GROUP = ("visit", "sheet", "easy-read", "cards")
AGAIN = 2


@dataclass(frozen=True)
class Judged:
    """One page in one language: its scores in hundredths, and what Lighthouse would mend."""

    page: str
    language: str
    scores: Mapping[str, int]
    faults: tuple[str, ...]

    @property
    def is_below(self) -> bool:
        """Whether it is below any floor."""
        return any(self.scores[name] < floor for name, floor in FLOORS.items())


def public_pages() -> dict[str, str]:
    """Every page that anybody can open, those of each group among them."""
    groups = load_study(DEFAULT_STUDY).instrument.groups
    return PAGES | {f"{page} {one.name}": f"/{page}/{one.name}" for page in OF_A_GROUP for one in groups}


def judge(url: str, page: str, language: str, out: Path) -> Judged:
    """Measure one page; the report of the last time stays in `out`."""
    file = out / f"{page.replace(' ', '-')}-{language}.json"
    measured = [_measure(url, file)]
    if measured[0]["performance"] < FLOORS["performance"]:
        measured += [_measure(url, file) for _ in range(AGAIN)]
    scores = {name: int(statistics.median(one[name] for one in measured)) for name in SHOWN}
    return Judged(page, language, scores, tuple(_faults(json.loads(file.read_text("utf-8")))))


def _measure(url: str, file: Path) -> dict[str, int]:
    words = [f"--chrome-flags=--headless=new {' '.join(FLAGS)}", "--form-factor=mobile", "--quiet", "--output=json"]
    told = dict(os.environ) | {"CHROME_PATH": find_chromium()}
    asked = [str(TOOL), url, *words, "--no-enable-error-reporting", f"--output-path={file}"]
    # Where a machine is very busy Lighthouse may see no page at all, and says that it is to be run again.
    for patience in range(AGAIN, -1, -1):
        if not subprocess.run(asked, check=not patience, env=told).returncode:  # noqa: S603 (no shell)
            break
    report = json.loads(file.read_text("utf-8"))
    return {name: round(100 * (report["categories"][name]["score"] or 0)) for name in SHOWN}


def _faults(report: Mapping[str, Any]) -> Iterator[str]:
    """What weighs on a score, with the first places where it is."""
    for name in SHOWN:
        for weighed in report["categories"][name]["auditRefs"]:
            audit = report["audits"][weighed["id"]]
            if weighed["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                yield f"{name}: {audit['id']} {audit.get('displayValue', '')} {' '.join(_places(audit))}".strip()


def _places(audit: Mapping[str, Any]) -> list[str]:
    items = audit.get("details", {}).get("items", [])[:3]
    return [str(one.get("node", {}).get("snippet") or one.get("description") or "")[:200] for one in items]


def show(judged: Judged) -> None:
    """Print one line, and what is to be mended where it is below a floor."""
    scores = "".join(f"{judged.scores[name]:>16}" for name in SHOWN)
    print(f"{judged.page:<28}{judged.language:<4}{scores}{'   BELOW' if judged.is_below else ''}", flush=True)
    for fault in judged.faults if judged.is_below else ():
        print(f"    {fault}", flush=True)


def judge_all(pages: Mapping[str, str], languages: Sequence[str], out: Path) -> list[Judged]:
    """Serve a new study of nobody's and judge each page in each language."""
    print(f"{'page':<32}{''.join(f'{name:>16}' for name in SHOWN)}", flush=True)
    judged = []
    with tempfile.TemporaryDirectory() as folder:
        settings, _ = make_instance(Path(folder) / "instance")
        with serving(settings.home, Path(folder)) as served:
            for page, path in pages.items():
                for language in languages:
                    judged.append(judge(f"{served.url}{path}?lang={language}", page, language, out))
                    show(judged[-1])
    return judged


def write(judged: Sequence[Judged], out: Path) -> None:
    """All scores in one file."""
    told = [{"page": one.page, "language": one.language} | dict(one.scores) for one in judged]
    (out / "scores.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def asked_for(words: Sequence[str]) -> argparse.Namespace:
    """What to judge, where, in which languages."""
    spoken, pages = load_study(DEFAULT_STUDY).instrument.languages, public_pages()
    parser = argparse.ArgumentParser(prog="./run lighthouse", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lang", nargs="+", choices=spoken, default=["en", "ur"], help="default: en ur")
    parser.add_argument("--page", nargs="+", choices=pages, default=list(pages), help="default: all")
    parser.add_argument("--out", type=Path, default=ROOT / "lighthouse", help="a folder for the reports")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Judge, write, and say how it came out: 1 where any page is below a floor."""
    asked, pages = asked_for(words), public_pages()
    shutil.rmtree(asked.out, ignore_errors=True)
    asked.out.mkdir(parents=True)
    judged = judge_all({name: pages[name] for name in asked.page}, asked.lang, asked.out)
    write(judged, asked.out)
    below = sum(one.is_below for one in judged)
    print(f"{len(judged)} pages, {below} below {FLOORS}. Reports are in {asked.out}.")
    return 1 if below else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
