"""Withdrawal with a receipt. The answer is the same whether or not a code was known."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Response, request
from flask_babel import gettext

from errors import ReceiptError, TooManyTries
from fieldwork.staff.throttling import OF_RECEIPTS, keep_pace, network_key
from fieldwork.withdrawal import change_choices, withdraw
from instruments.model import Item
from views.field.common import cacheable, page, study


def show() -> Response:
    """The empty form."""
    return cacheable(_page())


def erase() -> str | tuple[str, int]:
    """Erase what a code stands for."""
    typed = request.form.get("code", "")
    try:
        _slow_down()
        withdraw(study(), typed, date.today())
    except ReceiptError as refusal:
        return _page(typed=typed, refused=str(refusal), act="erase"), 422
    except TooManyTries:
        return _page(typed=typed, refused=_in_a_moment(), act="erase"), 429
    return page("withdrawn.html", act="erase")


def change() -> str | tuple[str, int]:
    """Change optional choices of the visit that a code stands for."""
    typed = request.form.get("code", "")
    choices = {item.name: said for item in _choices() if (said := request.form.get(item.name)) in ("yes", "no")}
    try:
        _slow_down()
        change_choices(study(), typed, choices, date.today())
    except ReceiptError as refusal:
        return _page(typed=typed, refused=str(refusal), act="choices", chosen=choices), 422
    except TooManyTries:
        return _page(typed=typed, refused=_in_a_moment(), act="choices", chosen=choices), 429
    return page("withdrawn.html", act="choices")


def _slow_down() -> None:
    """Take a turn of this network's: known codes and unknown ones alike, so that waiting tells nothing of a code."""
    office, now = study().stores.office, datetime.now(UTC)
    keep_pace(office, network_key(office, request.remote_addr, "receipts", now), OF_RECEIPTS, now)


def _in_a_moment() -> str:
    return str(
        gettext("Many codes were typed near you just now. Yours is fine. Please wait five seconds and press once more.")
    )


def _page(typed: str = "", refused: str = "", act: str = "", chosen: dict[str, str] | None = None) -> str:
    return page("withdraw.html", typed=typed, refused=refused, act=act, choices=_choices(), chosen=chosen or {})


def _choices() -> list[Item]:
    """Every optional choice of any group; nobody is asked here which group they belong to."""
    parts = (part for part in study().instrument.parts if part.name == "consent")
    blocks = (block for part in parts for block in part.blocks if block.name == "choices")
    return [item for block in blocks for item in block.items if item.is_asked]
