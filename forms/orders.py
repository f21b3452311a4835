"""What staff may hand in of the custodians' orders: the file, and once more what they were shown of it."""

from __future__ import annotations

import base64
import binascii

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import InputRequired, ValidationError

from forms.tied import TiedForm

LARGEST_ORDER = 512 * 1024  # bytes; in base64 it still fits a form


class OrderForm(TiedForm):
    """The file of an order, read in memory."""

    file = FileField(_("The order's file"), [FileRequired(_("Please choose a file."))])

    def validate_file(self, field: FileField) -> None:
        """An order is small, however many people it is about."""
        self.data_read = field.data.read(LARGEST_ORDER + 1)
        if len(self.data_read) > LARGEST_ORDER:
            raise ValidationError(gettext("This file is too large for an order. Please choose order.amanah-order."))


class CarryOutForm(TiedForm):
    """The order that was shown, in base64: what is carried out is what was looked at."""

    order = HiddenField(validators=[InputRequired()])

    def validate_order(self, field: HiddenField) -> None:
        """Whether it is an order is found out when its signature is checked."""
        try:
            self.data_read = base64.b64decode(field.data, validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError("not base64") from None
