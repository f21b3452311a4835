"""What the identity desk's pages share: the door, the journal, how things are named. Holds nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, cast

from flask import redirect, request, url_for
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from errors import ReleaseError
from release.journal import Act, write_act
from release.people import RECONTACT, RESULTS, Contactable, Opened
from release.requests import Said, is_named
from release.source import Source
from views.desk.common import Page, Step, show, the_desk
from views.desk.identity_room import NAME, Room
from views.speaking import language_here

TOLD_FROM = 10  # people: fewer are not counted in the journal
WISHES: dict[str, LazyString] = {
    RECONTACT: _("may be contacted about later parts of the study"),
    RESULTS: _("would like a summary of the results"),
}
SHOWS_ONE = ("desk.identity_record", "desk.identity_record_json")  # elsewhere, the record that was shown is forgotten
STEPS = (
    Step("source", _("Source"), "desk.identity_source"),
    Step("unlock", _("Unlock by two"), "desk.identity_unlock"),
    Step("people", _("People"), "desk.identities"),
)


@dataclass(frozen=True)
class Open:
    """The identity desk while it is open: what a page or a deed needs of it."""

    room: Room
    source: Source
    opened: Opened

    @property
    def people(self) -> tuple[Contactable, ...]:
        """Who may be contacted, by name."""
        return self.opened.people

    def person(self, handle: str) -> Contactable | None:
        """Who stands on the list under this handle."""
        return self.room.person(handle)

    def write(self, act: Act, reason: str, *, detail: str = "", count: int = 0, sought: Said | None = None) -> None:
        """Write an act of the two custodians down, before it happens. Raises JournalNotWritten, ReleaseError.

        `sought`: whom it is about, where they were described; they may not be named either.
        """
        if is_named(reason, self.people, sought) or is_named(detail, self.people, sought):
            raise ReleaseError(
                "The reason names somebody who takes part. It stands in the journal for good: say it without names."
            )
        told = count if count >= TOLD_FROM else 0
        releases = the_desk().home / "releases"
        write_act(releases, self.room.actor, act, date.today(), count=told, reason=reason.strip(), detail=detail)

    def field_in_words(self, name: str) -> str:
        """What a contact detail was asked as, by the newest version that asks it."""
        asked = (one.items[name] for one in self.source.newest_first if name in one.items)
        return next((item.label.in_language(language_here()) for item in asked), name)


def the_room() -> Room | None:
    """The identity desk of this process, while it is in use."""
    return cast(Room | None, the_desk().held.get(NAME))


def the_open() -> Open | None:
    """The identity desk where it is open; being asked for it is a sign that somebody is here."""
    room = the_room()
    if room is None or room.source is None or room.opened is None:
        return None
    room.notice()
    return Open(room, room.source, room.opened)


def while_open(view: Callable[..., Page]) -> Callable[..., Page]:
    """A page that is there only while the identities are open: it is handed the desk first."""

    @wraps(view)
    def door(**told: str) -> Page:
        found = the_open()
        if request.endpoint not in SHOWS_ONE and found is not None:
            found.room.shown = None
        if found is None:
            return redirect(url_for("desk.identity_unlock" if the_room() else "desk.identity_source"), 303)
        return view(found, **told)

    return door


def show_open(desk: Open, page: str, **words: Any) -> str:
    """A page of the open identity desk."""
    words.setdefault("refused", "")
    return show(f"identity/{page}", actor=desk.room.actor, wishes=WISHES, field=desk.field_in_words, **words)


def in_words(refusal: Exception) -> str:
    """A refusal as the page says it."""
    return str(gettext(str(refusal)))


def chosen(people: Iterable[Contactable], handles: Iterable[str]) -> tuple[Contactable, ...]:
    """Those of these people who were chosen, in their order."""
    wanted = set(handles)
    return tuple(one for one in people if one.handle in wanted)
