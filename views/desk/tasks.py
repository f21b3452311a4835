"""What can be done at the desk, as its home page lists it: each task with one honest sentence. One row a task."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _


@dataclass(frozen=True)
class Task:
    """A row of the home page. `endpoint`: where the task begins."""

    endpoint: str
    title: LazyString
    sentence: LazyString


@dataclass(frozen=True)
class Group:
    """Tasks that belong together, under one heading."""

    title: LazyString
    tasks: tuple[Task, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        _("With the answers"),
        (
            Task(
                "desk.source",
                _("Make a release"),
                _("Opens the sealed answers with the research key and writes a pseudonymised file of them."),
            ),
            Task(
                "desk.review",
                _("Look through people's own words"),
                _("One answer at a time, of nobody you can tell. What is not looked through stays out of releases."),
            ),
            Task(
                "desk.themes",
                _("Count themes"),
                _("Two people code the same answers apart. Also answers that may not be quoted count by theme."),
            ),
        ),
    ),
    Group(
        _("With the identities"),
        (
            Task(
                "desk.identity_source",
                _("Reach people who asked for it"),
                _("Two custodians open the identities together: whom to contact and how, never an answer."),
            ),
        ),
    ),
    Group(
        _("Keys"),
        (
            Task(
                "desk.keys_new",
                _("Make the study's keys"),
                _("Once, before anybody takes part: passphrases, sheets of paper, and proof that the paper works."),
            ),
            Task(
                "desk.keys_fingerprints",
                _("Check fingerprints"),
                _("Shows twelve words to compare with the field app, so that nobody can slip in a key of their own."),
            ),
            Task(
                "desk.keys_passphrase",
                _("Change a passphrase"),
                _("Locks one key file anew. Copies of the old file still open with the old passphrase."),
            ),
            Task(
                "desk.rehearsal",
                _("Rehearse"),
                _("Proves on invented data that every key still opens, before you need it. Changes nothing."),
            ),
            Task(
                "desk.keys_recover",
                _("Recover a key from sheets"),
                _("Two sheets of paper make a key again whose passphrase was forgotten or whose file is gone."),
            ),
            Task(
                "desk.keys_custodians",
                _("Replace or add a custodian"),
                _("Two of today's custodians divide the identity key anew. Old files must be destroyed by hand."),
            ),
            Task(
                "desk.keys_rotate",
                _("Add a new key"),
                _("New visits are sealed to it. What was sealed before still needs the old key and its sheets."),
            ),
        ),
    ),
)
