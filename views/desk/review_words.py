"""What the desk's pages of open text say: what a proposal seems to be, why a form was not taken. Knows no answer."""

from __future__ import annotations

from flask_babel import format_date, gettext, ngettext
from flask_wtf import FlaskForm

from release.review.life import Waiting


def marked_as(kind: str) -> str:
    """What a proposal seems to be, in words."""
    kinds = {
        "name": gettext("a name"), "place": gettext("a place"), "phone": gettext("a phone number"),
        "email": gettext("an e-mail address"), "postcode": gettext("a postcode"), "date": gettext("a date"),
        "mosque": gettext("a mosque"), "school": gettext("a school"), "link": gettext("a web address"),
        "handle": gettext("a name on the web"),
    }  # fmt: skip
    return str(kinds[kind])


def why_not_taken(form: FlaskForm) -> str:
    """Why a form was not taken: it stood open for too long, or what is wrong with what was typed."""
    if "csrf_token" in form.errors:
        return str(gettext("This page stood open for too long, so nothing was done. Please press the button again."))
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def life_in_words(waiting: Waiting) -> list[str]:
    """How many answers wait, and until when somebody may look at them: a sentence each."""
    told = []
    if waiting.count:
        told.append(ngettext("%(num)s answer waits.", "%(num)s answers wait.", waiting.count))
    if waiting.until:
        day = format_date(waiting.until, "long")
        told.append(gettext("The first has to be looked through by %(day)s.", day=day))
        told.append(gettext("What nobody looked through in its time is shown to nobody any more, and stays withheld."))
    if waiting.over:
        told.append(ngettext("%(num)s answer was not looked through in time.",
                             "%(num)s answers were not looked through in time.", waiting.over))  # fmt: skip
    return told
