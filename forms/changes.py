"""A change of mind as a form: optional choices, and contact details in the place of the former. Trusts nothing typed.

Nothing typed is lost on a refusal: every field keeps its words. Holds no session, no cookie and no token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from errors import AnswersRefused
from forms.fields import AnswerField
from instruments.answers import SENTENCES, check_value
from instruments.changing import choices_of, contact_of, ends_contact, reasons_for_contact
from instruments.model import Instrument, Item, Value

REPLACE, SURE = "replace_contact", "sure"


@dataclass(frozen=True)
class TypedChanges:
    """A checked change. `contact`: None where it stays, empty where it is forgotten. `repr` shows none of it."""

    choices: Mapping[str, str] = field(repr=False)
    contact: Mapping[str, str] | None = field(repr=False)


class ChangesForm:
    """Every choice and contact detail of a study, with what was typed, which is read once and stays as it is."""

    def __init__(self, instrument: Instrument, language: str, typed: MultiDict[str, str]) -> None:
        self.instrument, self.language = instrument, language
        self.choices, self.contact = choices_of(instrument), contact_of(instrument)
        self.erases_contact = bool(reasons_for_contact(instrument))
        self.items = {item.name: item for item in (*self.choices, *self.contact)}
        self.form = BaseForm({name: UnboundField(AnswerField, item) for name, item in self.items.items()})
        self.form.process(typed)
        self.form.validate()
        self.replaces, self.sure = REPLACE in typed, SURE in typed
        self.loses_some = False

    def field(self, name: str) -> AnswerField:
        """The field of an item."""
        return cast(AnswerField, self.form[name])

    def said(self, _name: str) -> str:
        """Answers of the visit, which other words may show, are not known here."""
        return ""

    @property
    def refused(self) -> list[AnswerField]:
        """The fields with a refusal, in order."""
        return [self.field(name) for name in self.items if self.field(name).errors]

    def check(self) -> TypedChanges:
        """The checked change. Raises AnswersRefused with the fields' refusals set, or where nothing changes."""
        choices = {item.name: str(said) for item in self.choices if (said := self.field(item.name).data) is not None}
        typed = {item.name: said for item in self.contact if (said := self.field(item.name).data) is not None}
        for name, said in typed.items():
            self._check_rule(self.items[name], said)
        if self.refused:
            raise AnswersRefused(gettext("Some answers need another look."))
        contact = self._contact(choices, typed)
        if not choices and contact is None:
            raise AnswersRefused(gettext("Nothing is changed yet. Please choose first what you want to change."))
        # Some details given and some not: what is not is forgotten, and may be the way to reach somebody safely.
        self.loses_some = bool(contact) and len(contact or ()) < len(self.contact)
        if self.loses_some and not self.sure:
            raise AnswersRefused(gettext("Please look at your contact details once more. Nothing was sent."))
        return TypedChanges(choices, contact)

    def _contact(self, choices: Mapping[str, str], typed: Mapping[str, Value]) -> Mapping[str, str] | None:
        if ends_contact(self.instrument, choices):
            return {}
        told = {
            name: " ".join(map(str, said)) if isinstance(said, tuple) else str(said) for name, said in typed.items()
        }
        return told if told or self.replaces else None

    def _check_rule(self, item: Item, said: Value) -> None:
        reason = check_value(item, said, {})
        if reason:
            own = item.constraint_message.in_language(self.language) if item.constraint_message else ""
            self.field(item.name).refuse(own if own and reason == "rule" else gettext(SENTENCES[reason]))
