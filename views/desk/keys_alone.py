"""Two tasks of one page each: change the passphrase of a key file, and read fingerprints. The page keeps no secret."""

from __future__ import annotations

from datetime import date

from flask import redirect, request, url_for
from flask_babel import gettext

from errors import AmanahError, CeremonyError
from forms.desk import StepForm
from forms.desk_keys import NewPhraseForm, RingForm
from release.custody import change_passphrase, custodian_of, identity_keys, key_file, research_keys
from release.passphrases import WORDS_OF_NEW, new_passphrase, same, strength_of
from release.rings import KnownRing, lines_of, read_ring, rings_in
from views.desk.common import Page, show, the_desk
from views.desk.keys_common import keys_folder, labelled, releases_folder
from views.desk.keys_making import DIFFERENT
from views.desk.keys_words import weak_in_words
from views.office.keys_words import PURPOSES, STATUSES


def passphrase() -> Page:
    """Another passphrase for one key file."""
    form, refused, made = NewPhraseForm(), "", ""
    paths = (*research_keys(keys_folder()), *identity_keys(keys_folder()))
    form.place.choices = labelled(paths)
    if request.form.get("draw") and StepForm().validate_on_submit():
        made = new_passphrase()
    elif form.validate_on_submit():
        refused = _change(form)
        if not refused:
            the_desk().farewell = gettext("%(file)s has its new passphrase.", file=form.place.data)
            return redirect(url_for("desk.home"), 303)
    return show("keys/passphrase", form=form, refused=refused, made=made, drawn=WORDS_OF_NEW)


def _change(form: NewPhraseForm) -> str:
    if not same(form.phrase.data, form.again.data):
        return DIFFERENT
    if not form.place.data:
        return str(gettext("Please choose a key file."))
    path = keys_folder() / form.place.data
    try:
        custodian = custodian_of(key_file(path))
        actor = {"actor": custodian} if custodian else {}
        change_passphrase(
            path, form.passphrase.data, form.phrase.data, date.today(), releases=releases_folder(), **actor
        )
    except CeremonyError as error:
        strength = strength_of(form.phrase.data)
        return str(error) if strength.is_enough else weak_in_words(str(error), strength)
    except AmanahError as error:
        return str(error)
    return ""


def fingerprints() -> Page:
    """The words and digits of every keyring here, and of one that somebody brings."""
    form, refused, rings = RingForm(), "", rings_in(keys_folder())
    if form.validate_on_submit() and form.ring.data:
        try:
            brought = read_ring(form.ring.data.read())
        except AmanahError as error:
            refused = str(error)
        else:
            rings = (KnownRing(gettext("The file that you chose"), brought), *rings)
    files = [{"name": one.name, "ring": one.ring, "lines": lines_of(one.ring)} for one in rings]
    return show("keys/fingerprints", form=form, refused=refused, rings=files, names=PURPOSES, statuses=STATUSES)
