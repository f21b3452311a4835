"""The page on which a team says how private each question of a form from elsewhere is. Proposes; a person decides."""

from __future__ import annotations

from flask import abort, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from errors import InstrumentError, Problem, SettingsError
from fieldwork.drafts import ToDecide, decide, forms_of, to_decide
from forms.office import ClassesForm, DecisionForm
from instruments.privacy_classes.classes import Decision
from views.office.guards import pen
from views.office.questionnaires import folder, to_draft

Page = str | tuple[str, int]


def classes() -> Page | Response:
    """Each question with what is proposed and why; posted, what was decided is kept beside the form, in the draft.

    Without a draft they are those of the version in use. Of a form that says so itself there is nothing to decide.
    """
    name = request.args.get("form", "")
    try:
        asked = to_decide(folder(), name)
    except SettingsError:
        if name not in {form for _, form in forms_of(folder())}:
            abort(404)
        return _page(name, ClassesForm(formdata=None), ())
    form = ClassesForm(data={"questions": [_written(one.likely) for one in asked]})
    if not form.is_submitted():
        return _page(name, form, asked)
    names = [one.proposal.name for one in asked]
    if not form.validate() or [entry.form.name.data for entry in form.questions] != names:
        return _page(name, form, asked, refused=gettext("Nothing was kept yet. Please look at what is marked.")), 422
    decided = [_decision(one, entry.form) for one, entry in zip(asked, form.questions, strict=True)]
    try:
        decide(folder(), name, decided, pen())
    except InstrumentError as refusal:
        return _page(name, form, asked, problems=refusal.problems), 422
    return to_draft()


def _page(
    name: str,
    form: ClassesForm,
    asked: tuple[ToDecide, ...],
    refused: str = "",
    problems: tuple[Problem, ...] = (),
) -> str:
    pairs = list(zip(asked, form.questions, strict=False))
    return render_template("office/classes.html", name=name, form=form, pairs=pairs, refused=refused, problems=problems)


def _written(decision: Decision) -> dict[str, object]:
    return {
        "name": decision.name,
        "privacy": decision.privacy,
        "stored": decision.stored,
        "special": decision.special,
        "reason": decision.reason,
    }


def _decision(asked: ToDecide, form: DecisionForm) -> Decision:
    told = form.data
    # A hierarchy is written into the file by hand, and stays.
    hierarchy = asked.likely.hierarchy
    return Decision(told["name"], told["privacy"], told["stored"], told["special"], hierarchy, told["reason"] or "")
