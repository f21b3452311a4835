"""The custodians' orders: an administrator brings the file, sees how much it erases, and has it carried out.

Nothing here says whom an order is about, or whether anything of it was found.
"""

from __future__ import annotations

import base64
from datetime import date

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from errors import OrderRefused
from fieldwork.orders import Done, Order, carry_out, read
from forms.orders import CarryOutForm, OrderForm
from views.field.common import study

Page = str | tuple[str, int]


def orders() -> Page:
    """A place to bring an order."""
    return _page(OrderForm())


def look_at_order() -> Page:
    """What an uploaded order holds, in counts; nothing is erased yet."""
    form = OrderForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        order = read(study(), form.data_read)
    except OrderRefused as refusal:
        return _page(form, gettext(str(refusal))), 422
    return _page(OrderForm(formdata=None), order=order, sent=base64.b64encode(form.data_read).decode())


def carry_out_order() -> Page | Response:
    """Erase what the order that was shown names."""
    form = CarryOutForm()
    if not form.validate_on_submit():
        return redirect(url_for("office.orders"), 303)
    try:
        done = carry_out(study(), form.data_read, date.today(), g.member.name)
    except OrderRefused as refusal:
        return _page(OrderForm(formdata=None), gettext(str(refusal))), 422
    flash(_said(done))
    return redirect(url_for("office.orders"), 303)


def _said(done: Done) -> str:
    mark = done.order.mark
    if not done.hold:
        told = gettext(
            "The order %(mark)s was carried out. Tell the custodians its mark, and delete the file.", mark=mark
        )
    else:
        told = gettext(
            "The order %(mark)s was taken in. A legal hold is on: what the order names is in no bundle and no release "
            "from now on, and is erased when the hold is lifted. Tell the custodians, and delete the file.",
            mark=mark,
        )
    return str(told)


def _page(form: OrderForm, refused: str = "", order: Order | None = None, sent: str = "") -> str:
    button = CarryOutForm(formdata=None, order=sent)
    return render_template("office/orders.html", form=form, refused=refused, order=order, button=button)
