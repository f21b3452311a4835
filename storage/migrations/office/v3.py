"""The office as version 3 made it. Only a store that holds nothing begins here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _for_visits()
    _for_what_is_decided()
    _for_staff()
    _for_sign_ins()


def _for_visits() -> None:
    """What visits are collected with, counted by and refused by."""
    op.create_table(
        "instruments",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("study", sa.String, nullable=False),
        sa.Column("canonical", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "keyrings",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("keyring", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tablets",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "enrolments",
        sa.Column("code_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("group", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("spent", sa.Boolean, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tallies",
        sa.Column("outcome", sa.String, primary_key=True),
        sa.Column("group", sa.String, primary_key=True),
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("month", sa.String, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shown_tallies",
        sa.Column("outcome", sa.String, primary_key=True),
        sa.Column("group", sa.String, primary_key=True),
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("month", sa.String, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tombstones",
        sa.Column("tag", sa.LargeBinary(16), primary_key=True),
        sqlite_with_rowid=False,
    )


def _for_what_is_decided() -> None:
    """What is written down, and what waits for a second person."""
    op.create_table(
        "journal",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
    )
    op.create_table(
        "proposals",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("base", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("proposer", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("needed", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("agreed", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("until", sa.DateTime),
    )
    op.create_table(
        "notices",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("halves", sa.Integer, nullable=False),
        sa.Column("read_up_to", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    held = sa.text("(case when state = 'held' then 1 end)")
    op.create_index("proposals_one_held", "proposals", [held], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            forbidden = f"create trigger journal_no_{deed} before {deed} on journal begin "
            op.execute(forbidden + "select raise(abort, 'the journal is append-only'); end")


def _for_staff() -> None:
    """Who the staff are, and what they sign in with."""
    op.create_table(
        "staff",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("password_phc", sa.String),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("finish_before", sa.DateTime),
        sa.Column("totp", sa.LargeBinary),
        sa.Column("totp_step", sa.Integer, nullable=False),
    )
    op.create_table(
        "staff_links",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("folded", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
        sa.Column("by", sa.String, nullable=False),
    )
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.LargeBinary, primary_key=True),
        sa.Column("member", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.Integer, nullable=False),
        sa.Column("rp_id", sa.String, nullable=False),
        sa.Column("last_used", sa.Date),
        sa.Column("seal", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "user_handles",
        sa.Column("member", sa.String, primary_key=True),
        sa.Column("handle", sa.LargeBinary(32), nullable=False, unique=True),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "totp_offers",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )


def _for_sign_ins() -> None:
    """Who is signed in, and who is slowed down."""
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("began", sa.DateTime, nullable=False),
        sa.Column("used", sa.DateTime, nullable=False),
        sa.Column("proved", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "half_sign_ins",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spent_challenges",
        sa.Column("challenge_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("until", sa.DateTime, nullable=False),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.LargeBinary(32), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
        sa.Column("forget", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )
