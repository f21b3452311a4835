"""The visit as a form: reads everything typed, checks it by the instrument's rules, and says what is missing or wrong.

Nothing typed is lost on a refusal: every field keeps its words. Holds no session, no cookie and no token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import cast

from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from errors import AnswersRefused, ConsentAwaited, ConsentMissing
from forms.fields import AnswerField
from forms.locales import listed
from instruments.answers import SENTENCES, answered, check_value, is_relevant, settle
from instruments.consent import Consent, gate
from instruments.eligibility import check_eligible
from instruments.expressions import fold_digits
from instruments.model import Instrument, Item, Part, Value

MODES = ("self", "interviewer", "interpreter")
INTERVIEWER_CODE = re.compile(r"[A-Z0-9]{0,8}")
ANSWERED = ("eligibility", "understanding", "consent", "demographics", "questionnaire", "contact")


@dataclass(frozen=True)
class TypedVisit:
    """A visit that passed every check. `unkept`: contact details were typed though the choices decline contact."""

    answers: Mapping[str, Value]
    consent: Consent
    contact: Mapping[str, str]
    mode: str
    interviewer: str
    unkept: bool


class VisitForm:
    """One group's visit, with what was typed into it, which is read once and stays as it is."""

    def __init__(self, instrument: Instrument, group: str, language: str, typed: MultiDict[str, str]) -> None:
        self.instrument, self.group, self.language = instrument, group, language
        self.parts = tuple(instrument.visit(group))
        self.today = date.today().isoformat()
        self.order = tuple(_answered(self.parts))
        self.items = {item.name: item for item in self.order if item.is_asked}
        self.offering = {item.name: item for item in self.order if item.choices}
        self.form = BaseForm({name: UnboundField(AnswerField, item) for name, item in self.items.items()})
        self.form.process(typed)
        # WTForms gathers what reading the fields refused only when it validates.
        self.form.validate()
        if not typed:
            self._fill_in()
        self.mode = typed.get("admin_mode") or "self"
        self.interviewer = fold_digits(typed.get("interviewer_code") or "").strip().upper()

    def field(self, name: str) -> AnswerField:
        """The field of an item."""
        return cast(AnswerField, self.form[name])

    @cached_property
    def values(self) -> dict[str, Value]:
        """Every value given, relevant or not."""
        return {name: data for name in self.items if (data := self.field(name).data) is not None}

    @cached_property
    def counting(self) -> dict[str, Value]:
        """The values that count: of questions that apply, and of what is calculated from them."""
        return answered(self.order, self.values, self.today)

    @property
    def refused(self) -> list[AnswerField]:
        """The fields with a refusal, in order."""
        return [self.field(name) for name in self.items if self.field(name).errors]

    def check(self) -> TypedVisit:
        """The checked visit. Raises NotEligible, ConsentRefused, or AnswersRefused with the fields' refusals set."""
        values = self.values
        check_eligible(self.instrument, self.group, values)
        consent = self._consent(values)
        relevant = self.counting
        self._check_rules(relevant)
        self._check_required(relevant)
        if (
            self.refused
            or consent is None
            or self.mode not in MODES
            or not INTERVIEWER_CODE.fullmatch(self.interviewer)
        ):
            raise AnswersRefused("Some answers need another look.")
        contact = self.contact_in(relevant)
        typed_contact = {name for name in values if self._is_contact(name)}
        answers = settle(self.instrument, self.group, relevant, self.today)
        return TypedVisit(answers, consent, contact, self.mode, self.interviewer, typed_contact != set(contact))

    def contact_in(self, counting: Mapping[str, Value]) -> dict[str, str]:
        """The contact details as they are kept, in words; several choices are joined by a space."""
        told = ((name, value) for name, value in counting.items() if self._is_contact(name))
        return {name: " ".join(map(str, value)) if isinstance(value, tuple) else str(value) for name, value in told}

    def blanks(self) -> list[Item]:
        """Closed questions that were asked and left blank: worth one reminder, never a block."""
        values, said = self.values, self.counting
        asked = self.instrument.research_items(self.group)
        return [item for item in asked if item.choices and item.name not in values and is_relevant(item, said)]

    def unclear(self) -> list[Item]:
        """Questions of understanding that were answered wrong: the sheet's words come back once."""
        said = self.counting
        asked = [item for item in self.instrument.items_of(self.group, "understanding") if item.name in said]
        return [item for item in asked if check_value(item, said[item.name], said)]

    def said(self, name: str) -> str:
        """The answer to an item in words, for other questions that show it; "" where there is none."""
        value = self.counting.get(name)
        codes = [str(code) for code in (value if isinstance(value, tuple) else () if value is None else (value,))]
        choices = self.offering[name].choices if name in self.offering and codes else ()
        labels = {choice.code: choice.label.in_language(self.language) for choice in choices}
        return listed([labels.get(code, code) for code in codes], self.language)

    def sentence_of(self, item: Item) -> str:
        """What the sheet says on a question of understanding."""
        return item.constraint_message.in_language(self.language) if item.constraint_message else ""

    def _fill_in(self) -> None:
        """Put what a study writes into its boxes beforehand."""
        for item in self.items.values():
            self.field(item.name).typed = item.default.split() if item.kind == "select_multiple" else [item.default]

    def _consent(self, values: Mapping[str, Value]) -> Consent | None:
        said = {name: str(value) for name, value in values.items() if self.items[name].kind == "statement"}
        age = values.get("age")
        try:
            return gate(self.instrument, self.group, age if isinstance(age, int) else None, said)
        except ConsentAwaited as missing:
            self._refuse(missing.statements, gettext("We wait until the parent or carer has answered this."))
        except ConsentMissing as missing:
            self._refuse(missing.statements, gettext("Please say yes or no to this statement."))
        return None

    def _refuse(self, names: tuple[str, ...], sentence: str) -> None:
        for name in names:
            if not self.field(name).errors:
                self.field(name).refuse(sentence)

    def _check_rules(self, relevant: Mapping[str, Value]) -> None:
        understanding = {item.name for item in self.instrument.items_of(self.group, "understanding")}
        for item in self.items.values():
            reason = check_value(item, relevant[item.name], relevant, self.today) if item.name in relevant else None
            if reason and item.name not in understanding:
                own = item.constraint_message.in_language(self.language) if item.constraint_message else ""
                self.field(item.name).refuse(own if own and reason == "rule" else gettext(SENTENCES[reason]))

    def _check_required(self, relevant: Mapping[str, Value]) -> None:
        for item in self.items.values():
            field = self.field(item.name)
            is_missing = item.required and item.kind != "statement" and field.data is None and not field.errors
            if is_missing and is_relevant(item, relevant):
                message = item.required_message
                field.refuse(
                    message.in_language(self.language) if message else gettext("We need this answer to go on.")
                )

    def _is_contact(self, name: str) -> bool:
        item = self.items.get(name)  # a calculated item is no field
        return item is not None and item.kept == "identity" and item.kind != "statement"


def _answered(parts: tuple[Part, ...]) -> Iterator[Item]:
    """What is answered on the page or calculated from it, in order."""
    for part in parts:
        if part.name in ANSWERED:
            yield from (item for block in part.blocks for item in block.items if item.kind not in ("note", "hidden"))
