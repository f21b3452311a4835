"""The administrator's page of the staff: who, in what role and state; invite, change, shut out, reset.

A link's token is shown on the answer to the POST that made it and nowhere else. Nobody's factor is set here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from errors import NotPermitted, SettingsError
from fieldwork.approvals import propose_removal
from fieldwork.staff import standing
from fieldwork.staff.links import invite_staff, link_at, reset_staff, withdraw_staff_link
from forms.members import MemberForm, MemberNamedForm, MemberRoleForm
from forms.office import ButtonForm
from views.field.common import study
from views.office.entering import told
from views.qr import qr_svg


def staff() -> Any:
    """The staff and the links that wait, and a form to invite; posted, the page with the link."""
    form = MemberForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        token = invite_staff(study().stores.office, g.member.name, form.name.data, form.role.data, datetime.now(UTC))
    except SettingsError:
        form.name.errors = [gettext("This name is taken, or looks like one that is. Please choose another.")]
        return _page(form)
    except NotPermitted as refusal:
        return _page(form, told(refusal)[0])
    return _link(form.name.data, token, "invitation")


def reset() -> Any:
    """Take every factor of a member away at once, and show the link by which they set new ones."""
    form = MemberNamedForm()
    if not form.validate_on_submit():
        return _back()
    try:
        token = reset_staff(study().stores.office, g.member.name, form.name.data, datetime.now(UTC))
    except NotPermitted as refusal:
        return _page(MemberForm(formdata=None), told(refusal)[0])
    return _link(form.name.data, token, "reset")


def withdraw() -> Any:
    """Make a link void that nobody has used."""
    return _do(MemberNamedForm(), lambda form: withdraw_staff_link(*_by(form), datetime.now(UTC)))


def change_role() -> Any:
    """Give a member another role."""
    return _do(MemberRoleForm(), lambda form: standing.change_role(*_by(form), form.role.data, date.today()))


def disable() -> Any:
    """Shut a member out at once."""
    return _do(MemberNamedForm(), lambda form: standing.disable(*_by(form), date.today()))


def enable() -> Any:
    """Let a member in again."""
    return _do(MemberNamedForm(), lambda form: standing.enable(*_by(form), date.today()))


def sign_out_member() -> Any:
    """End every session of a member."""
    return _do(MemberNamedForm(), lambda form: standing.sign_out_member(*_by(form), date.today()))


def propose_going() -> Any:
    """Propose that the last administrator goes: somebody else must confirm it."""
    form = MemberNamedForm()
    if form.validate_on_submit():
        try:
            propose_removal(study(), g.member.name, form.name.data, date.today())
        except NotPermitted as refusal:
            return _page(MemberForm(formdata=None), told(refusal)[0])
        return redirect(url_for("office.approvals"), 303)
    return _back()


def _do(form: Any, deed: Callable[[Any], None]) -> Any:
    if form.validate_on_submit():
        try:
            deed(form)
        except NotPermitted as refusal:
            return _page(MemberForm(formdata=None), told(refusal)[0])
    return _back()


def _by(form: Any) -> tuple[Any, str, str]:
    return study().stores.office, g.member.name, form.name.data


def _link(name: str, token: str, kind: str) -> str:
    link = link_at(request.url_root, token)
    return render_template("office/staff_link.html", name=name, link=link, qr=qr_svg(link), kind=kind)


def _page(form: MemberForm, refused: str = "") -> Any:
    office, now = study().stores.office, datetime.now(UTC)
    page = render_template(
        "office/staff.html",
        form=form,
        refused=refused,
        staff=standing.staff_now(office),
        links=standing.links_now(office, now),
        me=g.member.name,
        is_last=standing.is_last(office, g.member.name),
        button=ButtonForm(),
    )
    return (page, 422) if refused or form.is_submitted() else page


def _back() -> Response:
    return redirect(url_for("office.staff"), 303)
