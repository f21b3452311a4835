"""Numbers, days, lists and names as a page's language writes them, and digits of any script where people type them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.support import NullTranslations
from flask import Flask, render_template_string
from flask_babel import Babel, force_locale, gettext, ngettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app import create_desk
from errors import NotPermitted
from fieldwork.staff.factors import confirmed_step, hash_of_code
from fieldwork.staff.totp import code_at, step_of
from forms.fields import DayField
from views.desk.figures import chance, figure, percent
from views.wording import listed, word

SCRIPTS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "০১২৩৪৫৬৭৮৯")
NOW, SECRET = datetime(2026, 11, 26, 12, tzinfo=UTC), b"12345678901234567890"


def typed_in(script: str, text: str) -> str:
    return text.translate(str.maketrans("0123456789", script))


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask("amanah", root_path="/")
    app.config.update(SECRET_KEY="x", WTF_CSRF_ENABLED=False)
    Babel(app)
    word(app)
    with app.test_request_context("/"):
        yield app


class Bent(NullTranslations):
    """A catalogue that says HTML, whatever it is asked for."""

    def ugettext(self, message: str) -> str:
        return f'" autofocus><img src=x {message}'

    def ungettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.ugettext(msgid2)

    def upgettext(self, context: str, message: str) -> str:
        return self.ugettext(message)

    def unpgettext(self, context: str, singular: str, plural: str, num: int) -> str:
        return self.ugettext(plural)


@pytest.fixture
def desk_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("AMANAH_HOME", str(tmp_path))
    return create_desk()


@pytest.mark.parametrize(
    "asked", ['_("%(a)s", a=a)', 'ngettext("%(a)s", "%(a)s", 2, a=a)', 'pgettext("c", "%(a)s", a=a)',
              'npgettext("c", "%(a)s", "%(a)s", 2, a=a)']
)  # fmt: skip
def test_a_catalogue_says_words_and_never_html(app: Flask, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setattr(app.extensions["babel"].instance.domain_instance, "get_translations", Bent)
    told = render_template_string(f'<p title="{{{{ {asked} }}}}">', a=Markup("<b>&amp;</b>"))
    assert told == '<p title="&#34; autofocus&gt;&lt;img src=x <b>&amp;</b>">'


@pytest.mark.parametrize(
    ("locale", "number", "day", "row"),
    [
        ("en_GB", "12,345", "26 November 2026", "a, b and c"),
        ("tr", "12.345", "26 Kasım 2026", "a, b ve c"),
        ("bn", "12,345", "26 নভেম্বর, 2026", "a, b এবং c"),
        ("ar", "⁨12,345⁩", "⁨26 نوفمبر 2026⁩", "⁨a⁩ و⁨b⁩ و⁨c⁩"),
    ],
)
def test_what_is_put_into_a_sentence_is_written_as_its_language_writes_it(
    app: Flask, locale: str, number: str, day: str, row: str
) -> None:
    with force_locale(locale):
        assert ngettext("%(num)s", "%(num)s", 12345) == number
        for told in (date(2026, 11, 26), "2026-11-26"):
            assert gettext("%(day)s", day=told) == day
        assert listed(["a", "b", "c"]) == row
        assert render_template_string('{{ ngettext("%(num)s", "%(num)s", 12345) }}') == number


@pytest.mark.parametrize(
    ("locale", "told"), [("en_GB", ["12.5%", "1 in 3.3", "1 in 250", "none", "0.0123"]), ("tr", ["%12,5", "0,0123"])]
)
def test_figures_of_a_preview_are_written_as_the_language_writes_them(app: Flask, locale: str, told: list[str]) -> None:
    with force_locale(locale):
        said = [percent(0.125), *map(chance, (0.3, 0.004, 0)), figure(0.01234)]
    assert set(told) <= set(said)


def test_what_only_looks_like_a_day_is_left_as_it_is(app: Flask) -> None:
    assert gettext("%(told)s", told="2026-13-45") == "2026-13-45"
    assert gettext("%(told)s", told=True) == "True"


def test_an_isolate_lets_no_markup_through_and_takes_none_away(app: Flask) -> None:
    with force_locale("ur"):
        page = "{{ _('%(one)s %(two)s', one=one, two=two) }}"
        said = render_template_string(page, one="<b>", two=Markup("<i>2</i>"))
    assert said == "⁨&lt;b&gt;⁩ ⁨<i>2</i>⁩"


@pytest.mark.parametrize("script", SCRIPTS)
def test_codes_and_days_may_be_typed_in_the_digits_that_people_write(app: Flask, script: str) -> None:
    code = code_at(SECRET, NOW)
    assert confirmed_step(SECRET, typed_in(script, code), NOW) == step_of(NOW)
    with pytest.raises(NotPermitted):
        confirmed_step(SECRET, typed_in(script, code[::-1] if code != code[::-1] else "000000"), NOW)
    assert hash_of_code(typed_in(script, "AB12-3C45")) == hash_of_code("ab123c45")

    class Form(FlaskForm):  # type: ignore[misc]
        day = DayField()

    for written in ("2026-11-26", "26/11/2026", "26.11.2026"):
        assert Form(MultiDict({"day": typed_in(script, written)})).day.data == date(2026, 11, 26)
    assert Form(MultiDict({"day": typed_in(script, "31/02/2026")})).day.data is None


def test_only_what_scripts_are_told_stands_between_apostrophes() -> None:
    templates = (Path(__file__).parents[2] / "templates").rglob("*.html")
    found = [one for file in templates for one in re.findall(r"='[^']*\{\{[^}]*\}\}", file.read_text("utf-8"))]
    assert found
    # JSON for a page has no apostrophe; a sentence of a catalogue may have one.
    assert [one for one in found if not one.endswith("|tojson }}")] == []


def test_what_scripts_are_told_leaves_no_attribute(desk_app: Flask) -> None:
    with desk_app.test_request_context("/"):
        told = render_template_string("{{ told|tojson }}", told=["' onfocus='x", "<&>", "é"])
    assert not set("'<>&") & set(told)
