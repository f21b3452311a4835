"""A legal hold is proposed here, and its end. It is confirmed on the page Proposals, as all that two people decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import flash, g
from flask_babel import gettext
from werkzeug.wrappers import Response

from errors import SettingsError
from fieldwork.approvals import propose_hold, propose_lift
from fieldwork.proposals import Proposal
from fieldwork.study import Study
from forms.office import HoldForm, KeyringForm
from views.field.common import study
from views.office import approvals

Page = str | tuple[str, int]


def bring_hold() -> Page | Response:
    """Propose that from now on nothing is erased."""
    return _brought(propose_hold)


def bring_lift() -> Page | Response:
    """Propose that the hold ends."""
    return _brought(propose_lift)


def _brought(propose: Callable[[Study, str, str, date], Proposal]) -> Page | Response:
    form = HoldForm()
    if not form.validate_on_submit():
        return approvals.page(KeyringForm(formdata=None), hold_form=form), 422
    try:
        propose(study(), g.member.name, form.reason.data, date.today())
    except SettingsError as refusal:
        return approvals.page(KeyringForm(formdata=None), gettext(str(refusal)), form), 409
    flash(gettext("Proposed. Another administrator must confirm it within seven days."))
    return approvals.back()
