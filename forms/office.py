"""What staff may type in the field app: to enrol tablets, make invitations. Each form is CSRF-bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext, lazy_pgettext, pgettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from forms.fields import DayField, spoken
from forms.tied import TiedForm
from instruments.hold_words import LONGEST_REASON, SHORTEST_REASON
from instruments.model import Instrument

LARGEST_KEYRING = 256 * 1024  # bytes
MOST = 100  # invitations on one sheet
USUAL, LONGEST = timedelta(days=28), timedelta(days=365)  # how long invitations work


SITE = lazy_pgettext("a place of the study", "Site")
WHY = lazy_pgettext("why a question is that private", "Why")


class ButtonForm(TiedForm):
    """One button and the token that proves it was pressed on our own page."""


class TabletForm(TiedForm):
    """A tablet to enrol."""

    name = StringField(
        _("Name of the tablet"),
        [
            DataRequired(_("Please type the tablet's name.")),
            Length(max=40, message=_("Please use up to 40 characters.")),
        ],
        filters=[lambda typed: " ".join(typed.split()) if typed else typed],
    )
    site = SelectField(SITE, invalid_choice_message=_("Please choose one of these."))

    def __init__(self, instrument: Instrument, **words: Any) -> None:
        super().__init__(**words)
        self.site.choices = sites_of(instrument)

    def validate_name(self, field: StringField) -> None:
        """What can be printed on a label."""
        if not field.data.isprintable():
            raise ValidationError(gettext("Please use letters, digits and spaces."))


class TabletNamedForm(TiedForm):
    """The tablet that a button is about."""

    name = HiddenField(validators=[InputRequired()])


class BatchNamedForm(TiedForm):
    """The invitations that a button is about, by the hash of one of their tokens."""

    key = HiddenField(validators=[InputRequired()])

    def validate_key(self, field: HiddenField) -> None:
        """32 bytes in hexadecimal."""
        try:
            self.token_hash = bytes.fromhex(field.data)
        except ValueError:
            raise ValidationError("not a hash") from None


class InvitationForm(TiedForm):
    """Invitations to make: what they are for, and until when."""

    kind = RadioField(
        lazy_pgettext("of an invitation", "Kind"),
        choices=[
            SelectChoice("single", _("For one person each: works once")),
            SelectChoice("open", _("For many people: works until its last day")),
        ],
        default="single",
        invalid_choice_message=_("Please choose one of these."),
    )
    number = IntegerField(_("How many"), default=1)
    group = SelectField(_("Group"), invalid_choice_message=_("Please choose one of these."))
    site = SelectField(SITE, invalid_choice_message=_("Please choose one of these."))
    language = SelectField(_("Language"), invalid_choice_message=_("Please choose one of these."))
    until = DayField(_("Last day"))

    def __init__(
        self, instrument: Instrument, languages: Sequence[str], today: date, own_name: Callable[[str], str]
    ) -> None:
        super().__init__(data={"until": today + USUAL})
        self.today = today
        self.group.choices = {"": pgettext("any group", "Any")} | {
            one.name: one.title.in_language(spoken()) for one in instrument.groups
        }
        self.site.choices = sites_of(instrument)
        named = {code: own_name(code) for code in languages}
        self.language.choices = {"": pgettext("any language", "Any")} | named

    def validate_number(self, field: IntegerField) -> None:
        """One sheet holds so many."""
        field.errors[:] = []
        if self.kind.data == "single" and not (field.data and 1 <= field.data <= MOST):
            raise ValidationError(gettext("Please type a whole number from 1 to %(most)s.", most=MOST))

    def validate_until(self, field: DayField) -> None:
        """From today to a year from now."""
        field.errors[:] = []
        if not field.data or not self.today <= field.data <= self.today + LONGEST:
            raise ValidationError(gettext("Please choose a day from today to a year from now."))


def sites_of(instrument: Instrument) -> dict[str, Any]:
    """The study's sites to choose from, or any."""
    sites = [choice for choice in instrument.sites if not choice.aside]
    return {"": pgettext("any place of the study", "Any")} | {
        choice.code: choice.label.in_language(spoken()) for choice in sites
    }


class UploadForm(TiedForm):
    """A form to check, or to put into the place of one of the study's own."""

    file = FileField(_("File"), [FileRequired(_("Please choose a file."))])
    place = SelectField(_("What for"), invalid_choice_message=_("Please choose one of these."))

    def __init__(self, places: Mapping[str, str]) -> None:
        super().__init__()
        self.place.choices = {"": gettext("Only check it, as a study of its own; nothing is kept")} | dict(places)


class VersionForm(TiedForm):
    """The name of a version, as records and releases show it."""

    version = StringField(
        _("Version"),
        [
            DataRequired(_("Please type a version, for example 1.1.")),
            Length(max=40, message=_("Please use up to 40 characters.")),
            Regexp(r"[\w .+-]+\Z", message=_("Please use letters, digits, spaces and . - + _ only.")),
        ],
    )


class AdoptForm(TiedForm):
    """That the differences of the draft of this mark were read, and that answers may become incomparable."""

    read = HiddenField()
    agreed = BooleanField(_("I have read what changes, and the study is to be asked in this version from now on."))
    breaking = BooleanField(_("I agree that answers from before and after cannot be compared where it is marked."))


class ProposalForm(TiedForm):
    """The proposal that a button is about, and the digest of what was shown of it."""

    key = HiddenField(validators=[InputRequired()])
    digest = HiddenField(validators=[InputRequired()])


class HoldForm(TiedForm):
    """Why a legal hold is to be set or lifted: it is shown to who confirms it, and stands in the journal."""

    reason = TextAreaField(_("Reason"))

    def validate_reason(self, field: TextAreaField) -> None:
        """One paragraph that can be printed."""
        told = " ".join((field.data or "").split())
        if not SHORTEST_REASON <= len(told) <= LONGEST_REASON or not told.isprintable():
            raise ValidationError(gettext("Please write a reason of 10 to 500 characters, and name no participant."))


class KeyringForm(TiedForm):
    """The file of the study's public keys, read in memory."""

    file = FileField(_("The file keyring.json"), [FileRequired(_("Please choose a file."))])

    def validate_file(self, field: FileField) -> None:
        """A keyring is small, however many keys it has."""
        self.data_read = field.data.read(LARGEST_KEYRING + 1)
        if len(self.data_read) > LARGEST_KEYRING:
            raise ValidationError(gettext("This file is too large for a keyring. Please choose keyring.json."))


class DecisionForm(Form):
    """How private one question is: its class, where it is kept, and why."""

    name = HiddenField()
    privacy = SelectField(
        _("Class"),
        choices=[
            SelectChoice("direct", _("Names a person")),
            SelectChoice("quasi", _("Others could know it")),
            SelectChoice("sensitive", _("Sensitive")),
            SelectChoice("ordinary", _("Ordinary")),
            SelectChoice("open", _("People's own words")),
        ],
        invalid_choice_message=_("Please choose one of these."),
    )
    stored = SelectField(
        lazy_pgettext("how private a question is kept", "Kept"),
        choices=[
            SelectChoice("research", _("With the answers, sealed")),
            SelectChoice("nowhere", _("Nowhere: it is asked, and forgotten at the end")),
        ],
        invalid_choice_message=_("Please choose one of these."),
    )
    special = BooleanField(_("Special category data"))
    reason = StringField(WHY, [Length(max=200, message=_("Please use up to 200 characters."))])

    def validate_stored(self, field: SelectField) -> None:
        """Who somebody is never lies with what they answered (rule R6)."""
        if self.privacy.data == "direct" and field.data == "research":
            raise ValidationError(
                gettext("What names a person is never kept with the answers. Choose Nowhere, or another class.")
            )


class ClassesForm(TiedForm):
    """How private each question of a form is."""

    questions = FieldList(FormField(DecisionForm))
