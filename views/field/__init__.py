"""The field app's pages for participants: start, visit, receipt, support, withdrawal. None has a cookie."""

from __future__ import annotations

from flask import Blueprint

from views.field import agreed, changes, deliveries, listening, offline, pages, printed, visits, withdrawal
from views.field.common import begin
from views.field.words import points, words


def blueprint() -> Blueprint:
    """The participants' pages."""
    field = Blueprint("field", __name__)
    field.before_request(begin)
    field.add_app_template_filter(words)
    field.add_app_template_filter(points)
    field.add_url_rule("/", "start", pages.start)
    field.add_url_rule("/.well-known/security.txt", "security", pages.security)
    field.add_url_rule("/favicon.ico", "no_icon", pages.no_icon)
    field.add_url_rule("/support", "support", pages.support)
    field.add_url_rule("/sheet/<group>", "sheet", printed.sheet)
    field.add_url_rule("/cards/<group>", "cards", printed.cards)
    field.add_url_rule("/easy-read/<group>", "easy_read", pages.easy_read)
    field.add_url_rule("/recordings/<name>", "recording", listening.recording)
    field.add_url_rule("/away", "away", pages.away)
    field.add_url_rule("/visit/done", "done", pages.done)
    field.add_url_rule("/visit/agreed", "agreed", agreed.show)
    field.add_url_rule("/visit/<group>", "visit", visits.show)
    field.add_url_rule("/visit/<group>", "finish", visits.finish, methods=["POST"])
    field.add_url_rule("/withdraw", "withdraw", withdrawal.show)
    field.add_url_rule("/withdraw", "erase", withdrawal.erase, methods=["POST"])
    field.add_url_rule("/withdraw/choices", "choices", withdrawal.change, methods=["POST"])
    field.add_url_rule("/changes", "take_changes", changes.take, methods=["POST"])
    field.add_url_rule("/withdrawals", "withdraw_tags", changes.withdraw, methods=["POST"])
    field.add_url_rule("/tablet", "tablet", pages.tablet)
    field.add_url_rule("/worker.js", "worker", offline.worker)
    field.add_url_rule("/manifest.webmanifest", "manifest", offline.manifest)
    field.add_url_rule("/deliveries", "deliver", deliveries.deliver, methods=["POST"])
    field.add_url_rule("/deliveries/several", "deliver_several", deliveries.deliver_several, methods=["POST"])
    field.add_url_rule("/admission", "admission", deliveries.admission)
    field.add_url_rule("/walk-in", "walk_in", deliveries.let_in, methods=["POST"])
    field.add_url_rule("/outcomes", "outcome", deliveries.outcome, methods=["POST"])
    field.add_url_rule("/tablet/enrolment", "enrol", deliveries.enrolment, methods=["POST"])
    field.add_url_rule("/keyring.json", "keyring", deliveries.keyring)
    return field
