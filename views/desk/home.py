"""The desk's home page: what can be done here, and which keys are in the folder. Opens nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext, ngettext

from release.custody import custodian_of, identity_keys, key_file, research_keys
from release.rings import rings_in
from views.desk.common import Page, show, the_desk
from views.desk.keys_common import keys_folder, the_task
from views.desk.rehearsing import in_words, reminder_here
from views.desk.tasks import GROUPS
from views.wording import listed


@dataclass(frozen=True)
class Note:
    """A line of the home page: how things stand. `address`: where that can be changed."""

    sentence: str
    address: str = ""
    deed: str = ""
    is_urgent: bool = False


def home() -> Page:
    """The tasks, what was forgotten since the last look, and how things stand."""
    desk = the_desk()
    said, desk.farewell = desk.farewell, ""
    notes = [note for look in NOTES for note in look()]
    return show("home", groups=GROUPS, said=said, notes=notes)


def unfinished() -> tuple[Note, ...]:
    """A task about keys that somebody left open."""
    task = the_task()
    if task is None or task.record is not None:
        return ()
    told = gettext("A task about keys is not finished. Nothing is written before its end.")
    return (Note(told, url_for(task.stage), gettext("Go on with it"), is_urgent=True),)


def keys_here() -> tuple[Note, ...]:
    """Which keys stand in the folder, by what their files say."""
    folder = keys_folder()
    research, parts = research_keys(folder), identity_keys(folder)
    if not (research or parts or rings_in(folder)):
        return (Note(gettext("There are no keys in the folder yet.")),)
    names = sorted({custodian_of(key_file(path)) for path in parts})
    told = ngettext(
        "In the folder of keys is %(num)s research key file.",
        "In the folder of keys are %(num)s research key files.",
        len(research),
    )
    whose = gettext("The identity key's parts there: %(names)s.", names=listed(names)) if names else ""
    none = gettext("No part of the identity key is there, as it should be once custodians took theirs away.")
    return (Note(told), Note(whose or none))


def rehearsal() -> tuple[Note, ...]:
    """When it was last proven that everything opens."""
    found = reminder_here()
    if found is None:
        return ()
    deed = gettext("Rehearse now") if found.is_due else gettext("Rehearse")
    return (Note(in_words(found), url_for("desk.rehearsal"), deed, is_urgent=found.is_due),)


# What looks how things stand, in the order of the page.
NOTES: list[Callable[[], tuple[Note, ...]]] = [unfinished, keys_here, rehearsal]
