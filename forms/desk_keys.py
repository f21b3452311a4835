"""What people type while keys are made or changed at the desk. No passphrase is ever put back into a page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from forms.tied import TiedForm

LONGEST_NAME = 60  # characters
LONGEST_PASSPHRASE = 500  # characters
NAMED = [InputRequired(_("Please type a name or initials.")), Length(max=LONGEST_NAME)]
PHRASE = [InputRequired(_("Please type the passphrase.")), Length(max=LONGEST_PASSPHRASE)]


class WhoForm(TiedForm):
    """Whose keys these will be. Initials are enough for everybody."""

    study = StringField(
        _("The study's short name"),
        [
            InputRequired(_("Please type the study's short name.")),
            Regexp("^[a-z][a-z0-9_]{0,39}$", message=_("Small letters, digits and underscores, as in its folder.")),
        ],
    )
    manager = StringField(_("Data manager"), NAMED)
    first = StringField(_("First custodian"), NAMED)
    second = StringField(_("Second custodian"), NAMED)
    third = StringField(_("Substitute custodian, if you want one"), [Optional(), Length(max=LONGEST_NAME)])


class ManagerForm(TiedForm):
    """Who holds a research key."""

    manager = StringField(_("Data manager"), NAMED)


class CustodiansForm(TiedForm):
    """Who holds an identity key together."""

    first = StringField(_("First custodian"), NAMED)
    second = StringField(_("Second custodian"), NAMED)
    third = StringField(_("Substitute custodian, if you want one"), [Optional(), Length(max=LONGEST_NAME)])


class RingForm(TiedForm):
    """A public keyring file, from the folder of keys or from elsewhere."""

    place = RadioField(_("Keyring on this machine"), validators=[Optional()], choices=[])
    ring = FileField(_("Or a keyring file from elsewhere"))


class RotateForm(RingForm):
    """Which keyring gets a new key, and of which kind."""

    purpose = RadioField(_("Which key is made anew"), [InputRequired(_("Please choose a key."))], choices=[])


class PhraseForm(TiedForm):
    """A new passphrase, twice."""

    phrase = PasswordField(_("New passphrase"), PHRASE)
    again = PasswordField(_("The same once more"), PHRASE)


class FileForm(TiedForm):
    """One key file and the passphrase that it has now."""

    place = RadioField(_("Key file on this machine"), validators=[Optional()], choices=[])
    key = FileField(_("Or a key file from elsewhere"))
    passphrase = PasswordField(_("Passphrase"), PHRASE)


class NewPhraseForm(PhraseForm):
    """A key file in the folder, its passphrase, and the one that it will have."""

    place = RadioField(_("Key file on this machine"), validators=[Optional()], choices=[])
    passphrase = PasswordField(_("Passphrase that it has now"), PHRASE)


class CopyForm(TiedForm):
    """The copy of a key file that somebody carried away, to compare before the file here is removed."""

    copy = FileField(_("The copy that you carried away"))
