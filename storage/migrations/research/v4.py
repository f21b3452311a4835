"""Tags are hashes of what a receipt leads to."""

from __future__ import annotations

from storage.migrations.tags_of_4 import hash_tags

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Hash them."""
    hash_tags("tags")
