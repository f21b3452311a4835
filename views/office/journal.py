"""The journal's pages: read with filters, check the whole when asked, give a witness a checkpoint. Change no entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from flask import Response, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from fieldwork.journal import Verified, Wanted, checkpoint, read_page, verified
from forms.journal import JournalForm
from forms.office import ButtonForm
from views.field.common import study
from views.office.journal_words import acts_in_words, in_words
from views.office.long_work import Said, done
from views.qr import qr_svg

FILTERS = ("act", "person", "since", "until")
GROUP = 8  # digits that are read out together


def journal() -> Any:
    """A page of the entries asked for, newest first. The whole is checked where `check` is asked for."""
    form = JournalForm(acts_in_words(), request.args)
    if not form.is_right():
        return _page(form, [], 0), 422
    wanted = Wanted(form.act.data, (form.person.data or "").strip(), form.since.data, form.until.data)
    entries, older = read_page(study(), wanted, form.before.data or 0)
    shown = [(entry, in_words(entry)) for entry in entries]
    if "check" not in request.args:
        return _page(form, shown, older)
    about = study()
    # Every signature is looked at: that takes seconds for a long journal, so only where somebody asks for it.
    said = Said(gettext("Checking the journal"), gettext("This only reads: nothing is changed."), _here())
    return done(lambda work: verified(about, work.report), lambda result: _page(form, shown, older, result), said)


def make_checkpoint() -> str | Response | AnyResponse:
    """A new checkpoint: a file to save, or a page to print."""
    if not ButtonForm().validate_on_submit():
        return redirect(url_for("office.journal"), 303)
    made = checkpoint(study(), g.member.name, date.today())
    if request.form.get("how") == "print":
        groups = [made.head[start : start + GROUP] for start in range(0, len(made.head), GROUP)]
        return render_template("office/checkpoint.html", made=made, groups=groups, qr=qr_svg(made.text))
    name = f"journal-{made.study}-{made.entries}.txt"
    return send_file(BytesIO(made.text.encode()), "text/plain", as_attachment=True, download_name=name)


def _asked() -> dict[str, Any]:
    return {name: value for name, value in request.args.items() if name in FILTERS}


def _here() -> str:
    return url_for("office.journal", **_asked())


def _page(form: JournalForm, entries: Sequence[tuple[object, str]], older: int, result: Verified | None = None) -> str:
    return render_template(
        "office/journal.html",
        form=form,
        entries=entries,
        older=url_for("office.journal", **_asked(), before=older) if older else "",
        result=result,
        nothing=gettext("No entry is like that.") if form.act.data or form.person.data else gettext("No entry."),
        button=ButtonForm(formdata=None),
    )
