"""Each act of the journal as a sentence. A table: an act without its line fails a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _

from fieldwork.journal import Entry
from views.office.terms_words import TERMS
from views.wording import listed, written

SHORT = 16  # digits of a digest that tell it from others
DIGITS = 8  # of a proposal's
UNTOLD = "…"
SEVERAL = 5


def counted(one: str, several: str) -> tuple[str, str]:
    """A sentence about one and about several, for translations/ to find."""
    return one, several


KINDS: Mapping[str, LazyString] = {
    "keys": _("New public keys"),
    "sheets": _("A version with another cut-off or retention"),
    "retention": _("Another retention"),
    "removal": _("An administrator goes"),
    "hold": _("A legal hold"),
    "lift": _("The legal hold ends"),
    "end": _("The end of the study"),
    "destroy": _("What the study kept is destroyed"),
}
SENTENCES: Mapping[str, LazyString] = {
    "proposed": _("%(actor)s proposed something for a second person to confirm: %(detail)s."),
    "proposal_confirmed": _("%(actor)s confirmed a proposal: %(detail)s."),
    "proposal_refused": _("%(actor)s refused a proposal: %(detail)s."),
    "proposal_withdrawn": _("%(actor)s took a proposal back: %(detail)s."),
    "proposal_expired": _("A proposal of the staff waited for too long and ended: %(detail)s."),
    "proposal_overtaken": _("%(actor)s confirmed a proposal that was overtaken, so nothing was done: %(detail)s."),
    "staff_invited": _("%(actor)s invited a member of staff: %(detail)s."),
    "staff_invitation_withdrawn": _("%(actor)s withdrew the link of %(detail)s."),
    "staff_joined": _("%(actor)s set up how they sign in by a one-time link (%(detail)s)."),
    "staff_role_changed": _("%(actor)s gave another role: %(detail)s."),
    "staff_disabled": _("%(actor)s disabled %(detail)s."),
    "staff_enabled": _("%(actor)s let %(detail)s in again."),
    "staff_reset": _("%(actor)s ended every way in which %(detail)s signs in, and made a new link."),
    "staff_signed_out": _("%(actor)s ended every session of %(detail)s."),
    "everybody_signed_out": _("%(actor)s ended every session of everybody."),
    "staff_change_refused": _("%(actor)s was refused a change of %(detail)s."),
    "passkey_added": _("%(actor)s added a passkey."),
    "passkey_removed": _("%(actor)s removed a passkey."),
    "passkey_refused": _("A passkey of %(actor)s was refused."),
    "staff_removed": _("%(actor)s confirmed that %(detail)s goes."),
    "retention_changed": _("%(actor)s let another retention count: %(detail)s."),
    "retention_task_done": _("%(actor)s wrote down that a task of keeping and deleting was done: %(detail)s."),
    "text_reviewed": _("%(actor)s wrote down that texts of the study were reviewed: %(detail)s."),
    "hold_set": _("%(actor)s set a legal hold: from now on nothing of a participant is erased."),
    "hold_lifted": _("%(actor)s lifted the legal hold: what waited is erased."),
    "second_factor_set": _("%(actor)s set a second factor."),
    "recovery_codes_made": _("%(actor)s made new recovery codes."),
    "recovery_code_used": _("%(actor)s used a recovery code."),
    "password_changed": _("%(actor)s changed their own password."),
    "init": _("%(actor)s made this instance."),
    "keys_added": _("%(actor)s added public keys, fingerprint %(short)s."),
    "study_added": _("%(actor)s made version %(short)s the one that is asked."),
    "bundle_made": _("%(actor)s took the sealed bundle out (%(detail)s)."),
    "tablet_enrolment_opened": _("%(actor)s made a code for the tablet %(detail)s."),
    "tablet_revoked": _("%(actor)s revoked the tablet %(detail)s."),
    "journal_key_renewed": _("%(actor)s renewed the journal's key, fingerprint %(detail)s."),
    "checkpoint_made": _("%(actor)s made a checkpoint of the journal."),
    "signed_in": _("%(actor)s signed in."),
    "not_permitted": _("%(actor)s was refused what their role does not include: %(detail)s."),
    "adoption_refused": _("%(actor)s was refused to adopt version %(short)s."),
    "draft_form_brought": _("%(actor)s brought a form into the draft (%(detail)s)."),
    "draft_named": _("%(actor)s named the draft %(detail)s."),
    "draft_classified": _("%(actor)s said how private the questions of %(detail)s are."),
    "draft_dropped": _("%(actor)s gave the draft up."),
    "outbox_taken_in": _("%(actor)s took in an outbox that was carried by hand."),
    "migrated": _("%(actor)s took the stores forwards to new tables: version %(detail)s."),
    "certificate_made": _("%(actor)s made a certificate for the pilot, fingerprint %(short)s."),
    "links_destroyed": _("%(actor)s destroyed links between answers and people on their last day: %(steps)s."),
    "contact_expired": _("%(actor)s erased contact details on their last day: %(steps)s."),
    "consent_expired": _("%(actor)s erased consent records, long after the study's end: %(steps)s."),
    "study_ended": _("%(actor)s ended the study: it takes no more answers."),
    "destruction_agreed": _("%(actor)s confirmed that what the study kept is destroyed."),
    "destruction_begun": _("%(actor)s began to destroy what the study kept."),
    "study_destroyed": _("%(actor)s destroyed what the study kept; certificate %(short)s."),
    "backup_made": _("%(actor)s made a backup."),
    "backup_restored": _("%(actor)s put a backup back (%(detail)s)."),
    "restore_rehearsed": _("%(actor)s rehearsed how a backup is put back (%(detail)s)."),
    "wave_invitations_made": _("%(actor)s made invitations to the next wave (%(detail)s)."),
    "release_made": _("%(actor)s made a release for the purpose %(detail)s."),
    "release_refused": _("%(actor)s was refused a release for the purpose %(detail)s."),
    "open_text_reviewed": _(
        "%(actor)s began to decide on people's own words (%(detail)s), so many waiting: %(steps)s."
    ),
    "noise_paid": _("%(actor)s spent privacy budget for noisy tables: rho = %(detail)s is spent by now."),
    "keys_made": _("%(actor)s made the study's keys: %(detail)s."),
    "key_rotated": _("%(actor)s made new keys, which take the place of the old ones: %(detail)s."),
    "key_recovered": _("%(actor)s recovered a key from two sheets: %(detail)s."),
    "passphrase_changed": _("%(actor)s changed the passphrase of a key file: %(detail)s."),
    "custodians_changed": _("%(actor)s gave the identity key to other custodians: %(detail)s."),
    "identities_opened": _("%(actor)s opened the identities together."),
    "contact_list_made": _("%(actor)s saved a list of contacts for the purpose %(detail)s."),
    "letters_made": _("%(actor)s made letters for the purpose %(detail)s."),
    "consent_counted": _("%(actor)s counted consents."),
    "consent_shown": _("%(actor)s showed one person's consent record, on that person's request."),
    "order_made": _("%(actor)s made the order %(detail)s to erase."),
    "order_carried_out": _("%(actor)s carried out the custodians' order %(detail)s to erase: %(steps)s."),
}
# What tells a number: for one, for several.
COUNTED: Mapping[str, tuple[str, str]] = {
    "invitations_made": counted(
        "%(actor)s made %(count)s invitation for %(detail)s.",
        "%(actor)s made %(count)s invitations for %(detail)s.",
    ),
    "invitation_withdrawn": counted(
        "%(actor)s withdrew %(count)s invitation for %(detail)s.",
        "%(actor)s withdrew %(count)s invitations for %(detail)s.",
    ),
    "backups_destroyed": counted(
        "%(actor)s destroyed %(count)s backup whose life was over.",
        "%(actor)s destroyed %(count)s backups whose life was over.",
    ),
    "people_simulated": counted(
        "%(actor)s added %(count)s invented person.",
        "%(actor)s added %(count)s invented people.",
    ),
    "rehearsed": counted(
        "%(actor)s rehearsed with %(count)s key on test data: %(detail)s.",
        "%(actor)s rehearsed with %(count)s keys on test data: %(detail)s.",
    ),
}


def in_words(entry: Entry) -> str:
    """What an entry says. An act that this version does not know is named as it is written."""
    short = entry.detail.replace(" ", "")[:SHORT]
    told = {"actor": entry.actor, "detail": _detail(entry), "short": short, "steps": _steps(entry)}
    said = _sentence(entry.act, entry.count, told) or f"{entry.actor}: {entry.act} {entry.detail}".rstrip()
    return str(gettext("%(said)s Reason: %(reason)s", said=said, reason=entry.reason)) if entry.reason else said


def _sentence(act: str, number: int, told: Mapping[str, Any]) -> str:
    if act in COUNTED:
        return str(ngettext(*COUNTED[act], number, count=number, **told))
    return str(SENTENCES[act]) % written(told) if act in SENTENCES else ""


def acts_in_words() -> dict[str, str]:
    """The acts to choose from, by their names: each sentence with what differs left out."""
    left_out = dict.fromkeys(("actor", "count", "detail", "short", "steps"), UNTOLD)
    named = {act: str(sentence) % left_out for act, sentence in SENTENCES.items()}
    named |= {act: str(ngettext(*forms, SEVERAL, **left_out)) for act, forms in COUNTED.items()}
    return {"": gettext("Everything")} | dict(sorted(named.items(), key=lambda one: one[1]))


def _steps(entry: Entry) -> str:
    """A count that is told in steps of five only (fieldwork/kept.py)."""
    return str(gettext("%(count)s or more", count=entry.count) if entry.count else gettext("fewer than 5"))


def _detail(entry: Entry) -> str:
    """The detail of an entry, in words where it is written for machines."""
    if entry.act == "retention_changed":
        return _retention(entry.detail)
    kind, _space, rest = entry.detail.partition(" ")
    if not entry.act.startswith("propos") or kind not in KINDS:
        return entry.detail
    digest, _space, subject = rest.partition(" ")
    what = gettext("%(what)s: %(value)s", what=KINDS[kind], value=subject) if subject else KINDS[kind]
    return str(gettext("%(what)s (digits %(digits)s)", what=what, digits=digest[:DIGITS]))


def _retention(detail: str) -> str:
    try:
        told = json.loads(detail)
        rows = [(TERMS.get(name, name), value) for name, value in told.items()]
        return listed(gettext("%(what)s: %(value)s", what=what, value=value) for what, value in rows)
    except (ValueError, AttributeError):
        return detail
