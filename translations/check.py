"""Extract the interface's words, update every language, and refuse anything missing, fuzzy or broken.

`python translations/check.py` checks; with `--update` it first rewrites every messages.pot, .po and .mo.
The study's own texts are not here: they stand in its sheets, in columns of their own.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOT = HERE.parent
METHODS = [
    ("forms/**.py", "python"),
    ("views/**.py", "python"),
    ("fieldwork/staff/**.py", "python"),
    ("fieldwork/approvals.py", "python"),
    ("storage/approvals.py", "python"),
    ("storage/engines.py", "python"),
    ("storage/members.py", "python"),
    ("templates/**.html", "jinja2"),
]
OPTIONS = {"templates/**.html": {"trimmed": "true"}}
# "_l" is not needed: lazy_gettext is imported as _ where it is used.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "pgettext": ((1, "c"), 2)}
# What is refused is raised as a sentence, and translated where it is shown.
REFUSALS = ("NotPermitted", "SignInOver", "PasswordRefused", "SettingsError", "NotGranted")
KEYWORDS |= dict.fromkeys(REFUSALS)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
POT = HERE / "messages.pot"


def extracted() -> Catalog:
    """Every translatable sentence of the interface, in a stable order and without line numbers."""
    catalog = Catalog(project="Amanah", charset="utf-8", fuzzy=False)
    found = extract_from_dir(str(ROOT), METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",))
    for file, _line, message, comments, context in sorted(found, key=lambda one: (one[0], one[1])):
        if not file.startswith((".venv", "tests", "demo", "instance")):
            catalog.add(message, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalog


def languages() -> Iterator[Path]:
    """The .po file of each language."""
    yield from sorted(HERE.glob("*/LC_MESSAGES/messages.po"))


def read(path: Path) -> Catalog:
    """The catalogue in this file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3] if path != POT else None)


def written(catalog: Catalog) -> bytes:
    """The catalogue as a .po file, without dates, so that the same words give the same bytes."""
    sink = io.BytesIO()
    write_po(sink, catalog, omit_header=False, no_location=False, include_lineno=False, sort_by_file=True, width=110)
    return re.sub(rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator)[^\n]*\n', b"", sink.getvalue())


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as a .mo file."""
    sink = io.BytesIO()
    write_mo(sink, catalog)
    return sink.getvalue()


def update(template: Catalog) -> None:
    """Rewrite the template and bring every language up to it."""
    POT.write_bytes(written(template))
    for path in languages():
        catalog = read(path)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path.write_bytes(written(catalog))
        path.with_suffix(".mo").write_bytes(compiled(read(path)))


def problems(template: Catalog) -> Iterator[str]:
    """Everything that is wrong, one sentence each."""
    if not POT.exists() or POT.read_bytes() != written(template):
        yield "translations/messages.pot is out of date: run `./run translations`"
    for path in languages():
        name, catalog = path.parts[-3], read(path)
        for message in template:
            if message.id:
                yield from (f"{name}: {what}: {message.id!r}" for what in _faults(message, catalog))
        if not path.with_suffix(".mo").exists() or path.with_suffix(".mo").read_bytes() != compiled(catalog):
            yield f"{name}: messages.mo is out of date: run `./run translations`"


def _faults(message: Message, catalog: Catalog) -> Iterator[str]:
    found = catalog.get(message.id, message.context)
    strings = _strings(found.string) if found else []
    if not strings or not all(strings):
        yield "missing"
    elif found and found.fuzzy:
        yield "fuzzy"
    elif any(_placeholders(string) - _placeholders(*_strings(message.id)) for string in strings):
        yield "has a placeholder that the English has not"
    elif _placeholders(_strings(message.id)[-1]) - _placeholders(*strings):
        yield "lacks a placeholder"


def _strings(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _placeholders(*strings: str) -> set[str]:
    return {found for string in strings for found in PLACEHOLDER.findall(string)}


def main(words: list[str]) -> int:
    """Check, after updating where asked. Returns the exit code."""
    template = extracted()
    if "--update" in words:
        update(template)
    found = list(problems(template))
    for problem in found:
        print(problem, file=sys.stderr)
    print(f"{len(template)} sentences, {len(list(languages()))} translations, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
