"""What staff may type about themselves and each other: passkeys, links, names and roles. Each form is CSRF-bound."""

from __future__ import annotations

import unicodedata

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from forms.tied import TiedForm

LONGEST_ANSWER = 16_384  # characters of what a device says; about a thousand are usual
LONGEST_TOKEN = 200
LONGEST_TYPED = 1000  # characters; a password that is too long is told so rather than cut
LABEL_LENGTH, NAME_LENGTH = 40, 80


def tidy(typed: str | None) -> str | None:
    """What was typed, composed and with single spaces."""
    return " ".join(unicodedata.normalize("NFC", typed).split()) if typed else typed


def printable(form: TiedForm, field: StringField) -> None:
    """What can be printed, and nothing that hides in a text."""
    if not field.data.isprintable():
        raise ValidationError(gettext("Please use letters, digits and spaces."))


class ProofForm(TiedForm):
    """What a device says in answer to a challenge; under a name that no other form of a page has."""

    proof = HiddenField(validators=[InputRequired(), Length(max=LONGEST_ANSWER)])


class PasskeyForm(TiedForm):
    """A new passkey: what a device says, and what its owner calls it."""

    answer = HiddenField(validators=[InputRequired(), Length(max=LONGEST_ANSWER)])
    label = StringField(
        _("What to call this passkey"),
        [
            DataRequired(_("Please give it a name, so that you can tell it from others.")),
            Length(max=LABEL_LENGTH, message=_("Please use up to 40 characters.")),
            printable,
        ],
        filters=[tidy],
    )


class PasskeyNamedForm(TiedForm):
    """The passkey that a button is about, by its credential in hexadecimal."""

    key = HiddenField(validators=[InputRequired(), Length(max=2048)])

    def validate_key(self, field: HiddenField) -> None:
        """Hexadecimal digits."""
        try:
            self.credential_id = bytes.fromhex(field.data)
        except ValueError:
            raise ValidationError("not a credential") from None


class TokenForm(TiedForm):
    """What stands behind the # of a one-time link."""

    token = StringField(
        _("The code at the end of your link"),
        [InputRequired(_("Please paste what stands behind the # in your link.")), Length(max=LONGEST_TOKEN)],
        # Whoever pastes the whole link has done nothing wrong.
        filters=[lambda typed: typed.strip().rpartition("#")[2] if typed else typed],
    )


class JoinPasskeyForm(PasskeyForm):
    """A first passkey, by a one-time link."""

    token = HiddenField(validators=[InputRequired(), Length(max=LONGEST_TOKEN)])


class FirstPasswordForm(TiedForm):
    """A first password."""

    new_password = PasswordField(
        _("Password"), [InputRequired(_("Please choose a password.")), Length(max=LONGEST_TYPED)]
    )


class JoinPasswordForm(FirstPasswordForm):
    """A first password, by a one-time link."""

    token = HiddenField(validators=[InputRequired(), Length(max=LONGEST_TOKEN)])


class MemberForm(TiedForm):
    """Somebody to invite to the staff."""

    name = StringField(
        _("Name"),
        [
            DataRequired(_("Please type a name.")),
            Length(max=NAME_LENGTH, message=_("Please use up to 80 characters.")),
            printable,
        ],
        filters=[tidy],
    )
    role = RadioField(
        _("Role"),
        choices=[
            SelectChoice("coordinator", _("Coordinator: invites, enrols tablets, watches progress")),
            SelectChoice("administrator", _("Administrator: also staff, questionnaires, keys and the sealed bundle")),
        ],
        default="coordinator",
        invalid_choice_message=_("Please choose one of these."),
    )


class MemberNamedForm(TiedForm):
    """The member of staff, or the invitation, that a button is about."""

    name = HiddenField(validators=[InputRequired(), Length(max=NAME_LENGTH)])


class MemberRoleForm(MemberNamedForm):
    """Another role for a member of staff."""

    role = HiddenField(validators=[InputRequired()])

    def validate_role(self, field: HiddenField) -> None:
        """One of the two."""
        if field.data not in ("administrator", "coordinator"):
            raise ValidationError("not a role")
