"""The desk's step Unlock: research keys one after the other, which records each opens, which key is still needed.

Opens no record before every key that is needed is here, or the person says to go on without the others. A record of
another key is named as such, and never taken for a damaged one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import redirect, url_for
from werkzeug.wrappers import Response

from errors import AmanahError, EnvelopeError, ReleaseError
from forms.desk import StepForm, UnlockForm
from release.build import open_source_with
from release.custody import PrivateKey, key_file, research_keys, unlock_research
from release.source import Source
from release.unlocked import in_order, lacking_keys, needed_keys, oldest_not_given
from views.desk.common import Page, the_desk
from views.desk.state import Desk
from views.desk.strip import page


@dataclass(frozen=True)
class Given:
    """A key that was unlocked, by its short id, and how many records it opens."""

    short: str
    opens: int


def unlock() -> Page:
    """Unlock one more research key; with the last that is needed, open and check every record."""
    form, desk = UnlockForm(), the_desk()
    if desk.source is None:
        return redirect(url_for("desk.source"), 303)
    form.place.choices = [(str(path), path.name) for path in research_keys(desk.home / "keys")]
    refused = ""
    if form.validate_on_submit():
        try:
            _take_key(desk, desk.source, form)
        except AmanahError as error:
            refused = str(error)
        else:
            all_here = not lacking_keys(desk.source, desk.keys)
            return _open(desk, desk.source) if all_here else redirect(url_for("desk.unlock"), 303)
    return _page(desk, desk.source, form, refused)


def go_on() -> Page:
    """Open what the keys that are here open; the rest is counted and named by its key."""
    desk = the_desk()
    if desk.source is None or not desk.keys or not StepForm().validate_on_submit():
        return redirect(url_for("desk.unlock"), 303)
    return _open(desk, desk.source)


def _page(desk: Desk, source: Source, form: UnlockForm, refused: str) -> Page:
    given = _given(desk, source)
    return page(
        "unlock",
        form=form,
        refused=refused,
        given=given,
        lacking=lacking_keys(source, desk.keys) if given else {},
        can_go_on=any(one.opens for one in given),
        oldest=oldest_not_given(source, desk.keys),
    )


def _given(desk: Desk, source: Source) -> list[Given]:
    needed = needed_keys(source.rows())
    return [Given(key.public().short, needed[key.public().short]) for key in desk.keys]


def _take_key(desk: Desk, source: Source, form: UnlockForm) -> None:
    key = _unlocked(form)
    if (key.purpose, key.study) != ("research", source.study):
        key.forget()
        raise ReleaseError("This is another key. These records need the research key of their study.")
    if key.public().short in {one.public().short for one in desk.keys}:
        key.forget()
        return
    desk.keys = in_order(source, [*desk.keys, key])


def _unlocked(form: UnlockForm) -> PrivateKey:
    if form.key.data:
        data = form.key.data.read()
    elif form.place.data:
        data = key_file(Path(form.place.data))
    else:
        raise EnvelopeError("Please choose a key file.")
    return unlock_research(data, form.passphrase.data)


def _open(desk: Desk, source: Source) -> Response:
    keys = desk.keys
    desk.start(lambda work: open_source_with(source, keys, work.report, date.today()), "dataset", len(source.records))
    return redirect(url_for("desk.working"), 303)
