"""The interface's words as they stand in the code, and the catalogue of each language: found, read, brought up to date.

Writes without dates and line numbers, so that the same words give the same bytes. Guesses no translation.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
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
PAIR = ((1, "c"), 2)
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "counted": (1, 2), "lazy_gettext": None, "pgettext": PAIR}
KEYWORDS |= {"lazy_pgettext": PAIR, "lazy_ngettext": (1, 2)}
# What is refused is raised as a sentence, and translated where it is shown.
REFUSALS = ("NotPermitted", "SignInOver", "PasswordRefused", "SettingsError", "NotGranted")
KEYWORDS |= dict.fromkeys(REFUSALS)
POT = HERE / "messages.pot"
NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
STALE = ("POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Last-Translator")


def extracted() -> Catalog:
    """Every translatable sentence of the interface, in a stable order and without line numbers."""
    catalog = Catalog(project="Amanah", charset="utf-8", fuzzy=False)
    found = extract_from_dir(str(ROOT), METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",))
    for file, _line, message, comments, context in sorted(found, key=lambda one: (one[0], one[1])):
        if not file.startswith((".venv", "tests", "demo", "instance")):
            catalog.add(message, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalog


def languages(folder: Path = HERE) -> Iterator[Path]:
    """The .po file of each language."""
    yield from sorted(folder.glob("*/LC_MESSAGES/messages.po"))


def po_of(language: str, folder: Path = HERE) -> Path:
    """The .po file of this language."""
    return folder / language / "LC_MESSAGES" / "messages.po"


def read(path: Path) -> Catalog:
    """The catalogue in this file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def written(catalog: Catalog) -> bytes:
    """The catalogue as a .po file, without dates, so that the same words give the same bytes."""
    sink = io.BytesIO()
    write_po(sink, catalog, omit_header=False, no_location=False, include_lineno=False, sort_by_file=True, width=110)
    return re.sub(rb'"(' + "|".join(STALE).encode() + rb')[^\n]*\n', b"", sink.getvalue())


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as a .mo file, of no date either."""
    catalog.creation_date = catalog.revision_date = NO_DATE
    sink = io.BytesIO()
    write_mo(sink, catalog)
    return sink.getvalue()


def keep(catalog: Catalog, path: Path) -> None:
    """Write the catalogue of a language, and what the app reads of it."""
    path.write_bytes(written(catalog))
    path.with_suffix(".mo").write_bytes(compiled(read(path)))


def update(template: Catalog, folder: Path = HERE) -> None:
    """Rewrite the template and bring every language up to it."""
    (folder / POT.name).write_bytes(written(template))
    for path in languages(folder):
        catalog = read(path)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        keep(catalog, path)


def out_of_date(template: Catalog, folder: Path = HERE) -> Iterator[str]:
    """Each file that does not hold what it is made from, in a sentence."""
    pot = folder / POT.name
    if not pot.exists() or pot.read_bytes() != written(template):
        yield "translations/messages.pot is out of date: run `./run translations`"
    for path in languages(folder):
        compiled_file = path.with_suffix(".mo")
        if not compiled_file.exists() or compiled_file.read_bytes() != compiled(read(path)):
            yield f"{path.parts[-3]}: messages.mo is out of date: run `./run translations`"
