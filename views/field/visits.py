"""The visit: one page that anyone may cache, and the plain path that takes it posted and keeps it sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from flask import Response, abort, make_response, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from errors import AnswersRefused, ConsentRefused, NotEligible, SettingsError
from fieldwork.ending import refuse_late, refuse_new
from fieldwork.plan import plan_of
from fieldwork.study import Study
from fieldwork.visits import FinishedVisit, Mode, Receipt, count_outcome, finish_visit, last_day
from forms.visit import TypedVisit, VisitForm
from instruments.answers import SENTENCES
from instruments.model import Instrument, Item, Part
from instruments.sheets_to_read import sheets_of
from views.field.agreed import Agreed, agreed_in
from views.field.common import cacheable, language, page, study
from views.field.listening import Recordings, may_play, of_parts
from views.headers import POLICY
from views.languages import own_name
from views.qr import qr_svg

# What the first question needs, named in the page so that the browser fetches all at once.
MODULES = ("answers.js", "expressions.js", "form.js", "steps.js")
SHOWN = ("eligibility", "information", "understanding", "consent", "demographics", "questionnaire", "contact")
BEFORE_CONSENT = ("information", "understanding", "consent")  # where the easy-read sheet is in reach
AFTER_CONSENT = ("demographics", "questionnaire", "contact")


def show(group: str) -> Response:
    """The empty visit page of a group. Anyone may keep it: there is no session, name or token in it."""
    refuse_new(study().ending)
    if not study().is_open:
        raise SettingsError("This study is not open yet.")
    response = cacheable(visit_page(study(), _form(group, MultiDict()), remind=True))
    if not study().settings.plain_path:
        # The browser itself then refuses to send the form anywhere, whatever becomes of the page's script.
        response.headers["Content-Security-Policy"] = POLICY.replace("form-action 'self'", "form-action 'none'")
    return may_play(response)


def finish(group: str) -> Response | tuple[str, int] | str:
    """Take a posted visit: seal it and show the receipt, or give the page back with everything still in it."""
    # A page that somebody has open since before the end may still be sent.
    refuse_late(study().ending, date.today())
    if not study().is_open or not study().settings.plain_path:
        raise SettingsError("This study takes no answers on the plain path.")
    form = _form(group, request.form)
    try:
        visit = form.check()
    except NotEligible:
        return _ended("not_eligible", group)
    except ConsentRefused:
        return _ended("refused", group)
    except AnswersRefused:
        return visit_page(study(), form, remind="remind" in request.form), 422
    if "remind" in request.form and (form.blanks() or form.unclear()):
        return visit_page(study(), form, remind=False, blanks=form.blanks(), unclear=form.unclear())
    return _kept(form, visit)


def _form(group: str, typed: MultiDict[str, str]) -> VisitForm:
    if group not in {one.name for one in study().instrument.groups}:
        abort(404)
    return VisitForm(study().instrument, group, language(), typed)


def _kept(form: VisitForm, visit: TypedVisit) -> Response:
    today = date.today()
    finished = FinishedVisit(
        form.group,
        form.language,
        cast(Mode, visit.mode),
        visit.answers,
        visit.consent,
        visit.contact,
        visit.interviewer,
    )
    receipt = finish_visit(study(), finished, today)
    until = last_day(study(), today)
    said = agreed_in(study().instrument, form.group, visit.consent, form.language, today, until)
    return _receipt(receipt, form.group, said, visit.unkept)


def _receipt(receipt: Receipt, group: str, said: Agreed, unkept: bool) -> Response:
    code, spoken = receipt.grouped, own_name(language())
    html = page(
        "receipt.html", code=code, qr=qr_svg(code), group=group, unkept=unkept, until=said.until, said=said,
        language_name=spoken,
    )  # fmt: skip
    return make_response(html)


def _ended(outcome: str, group: str) -> str:
    count_outcome(study(), "refused" if outcome == "refused" else "not_eligible", group)
    return page("thanks.html", outcome=outcome, group=group)


def visit_page(
    about: Study,
    form: VisitForm,
    remind: bool,
    blanks: Sequence[Item] = (),
    unclear: Sequence[Item] = (),
    preview: bool = False,
) -> str:
    """The page of a visit, with everything that was typed in it. A preview keeps and sends nothing."""
    parts = [part for part in form.parts if part.name in SHOWN and part.blocks]
    recordings = Recordings() if preview else of_parts(parts, form.language)
    return page(
        "visit.html",
        about,
        form.language,
        form=form,
        group=form.group,
        parts=parts,
        steps=_steps(parts),
        gated=_is_gated(form.instrument, form.group),
        after_consent=AFTER_CONSENT,
        remind=remind,
        blanks=blanks,
        unclear=unclear,
        plan=plan_of(about, form.group, form.language) | ({"preview": True} if preview else {}),
        sentences=_sentences(),
        modules=MODULES,
        preview=preview,
        recordings=recordings,
        easy=() if preview else BEFORE_CONSENT * bool(sheets_of(form.instrument, form.group).easy),
    )


def _sentences() -> dict[str, str]:
    """What the page's script says where a page from the server would."""
    return {name: gettext(sentence) for name, sentence in SENTENCES.items()} | {
        "required": gettext("We need this answer to go on."),
        "statement": gettext("Please say yes or no to this statement."),
        "next": gettext("Continue"),
        "finish": gettext("Finish without taking part"),
        "send": gettext("Send my answers"),
    }


def _steps(parts: list[Part]) -> dict[int, int]:
    """The number of each part, by its place; the parts of one name count as one."""
    numbers: dict[int, int] = {}
    for place, part in enumerate(parts):
        again = place and parts[place - 1].name == part.name
        numbers[place] = numbers[place - 1] if again else len(set(numbers.values())) + 1
    return numbers


def _is_gated(instrument: Instrument, group: str) -> bool:
    """Whether the page itself can hold the questions back until every required statement has its Yes.

    Where a parent is asked too, which list counts depends on the age typed: there the server alone decides.
    """
    return instrument.minor_consent != "parent_and_assent" or instrument.group(group).minimum_age is None
