"""What waits for a second person: who proposed what, what it would change, the buttons. Shows nothing of a visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from errors import EnvelopeError, NotGranted, NotPermitted, SettingsError, StorageError
from fieldwork.approvals import (
    LASTS,
    administrators,
    confirm,
    is_yours,
    propose_keys,
    propose_retention,
    refuse,
    waiting,
    withdraw_proposal,
)
from fieldwork.enrolling import invitations_in
from fieldwork.hold import Hold, hold_in_force
from fieldwork.journal import write_not_permitted
from fieldwork.proposals import rows_of
from fieldwork.roles import May, may
from fieldwork.settled import place_of
from forms.office import ButtonForm, HoldForm, KeyringForm, ProposalForm
from instruments.hold_words import hold_words, lacking_languages, open_in
from views.field.common import study
from views.languages import own_name
from views.office.guards import pen
from views.office.previews import settings
from views.office.terms_words import TERMS
from views.wording import listed

Page = str | tuple[str, int]
# Proposals that are about a version show what else it changes apart: there may be hundreds of lines.
MANY = "difference"


def approvals() -> Page:
    """Every proposal that waits, and a place to propose keys."""
    return page(KeyringForm())


def confirm_proposal() -> Page | Response:
    """Confirm what somebody else proposed, as it was shown."""
    return _decided(
        lambda form: confirm(study(), settings().study_folder, g.member, form.key.data, form.digest.data, now()),
        gettext("You have confirmed it."),
    )


def refuse_proposal() -> Page | Response:
    """Refuse what somebody else proposed."""
    return _decided(lambda form: refuse(study(), g.member, form.key.data, now()), gettext("You have refused it."))


def take_back() -> Page | Response:
    """Take one's own proposal back."""
    return _decided(
        lambda form: withdraw_proposal(study(), g.member, form.key.data, now()),
        gettext("You have taken it back."),
    )


def bring_keyring() -> Page | Response:
    """Propose the public keys of an uploaded file, which is read in memory."""
    form = KeyringForm()
    if not form.validate_on_submit():
        return page(form), 422
    try:
        propose_keys(study(), g.member.name, form.data_read, date.today())
    except (EnvelopeError, SettingsError) as refusal:
        form.file.errors = [gettext(str(refusal))]
        return page(form), 422
    flash(gettext("Proposed. Another administrator must confirm it within seven days."))
    return back()


def bring_retention() -> Page | Response:
    """Propose the retention that the settings' file says."""
    if not ButtonForm().validate_on_submit():
        return back()
    try:
        propose_retention(study(), g.member.name, date.today())
    except SettingsError as refusal:
        return page(KeyringForm(formdata=None), gettext(str(refusal))), 409
    flash(gettext("Proposed. Another administrator must confirm it within seven days."))
    return back()


def number_for_you() -> int:
    """How many proposals wait for whoever is signed in."""
    return sum(is_yours(one, g.member) for one in waiting(study(), now()))


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def _decided(deed: Callable[[ProposalForm], object], done: str) -> Page | Response:
    form = ProposalForm()
    if not form.validate_on_submit():
        return back()
    try:
        deed(form)
    except NotPermitted:
        write_not_permitted(pen(), May.APPROVE.value)
        raise
    except (SettingsError, NotGranted) as refusal:
        return page(KeyringForm(formdata=None), gettext(str(refusal))), 409
    flash(done)
    return back()


def held() -> Hold | None:
    """The legal hold that is on."""
    return hold_in_force(study().stores.office)


def back() -> Response:
    """To the page, once something is done."""
    return redirect(url_for("office.approvals"), 303)


def _hold_lacks() -> str:
    here = study()
    languages = here.instrument.languages
    if lacking := lacking_languages(here.settings, languages):
        told = gettext(
            "What people read during a legal hold is not fixed yet in: %(languages)s. Write it under legal_hold in "
            "study.toml first.",
            languages=listed([own_name(one) for one in lacking]),
        )
        return str(told)
    if still := open_in(hold_words(here.settings, languages)):
        told = gettext(
            "What people read during a legal hold still shows brackets: %(brackets)s. Fill them in under fill_in in "
            "study.toml first.",
            brackets=listed(still),
        )
        return str(told)
    return ""


def _place() -> str:
    try:
        return place_of(study().stores.office, g.member.name, date.today()).value
    except StorageError:  # what is shown needs no journal; to confirm does, and says so
        return ""


def page(form: KeyringForm, refused: str = "", hold_form: HoldForm | None = None) -> str:
    """The page. `refused`: why what was asked for is not done."""
    found = waiting(study(), now())
    can_propose = may(g.member.role, May.PROPOSE)
    return render_template(
        "office/approvals.html",
        member=g.member,
        study=study(),
        shown=[
            (one, [row for row in rows_of(one) if row[0] != MANY], [row for row in rows_of(one) if row[0] == MANY])
            for one in found
        ],
        yours={one.key for one in found if is_yours(one, g.member)},
        place=_place() if found else "",
        running=invitations_in(study(), "live", date.today()) if found else 0,
        lasts=LASTS,
        terms=TERMS,
        is_alone=administrators(study()) < 2,
        can_propose=can_propose,
        form=form,
        refused=refused,
        hold=held(),
        hold_form=hold_form or HoldForm(formdata=None),
        hold_lacks=_hold_lacks() if can_propose else "",
        button=ButtonForm(formdata=None),
    )
