"""Withdrawal and changes of mind on pages without script. The answer is the same whether or not a code was known.

A page with script sends proofs and sealed parcels only (views/field/changes.py); there a code never leaves the device.
No code is made to wait for others: a code cannot be guessed, and whoever could slow codes down could shut the door on
somebody who withdraws (docs/sign-in.md).
"""

from __future__ import annotations

from datetime import date

from flask import Response, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from errors import AnswersRefused, ReceiptError, SettingsError
from fieldwork.changes import change_mind, plan_of_changes
from fieldwork.withdrawal import withdraw
from forms.changes import ChangesForm
from instruments.answers import SENTENCES
from views.field.common import cacheable, language, page, study
from views.field.held import is_held, paragraphs


def show() -> Response:
    """The empty forms."""
    return cacheable(_page(_form()))


def erase() -> str | tuple[str, int]:
    """Erase what a code stands for."""
    typed = request.form.get("code", "")
    try:
        hold = withdraw(study(), typed, date.today())
    except ReceiptError as refusal:
        return _page(_form(), typed, _said(refusal), "erase", code_refused=True), 422
    if hold:
        return page("kept_for_now.html", said=paragraphs(hold))
    return page("withdrawn.html", act="erase")


def change() -> str | tuple[str, int]:
    """Change choices and contact details of the visit that a code stands for: where the study has its plain path on."""
    if not study().settings.plain_path:
        raise SettingsError("This study takes no changes on the plain path.")
    typed, form = request.form.get("code", ""), _form(request.form)
    try:
        changed = form.check()
        change_mind(study(), typed, changed.choices, changed.contact, date.today())
    except (AnswersRefused, ReceiptError) as refusal:
        is_code = isinstance(refusal, ReceiptError)
        return _page(form, typed, _said(refusal), "choices", code_refused=is_code), 422
    return page("withdrawn.html", act="choices")


def _form(typed: MultiDict[str, str] | None = None) -> ChangesForm:
    return ChangesForm(study().instrument, language(), typed or MultiDict())


def _page(form: ChangesForm, typed: str = "", refused: str = "", act: str = "", code_refused: bool = False) -> str:
    return page(
        "withdraw.html",
        form=form,
        empty=_form(),
        typed=typed,
        refused=refused,
        act=act,
        code_refused=code_refused,
        is_held=is_held(),
        plan=plan_of_changes(study(), language()),
        sentences=_sentences(),
    )


def _sentences() -> dict[str, str]:
    """What the page's script says where a page from the server would."""
    return {name: gettext(sentence) for name, sentence in SENTENCES.items()} | {
        "length": gettext("The code has six groups of four letters and numbers. Please check it against your slip."),
        "slip": gettext("There is a mistake in the code. Please check each group against your slip."),
    }


def _said(refusal: Exception) -> str:
    return str(gettext(str(refusal)))
