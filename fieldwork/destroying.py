"""How a study ends: it takes no more, and later what it kept is destroyed, once what people agreed to is archived.

The journal tells each step before it is done, and what a step does can be done again: wherever a destruction was
interrupted, running it again comes to its end. Opens nothing: what goes into an archive, the desk has released before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from errors import SettingsError
from fieldwork.bundles import drop_bundles
from fieldwork.ending import Begun, Ending, ending_of
from fieldwork.hold import hold_in_force
from fieldwork.kept import holding_of, in_steps
from fieldwork.retention import consents_until
from fieldwork.study import Study
from fieldwork.terms import terms_of
from fieldwork.upkeep import erase_all
from storage.admissions import forget_enrolments, forget_invitations
from storage.destruction import Certificate, keep_certificate, signed
from storage.engines import is_sqlite
from storage.grants import check_owner
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.journal_key import signer_in
from storage.kept import kept_of
from storage.office import instruments, keep_shown_tallies_alone, rewrite_office
from storage.rewriting import turn_log_over
from storage.stores import engines_of
from storage.vaults import count, count_unlimited, rewrite

END, DESTROY = "end", "destroy"  # the kinds of proposals
FILE = "destruction.json"  # in the instance's folder


@dataclass(frozen=True)
class Archive:
    """The release that went to an archive: SHA-256 of its signed manifest, the desk's public key, versions it holds."""

    manifest: str
    key: str
    instruments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Destruction:
    """What is to be destroyed. `ended`: the day of the end that it follows. `archive`: None where nothing is archived.

    `consents`: the consent records too, which otherwise stay for as long as the study promised.
    """

    ended: str
    archive: Archive | None
    consents: bool

    @property
    def payload(self) -> bytes:
        """What two people agree to, byte for byte."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of it."""
        return hashlib.sha256(self.payload).hexdigest()


def state_of_end(study: Study) -> str:
    """What a proposal about the end hangs on: since when the study is over, and whether its destruction has begun."""
    found = ending_of(study.stores.office)
    return "" if found is None else f"{found.day} {found.begun.number if found.begun else ''}".rstrip()


def rows_of_end(study: Study) -> tuple[tuple[str, str, str], ...]:
    """What is shown where the end is proposed. Raises SettingsError where the study has ended already."""
    if ending_of(study.stores.office):
        raise SettingsError("The study has ended already. There is nothing to propose.")
    return ((END, study.name, ""),)


def rows_of_destruction(study: Study, wanted: Destruction, today: date) -> tuple[tuple[str, str, str], ...]:
    """What is shown where destruction is proposed. Raises SettingsError where it may not begin yet."""
    ending = check_destruction(study, wanted, today)
    archive = wanted.archive
    return (
        (DESTROY, study.name, ""),
        ("archive", "", archive.manifest if archive else ""),
        ("archive key", "", archive.key if archive else ""),
        ("consents", "", "" if wanted.consents else consents_until(study, ending).isoformat()),
    )


def end_study(study: Study, actor: str, today: date) -> None:
    """End the study: from this entry of the journal on no visit begins. Raises SettingsError where it is over."""
    if ending_of(study.stores.office):
        raise SettingsError("The study has ended already. Nothing was changed.")
    write_entry(study.stores.office, actor, Act.STUDY_ENDED, today)


def agree_to_destroy(study: Study, payload: bytes, actor: str, today: date) -> None:
    """Write down that two people agreed to exactly this destruction; a command then does it."""
    digest = hashlib.sha256(payload).hexdigest()
    write_entry(study.stores.office, actor, Act.DESTRUCTION_AGREED, today, detail=digest)


def check_destruction(study: Study, wanted: Destruction, today: date) -> Ending:
    """The end that this destruction follows. Raises SettingsError where it may not begin, or begin yet."""
    ending = ending_of(study.stores.office)
    if ending is None:
        raise SettingsError("The study goes on. End it first: `flask end-study`.")
    if ending.destroyed:
        raise SettingsError(f"What the study kept was destroyed on {ending.destroyed} already.")
    _refuse_held(study)
    if wanted.archive and not ending.begun:
        _check_nothing_waits(study, ending, today)
        _check_versions(study, wanted.archive)
    return ending


def destroy_study(study: Study, home: Path, wanted: Destruction, today: date) -> Certificate:
    """Destroy what the study kept, or come to the end of a destruction that was begun; returns the certificate.

    Raises SettingsError where it may not begin, or another one was begun; NotGranted for another role than the owner's.
    """
    ending = check_destruction(study, wanted, today)
    if ending.begun and ending.begun.told["digest"] != wanted.digest:
        raise SettingsError("Another destruction was begun here. Run it again as it was begun, with the same words.")
    _check_owner(study)
    begun = ending.begun or _begin(study, wanted, today)
    # Again, as one may have been set while this began: then what was begun waits for its end.
    _refuse_held(study)
    _destroy_all(study, home, wanted)
    certificate = _certificate(study, ending, begun, wanted, today)
    data = keep_certificate(home / FILE, certificate)
    write_entry(study.stores.office, COMMAND_LINE, Act.STUDY_DESTROYED, today, detail=hashlib.sha256(data).hexdigest())
    return certificate


def in_lines(study: Study) -> tuple[str, ...]:
    """How far the end of the study is, for people: a line each; none while it goes on."""
    ending = study.ending
    if ending is None:
        return ()
    ended, later = f"The study ended on {ending.day}.", f"Its consent records go after {consents_until(study, ending)}."
    if ending.begun is None:
        return (f"{ended} Sealed visits are taken until {ending.takes_until}.", later)
    if ending.destroyed is None:
        return (f"{ended} The destruction of what it kept was begun, and is not done: run it again as before.",)
    told = f"{ended} What it kept was destroyed on {ending.destroyed}. Its certificate: {FILE}."
    return (told, "Its consent records went too." if ending.begun.told["consents"] else later)


def reminders(certificate: Certificate) -> tuple[str, ...]:
    """What is left for people to do, and until which day: no program reaches it."""
    told = certificate.told
    return (
        f"Backups: the last of them must be gone by {told['still']['backups_until']}. Until then they hold all of it.",
        *_about_keys(told["still"]["keys"], told["kept"]["consent_records_until"]),
        "The desk's own folder, bundles and releases that are not archived: destroy them where they lie.",
        "Tablets: end every shift, and wipe them.",
    )


def _about_keys(keys: Sequence[str], consents: str | None) -> Iterator[str]:
    if not keys:
        yield "Keys: this instance was never given any, so there is none to destroy."
    gone = "when the backups are gone"
    after = f"after {consents}, when the consent records have gone" if consents else gone
    for purpose, when in (("research", gone), ("identity", after)):
        if named := ", ".join(name for name in keys if name.startswith(purpose)):
            yield f"{purpose.capitalize()} key ({named}): destroy its files and sheets {when}."


def _refuse_held(study: Study) -> None:
    if hold_in_force(study.stores.office):
        raise SettingsError("A legal hold is on: nothing of a participant may be erased. Nothing was erased.")


def _check_owner(study: Study) -> None:
    """Who may not write tables anew would begin what it cannot end, and nothing takes that back."""
    for store, engine in engines_of(study.stores).items():
        if not is_sqlite(engine):
            with engine.connect() as connection:
                check_owner(connection, store)


def _check_nothing_waits(study: Study, ending: Ending, today: date) -> None:
    """An archive must lack nobody who may still come, and hold nobody who may still withdraw."""
    if today <= ending.takes_until:
        raise SettingsError(
            f"Visits that were sealed before the end are taken until {ending.takes_until}. Make the archive after that."
        )
    tags = [kept_of(vault, None, today) for vault in (study.stores.research, study.stores.identity)]
    if last := max((one.last for one in tags if one.last), default=None):
        raise SettingsError(
            f"Receipts still find records, until {last}: whoever withdraws until then must not be in the archive. Let "
            "flask maintain run after that day, and make the archive then."
        )


def _check_versions(study: Study, archive: Archive) -> None:
    if not archive.instruments or not set(archive.instruments) <= set(instruments(study.stores.office)):
        raise SettingsError("That manifest is of another study: it names versions that this one never had.")


def _begin(study: Study, wanted: Destruction, today: date) -> Begun:
    # How much there was is told now: once it is gone nobody can count it.
    told = {"digest": wanted.digest, "consents": wanted.consents, "counted": _counted(study, wanted, today)}
    detail = json.dumps(told, sort_keys=True)
    write_entry(study.stores.office, COMMAND_LINE, Act.DESTRUCTION_BEGUN, today, detail=detail)
    ending = ending_of(study.stores.office)
    if ending is None or ending.begun is None:
        raise SettingsError("The journal does not say that this began. Nothing was destroyed.")
    return ending.begun


def _counted(study: Study, wanted: Destruction, today: date) -> dict[str, int]:
    holding = holding_of(study, today)
    consents = count_unlimited(study.stores.identity) if wanted.consents else 0
    told = {
        "research_records": count(study.stores.research),
        "contact_details": holding.contact.number,
        "links": holding.links.number,
        "consent_records": consents,
    }
    return {name: in_steps(number) for name, number in told.items()}


def _destroy_all(study: Study, home: Path, wanted: Destruction) -> None:
    office, vaults = study.stores.office, (study.stores.research, study.stores.identity)
    drop_bundles(home)
    erase_all(study, wanted.consents)
    forget_invitations(office, date.max)
    forget_enrolments(office, datetime.max)
    keep_shown_tallies_alone(office)
    for vault in vaults:
        rewrite(vault)
    rewrite_office(office)
    for engine in engines_of(study.stores).values():
        turn_log_over(engine)


def _certificate(study: Study, ending: Ending, begun: Begun, wanted: Destruction, today: date) -> Certificate:
    backups = today + timedelta(days=study.settings.retention["backup_days"])
    keys = [f"{key.purpose} {key.short}" for key in study.keyring.keys] if study.keyring else []
    archive = wanted.archive
    told: Mapping[str, Any] = {
        "study": study.name,
        "ended": ending.day.isoformat(),
        "begun": begun.day.isoformat(),
        "day": today.isoformat(),
        "destroyed": begun.told["counted"],
        "kept": {"consent_records_until": None if wanted.consents else consents_until(study, ending).isoformat()},
        "archive": {"manifest_sha256": archive.manifest, "key": archive.key} if archive else None,
        "rules": dict(terms_of(study.instrument, study.settings).retention)
        | {"cut_off_days": study.instrument.cut_off_days},
        "still": {"backups_until": backups.isoformat(), "keys": keys},
        "journal": {"entry": begun.number, "hash": begun.hash},
    }
    return signed(told, signer_in(study.stores.office.journal_key))
