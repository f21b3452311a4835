"""The specification of a release as a page: every key of its TOML text has a field here, and nothing else has.

`typed_of` tells how a specification stands on the page, `told` what the page says: one undoes the other. Whether it may
be so ordered is not judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from forms.tied import TiedForm

LONGEST_TOML = 100_000  # characters
A_LINE = _("Please write one on each line: the variable, = and a number, such as age = 2.")
WHOLE = ("levels", "highest_levels", "rare", "top", "bottom")
TABLES = (*WHOLE, "l", "t", "privacy")
NAMES = ("variables", "order")
CHOSEN = ("groups", "formats", "languages", "instrument_versions")
FLAGS = ("archive_only", "new_ids", "local_suppression", "excel", "hold_back")
NUMBERS = ("k", "largest_suppression", "wave")
WORDS = ("preset", "kind", "purpose", "recipient", "legal_ground", "licence", "language", "l_kind", "missing",
         "open_text")  # fmt: skip


class Chosen(SelectMultipleField):
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _is_table(form: TiedForm, field: TextAreaField) -> None:
    try:
        dict(lines_of(field.data or "", field.name in WHOLE))
    except ValueError:
        raise ValidationError(A_LINE) from None


def _table(label: Any) -> TextAreaField:
    return TextAreaField(label, [Optional(), _is_table])


class SpecifyForm(TiedForm):
    """What the release is for and what it may hold."""

    preset = RadioField(
        _("Kind of release"),
        [Optional()],
        choices=[
            SelectChoice("team", _("Working file for the team")),
            SelectChoice("archive", _("File for a safeguarded archive")),
            SelectChoice("public", _("Tables for the public")),
            SelectChoice("", _("Something else, as said below")),
        ],
        default="team",
    )
    purpose = StringField(
        _("Purpose"), [DataRequired(_("Please say in a few words what this release is for.")), Length(max=200)]
    )
    recipient = StringField(_("Who gets it"), [Length(max=500)])
    legal_ground = StringField(_("Legal ground"), [Length(max=500)])
    groups = Chosen(_("Groups"), [DataRequired(_("Please choose at least one group."))], choices=[])
    kind = SelectField(
        _("What it holds"),
        choices=[
            SelectChoice("", _("as the kind of release has it")),
            SelectChoice("rows", _("a row a person")),
            SelectChoice("summary", _("a summary by group")),
            SelectChoice("tables", _("tables")),
        ],
        default="",
    )
    wave = IntegerField(_("Wave"), [Optional(), NumberRange(min=1)])
    instrument_versions = Chosen(_("Versions of the questionnaire"), [Optional()], choices=[])
    variables = TextAreaField(_("Variables"), [Optional()])
    licence = StringField(_("Licence"), [Length(max=500)])
    language = SelectField(_("Language of labels"), choices=[])
    languages = Chosen(_("More languages of labels"), [Optional()], choices=[])
    k = IntegerField(_("Smallest class (k)"), [Optional(), NumberRange(1, 1000)])
    largest_suppression = IntegerField(_("Most people to leave out, in percent"), [Optional(), NumberRange(0, 30)])
    l = _table(_("Different answers in each class, at least (l)"))  # noqa: E741  # the key's name
    l_kind = SelectField(
        _("How different answers are counted"),
        choices=[
            SelectChoice("distinct", _("each counts once")),
            SelectChoice("entropy", _("by how even they are (entropy)")),
        ],
        default="distinct",
    )
    t = _table(_("Distance of a class from everybody, at most (t)"))
    levels = _table(_("Levels that are fixed"))
    highest_levels = _table(_("Coarsest levels allowed"))
    order = TextAreaField(_("What is made coarse first"), [Optional()])
    rare = _table(_("Rare categories are put together below"))
    top = _table(_("Highest number told"))
    bottom = _table(_("Lowest number told"))
    local_suppression = BooleanField(_("Remove single values before leaving people out"))
    archive_only = BooleanField(_("Only people who agreed to the archive"))
    hold_back = BooleanField(_("Leave people out where fewer than ten could be worked out beside an earlier release"))
    new_ids = BooleanField(_("The oldest research key is lost for good: make ids that match no earlier release"))
    open_text = SelectField(
        _("Open text"),
        choices=[
            SelectChoice("withheld", _("withheld")),
            SelectChoice("reviewed", _("as reviewed")),
            SelectChoice("themes", _("themes only")),
        ],
        default="withheld",
    )
    missing = SelectField(
        _("Missing answers"),
        choices=[
            SelectChoice("codes", _("their codes, such as -8")),
            SelectChoice("blank", _("blank where a format can say why")),
        ],
        default="codes",
    )
    formats = Chosen(_("Formats"), [Optional()], choices=[])
    excel = BooleanField(_("Mark CSV files for Excel"))
    tables = TextAreaField(_("Which tables"), [Optional()])
    privacy = _table(_("Noise of tables"))

    def told(self) -> dict[str, Any]:
        """What the page says, as a specification's settings; what is left empty is not said."""
        told: dict[str, Any] = {name: (self[name].data or "").strip() for name in WORDS}
        told |= {name: list(self[name].data or ()) for name in CHOSEN}
        told |= {name: _names(self[name].data or "") for name in NAMES}
        told |= {name: dict(lines_of(self[name].data or "", name in WHOLE)) for name in TABLES}
        told["tables"] = [list(names) for names in map(_names, (self.tables.data or "").splitlines()) if names]
        told |= {name: True for name in FLAGS if self[name].data}
        said = {name: value for name, value in told.items() if value not in ("", [], {})}
        return said | {name: self[name].data for name in NUMBERS if self[name].data is not None}


class TomlForm(TiedForm):
    """The same as TOML: pasted, or a file."""

    toml = TextAreaField(_("A specification as TOML"), [Optional(), Length(max=LONGEST_TOML)])
    file = FileField(_("Or its file"))


def typed_of(told: Mapping[str, Any]) -> MultiDict[str, str]:
    """How these settings stand on the page, as a browser sends them."""
    typed: MultiDict[str, str] = MultiDict({"preset": ""})  # said also where it is none: the page begins with another
    for name, value in told.items():
        if name in CHOSEN:
            typed.setlist(name, list(value))
        elif name in FLAGS:
            typed.update({name: "y"} if value else {})
        else:
            typed[name] = _text(name, value)
    return typed


def lines_of(text: str, is_whole: bool) -> Iterator[tuple[str, float | int]]:
    """A number for each variable, from lines such as `age = 2`. Raises ValueError for another line."""
    for line in filter(None, map(str.strip, text.splitlines())):
        name, sign, number = line.rpartition("=")
        if not sign or not name.strip():
            raise ValueError(line)
        yield name.strip(), _number(number.strip(), is_whole)


def _names(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _number(text: str, is_whole: bool) -> float | int:
    try:
        return int(text)
    except ValueError:
        if is_whole:
            raise
        return float(text)


def _text(name: str, value: Any) -> str:
    if name == "tables":
        return "\n".join(map(" ".join, value))
    if name in TABLES:
        return "\n".join(f"{one} = {number}" for one, number in value.items())
    return "\n".join(value) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
