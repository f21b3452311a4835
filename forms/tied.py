"""A form of the staff's: what is wrong with a field is tied to its box, so that it is read out with it.

A template writes the sentence with the id `<field>-error`, as templates/office/fields.html does. Holds nothing.
"""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field


class TiedForm(FlaskForm):
    """The form that all of the staff's forms are kinds of."""

    class Meta(FlaskForm.Meta):
        """How its fields are written."""

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Any:
            """A field's box; one with errors says so, and names where they stand."""
            if not field.errors:
                return super().render_field(field, render_kw)
            described = [*str(render_kw.get("aria-describedby", "")).split(), f"{field.id}-error"]
            tied = {"aria-invalid": "true", "aria-describedby": " ".join(dict.fromkeys(described))}
            return super().render_field(field, dict(render_kw) | tied)
