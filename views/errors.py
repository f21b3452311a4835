"""Error pages: what happened, what is safe, what to do. They show nothing of what was sent, and logs get no message."""

from __future__ import annotations

import errno

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.globals import request_ctx
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

import errors
from views.known import knew_a_desk
from views.logs import log_error

# Headers of a refusal that tell a machine what to do instead.
TELLING = ("Allow", "Retry-After")
# What the system refuses and gives again by itself; storage/disks.py says it of files that belong to a store.
PASSING = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE))
AGAIN_AFTER = 10  # seconds; about as long as another server takes to step in (docs/scale.md)
# Our errors as HTTP codes. The most telling class of an error's ancestry counts.
STATUS: dict[type[errors.AmanahError], int] = {
    errors.AmanahError: 500,
    errors.SettingsError: 503,
    errors.PasswordRefused: 422,
    errors.InstrumentError: 500,
    errors.ExpressionError: 500,
    errors.VisitError: 422,
    errors.NotEligible: 200,
    errors.ConsentRefused: 200,
    errors.ConsentMissing: 422,
    errors.ConsentAwaited: 422,
    errors.AnswersRefused: 422,
    errors.DeliveryRefused: 422,
    errors.StudyOver: 410,
    errors.NotAdmitted: 401,
    errors.EnvelopeError: 422,
    errors.ShareError: 422,
    errors.CeremonyError: 422,
    errors.ReceiptError: 422,
    errors.StorageError: 500,
    errors.SchemaOther: 503,
    errors.IdTaken: 409,
    errors.Withdrawn: 410,
    errors.StoreAway: 503,
    errors.StoreLost: 503,
    errors.ClockBehind: 503,
    errors.NotGranted: 403,
    errors.BackupRefused: 409,
    errors.JournalBroken: 500,
    errors.JournalNotWritten: 500,
    errors.CheckpointRefused: 422,
    errors.DestructionRefused: 422,
    errors.ManifestError: 422,
    errors.OrderRefused: 422,
    errors.ReleaseError: 422,
    errors.Cancelled: 422,
    errors.NotPermitted: 403,
    errors.SignInOver: 403,
    errors.TooManyTries: 429,
}

Answer = Response | tuple[str, int]


def register_errors(app: Flask) -> None:
    """Give the app its error pages and its way of logging."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(errors.AmanahError, _ours)
    app.register_error_handler(Exception, _crashed)


def _refused(error: HTTPException) -> Answer:
    answer = make_response(_page(error.code or 500))
    for name, value in error.get_headers():
        if name in TELLING:
            answer.headers[name] = value
    return answer


def status_of(error: errors.AmanahError) -> int:
    """The HTTP code of an error of ours."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _ours(error: errors.AmanahError) -> Answer:
    code = status_of(error)
    if isinstance(error, errors.StoreAway):
        return _away(error)
    if code >= 500:
        log_error(error)
        return _page(code)
    # The text of our own errors is a sentence for people, and never holds what somebody typed.
    told = gettext(str(error))
    # Whoever set the database up must learn what it lacks, and nobody is told that a study is over for a visit that was
    # withdrawn; other pages say no more than their number.
    shown = told if isinstance(error, (errors.NotGranted, errors.Withdrawn)) else ""
    return _page(code, told, shown, is_over=isinstance(error, errors.StudyOver))


def _away(error: errors.StoreAway | OSError) -> Answer:
    """A device tries again by itself; a person is told to, or whom to tell."""
    log_error(error)
    told = gettext(
        "The study cannot be reached just now, and what was sent may not have been kept. Please wait a minute, then go "
        "back and send it again."
    )
    if isinstance(error, errors.StoreLost):
        told = gettext(
            "A part of the study is missing on its server, and what was sent may not have been kept. It does not come "
            "back by itself: please tell the study team."
        )
    answer = make_response(_page(STATUS[errors.StoreAway], told, shown=told))
    answer.headers["Retry-After"] = str(AGAIN_AFTER)
    return answer


def _crashed(error: Exception) -> Answer:
    if isinstance(error, OSError) and error.errno in PASSING:
        return _away(error)
    log_error(error)
    return _page(500)


def _page(code: int, told: str = "", shown: str = "", is_over: bool = False) -> Answer:
    if request_ctx.url_adapter is None:
        # The host asked for is not ours. Whoever asked is told nothing, not even what stands at this address.
        return "", code
    if request.accept_mimetypes.best == "application/json":
        # A device delivers by script: it wants the sentence, not a page.
        return make_response(jsonify(sentence=told or _sentence(code)), code)
    is_office = f"{request.path}/".startswith("/office/")
    told_to = {"sentence": shown or _sentence(code), "number": g.get("request_id", "")}
    # Nothing went wrong where a study is over, and its start leads here again.
    return render_template("error.html", **told_to, is_office=is_office, is_over=is_over and not is_office), code


def _sentence(code: int) -> str:
    sentences: dict[int, str] = {
        401: gettext("This tablet or invitation is not, or no longer, known to the study."),
        403: gettext("This page is not open to you."),
        404: gettext("There is no page at this address. Please check the link."),
        405: gettext("This page cannot be used in that way."),
        410: gettext(
            "This study is over and takes no more answers. Nothing was kept. A receipt from before still works on the "
            "page for taking answers back, until the day that it names."
        ),
        413: gettext("What was sent is too large. Nothing was kept. Please make your texts shorter."),
        414: gettext("This address is too long. Please check the link."),
        415: gettext("This kind of file or text cannot be used here. Nothing was kept."),
        422: gettext("Something in what was sent is not right. Nothing was kept."),
        429: gettext("Too many tries in a short time. Please wait a few minutes, then try again."),
        431: gettext("Your browser sent too much beside what you typed. Nothing was kept. Please use another browser."),
        503: gettext("This study is not open yet. Nothing was kept. Please come back later."),
    }
    if "amanah_desk" in current_app.extensions:
        sentences[403] = gettext(
            "This desk is open in the browser alone that used its link, and the link works once. Go back to that "
            "browser. Start the desk again only if nothing is in the making there, and use the new link."
        )
        if knew_a_desk():
            sentences[403] = gettext(
                "This desk was started again since this browser opened it, or this browser opened another one. What "
                "was sent from the page before was not taken, and what a desk held is forgotten when it ends. Use the "
                "link that the desk told when it started: it works once."
            )
    unread = gettext("We could not read what was sent. Nothing was kept. Please go back and try again.")
    ours = gettext("Something went wrong on our side. Nothing was kept. Please try again later.")
    return sentences.get(code) or (unread if code < 500 else ours)
