"""Sheets typed back: two of each key in a ceremony, two of a lost key in a recovery. The page says which word is wrong,
and never what it should be. What was typed of a sheet waits in memory until the sheet is right; no page shows it again,
and only words that are to change need be typed again."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask_babel import gettext

from errors import AmanahError
from forms.desk import StepForm
from release.retyping import in_boxes, is_same, read_sheet, word_list
from views.desk.common import Page
from views.desk.keys_common import onward, show_stage
from views.desk.keys_making import stage
from views.desk.keys_state import KeysTask
from views.desk.keys_words import PROVEN, TYPE_FIRST, TYPE_SECOND, mistake_in_words


@dataclass(frozen=True)
class Attempt:
    """What is wrong with what was typed, and what of it is kept for the next try."""

    kept: tuple[str, ...]
    mistake: str = ""
    places: tuple[int, ...] = ()


@stage
def prove(task: KeysTask) -> Page:
    """One sheet, typed box by box."""
    form = StepForm()
    attempt = Attempt(task.typed or in_boxes(()))
    if form.validate_on_submit():
        attempt = _take(task, _with_kept(task, in_boxes(request.form.getlist("word"))))
        task.typed = attempt.kept if attempt.mistake else ()
        if not attempt.mistake:
            return onward(task)
    return show_stage(
        "prove",
        task,
        form=form,
        refused=attempt.mistake,
        kept=[bool(word) for word in attempt.kept],
        wrong=attempt.places,
        list=word_list(),
        title=_title(task),
        lead=_lead(task),
        may_print=task.ceremony is not None,
    )


def _with_kept(task: KeysTask, words: tuple[str, ...]) -> tuple[str, ...]:
    """These words, and where a box was left empty the word that was typed into it before."""
    return tuple(word or before for word, before in zip(words, task.typed or in_boxes(()), strict=True))


def _take(task: KeysTask, words: tuple[str, ...]) -> Attempt:
    of_key = tuple(sheet for sheet in task.sheets_to_prove if sheet.purpose == task.purpose_to_prove)
    reading = read_sheet(words, of_key)
    if not reading.number:
        return Attempt(words, mistake_in_words(reading), reading.places)
    if not task.first:
        task.first = words
        task.said = gettext("Sheet %(number)s is right.", number=reading.number)
        return Attempt(words)
    if is_same(words, task.first):
        return Attempt(in_boxes(()), gettext("This is the same sheet again. Please take another one of this key."))
    return _both(task, words)


def _both(task: KeysTask, words: tuple[str, ...]) -> Attempt:
    purpose, first = task.purpose_to_prove, task.first
    try:
        task.take_sheets(" ".join(first), " ".join(words))
    except AmanahError as error:
        # Either may be the wrong one, so both are asked for again.
        task.first = ()
        told = gettext("Please begin with the first sheet again.")
        return Attempt(in_boxes(()), f"{error} {told}")
    task.said = str(PROVEN[purpose or task.purposes[0]])
    return Attempt(words)


def _title(task: KeysTask) -> str:
    if not task.purpose_to_prove:
        return (
            str(gettext("Type another sheet of the same key"))
            if task.first
            else gettext("Type a sheet of the lost key")
        )
    return str((TYPE_SECOND if task.first else TYPE_FIRST)[task.purpose_to_prove])


def _lead(task: KeysTask) -> str:
    if task.first:
        return str(gettext("Any of the other two will do."))
    if task.ceremony is None:
        return str(gettext("Any two of its three sheets will do, in any order."))
    return str(
        gettext("Take any two of its three sheets, in any order. This proves that the paper can make the key again.")
    )
