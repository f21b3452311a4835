"""What two custodians order to be erased: a lost slip, contact details to be forgotten, details that nobody needs.

An order is made here and carried out elsewhere: the desk holds copies. What is made waits in memory to be saved.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

from flask import Blueprint, Response, redirect, request, send_file, url_for
from flask_babel import gettext, ngettext

from errors import AmanahError, ReleaseError
from forms.desk import StepForm
from forms.identity import ReasonForm
from forms.identity_orders import ForgetForm, NeedlessForm, WithdrawForm
from release.journal import Act
from release.orders import Made, entries_of, links_of, make_order, overdue, results_only
from release.people import Contactable
from release.requests import Said, find_people
from views.desk.common import Page, the_desk
from views.desk.identity_common import Open, chosen, in_words, show_open, while_open
from views.desk.identity_room import IDLE
from views.wording import listed

NAME, FILE = "order", "order.amanah-order"
MOST = 5000  # people whose details one order forgets; the rest stand on the page again afterwards
BOTH = ["GET", "POST"]


@dataclass
class Waiting:
    """An order that was made and waits to be saved. It names nobody."""

    made: Made | None = field(repr=False)
    patience: float = IDLE
    farewell: str = ""

    def forget(self) -> None:
        """Let go of it."""
        self.made = None


def add_order_pages(desk: Blueprint) -> None:
    """The pages of orders, in one list."""
    add = desk.add_url_rule
    add("/identities/withdraw", "identity_withdraw", while_open(withdraw), methods=BOTH)
    add("/identities/forget", "identity_forget", while_open(forget), methods=BOTH)
    add("/identities/needless", "identity_needless", while_open(needless), methods=BOTH)
    add("/identities/order", "identity_order", while_open(order))
    add("/identities/order/file", "identity_order_file", while_open(order_file), methods=["POST"])


def withdraw(desk: Open) -> Page:
    """Take out everything of people who lost their slip."""
    form = WithdrawForm()
    return _asked(desk, form, "withdraw", lambda: _withdrawal(desk, form))


def forget(desk: Open) -> Page:
    """Forget people's contact details, and nothing else of theirs."""
    form = ForgetForm()
    return _asked(desk, form, "forget", lambda: _forgetting(desk, _chosen(desk, form)))


def needless(desk: Open) -> Page:
    """Forget the contact details that nobody needs any more: the summary was sent, or their time is over."""
    people = {"results": results_only(desk.opened), "overdue": overdue(desk.opened, desk.source, desk.room.keys)}
    form, refused = NeedlessForm(), ""
    form.which.choices = [(which, _which(which, len(found))) for which, found in people.items()]
    if form.validate_on_submit():
        refused = _made(desk, form, lambda: _forgetting(desk, people[form.which.data][:MOST]))
        if not refused:
            return redirect(url_for("desk.identity_order"), 303)
    return show_open(desk, "needless", form=form, refused=refused)


def order(desk: Open) -> Page:
    """The order that was made: its mark, how to save it, what to do with it."""
    made = _waiting()
    if made is None:
        return redirect(url_for("desk.identities"), 303)
    return show_open(desk, "order", order=made.order, name=FILE)


def order_file(desk: Open) -> Page | Response:
    """The order as a file."""
    made = _waiting()
    if made is None or not StepForm().validate_on_submit():
        return redirect(url_for("desk.identities"), 303)
    return send_file(io.BytesIO(made.file), "application/octet-stream", as_attachment=True, download_name=FILE)


def _asked(desk: Open, form: ForgetForm, page: str, deed: Callable[[], Made]) -> Page:
    """A page that asks whom and why. From a person on the list it is about them alone, and shows nobody else."""
    refused, handle = "", request.form.get("handle", "")
    only = desk.person(handle or request.form.get("only", ""))
    people = (only,) if only else desk.people
    form.people.choices = [(one.handle, one.name) for one in people]
    if handle:
        form.people.data = [one.handle for one in people if only]
    elif form.validate_on_submit():
        refused = _made(desk, form, deed)
        if not refused:
            return redirect(url_for("desk.identity_order"), 303)
    return show_open(desk, page, form=form, people=people, only=only, refused=refused)


def _made(desk: Open, form: ReasonForm, deed: Callable[[], Made]) -> str:
    """Make an order, write it down and keep it to be saved; else say why there is none."""
    try:
        made, reason = deed(), form.reason.data or ""
        sought = _said(form) if isinstance(form, WithdrawForm) else None
        desk.write(Act.ORDER_MADE, reason, detail=made.order.mark, count=made.order.lines, sought=sought)
    except AmanahError as error:
        return in_words(error)
    the_desk().held[NAME] = Waiting(made)
    return ""


def _withdrawal(desk: Open, form: WithdrawForm) -> Made:
    people = {one.person: one.name or gettext("No name left") for one in _on_the_list(desk, form)}
    if _said(form):
        people.setdefault(_described(desk, form), gettext("the person you described"))
    links = {person: links_of(desk.opened, desk.source, desk.room.keys, person) for person in _some(people)}
    if late := [people[person] for person, pairs in links.items() if not pairs]:
        raise ReleaseError(_too_late(late))
    return make_order(desk.room.keys[0], withdraw=[pair for pairs in links.values() for pair in pairs])


def _forgetting(desk: Open, people: Iterable[str]) -> Made:
    return make_order(desk.room.keys[0], forget=entries_of(desk.opened, people))


def _chosen(desk: Open, form: ForgetForm) -> list[str]:
    return _some([one.person for one in _on_the_list(desk, form)])


def _on_the_list(desk: Open, form: ForgetForm) -> tuple[Contactable, ...]:
    return chosen(desk.people, form.people.data or ())


def _some(people: Iterable[str]) -> list[str]:
    found = list(people)
    if not found:
        raise ReleaseError("Please choose at least one person.")
    return found


def _said(form: WithdrawForm) -> Said | None:
    """What was typed of somebody who is not on the list, where anything was."""
    return Said(*form.says) if any(said.strip() for said in form.says) else None


def _described(desk: Open, form: WithdrawForm) -> str:
    """The one whom this fits, also where they are not on the list."""
    found = find_people(desk.opened, desk.source, desk.room.keys, Said(*form.says, form.day.data))
    if len(found) > 1:
        raise ReleaseError(
            "What you typed fits several people. Ask for one more detail, such as the day on which they took part, and "
            "try again."
        )
    if not found:
        raise ReleaseError(
            "Nobody was found by what you typed. Who left no contact details and signed nothing cannot be found by "
            "anybody; their slip is the only way back."
        )
    return found[0]


def _too_late(names: list[str]) -> str:
    told = gettext(
        "The cut-off has passed for %(names)s. Their code and their link are destroyed already, so nobody can find "
        "their answers any more, and group results that were published stay. You can have their contact details "
        "forgotten. No order was made.",
        names=listed(names),
    )
    return str(told)


def _which(which: str, number: int) -> str:
    if which == "results":
        said = ngettext(
            "The summary was sent: %(num)s person who asked for the results and nothing else",
            "The summary was sent: %(num)s people who asked for the results and nothing else",
            number,
        )
    else:
        said = ngettext(
            "Their time is over, or they want no contact any more: %(num)s person",
            "Their time is over, or they want no contact any more: %(num)s people",
            number,
        )
    return str(said)


def _waiting() -> Made | None:
    return cast(Waiting, the_desk().held.get(NAME, Waiting(None))).made
