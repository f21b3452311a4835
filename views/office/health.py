"""The health page: how the instance is, a line for everything that a study depends on, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from flask import render_template, url_for
from flask_babel import format_date, gettext

from config import LOOPBACK, Settings
from fieldwork.examining import Around, examine
from fieldwork.health import Finding, findings
from fieldwork.study import Study
from views.field.common import study
from views.office.health_words import HOLDS, STATES, SUBJECTS, WORDS
from views.office.long_work import Said, done
from views.office.previews import settings


def health() -> Any:
    """Every finding in words."""
    about, told, now = study(), settings(), datetime.now(UTC)
    said = Said(
        gettext("Looking at the health"), gettext("This only reads: nothing is changed."), url_for("office.home")
    )
    return done(lambda _work: examined(about, told, now), lambda found: _page(found, now), said)


def _page(found: tuple[Finding, ...], now: datetime) -> str:
    return render_template(
        "office/health.html",
        subjects=[(SUBJECTS[name], tuple(lines)) for name, lines in groupby(found, lambda one: one.subject)],
        states=STATES,
        in_words=in_words,
        counts={state: _count(found, state) for state in STATES},
        now=now.replace(microsecond=0),
    )


def examined(about: Study, told: Settings, now: datetime, with_chain: bool = False) -> tuple[Finding, ...]:
    """What the rules find of an instance; the command says the same, and checks the journal's chain too."""
    hosts = () if told.hosts == LOOPBACK else told.hosts
    kept = (told.backups, told.certificate, told.demo, told.secure_cookies, hosts, told.security_contact)
    return findings(examine(about, Around(told.home, *kept), date.today(), with_chain), now)


def in_words(finding: Finding) -> str:
    """What was found and what to do, as one or two sentences."""
    told = {name: _said(value) for name, value in finding.values.items()}
    return str(WORDS[finding.case]) % told


def _said(value: object) -> object:
    return format_date(value, "long") if isinstance(value, date) else HOLDS.get(value, value)


def _count(found: Iterable[Finding], state: str) -> int:
    return sum(1 for finding in found if finding.state == state)
