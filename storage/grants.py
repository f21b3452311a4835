"""What each role may do on PostgreSQL: the collector, the field app's own, the least that a visit needs.

It can put an identity in and take it out by its tag, and can never read one (REQUIREMENTS 41). It cannot change
a record, a journal entry or a tombstone once written, nor the keys, versions and terms that two people decide.
It does what the staff's pages do, staff included: people join, and leave, by those. `flask maintain` is run
with the owner's address instead. Two more roles only read: one for backups, one for the custodians' bundle. The rights
are SQL that the owner of the tables runs, and again whenever there are new ones (`flask grants`); docs/grants.md.
"""

from __future__ import annotations

import re
from typing import Literal

from sqlalchemy import Connection, text

from errors import NotGranted, SettingsError

Store = Literal["research", "identity", "office"]
ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
OWNER = "select tableowner from pg_tables where schemaname = 'public' and tablename = 'meta'"

# store → table → rights. A table that is not named here is closed to the collector.
RIGHTS: dict[Store, dict[str, str]] = {
    "research": {
        "meta": "select",
        "records": "select, insert, delete",
        "tags": "select, insert, delete",
    },
    "identity": {
        "meta": "select",
        "records": "select (id, digest), insert, delete",
        "tags": "select, insert, delete",
        "limits": "select, insert, delete",
    },
    "office": {
        "meta": "select",
        "keyrings": "select",
        "instruments": "select",
        "proposals": "select, insert, update",
        "tallies": "select, insert, update",
        "shown_tallies": "select",
        "tombstones": "select, insert",
        "journal": "select, insert",
        "staff": "select, insert, update (role, disabled, password_phc, totp, totp_step, finish_before)",
        "staff_links": "select, insert, delete",
        "passkeys": "select, insert, update, delete",
        "user_handles": "select, insert, delete",
        "spent_challenges": "select, insert, delete",
        "recovery_codes": "select, insert, delete",
        "sign_ins": "select, insert, update, delete",
        "half_sign_ins": "select, insert, update, delete",
        "totp_offers": "select, insert, update, delete",
        "notices": "select, insert, update",
        "throttle": "select, insert, update, delete",
        "tablets": "select, insert, update",
        "enrolments": "select, insert, delete",
        "invitations": "select, insert, update, delete",
    },
}


# Who carries backups away: all three stores as they lie, and nothing to change but the journal's next entry.
BACKUP: dict[Store, dict[str, str]] = {
    store: dict.fromkeys(tables, "select") | ({"journal": "select, insert"} if store == "office" else {})
    for store, tables in RIGHTS.items()
}
# Who makes the custodians' bundle: the identity vault as it is sealed, and of the others what a bundle names.
CUSTODIANS: dict[Store, dict[str, str]] = {
    "research": {"meta": "select"},
    "identity": {"meta": "select", "records": "select", "tags": "select", "limits": "select"},
    "office": {
        "meta": "select",
        "keyrings": "select",
        "instruments": "select",
        "proposals": "select",
        "tallies": "select",
        "tombstones": "select",
        "journal": "select, insert",
    },
}
ROLES: dict[str, dict[Store, dict[str, str]]] = {"collector": RIGHTS, "backup": BACKUP, "custodians": CUSTODIANS}


def grants_for(kind: str, store: Store, role: str) -> tuple[str, ...]:
    """The statements that leave this role the rights of its kind in this store, and no other; see ROLES.

    Run them as the owner of the tables, connected to that store. Running them again changes nothing.
    Raises ValueError for a role name.
    """
    if not ROLE.fullmatch(role):
        raise ValueError("A role's name has lower-case letters, digits and _ only.")
    if role == "public":
        raise ValueError("public is everybody who can connect. Name a role of its own: docs/deploy.md creates one.")
    return (
        "revoke create on schema public from public",
        f"revoke all on all tables in schema public from public, {role}",
        f"grant usage on schema public to {role}",
        *(f'grant {rights} on "{table}" to {role}' for table, rights in ROLES[kind][store].items()),
    )


def grant(connection: Connection, kind: str, store: Store, role: str) -> None:
    """Leave this role the rights of its kind, over a connection of the owner of this store's tables.

    PostgreSQL only warns whoever owns nothing that nothing was granted, and lets an owner take away what it needs.
    Raises NotGranted, SettingsError; ValueError for a role name.
    """
    statements = grants_for(kind, store, role)
    if not connection.scalar(text("select true from pg_roles where rolname = :role"), {"role": role}):
        raise SettingsError(f"PostgreSQL has no role {role} in the {store} store. Create it first: docs/deploy.md.")
    owner = check_owner(connection, store)
    # A member of the owner may become it, and a superuser is everybody's.
    if connection.scalar(text("select pg_has_role(:role, :owner, 'member')"), {"role": role, "owner": owner}):
        raise SettingsError(
            f"{role} is the owner of the tables of the {store} store, or may do what the owner may, and keeps its "
            "rights. Name the other role."
        )
    for statement in statements:
        connection.execute(text(statement))


def check_owner(connection: Connection, store: str) -> str:
    """The owner of this store's tables, who is connected, on PostgreSQL. Raises NotGranted for anybody else."""
    owner: str = connection.scalar(text(OWNER)) or ""
    if not connection.scalar(text("select pg_has_role(:owner, 'usage')"), {"owner": owner}):
        raise NotGranted(
            f"The tables of the {store} store are {owner}'s: run this with the owner's addresses (docs/grants.md). "
            "Nothing was changed."
        )
    return owner


def collector_grants(store: Store, role: str) -> tuple[str, ...]:
    """What `grants_for` says of the collector. Raises ValueError for a role name."""
    return grants_for("collector", store, role)
