"""The stages that every task about keys goes through: holders, passphrases, sheets, proof, files. Each page is shown
only while the task stands on it, so that neither a Back nor an old address shows a word or a passphrase again."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date

from flask import request

from errors import AmanahError
from forms.desk import StepForm
from forms.desk_keys import CustodiansForm, ManagerForm, PhraseForm
from release.passphrases import WORDS_OF_NEW, new_passphrase, same, strength_of
from release.seats import seats_of
from views.desk.common import Page
from views.desk.keys_common import new_folder, onward, releases_folder, show_stage, the_task
from views.desk.keys_state import KeysTask
from views.desk.keys_words import KEYS, OPENS, WILL_WRITE, taken_in_words, weak_in_words

DIFFERENT = "The two do not match. Please type the passphrase twice, the same each time."


def stage(view: Callable[[KeysTask], Page]) -> Callable[[], Page]:
    """A page that is shown only while the task stands on it."""

    @functools.wraps(view)
    def shown() -> Page:
        task = the_task()
        if task is None or task.stage != request.endpoint:
            return onward(task)
        return view(task)

    return shown


@stage
def holders(task: KeysTask) -> Page:
    """Who will hold the key."""
    form = ManagerForm() if task.purposes == ("research",) else CustodiansForm()
    refused = ""
    if form.validate_on_submit():
        try:
            task.seats = seats_of(task.purposes, *people_in(form))
        except AmanahError as error:
            refused = str(error)
        else:
            return onward(task)
    return show_stage("holders", task, form=form, refused=refused)


def people_in(form: ManagerForm | CustodiansForm) -> tuple[str, tuple[str, ...]]:
    """The data manager and the custodians that a form names."""
    custodians = [form[name].data or "" for name in ("first", "second", "third") if name in form]
    return (form["manager"].data if "manager" in form else ""), tuple(custodians)


@stage
def holder(task: KeysTask) -> Page:
    """One holder's own page: a new passphrase, typed twice, or words drawn by chance to write down."""
    form, refused = PhraseForm(), ""
    if request.form.get("draw") and StepForm().validate_on_submit():
        # Shown by the page that comes next, so that Back leads to pages and never to a form that was sent.
        task.drawn = new_passphrase()
        return onward(task)
    if form.validate_on_submit():
        refused = _take(task, form)
        if not refused:
            return onward(task)
    (made, task.drawn), seat = (task.drawn, ""), task.seat
    words = {"seat": seat, "sentence": OPENS[seat.holder.purpose], "made": made, "drawn": WORDS_OF_NEW}
    return show_stage("holder", task, form=form, refused=refused, **words)


def _take(task: KeysTask, form: PhraseForm) -> str:
    name, phrase = task.seat.name, form.phrase.data
    if not same(phrase, form.again.data):
        return DIFFERENT
    strength = strength_of(phrase, [task.study, *(seat.name for seat in task.seats)])
    try:
        task.take_phrase(phrase)
    except AmanahError as error:
        return str(error) if strength.is_enough else weak_in_words(str(error), strength)
    task.said = taken_in_words(name, strength)
    return ""


@stage
def sheets(task: KeysTask) -> Page:
    """The sheets of every key that is not yet proven, to print."""
    if StepForm().validate_on_submit():
        task.are_printed = True
        return onward(task)
    return show_stage("sheets", task, sheets=task.sheets_to_prove, names=KEYS, today=date.today())


def print_again() -> Page:
    """Back to the sheets, as long as a key is unproven; what was typed of it is forgotten."""
    task = the_task()
    if task is not None and task.stage == "desk.keys_prove" and task.ceremony and StepForm().validate_on_submit():
        task.are_printed, task.first, task.typed = False, (), ()
    return onward(task)


@stage
def finish(task: KeysTask) -> Page:
    """Write the files, then forget."""
    folder, refused = new_folder(date.today()), ""
    if StepForm().validate_on_submit():
        try:
            task.write(folder, date.today(), releases_folder())
        except AmanahError as error:
            refused = str(error)
        else:
            return onward(task)
    files = [(seat.holder.file, seat.name) for seat in task.seats]
    return show_stage("finish", task, refused=refused, files=files, folder=folder, lead=WILL_WRITE[task.kind])
