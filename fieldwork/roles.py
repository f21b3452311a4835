"""Who on the staff may do what: one table of acts by roles. Nobody outside the study's team has a role (rule R5).

Police, schools and funders are parties to a study, never its staff: there is no role that could be given to them.
A page names its act and nothing else, so that this table is the only place where a right is given or taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

Role = Literal["administrator", "coordinator"]
ROLES: tuple[Role, ...] = ("administrator", "coordinator")


class May(StrEnum):
    """What a page of the staff's is for."""

    SEE_PROGRESS = "see progress in counts"
    SEE_QUESTIONNAIRES = "see and preview questionnaires"
    CHANGE_QUESTIONNAIRES = "check and draft questionnaires"
    ADOPT_QUESTIONNAIRES = "adopt a draft: from then on it is what people are asked"
    SEE_INVITATIONS = "see invitations in numbers, and withdraw them"
    INVITE_PARTICIPANTS = "make invitations"
    SEE_TABLETS = "see tablets, and revoke them"
    ENROL_TABLETS = "enrol tablets"
    CARRY_BUNDLE = "download a sealed bundle"
    CARRY_OUT_ORDERS = "carry out the custodians' orders to erase"
    SEE_PROPOSALS = "see what waits for a second person"
    PROPOSE = "propose new keys, a retention or a legal hold, and withdraw one's own proposals"
    APPROVE = "confirm or refuse new keys, a cut-off, a retention, a legal hold or the study's end"
    APPROVE_REMOVAL = "confirm or refuse that the last administrator goes"
    SEE_OWN_SIGN_IN = "see how one signs in, and show once more who one is"
    KEEP_OWN_SESSIONS = "see and end one's own sessions"
    CHANGE_OWN_FACTORS = "change how one signs in"
    SEE_KEYS = "compare the public keys' fingerprints"
    SEE_HEALTH = "see how the instance is"
    READ_JOURNAL = "read, check and witness the journal"
    MANAGE_STAFF = "invite staff, change roles, sign out, disable, reset"


BOTH: frozenset[Role] = frozenset(ROLES)
ADMINISTRATOR: frozenset[Role] = frozenset({"administrator"})
ALLOWED: Mapping[May, frozenset[Role]] = {
    May.SEE_PROGRESS: BOTH,
    May.SEE_QUESTIONNAIRES: BOTH,
    May.CHANGE_QUESTIONNAIRES: ADMINISTRATOR,
    May.ADOPT_QUESTIONNAIRES: ADMINISTRATOR,
    May.SEE_INVITATIONS: BOTH,
    May.INVITE_PARTICIPANTS: BOTH,
    May.SEE_TABLETS: BOTH,
    May.ENROL_TABLETS: BOTH,
    May.CARRY_BUNDLE: ADMINISTRATOR,
    May.CARRY_OUT_ORDERS: ADMINISTRATOR,
    May.SEE_PROPOSALS: BOTH,
    May.PROPOSE: ADMINISTRATOR,
    May.APPROVE: ADMINISTRATOR,
    # Where there is one administrator, somebody else must be able to.
    May.APPROVE_REMOVAL: BOTH,
    May.SEE_OWN_SIGN_IN: BOTH,
    May.KEEP_OWN_SESSIONS: BOTH,
    May.CHANGE_OWN_FACTORS: BOTH,
    May.SEE_KEYS: BOTH,
    May.SEE_HEALTH: ADMINISTRATOR,
    # It shows what colleagues did, day by day: whoever answers for the study needs that, and nobody to collect.
    May.READ_JOURNAL: ADMINISTRATOR,
    May.MANAGE_STAFF: ADMINISTRATOR,
}
# What somebody at an unlocked screen must not be able to do: these ask for a factor shown within the last minutes. What
# lets somebody in (staff, tablets, invitations) outlives the session; to stop any of them is never held up.
FRESH: frozenset[May] = frozenset(
    {
        May.ADOPT_QUESTIONNAIRES,
        May.INVITE_PARTICIPANTS,
        May.ENROL_TABLETS,
        May.CARRY_BUNDLE,
        May.CARRY_OUT_ORDERS,
        May.APPROVE,
        May.APPROVE_REMOVAL,
        May.CHANGE_OWN_FACTORS,
        May.KEEP_OWN_SESSIONS,
        May.MANAGE_STAFF,
    }
)


def may(role: str, act: May) -> bool:
    """Whether this role may do this. A role that the table does not know may do nothing."""
    return role in ALLOWED[act]
