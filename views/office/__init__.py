"""The staff's pages, in one list, with signing in. No page shows an answer or a name."""

from __future__ import annotations

from flask import Blueprint, g

from fieldwork.roles import May
from forms.office import ButtonForm
from views.field.common import begin
from views.office import (
    admissions,
    again,
    approvals,
    bundling,
    classes,
    health,
    hold,
    joining,
    journal,
    keyrings,
    notices,
    orders,
    own_sign_in,
    passkeys,
    previews,
    progress,
    questionnaires,
    signing_in,
    staff,
    staying,
    studies,
)
from views.office.guards import only_who
from views.office.navigation import Page, ways_of
from views.speaking import keep_choice


def blueprint() -> Blueprint:
    """The staff's pages, under /office."""
    office = Blueprint("office", __name__, url_prefix="/office")
    office.before_request(begin)
    office.before_request(keep_choice)
    office.context_processor(lambda: {"leaving": ButtonForm(formdata=None)})  # every page signs out
    office.context_processor(lambda: {"waiting_for_you": approvals.number_for_you})
    office.add_url_rule("/sign-in", "sign_in", signing_in.sign_in_page, methods=["GET", "POST"])
    office.add_url_rule("/sign-in/code", "code", signing_in.code_page, methods=["GET", "POST"])
    office.add_url_rule("/sign-in/set-up", "set_up", own_sign_in.set_up, methods=["GET", "POST"])
    office.context_processor(passkeys.in_every_page)
    office.context_processor(lambda: {"session_left": staying.session_left})
    office.add_url_rule("/left", "left", staying.left)
    office.add_url_rule("/sign-in/passkey", "sign_in_passkey", passkeys.sign_in_passkey, methods=["POST"])
    office.add_url_rule("/sign-in/passkey/challenge", "sign_in_challenge", passkeys.sign_in_challenge, methods=["POST"])
    office.add_url_rule("/join", "join", joining.join, methods=["GET", "POST"])
    office.add_url_rule("/join/challenge", "join_challenge", joining.join_challenge, methods=["POST"])
    office.add_url_rule("/join/passkey", "join_passkey", joining.join_passkey, methods=["POST"])
    office.add_url_rule("/join/password", "join_password", joining.join_password, methods=["POST"])
    office.add_url_rule("/sign-out", "sign_out", signing_in.sign_out_page, methods=["POST"])
    for address, endpoint, methods, act, view in pages():
        office.add_url_rule(address, endpoint, only_who(act)(view), methods=methods.split())
    acts = {endpoint: act for _, endpoint, _, act, _ in pages()}
    office.context_processor(lambda: {"ways": ways_of(acts, g.member.role) if g.get("member") else ()})
    return office


def pages() -> tuple[Page, ...]:
    """Every page that needs somebody signed in: address below /office, endpoint, methods, what it is for, view."""
    change, see, both = May.CHANGE_QUESTIONNAIRES, May.SEE_QUESTIONNAIRES, "GET POST"
    own, factors, manage = May.KEEP_OWN_SESSIONS, May.CHANGE_OWN_FACTORS, May.MANAGE_STAFF
    see_own = May.SEE_OWN_SIGN_IN
    return (
        ("", "home", "GET", May.SEE_PROGRESS, progress.home),
        ("/bundle", "bundle", "POST", May.CARRY_BUNDLE, bundling.bundle),
        ("/bundle/identities", "identity_bundle", "POST", May.CARRY_BUNDLE, bundling.identity_bundle),
        ("/bundle/save", "save_bundle", "POST", May.CARRY_BUNDLE, bundling.save_bundle),
        ("/study", "study", "GET", see, studies.study_page),
        ("/keys", "keys", "GET", May.SEE_KEYS, keyrings.keys),
        ("/health", "health", "GET", May.SEE_HEALTH, health.health),
        ("/tablets", "tablets", "GET", May.SEE_TABLETS, admissions.tablets),
        ("/tablets", "enrol_tablet", "POST", May.ENROL_TABLETS, admissions.tablets),
        ("/tablets/revoke", "revoke_tablet", "POST", May.SEE_TABLETS, admissions.revoke_tablet),
        ("/invitations", "invitations", "GET", May.SEE_INVITATIONS, admissions.invitations),
        ("/invitations", "make_invitations", "POST", May.INVITE_PARTICIPANTS, admissions.invitations),
        (
            "/invitations/withdraw", "withdraw_invitations", "POST", May.SEE_INVITATIONS,
            admissions.withdraw_invitations,
        ),
        ("/instruments", "instruments", "GET", see, questionnaires.instruments),
        ("/instruments/workbook", "workbook", "GET", see, questionnaires.workbook),
        ("/instruments/preview", "preview", "GET", see, previews.preview),
        ("/instruments/previewed", "previewed", "GET", see, previews.previewed),
        ("/instruments/check", "check", "POST", change, questionnaires.check),
        ("/instruments/draft", "draft", "GET", change, questionnaires.draft),
        ("/instruments/draft/name", "name_draft", "POST", change, questionnaires.name),
        ("/instruments/draft/adopt", "adopt_draft", "POST", May.ADOPT_QUESTIONNAIRES, questionnaires.take_up),
        ("/instruments/draft/drop", "drop_draft", "POST", change, questionnaires.drop),
        ("/journal", "journal", "GET", May.READ_JOURNAL, journal.journal),
        ("/journal/checkpoint", "make_checkpoint", "POST", May.READ_JOURNAL, journal.make_checkpoint),
        ("/instruments/classes", "classes", both, change, classes.classes),
        ("/approvals", "approvals", "GET", May.SEE_PROPOSALS, approvals.approvals),
        ("/approvals/keys", "bring_keyring", "POST", May.PROPOSE, approvals.bring_keyring),
        ("/approvals/hold", "bring_hold", "POST", May.PROPOSE, hold.bring_hold),
        ("/approvals/lift", "bring_lift", "POST", May.PROPOSE, hold.bring_lift),
        ("/approvals/retention", "bring_retention", "POST", May.PROPOSE, approvals.bring_retention),
        ("/approvals/withdraw", "take_back", "POST", May.PROPOSE, approvals.take_back),
        # Whose word counts depends on the proposal: fieldwork/approvals.py asks the table of roles again.
        ("/approvals/confirm", "confirm_proposal", "POST", May.APPROVE_REMOVAL, approvals.confirm_proposal),
        ("/approvals/refuse", "refuse_proposal", "POST", May.APPROVE_REMOVAL, approvals.refuse_proposal),
        ("/orders", "orders", "GET", May.CARRY_OUT_ORDERS, orders.orders),
        ("/orders/look", "look_at_order", "POST", May.CARRY_OUT_ORDERS, orders.look_at_order),
        ("/orders/carry-out", "carry_out_order", "POST", May.CARRY_OUT_ORDERS, orders.carry_out_order),
        ("/again", "again", both, see_own, again.again),
        ("/own/sessions", "sessions", "GET", own, own_sign_in.sessions),
        ("/own/sessions/stay", "stay", "POST", own, staying.stay),
        ("/own/sessions/end", "end_session", "POST", own, own_sign_in.end_session),
        ("/own/sessions/end-others", "end_other_sessions", "POST", own, own_sign_in.end_other_sessions),
        ("/own/notices/read", "read_notices", "POST", see_own, notices.read_notices),
        ("/own", "factors", "GET", see_own, own_sign_in.factors),
        ("/again/passkey", "again_passkey", "POST", see_own, passkeys.again_passkey),
        ("/again/passkey/challenge", "again_challenge", "POST", see_own, passkeys.again_challenge),
        ("/own/app", "app", both, factors, own_sign_in.app),
        ("/own/recovery", "recovery", "POST", factors, own_sign_in.recovery),
        ("/own/password", "password", both, factors, own_sign_in.password),
        ("/own/password/first", "first_password", both, factors, joining.first_password),
        ("/own/passkeys", "passkeys", "GET", factors, passkeys.passkeys),
        ("/own/passkeys/challenge", "passkey_challenge", "POST", factors, passkeys.passkey_challenge),
        ("/own/passkeys/add", "add_passkey", "POST", factors, passkeys.add_passkey),
        ("/own/passkeys/remove", "remove_passkey", "POST", factors, passkeys.remove_passkey),
        ("/staff", "staff", both, manage, staff.staff),
        ("/staff/role", "change_role", "POST", manage, staff.change_role),
        ("/staff/disable", "disable_member", "POST", manage, staff.disable),
        ("/staff/enable", "enable_member", "POST", manage, staff.enable),
        ("/staff/sign-out", "sign_out_member", "POST", manage, staff.sign_out_member),
        ("/staff/reset", "reset_member", "POST", manage, staff.reset),
        ("/staff/propose", "propose_going", "POST", manage, staff.propose_going),
        ("/staff/link/withdraw", "withdraw_staff_link", "POST", manage, staff.withdraw),
    )  # fmt: skip
