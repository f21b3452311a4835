"""The security checklist answers every number, once, by tests that exist; what is missing stands at its top."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEVELS = Path(__file__).parent / "data" / "asvs_5_0_0_levels.csv"  # OWASP ASVS 5.0.0: number and level, no more
AT_LEVEL_3 = ("6", "7", "14")  # authentication, sessions, data protection
NOT_USED = ("10", "17")  # OAuth and OIDC, WebRTC
ROW = re.compile(r"\| (R?[\d.]+(?:–[\d.]+)?) \|")
WORD = re.compile(r"`([a-z0-9]+)`")
# Where random numbers are drawn: a key is made there, or something that nobody may guess.
DRAWS = re.compile(r"secrets\.token_|os\.urandom|ec\.generate_private_key|subtle\.generateKey|getRandomValues")


@dataclass(frozen=True)
class Row:
    """One row of the checklist: the numbers it answers, its answer, the tests it names."""

    numbers: tuple[str, ...]
    answer: str
    held_by: str


@cache
def text() -> str:
    return (ROOT / "docs" / "security-checklist.md").read_text("utf-8")


def part(heading: str) -> str:
    return text().split(f"\n## {heading}\n")[1].split("\n## ")[0]


def spread(numbers: str) -> tuple[str, ...]:
    """4.4.1–4.4.3 is 4.4.1, 4.4.2 and 4.4.3."""
    first, _, last = numbers.partition("–")
    head, _, start = first.rpartition(".")
    stop = last.rpartition(".")[2] if last else start
    return tuple(f"{head}.{number}".lstrip(".") for number in range(int(start), int(stop) + 1)) if head else (first,)


def rows() -> Iterator[Row]:
    for line in (part("R: our own requirements") + part("ASVS")).splitlines():
        found = ROW.match(line)
        if found:
            _, _, _, answer, held_by, _ = line.split("|")
            yield Row(spread(found.group(1)), answer.strip(), held_by.strip())


def required() -> set[str]:
    with LEVELS.open(encoding="utf-8") as file:
        levels = {one["number"]: int(one["level"]) for one in csv.DictReader(file)}
    assert Counter(levels.values()) == {1: 70, 2: 183, 3: 92}, "as many as the standard has"
    asked = {
        number
        for number, level in levels.items()
        if number.split(".")[0] not in NOT_USED and (level < 3 or number.split(".")[0] in AT_LEVEL_3)
    }
    return asked | {f"R{number}" for number in range(1, 61)}


def named_tests() -> dict[str, tuple[str, str]]:
    """Each word of the last table: its file and its function."""
    found = {}
    for line in part("The tests").splitlines():
        if line.startswith("| `"):
            _, file, tests, _ = line.split("|")
            for told in tests.split(";"):
                word, _, function = told.strip().partition(": ")
                assert word.strip("`") not in found, word
                found[word.strip("`")] = (file.strip(" `"), f"test_{function}")
    return found


@cache
def functions_in(file: str) -> set[str]:
    path = ROOT / "tests" / file
    tree = ast.parse(path.read_text("utf-8")) if path.exists() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_number_has_exactly_one_row() -> None:
    answered = Counter(number for row in rows() for number in row.numbers)
    assert [number for number, count in answered.items() if count > 1] == []
    assert required() - set(answered) == set()
    # A row of level 3 in another chapter may be answered too.
    assert {number for number in set(answered) - required() if number != "2.3.5"} == set()


def test_every_test_that_is_named_exists_and_is_named_for_something() -> None:
    tests = named_tests()
    assert len(tests) > 100
    assert {word: told for word, told in tests.items() if told[1] not in functions_in(told[0])} == {}
    named = {word for row in rows() for word in WORD.findall(row.held_by)}
    assert (named - set(tests), set(tests) - named) == (set(), set())
    assert [row.numbers for row in rows() if not WORD.search(row.held_by) and row.held_by != "–"] == []
    assert "@" not in text()


def test_what_is_missing_stands_at_the_top() -> None:
    top = {
        number for line in part("Not met yet").splitlines() if (found := ROW.match(line)) for number in found.groups()
    }
    missing = {number for row in rows() if re.match(r"\*\*(Not yet|Partly)", row.answer) for number in row.numbers}
    assert missing == top


def test_whatever_is_argued_has_its_reason() -> None:
    argued = {number for row in rows() if "Argued" in row.answer for number in row.numbers}
    headings = re.findall(r"^\*\*(.*?)\*\*", part("Argued"), re.MULTILINE | re.DOTALL)
    told = set(re.findall(r"\b\d+\.\d+\.\d+\b", "\n".join(headings)))
    covered = told | {number for number in argued if number.startswith("12.3.")}
    assert argued - covered == set()


def test_every_secret_of_the_code_has_its_row() -> None:
    ours = [*ROOT.glob("*.py"), *(ROOT / "static").glob("*.js")]
    for room in ("checkup", "fieldwork", "forms", "instruments", "privacy", "release", "storage", "supply", "views"):
        ours += (ROOT / room).rglob("*.py")
    drawing = {str(path.relative_to(ROOT)) for path in ours if DRAWS.search(path.read_text("utf-8"))}
    inventory = (ROOT / "docs" / "keys.md").read_text("utf-8")
    assert len(drawing) > 20
    assert sorted(name for name in drawing if f"`{name}`" not in inventory) == []
