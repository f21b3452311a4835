"""One field for every kind of item: keeps what was typed, gives the value it stands for. Has no default answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale, gettext
from wtforms import DateField, Field

from errors import AnswersRefused
from instruments.answers import read_value
from instruments.expressions import fold_digits
from instruments.model import Item, Value
from instruments.numbers import plain_date


def spoken() -> str:
    """The language of this page, for words of the study that stand in a form."""
    locale = get_locale()
    return locale.language if locale else "en"


class DayField(DateField):
    """A day as people write one: in digits of their script, the day or the year first."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed, as an answer is read."""
        super().process_formdata([plain_date(fold_digits(typed).strip()) or typed for typed in valuelist])


class AnswerField(Field):
    """The answer to one item. `typed` is what was sent, word for word; `data` the value, None when blank or wrong."""

    data: Value | None
    errors: Sequence[str]

    def __init__(self, item: Item, **words: Any) -> None:
        super().__init__(label="", **words)
        self.item = item
        self.typed: list[str] = []

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed. WTForms turns the ValueError into the field's error."""
        self.typed = list(valuelist)
        self.data = None
        try:
            self.data = read_value(self.item, valuelist)
        except AnswersRefused as refusal:
            raise ValueError(gettext(str(refusal))) from None

    @property
    def text(self) -> str:
        """What was typed into a box, without the choice that shares its name."""
        aside = {choice.code for choice in self.item.choices}
        return next((text for text in self.typed if text not in aside), "")

    @property
    def refusals(self) -> list[str]:
        """Every reason why the field is refused."""
        return [str(error) for error in self.errors]

    def refuse(self, sentence: str) -> None:
        """Refuse the field for a reason that only the whole visit shows."""
        self.errors = [*self.errors, sentence]
