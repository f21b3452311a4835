"""A rehearsal at the desk: one key after the other is proven on test data, then what was proven is written down.

Opens no real record and changes no file. Every key is overwritten as soon as it was proven; what stays in memory until
the end is which key was proven, and how.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import redirect, url_for
from flask_babel import format_date, gettext, ngettext
from werkzeug.datastructures import FileStorage

from errors import AmanahError, CeremonyError
from forms.desk import StepForm
from forms.desk_keys import FileForm, RingForm
from forms.desk_rehearsal import CustodiansProofForm, SheetsProofForm
from release.custody import identity_keys, key_file, research_keys
from release.rehearsal import (
    Brought,
    Proof,
    Rehearsal,
    Reminder,
    attempts,
    by_sheets,
    reminder,
    write_rehearsal,
)
from release.rings import rings_in
from views.desk.common import Page, show, the_desk
from views.desk.keys_common import chosen_ring, keys_folder, labelled, offer_rings, releases_folder
from views.desk.keys_words import KEYS
from views.office.keys_words import STATUSES

NAME = "rehearsal"  # under which the desk holds it
PATIENCE = 1800  # seconds: custodians come one after the other


@dataclass
class Rehearsing:
    """A rehearsal under way. It holds nothing secret."""

    done: Rehearsal
    said: str = ""

    patience = PATIENCE

    @property
    def farewell(self) -> str:
        """What leaving before the end means."""
        return str(gettext("The rehearsal was left before its end. Nothing was written down."))

    def forget(self) -> None:
        """There is nothing to overwrite: each key was, as soon as it was proven."""


def rehearsal() -> Page:
    """Choose the keyring; then what was proven so far, and the forms to prove more."""
    task = _task()
    return _begin() if task is None else _show(task)


def prove(way: str) -> Page:
    """Prove one more key, by its file, by two custodians' files or by two sheets."""
    task = _task()
    if task is None or way not in PROOFS:
        return redirect(url_for("desk.rehearsal"), 303)
    try:
        proof = PROOFS[way](task.done)
    except AmanahError as error:
        return _show(task, str(error))
    task.done = task.done.with_proof(proof)
    task.said = gettext("The key %(key)s opens what is sealed to it, in both suites.", key=proof.key.short)
    return redirect(url_for("desk.rehearsal"), 303)


def end() -> Page:
    """Write down what was proven."""
    task, desk = _task(), the_desk()
    if task is None or not StepForm().validate_on_submit():
        return redirect(url_for("desk.rehearsal"), 303)
    try:
        write_rehearsal(releases_folder(), task.done, date.today())
    except AmanahError as error:
        return _show(task, str(error))
    desk.let_go(NAME)
    desk.farewell = _in_the_end(task.done)
    return redirect(url_for("desk.home"), 303)


def reminder_here() -> Reminder | None:
    """When all keys of the newest keyring here were last proven; None where there is no keyring."""
    rings = rings_in(keys_folder())
    return reminder(releases_folder(), date.today(), rings[0].ring) if rings else None


def in_words(found: Reminder) -> str:
    """When everything was last proven to open."""
    if found.last is None:
        return str(gettext("It was never rehearsed that all of these keys open."))
    day = format_date(found.last, "long")
    return str(gettext("On %(day)s it was rehearsed that all of these keys open.", day=day))


def _task() -> Rehearsing | None:
    found = the_desk().held.get(NAME)
    return found if isinstance(found, Rehearsing) else None


def _begin() -> Page:
    form, refused = RingForm(), ""
    offer_rings(form)
    if form.validate_on_submit():
        try:
            the_desk().held[NAME] = Rehearsing(Rehearsal(chosen_ring(form)))
            return redirect(url_for("desk.rehearsal"), 303)
        except AmanahError as error:
            refused = str(error)
    found = reminder_here()
    return show("keys/rehearse", form=form, refused=refused, last=in_words(found) if found else "")


def _show(task: Rehearsing, refused: str = "") -> Page:
    said, task.said = task.said, ""
    return show(
        "keys/rehearsing",
        refused=refused,
        said=said,
        done=task.done,
        names=KEYS,
        statuses=STATUSES,
        research=_research_form(formdata=None),
        custodians=_custodians_form(formdata=None),
        sheets=SheetsProofForm(formdata=None),
    )


def _research_form(**more: None) -> FileForm:
    form = FileForm(**more)
    form.place.choices = labelled(research_keys(keys_folder()))
    return form


def _custodians_form(**more: None) -> CustodiansProofForm:
    form = CustodiansProofForm(**more)
    form.first_place.choices = form.second_place.choices = labelled(identity_keys(keys_folder()))
    return form


def _by_file(done: Rehearsal) -> Proof:
    form = _research_form()
    _refuse_wrong(form.validate_on_submit())
    return _only(done, [_brought(form.key.data, form.place.data, form.passphrase.data)])


def _by_custodians(done: Rehearsal) -> Proof:
    form = _custodians_form()
    _refuse_wrong(form.validate_on_submit())
    first = _brought(form.first_key.data, form.first_place.data, form.first_passphrase.data)
    return _only(done, [first, _brought(form.second_key.data, form.second_place.data, form.second_passphrase.data)])


def _by_sheets(done: Rehearsal) -> Proof:
    form = SheetsProofForm()
    _refuse_wrong(form.validate_on_submit())
    return by_sheets(done.ring, form.first.data, form.second.data, secrets.token_bytes)


PROOFS: dict[str, Callable[[Rehearsal], Proof]] = {
    "file": _by_file,
    "custodians": _by_custodians,
    "sheets": _by_sheets,
}


def _only(done: Rehearsal, files: list[Brought]) -> Proof:
    """The proof of the one key that these files belong to. Raises AmanahError."""
    (_, attempt), *more = attempts(done.ring, files, secrets.token_bytes)
    if more:
        raise CeremonyError("These files are not of one key. Take two custodians' files of the same identity key.")
    return attempt()


def _brought(file: FileStorage | None, place: str | None, passphrase: str) -> Brought:
    if file:
        return Brought(file.filename or "", file.read(), passphrase)
    if place:
        return Brought(place, key_file(keys_folder() / place), passphrase)
    raise CeremonyError("Please choose a key file.")


def _refuse_wrong(is_right: bool) -> None:
    if not is_right:
        raise CeremonyError("Please choose each file, and type what belongs to it. Then press the button once more.")


def _in_the_end(done: Rehearsal) -> str:
    if done.is_whole:
        return str(gettext("Everything opens. The day is written down; rehearse again within 90 days."))
    left = len(done.unproven)
    return str(
        ngettext(
            "The rehearsal is written down. %(num)s key was not proven: bring its files next time.",
            "The rehearsal is written down. %(num)s keys were not proven: bring their files next time.",
            left,
        )
    )
