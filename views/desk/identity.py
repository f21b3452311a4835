"""The identity desk: source, unlock by two, the list of those who asked to be contacted. No page shows an answer.

What was opened stays in memory (views/desk/identity_room.py); whom an act is about never stands in an address.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config import has_instance
from errors import AmanahError, EnvelopeError, ReleaseError
from forms.desk import SourceForm, StepForm
from forms.identity import SearchForm, UnlockTwoForm
from release.custody import Custodians, custodian_of, identity_keys, key_file, unlock_identity
from release.journal import Act, write_act
from release.people import Contactable
from release.requests import plain
from release.source import Source, open_source, source_of_bundle
from views.desk import identity_consents, identity_contacts
from views.desk.common import Page, show, the_desk
from views.desk.identity_common import STEPS, Open, in_words, show_open, the_room, while_open
from views.desk.identity_deeds import ON_A_PERSON, ON_THE_LIST
from views.desk.identity_room import LOCKED, NAME, Room
from views.work import time_left

BOTH = ["GET", "POST"]


def add_identity_pages(desk: Blueprint) -> None:
    """The identity desk's pages, in one list."""
    add = desk.add_url_rule
    add("/identities/source", "identity_source", source, methods=BOTH)
    add("/identities/unlock", "identity_unlock", unlock, methods=BOTH)
    add("/identities/opening", "identity_opening", opening)
    add("/identities/opening/cancel", "identity_cancel", cancel, methods=["POST"])
    add("/identities", "identities", while_open(people), methods=BOTH)
    add("/identities/alive", "identity_alive", alive, methods=["POST"])
    add("/identities/locked", "identity_locked", locked)
    add("/identities/contacts", "identity_contacts", while_open(identity_contacts.contacts))
    add("/identities/contacts/<purpose>", "identity_merge", while_open(identity_contacts.merge), methods=BOTH)
    add("/identities/letters", "identity_letters", while_open(identity_contacts.letters))
    add("/identities/letters/<purpose>", "identity_write", while_open(identity_contacts.write), methods=BOTH)
    add("/identities/counts", "identity_counts", while_open(identity_consents.counts), methods=BOTH)
    add("/identities/record", "identity_record", while_open(identity_consents.record), methods=BOTH)
    add("/identities/record.json", "identity_record_json", while_open(identity_consents.record_json), methods=["POST"])


def source() -> Page:
    """Choose the sealed identities."""
    form, refused = SourceForm(), ""
    form.place.choices = [(str(path), path.name) for path in _sources(the_desk().home)]
    if form.validate_on_submit():
        try:
            found = _chosen_source(form)
        except AmanahError as error:
            refused = in_words(error)
        else:
            the_desk().let_go(NAME)
            the_desk().held[NAME], the_desk().farewell = Room(found), ""
            return redirect(url_for("desk.identity_unlock"), 303)
    return show("identity/source", STEPS, "source", form=form, refused=refused, room=the_room())


def unlock() -> Page:
    """Both custodians choose their files and type their passphrases; then every record is opened."""
    room, form, refused = the_room(), UnlockTwoForm(), ""
    if room is None or room.source is None:
        return redirect(url_for("desk.identity_source"), 303)
    room.notice()
    places = [(str(path), _named(path)) for path in identity_keys(the_desk().home / "keys")]
    form.place_1.choices, form.place_2.choices = places, places
    if form.validate_on_submit():
        try:
            _unlock(room, room.source, form)
        except AmanahError as error:
            refused = in_words(error)
        else:
            return redirect(url_for("desk.identity_opening"), 303)
    return show("identity/unlock", STEPS, "unlock", form=form, refused=refused, room=room)


def opening() -> Page:
    """How far the opening is. The page asks again by itself."""
    room = the_room()
    if room is None:
        return redirect(url_for("desk.identity_source"), 303)
    if room.work.is_running or room.work.error:
        left = None if room.work.seconds_left is None else time_left(room.work.seconds_left)
        return show("identity/opening", STEPS, "unlock", work=room.work, refused=room.work.error, left=left)
    return redirect(url_for("desk.identities"), 303)


def cancel() -> AnyResponse:
    """Stop the opening: the keys are overwritten, and nothing that was opened stays."""
    if StepForm().validate_on_submit():
        the_desk().let_go(NAME)
    return redirect(url_for("desk.home"), 303)


def people(desk: Open) -> Page:
    """The people who asked to be contacted, by name; those only in whom what was typed is found."""
    form = SearchForm()
    found = desk.people
    if form.validate_on_submit() and form.sought.data:
        found = tuple(one for one in found if _is_found(one, form.sought.data))
    told: dict[str, Any] = {"list_deeds": ON_THE_LIST, "person_deeds": ON_A_PERSON}
    return show_open(desk, "people", form=form, found=found, opened=desk.opened, **told)


def alive() -> AnyResponse | tuple[str, int]:
    """A page of this desk is open on a screen. It learns here when the desk was locked meanwhile."""
    room = the_room()
    if room is None or room.opened is None:
        return "", 410
    if not StepForm().validate_on_submit():
        return "", 403
    room.hear(is_active=request.form.get("active") == "1")
    return "", 204


def locked() -> Page:
    """Where an open page goes once the desk was locked: the browser forgets what it kept of the others."""
    room = the_room()
    if room is not None and room.opened is not None:
        return redirect(url_for("desk.identities"), 303)
    the_desk().farewell = ""
    return show("identity/locked", said=LOCKED)


def _unlock(room: Room, found: Source, form: UnlockTwoForm) -> None:
    files = [(_key_in(form, number), form[f"passphrase_{number}"].data) for number in (1, 2)]
    custodians = unlock_identity(files)
    try:
        _refuse_other(custodians, found)
        names = " and ".join(custodians.names)
        releases = the_desk().home / "releases"
        write_act(releases, names, Act.IDENTITIES_OPENED, date.today(), reason=form.reason.data.strip())
    except BaseException:
        custodians.forget()
        raise
    room.open(custodians, date.today())


def _refuse_other(custodians: Custodians, found: Source) -> None:
    if custodians.key.study != found.study:
        raise ReleaseError("This is another study's key. These records need the identity key of their study.")
    ring, key = found.keyring, custodians.key.public()
    # Whoever has the desk before them can make a key in anybody's name; the journal names those who really opened it.
    if ring is not None and not any((one.purpose, one.xwing) == ("identity", key.xwing) for one in ring.keys):
        raise ReleaseError("This key is none of this study's identity keys, so it opens nothing here.")


def _named(path: Path) -> str:
    """A key file with the custodian that it names; nobody believes that before it opened."""
    custodian = custodian_of(key_file(path))
    return f"{path.name} · {custodian}" if custodian else path.name


def _key_in(form: UnlockTwoForm, number: int) -> bytes:
    """One custodian's key file, as it was brought or chosen."""
    brought, place = form[f"key_{number}"].data, form[f"place_{number}"].data
    if brought:
        data: bytes = brought.read()
        return data
    if not place:
        raise EnvelopeError("Please choose two key files, one of each custodian.")
    return key_file(Path(place))


def _sources(home: Path) -> list[Path]:
    here = [home] if has_instance(home) else []
    return here + sorted(home.glob("*.amanah"))


def _chosen_source(form: SourceForm) -> Source:
    if form.bundle.data:
        return source_of_bundle(form.bundle.data.stream, "bundle", "identity")
    if not form.place.data:
        raise ReleaseError("Please choose where the sealed records are.")
    return open_source(Path(form.place.data), "identity")


def _is_found(one: Contactable, sought: str) -> bool:
    return all(any(word in plain(said) for said in one.contact.values()) for word in plain(sought).split())
