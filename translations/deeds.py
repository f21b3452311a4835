"""What `./run translations` does, by its words. Prints what is wrong and counts it; the exit code tells a script."""

from __future__ import annotations

import datetime
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog

from translations.catalogues import HERE, extracted, languages, out_of_date, po_of, read, update
from translations.faults import catalog_faults, faults, notes, source_faults
from translations.handing import fill, missing, unreviewed
from views.reviews import digest_of, digests

HEAD = """\
# The state of the interface's words in each language: "source", "draft", or "reviewed" with who, when, and a digest of
# the list of sentences as they were then (reviewed.txt in the language's folder). Staff are told of every draft in a
# language that their study offers. A study's own texts are reviewed with the study. `./run translations --reviewed`
# writes this file.
"""


def main(words: list[str]) -> int:
    """Do what is asked. Returns the exit code."""
    match words:
        case ["--missing", language]:
            print(missing(language, extracted()), end="")
        case ["--unreviewed", language]:
            print(unreviewed(language, extracted()), end="")
        case ["--fill", language, file]:
            return _told(fill(language, Path(file).read_text("utf-8"), extracted()))
        case ["--reviewed", language, by, day]:
            write_review(language, by, datetime.date.fromisoformat(day))
        case [] | ["--update"]:
            return _check("--update" in words)
        case _:
            print(__doc__, "See docs/languages.md.", sep="\n", file=sys.stderr)
            return 2
    return 0


def problems(template: Catalog, folder: Path = HERE) -> Iterator[str]:
    """Everything that is wrong, one sentence each."""
    yield from out_of_date(template, folder)
    sentences = [message for message in template if message.id]
    yield from (f"English: {what}: {one.id!r}" for one in sentences for what in source_faults(one))
    for path in languages(folder):
        catalog = read(path)
        yield from (f"{path.parts[-3]}: {what}" for what in catalog_faults(catalog))
        yield from (f"{path.parts[-3]}: {what}: {one.id!r}" for one in sentences for what in faults(one, catalog))


def outliers(template: Catalog, folder: Path = HERE) -> Iterator[str]:
    """Sentences whose length is far from the English: a note."""
    for path in languages(folder):
        catalog = read(path)
        for message in template:
            if message.id:
                yield from (f"{path.parts[-3]}: note: {what}: {message.id!r}" for what in notes(message, catalog))


def write_review(language: str, by: str, day: datetime.date, folder: Path = HERE) -> None:
    """Write down that somebody has reviewed every sentence of this language as it stands."""
    reviewed = folder / language / "reviewed.txt"
    reviewed.write_text("".join(f"{one}\n" for one in sorted(digests(read(po_of(language, folder))))), "utf-8")
    status = tomllib.loads((folder / "status.toml").read_text("utf-8"))
    told = {"status": "reviewed", "by": by, "date": day.isoformat(), "digest": digest_of(reviewed)}
    status[language] = {"name": status[language]["name"]} | told
    (folder / "status.toml").write_text(HEAD + "".join(_section(*one) for one in status.items()), "utf-8")


def _section(language: str, told: dict[str, Any]) -> str:
    lines = (f'{name} = "{_quoted(value)}"' for name, value in told.items())
    return "\n" + "\n".join([f"[{language}]", *lines]) + "\n"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _check(is_update: bool) -> int:
    template = extracted()
    if is_update:
        update(template)
        for note in outliers(template):
            print(note)
    return _told(list(problems(template)), len(template))


def _told(found: list[str], sentences: int = 0) -> int:
    for problem in found:
        print(problem, file=sys.stderr)
    if sentences:
        print(f"{sentences} sentences, {len(list(languages()))} translations, {len(found)} problems")
    return 1 if found else 0
