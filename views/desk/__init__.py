"""The desk's pages: a home page of tasks, and each task's own. On one machine only, behind a one-time link."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from flask import Blueprint, Flask

from release.placing import sweep
from views.desk import building, keys, pages, rehearsing, specifying, unlocking
from views.desk.answered import answer_elsewhere, show_answer
from views.desk.common import notice_the_user, only_with_cookie, still, take_turns
from views.desk.home import home
from views.desk.identity import add_identity_pages
from views.desk.identity_orders import add_order_pages
from views.desk.review import add_review_pages
from views.desk.state import Desk
from views.speaking import keep_choice


def blueprint(desk: Desk) -> Blueprint:
    """The desk's pages over one desk's state."""
    made = Blueprint("desk", __name__)
    made.record_once(lambda setup: setup.app.extensions.update(amanah_desk=desk))
    made.record_once(lambda setup: take_turns(cast(Flask, setup.app), desk))
    made.add_url_rule("/open/<token>", "open", pages.enter)
    made.before_request(only_with_cookie)
    made.before_request(keep_choice)
    made.before_request(notice_the_user)
    made.before_request(show_answer)
    made.after_request(answer_elsewhere)
    made.add_url_rule("/", "home", home)
    made.add_url_rule("/still", "still", still)
    for name, view in pages.STEPS.items():
        made.add_url_rule(f"/{name}", name, view, methods=["GET", "POST"])
    made.add_url_rule("/unlock/open", "go_on", unlocking.go_on, methods=["POST"])
    keys.add_rules(made)
    made.add_url_rule("/rehearsal", "rehearsal", rehearsing.rehearsal, methods=["GET", "POST"])
    made.add_url_rule("/rehearsal/<way>", "rehearsal_prove", rehearsing.prove, methods=["POST"])
    made.add_url_rule("/rehearsal/end", "rehearsal_end", rehearsing.end, methods=["POST"])
    made.add_url_rule("/specify/toml", "specify_toml", specifying.specify_toml, methods=["POST"])
    made.add_url_rule("/working", "working", building.working)
    made.add_url_rule("/working/cancel", "cancel", building.cancel, methods=["POST"])
    made.add_url_rule("/download", "download", building.download)
    add_identity_pages(made)
    add_order_pages(made)
    add_review_pages(made)
    made.add_url_rule("/close", "close", pages.close, methods=["POST"])
    return made


def new_desk(home: Path) -> Desk:
    """A desk for the instance folder at `home`, closed until its one-time link is opened.

    What a desk that was killed left half written of a release is removed first.
    """
    sweep(home / "releases")
    return Desk(home)
