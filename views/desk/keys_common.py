"""What the pages about keys share: the one task, its page, its folder. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from flask import redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from errors import EnvelopeError
from forms.desk_keys import RingForm
from release.custody import custodian_of, key_file, strangers_to
from release.rings import Keyring, read_ring, rings_in
from views.desk.common import show, the_desk
from views.desk.keys_state import NAME, KeysTask
from views.desk.keys_words import STRIPS


def keys_folder() -> Path:
    """Where the desk looks for key files and keyrings."""
    return the_desk().home / "keys"


def releases_folder() -> Path:
    """Where the desk's journal stands."""
    return the_desk().home / "releases"


def the_task() -> KeysTask | None:
    """What is in the making, if anything is."""
    found = the_desk().held.get(NAME)
    return found if isinstance(found, KeysTask) else None


def begin_task(task: KeysTask) -> AnyResponse:
    """Begin this task; one that was under way is forgotten."""
    desk = the_desk()
    desk.let_go(NAME)
    desk.farewell = ""
    desk.held[NAME] = task
    return onward(task)


def onward(task: KeysTask | None) -> AnyResponse:
    """To the page on which the task stands; home where there is none."""
    return redirect(url_for(task.stage if task else "desk.home"), 303)


def show_stage(template: str, task: KeysTask, **words: Any) -> str:
    """A page of a task, with its strip; what the page before had to say is said once."""
    said, task.said = task.said, ""
    strangers = strangers_to(task.ring, keys_folder()) if task.ring and task.record is None else ()
    return show(f"keys/{template}", STRIPS[task.kind], task.stage, task=task, said=said, strangers=strangers, **words)


def new_folder(today: date) -> Path:
    """A folder that does not exist yet: the folder of keys itself the first time, then one of the day below it."""
    keys = keys_folder()
    if not keys.exists():
        return keys
    names = [today.isoformat(), *(f"{today.isoformat()}-{number}" for number in range(2, 1000))]
    return next(keys / name for name in names if not (keys / name).exists())


def labelled(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """Key files as choices of a form: by their place under the folder, and whose they say they are."""
    found = [(path.relative_to(keys_folder()).as_posix(), custodian_of(key_file(path))) for path in paths]
    return [(name, f"{name} ({custodian})" if custodian else name) for name, custodian in found]


def offer_rings(form: RingForm) -> None:
    """The keyrings in the folder, the newest first, as choices of the form."""
    form.place.choices = [(one.name, one.name) for one in rings_in(keys_folder())]


def chosen_ring(form: RingForm) -> Keyring:
    """The keyring that somebody chose or brought. Raises EnvelopeError."""
    if form.ring.data:
        return read_ring(form.ring.data.read())
    for one in rings_in(keys_folder()):
        if one.name == form.place.data:
            return one.ring
    raise EnvelopeError("Please choose a keyring.json.")
