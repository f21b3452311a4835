"""What was withdrawn and is not erased yet is used by nobody, on both engines and for the collector's role."""

from __future__ import annotations

import os
from pathlib import Path

from storage.in_use import rows_in_use, withdrawn_ids
from storage.tombstones import bury, grave_of
from storage.vaults import Limit, deposit
from tests.storage.conftest import UNTIL, Both, envelope


def test_withdrawn_rows_are_left_out_by_their_tags_and_details_by_their_ids(both: Both, tmp_path: Path) -> None:
    office, vault = both.collector.office, both.collector.identity
    kept, gone, details, other = (os.urandom(16) for _ in range(4))
    for record_id, limit in ((kept, None), (gone, None), (details, Limit("contact", UNTIL)), (other, None)):
        deposit(vault, record_id, record_id[::-1], envelope(), UNTIL, limit=limit)
    # Only contact details are forgotten by their ids: the last is none.
    bury(office, [tmp_path / "tombstones.txt"], [gone[::-1], *map(grave_of, (details, other))])
    assert withdrawn_ids(vault, office) == {gone, details}
    in_use = [record_id for record_id, _ in rows_in_use(both.owner.identity, both.owner.office)]
    assert in_use == sorted([kept, other])
    assert withdrawn_ids(both.collector.research, office) == set()
