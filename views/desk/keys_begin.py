"""Where each task about keys begins: its first page says what it does, then who or what is needed. Holds no secret."""

from __future__ import annotations

from flask import request

from config import has_instance, read_settings
from errors import AmanahError, CeremonyError
from forms.desk_keys import FileForm, RingForm, RotateForm, WhoForm
from release.custody import identity_keys, key_file
from release.rings import rings_in
from release.seats import seats_of, take_turn
from views.desk.common import Page, show, the_desk
from views.desk.keys_common import begin_task, chosen_ring, keys_folder, labelled, offer_rings, onward, show_stage
from views.desk.keys_making import stage
from views.desk.keys_state import KeysTask
from views.desk.keys_words import CHOICES, STRIPS, turn_in_words, unlocked_in_words


def new() -> Page:
    """Make the study's keys: who is here."""
    form, refused = WhoForm(), ""
    if request.method == "GET":
        form.study.data = _study_here()
    elif form.validate_on_submit():
        named = (form.first.data, form.second.data, form.third.data or "")
        try:
            seats = seats_of(("research", "identity"), form.manager.data, named)
        except AmanahError as error:
            refused = str(error)
        else:
            return begin_task(KeysTask("new", form.study.data, seats=seats))
    has_keys = bool(rings_in(keys_folder()))
    return show("keys/new", STRIPS["new"], "desk.keys_holders", form=form, refused=refused, has_keys=has_keys)


def rotate() -> Page:
    """A new key for one purpose."""
    form = RotateForm()
    form.purpose.choices = list(CHOICES)
    return _from_ring("rotate", form)


def recover() -> Page:
    """A lost key, from two of its sheets."""
    return _from_ring("recover", RingForm())


def custodians() -> Page:
    """The identity key for other hands."""
    return _from_ring("custodians", RingForm())


def _from_ring(kind: str, form: RingForm) -> Page:
    offer_rings(form)
    refused = ""
    if form.validate_on_submit():
        try:
            return begin_task(_task(kind, form))
        except AmanahError as error:
            refused = str(error)
    return show(f"keys/{kind}", STRIPS[kind], "start", form=form, refused=refused)


def _task(kind: str, form: RingForm) -> KeysTask:
    ring = chosen_ring(form)
    if isinstance(form, RotateForm):
        return KeysTask("rotate", ring.study, ring, purposes=(form.purpose.data,))
    return KeysTask("recover" if kind == "recover" else "custodians", ring.study, ring)


@stage
def turn(task: KeysTask) -> Page:
    """One of two custodians unlocks their part."""
    form, refused = FileForm(), ""
    form.place.choices = labelled(identity_keys(keys_folder()))
    if form.validate_on_submit():
        try:
            taken = take_turn(_file(form), form.passphrase.data)
            task.take_turn(taken)
        except AmanahError as error:
            refused = str(error)
        else:
            task.said = unlocked_in_words(taken.custodian)
            return onward(task)
    return show_stage("turn", task, form=form, refused=refused, title=turn_in_words(len(task.turns)))


def _file(form: FileForm) -> bytes:
    if form.key.data:
        return bytes(form.key.data.read())
    if form.place.data:
        return key_file(keys_folder() / form.place.data)
    raise CeremonyError("Please choose a key file.")


def _study_here() -> str:
    home = the_desk().home
    found = rings_in(keys_folder())
    if found:
        return found[0].ring.study
    return read_settings(home, {}).study if has_instance(home) else "working_together"
