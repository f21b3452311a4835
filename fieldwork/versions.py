"""The versions of a study: compare sheets with what is stored, and adopt them. A stored version never changes.

The command and the staff's page call the same two functions; nothing is adopted that was not compared first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from errors import SettingsError
from fieldwork.instance import staged, swap
from fieldwork.packed import pack
from fieldwork.reviewing import note_brought
from fieldwork.shared_sheets import share_sheets
from fieldwork.terms import Terms, approve_retention, settings_in_force, terms_of
from instruments.catalogue import StudyDefinition, instrument_from_canonical, load_study
from instruments.comparing.differences import Difference, breaking, differences_to_all
from instruments.model import Instrument
from instruments.reading.sources import load_settings
from instruments.reading.starter import carried_over
from instruments.settings import StudySettings
from storage.journal import Act, Pen, order_of_instruments
from storage.office import (
    Office,
    current_digest,
    current_instrument,
    instrument_named,
    instruments,
    keep_instrument,
    make_current,
)

FROZEN = (
    "Version {!r} is in use and frozen, and these sheets differ from it. Write another `version` in study.toml "
    "(or in the settings sheet of the form) and add them as that."
)
SHORTEST_DIGEST = 4  # digits by which a version may be named


@dataclass(frozen=True)
class Version:
    """A stored version of a study, and whether it is the one collected with now."""

    instrument: Instrument
    is_current: bool

    @property
    def items(self) -> int:
        """How many items it has, notes included."""
        return sum(len(block.items) for part in self.instrument.parts for block in part.blocks)


@dataclass(frozen=True)
class Comparison:
    """Sheets beside what is stored.

    `against`: the version that they are compared with; None where none is stored. `is_known`: whether they are a stored
    version already, the current one (`is_current`) or an earlier one. `frozen`: the stored version of the same label
    but with other content. `settings_differ`: whether what acts at once differs from the instance's own. `terms`: their
    cut-off and retention; `terms_before`: those that count now. `carried`: how many privacy decisions of the form that
    they replace stay.
    """

    path: Path
    new: Instrument
    against: Instrument | None
    differences: tuple[Difference, ...]
    is_known: bool
    is_current: bool
    frozen: Instrument | None
    settings_differ: bool
    terms: Terms
    terms_before: Terms | None
    carried: int = 0

    @property
    def breaking(self) -> tuple[Difference, ...]:
        """What makes answers from before and after incomparable."""
        return breaking(self.differences)

    @property
    def new_terms(self) -> tuple[tuple[str, str, str], ...]:
        """What would change of the cut-off and the retention: two people decide that (fieldwork/approvals.py)."""
        return self.terms_before.changes(self.terms) if self.terms_before else ()

    @property
    def changes_nothing(self) -> bool:
        """Whether there is nothing to adopt."""
        return self.is_current and not self.settings_differ and not self.new_terms

    def in_words(self) -> tuple[str, ...]:
        """What the sheets are, and what they would do, in sentences."""
        label = self.new.version
        if self.against is None:
            return (f"Version {label} is the first of this study.",)
        told = (
            self._differing(), self._breaking(), self._known(label), self._carried(), self._at_once(), self._waits(),
        )  # fmt: skip
        return tuple(filter(None, told))

    def _differing(self) -> str:
        if self.against is None or not self.differences:
            return ""
        told = f"{len(self.differences)} difference(s) to version {self.against.version}"
        return f"{told} ({self.against.digest[:16]})."

    def _breaking(self) -> str:
        count = len(self.breaking)
        return f"Marked !: {count}. There, answers from before and after cannot be compared." if count else ""

    def _known(self, label: str) -> str:
        if self.is_current:
            return f"These sheets are version {label}, which the study collects with already."
        if self.is_known:
            return f"These sheets are version {label} as it was stored before: adding them goes back to it."
        return FROZEN.format(label) if self.frozen else ""

    def _carried(self) -> str:
        told = "privacy decision(s) of the form that it replaces stay, for questions that are the same"
        return f"{self.carried} {told}; look at the others." if self.carried else ""

    def _at_once(self) -> str:
        told = "What acts at once (neutral title, quotas, retention, reasons, words of a legal hold) differs."
        return told if self.settings_differ else "Nothing is to be changed." * self.changes_nothing

    def _waits(self) -> str:
        told = ", ".join(f"{name} {before or 'none'} → {after or 'none'}" for name, before, after in self.new_terms)
        return f"Two people decide this: {told}. The version waits as a whole until it is confirmed." if told else ""


def versions(office: Office, study: str) -> tuple[Version, ...]:
    """Every stored version of a study, in the order of adding. Raises JournalBroken."""
    current = current_digest(office, study)
    found = (
        instrument_from_canonical(canonical)
        for digest in order_of_instruments(office)
        if (canonical := instrument_named(office, digest))
    )
    return tuple(Version(one, one.digest == current) for one in found if one.study == study)


def studies_kept(office: Office) -> tuple[str, ...]:
    """The name of every study of which a version is stored, in order. Instances mostly hold one."""
    return tuple(sorted({instrument_from_canonical(canonical).study for canonical in instruments(office).values()}))


def version_named(office: Office, study: str, digest: str) -> Instrument:
    """The stored version whose digest begins so. Raises SettingsError."""
    found = [one.instrument for one in versions(office, study) if one.instrument.digest.startswith(digest.lower())]
    if len(digest) < SHORTEST_DIGEST or len(found) != 1:
        raise SettingsError(
            f"{digest!r} names {len(found) or 'no'} stored version(s). `flask study versions` lists them; "
            f"give at least {SHORTEST_DIGEST} digits of one digest."
        )
    return found[0]


def compare(office: Office, study: str, folder: Path, path: Path, digest: str = "") -> Comparison:
    """What the sheets at a path would change; nothing is changed. `folder`: the instance's own sheets.

    Compared with the current version and all before it; with one alone where `digest` names it.
    Raises InstrumentError for sheets that cannot be used, SettingsError for another study's.
    """
    with staged(path, folder) as sheets:
        told, carried = load_study(sheets), carried_over(path, sheets)
    new, known = told.instrument, versions(office, study)
    if new.study != study:
        raise SettingsError(
            f"These sheets are of the study {new.study!r}, and this instance collects for {study!r}. "
            f"Write that as id in study.toml (form_id in a form), or make them an instance with `flask init`."
        )
    earlier = (version_named(office, study, digest),) if digest else _earlier(known, new)
    stored = {one.instrument.digest: one for one in known}
    return Comparison(
        path=path,
        new=new,
        against=earlier[-1] if earlier else None,
        differences=differences_to_all(earlier, new),
        is_known=new.digest in stored,
        is_current=new.digest in stored and stored[new.digest].is_current,
        frozen=next((one.instrument for one in known if _is_other(one.instrument, new)), None),
        carried=carried,
        terms=terms_of(new, told.settings),
        terms_before=_terms_now(office, study, folder),
        settings_differ=_at_once(folder) != replace(told.settings, plain_path=False),
    )


def adopt(
    office: Office,
    comparison: Comparison,
    folder: Path,
    today: date,
    actor: str,
    breaking_agreed: bool = False,
    approved: Terms | None = None,
) -> str:
    """Collect with the compared sheets from now on; return their digest. The journal names who did it.

    `breaking_agreed`: that somebody agreed to what breaks comparability, on its own. `approved`: the terms that two
    people decided. Raises SettingsError without them, for another content under the label of a stored version, and for
    sheets that are no longer those compared.
    """
    pen = Pen(office, actor, today)
    may_be = _adoptable(comparison, folder, breaking_agreed, approved)
    with refusals_written(pen, comparison), may_be as (sheets, found):
        new = found.instrument
        # What cannot be written down does not happen: some of the sheets' settings act as soon as they lie there.
        pen.write(Act.STUDY_ADDED, detail=new.digest)
        note_brought(pen, load_settings(folder).reviews, found)
        # Kept before anything changes: a database that does not let this app do it refuses here.
        keep_instrument(office, new.digest, new.study, new.canonical)
        # The sheets first: a field app that runs takes the new version up as soon as the office names it.
        swap(sheets, folder)
    # Before the office names the version: every machine has the sheets by the time it asks by them.
    share_sheets(office, new.study, folder)
    approve_retention(office, new.study, found.settings.retention)
    make_current(office, new.study, new.digest)
    return new.digest


@contextmanager
def refusals_written(pen: Pen, comparison: Comparison) -> Iterator[None]:
    """Write it down when these sheets are refused; the same refusal is written once a day."""
    try:
        yield
    except SettingsError:
        refuse_adoption(pen, comparison)
        raise


def refuse_adoption(pen: Pen, comparison: Comparison) -> None:
    """Write down that somebody meant to adopt these sheets and was refused."""
    pen.write_once(Act.ADOPTION_REFUSED, comparison.new.digest)


def check_adoptable(comparison: Comparison, breaking_agreed: bool = True) -> None:
    """Raises SettingsError with what to do where these sheets cannot become the study's version."""
    new, frozen = comparison.new, comparison.frozen
    if frozen and not comparison.is_known:
        raise SettingsError(FROZEN.format(new.version))
    if comparison.breaking and not breaking_agreed:
        told = f"Version {new.version} breaks comparability with answers given before."
        raise SettingsError(f"{told} Nothing was changed.")


def packed_sheets(comparison: Comparison, folder: Path) -> bytes:
    """The compared sheets, whole, to be adopted later. Raises SettingsError for sheets that are no longer those."""
    with _still(comparison, folder) as (sheets, _):
        return pack(sheets)


@contextmanager
def _adoptable(
    comparison: Comparison, folder: Path, breaking_agreed: bool, approved: Terms | None
) -> Iterator[tuple[Path, StudyDefinition]]:
    check_adoptable(comparison, breaking_agreed)
    if comparison.new_terms and comparison.terms != approved:
        raise SettingsError("Another cut-off or retention is for two people to decide. Nothing was changed.")
    with _still(comparison, folder) as found:
        yield found


@contextmanager
def _still(comparison: Comparison, folder: Path) -> Iterator[tuple[Path, StudyDefinition]]:
    """The compared sheets as the study's folder would hold them."""
    with staged(comparison.path, folder) as sheets:
        found = load_study(sheets)
        terms = terms_of(found.instrument, found.settings)
        if (found.instrument.digest, terms) != (comparison.new.digest, comparison.terms):
            raise SettingsError(f"{comparison.path.name} was changed meanwhile. Compare it again; nothing was changed.")
        yield sheets, found


def _earlier(known: tuple[Version, ...], new: Instrument) -> tuple[Instrument, ...]:
    """The stored versions, the current one last; without the new one, unless it is the current one."""
    others = [one.instrument for one in known if not one.is_current and one.instrument.digest != new.digest]
    return (*others, *(one.instrument for one in known if one.is_current))


def _is_other(stored: Instrument, new: Instrument) -> bool:
    return stored.version == new.version and stored.digest != new.digest


def _terms_now(office: Office, study: str, folder: Path) -> Terms | None:
    canonical = current_instrument(office, study)
    if canonical is None:
        return None
    return terms_of(instrument_from_canonical(canonical), settings_in_force(office, study, folder)[0])


def _at_once(folder: Path) -> StudySettings | None:
    """What acts at once in the instance; without the plain path, which an instance decides alone."""
    return replace(load_settings(folder), plain_path=False) if folder.is_dir() else None
