"""Withdrawal with a receipt. The answer is the same whether or not a code was known.

No code is made to wait for others: a code cannot be guessed, and whoever could slow codes down could shut the door on
somebody who withdraws (docs/sign-in.md).
"""

from __future__ import annotations

from datetime import date

from flask import Response, request

from errors import ReceiptError
from fieldwork.hold import Hold
from fieldwork.withdrawal import change_choices, withdraw
from instruments.model import Item
from views.field.common import cacheable, language, page, study


def show() -> Response:
    """The empty form."""
    return cacheable(_page())


def erase() -> str | tuple[str, int]:
    """Erase what a code stands for."""
    typed = request.form.get("code", "")
    try:
        hold = withdraw(study(), typed, date.today())
    except ReceiptError as refusal:
        return _page(typed=typed, refused=str(refusal), act="erase"), 422
    if hold:
        return page("kept_for_now.html", said=_said(hold))
    return page("withdrawn.html", act="erase")


def change() -> str | tuple[str, int]:
    """Change optional choices of the visit that a code stands for."""
    typed = request.form.get("code", "")
    choices = {item.name: said for item in _choices() if (said := request.form.get(item.name)) in ("yes", "no")}
    try:
        change_choices(study(), typed, choices, date.today())
    except ReceiptError as refusal:
        return _page(typed=typed, refused=str(refusal), act="choices", chosen=choices), 422
    return page("withdrawn.html", act="choices")


def _said(hold: Hold) -> list[str]:
    """What the institution fixed for this, in the language of the page or else the study's first, by paragraphs."""
    words = hold.words.get(language()) or hold.words.get(study().instrument.languages[0], "")
    return [line for line in words.splitlines() if line]


def _page(typed: str = "", refused: str = "", act: str = "", chosen: dict[str, str] | None = None) -> str:
    return page("withdraw.html", typed=typed, refused=refused, act=act, choices=_choices(), chosen=chosen or {})


def _choices() -> list[Item]:
    """Every optional choice of any group; nobody is asked here which group they belong to."""
    parts = (part for part in study().instrument.parts if part.name == "consent")
    blocks = (block for part in parts for block in part.blocks if block.name == "choices")
    return [item for block in blocks for item in block.items if item.is_asked]
