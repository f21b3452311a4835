"""What custodians can do on the identity desk: one row a deed, on the list as a whole or on one person of it.

A deed on the list is a page of its own, with its own reason. A deed on a person is a page that is asked for by POST
with the person's `handle`, so that no address tells whom it was about.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import LazyString
from flask_babel import lazy_gettext as _


@dataclass(frozen=True)
class Deed:
    """A row of the list of deeds. `endpoint`: where it begins; `told`: what its address says beside."""

    endpoint: str
    title: LazyString
    sentence: LazyString
    told: dict[str, str] = field(default_factory=dict)


ON_THE_LIST: tuple[Deed, ...] = (
    Deed(
        "desk.identity_contacts",
        _("Save a list for a mail merge"),
        _("A file with contact details of those whom a purpose may reach. From then on it lies on this machine."),
    ),
    Deed(
        "desk.identity_letters",
        _("Make letters to print"),
        _("One letter a sheet, with words that you write, in each person's language."),
    ),
    Deed(
        "desk.identity_counts",
        _("Count consents for an auditor"),
        _("How many agreed to what, under which version and in which language. No number under ten, and no name."),
    ),
    Deed(
        "desk.identity_record",
        _("Show a person their consent record"),
        _("Only when that person asks for it, by what they say of themselves."),
    ),
    Deed(
        "desk.identity_withdraw",
        _("Take out the answers of people who lost their slip"),
        _("Several in one order, or somebody who is not on the list. Until their cut-off; nobody sees an answer."),
    ),
    Deed(
        "desk.identity_needless",
        _("Forget contact details that nobody needs any more"),
        _("Once the summary was sent, or where their time is over."),
    ),
)
ON_A_PERSON: tuple[Deed, ...] = (
    Deed(
        "desk.identity_withdraw",
        _("They lost their slip and want their answers taken out"),
        _("Makes an order that erases their answers, consent and contact details, unseen, at the field app."),
    ),
    Deed(
        "desk.identity_forget",
        _("Forget their contact details"),
        _("Makes an order that erases every way to reach them. Their answers and their consent stay."),
    ),
)
