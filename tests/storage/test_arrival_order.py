"""Who came when cannot be read from the stores: not from ids, file offsets, ctid, xmin, nor from where bytes lie."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from privacy.envelope import Envelope
from storage.admissions import Invitation, add_invitation, spending
from storage.engines import is_sqlite
from storage.office import Office, rewrite_office
from storage.stores import Stores
from storage.tombstones import bury
from storage.vaults import Limit, Vault, deposit, rewrite
from tests.storage.conftest import UNTIL, envelope

PEOPLE, LARGEST = 500, 0.1
LIMIT = Limit("contact", UNTIL)
Came = list[tuple[bytes, bytes, Envelope]]  # id, tag and envelope in order of arrival


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's, with ties sharing a rank."""

    def ranks(values: Sequence[float]) -> list[float]:
        order = sorted(values)
        return [(order.index(value) + len(order) - order[::-1].index(value) - 1) / 2 for value in values]

    one, two = ranks(first), ranks(second)
    mean = (len(one) - 1) / 2
    covariance = sum((a - mean) * (b - mean) for a, b in zip(one, two, strict=True))
    spread = (sum((a - mean) ** 2 for a in one) * sum((b - mean) ** 2 for b in two)) ** 0.5
    return covariance / spread if spread else 0.0


def arrive(vault: Vault) -> Came:
    """Five hundred visits, one after another. Ids are seeded, so that no run is unlucky."""
    chance = random.Random(20261123)
    came = [(chance.randbytes(16), chance.randbytes(16), envelope(os.urandom(24))) for _ in range(PEOPLE)]
    for record_id, tag, one in came:
        deposit(vault, record_id, tag, one, UNTIL, limit=LIMIT if vault.purpose == "identity" else None)
    return came


def traces(vault: Vault, came: Came) -> dict[str, float]:
    """Everything by which the order of arrival could be told, as a rank correlation with the true order."""
    places = {"id": [float(int.from_bytes(one[:6], "big")) for one, _, _ in came]}
    places |= places_in_file(vault, came) if is_sqlite(vault.engine) else places_in_tables(vault, came)
    return {name: rank_correlation(range(len(came)), found) for name, found in places.items()}


def places_in_file(vault: Vault, came: Came) -> dict[str, list[float]]:
    """Where each row's key, tag, and the end of its envelope (on a page of its own) stand in the SQLite file, and where
    its key stands last, in the table that was made last."""
    data = Path(str(vault.engine.url.database)).read_bytes()
    return {
        "offset of the row": [float(data.index(one)) for one, _, _ in came],
        "offset of the last of its keys": [float(data.rindex(one)) for one, _, _ in came],
        "offset of the tag": [float(data.index(tag)) for _, tag, _ in came],
        "offset of the envelope's end": [float(data.index(sealed.sealed[-16:])) for _, _, sealed in came],
    }


def places_in_tables(vault: Vault, came: Came) -> dict[str, list[float]]:
    """Page and line, and the writing transaction, of each row on PostgreSQL, and of what is kept out of line."""
    records, tags = columns_of(vault, "records", "id"), columns_of(vault, "tags", "tag")
    outside = out_of_line(vault)
    starts = [sealed.to_bytes()[:64] for _, _, sealed in came]
    limits = columns_of(vault, "limits", "id") if vault.purpose == "identity" else records
    return {
        **{f"{name} of the row": [records[one][name] for one, _, _ in came] for name in ("ctid", "xmin")},
        **{f"{name} of the tag": [tags[tag][name] for _, tag, _ in came] for name in ("ctid", "xmin")},
        **{f"{name} of the limit": [limits[one][name] for one, _, _ in came] for name in ("ctid", "xmin")},
        **{f"{name} of the envelope": [outside[start][name] for start in starts] for name in ("ctid", "xmin", "chunk")},
    }


PLACE = "(ctid::text::point)[0] * 1000 + (ctid::text::point)[1] as ctid, xmin::text::bigint as xmin"


def columns_of(vault: Vault | Office, table: str, key: str) -> dict[bytes, dict[str, float]]:
    with vault.engine.connect() as connection:
        found = connection.execute(text(f"select {key} as key, {PLACE} from {table}")).all()
    return {bytes(row.key): {"ctid": row.ctid, "xmin": float(row.xmin)} for row in found}


def out_of_line(vault: Vault) -> dict[bytes, dict[str, float]]:
    """PostgreSQL keeps long values in a table beside, numbered by a counter as they come: by their first bytes."""
    with vault.engine.connect() as connection:
        beside = connection.scalar(text("select reltoastrelid::regclass::text from pg_class where relname = 'records'"))
        asked = f"select chunk_id::bigint as chunk, chunk_data, {PLACE} from {beside} where chunk_seq = 0"
        found = connection.execute(text(asked)).all()
    return {
        bytes(row.chunk_data)[:64]: {"ctid": row.ctid, "xmin": float(row.xmin), "chunk": float(row.chunk)}
        for row in found
    }


def test_the_correlation_finds_an_order_that_is_there() -> None:
    assert rank_correlation(range(PEOPLE), range(PEOPLE)) == pytest.approx(1)
    assert rank_correlation(range(PEOPLE), [0.0] * PEOPLE) == 0


@pytest.mark.parametrize("which", ["research", "identity"])
def test_after_maintenance_rows_do_not_tell_the_order_of_arrival(stores: Stores, which: str) -> None:
    vault: Vault = getattr(stores, which)
    came = arrive(vault)
    before = traces_before(vault, came)
    rewrite(vault)
    found = traces(vault, came)
    assert len(found) in (5, 10)
    assert {name: value for name, value in found.items() if abs(value) >= LARGEST} == {}
    # Before it they do tell, so this could fail. On SQLite the rows themselves never do; the pages that long envelopes
    # run over to are taken as they come.
    told = {"offset of the envelope's end"} if is_sqlite(vault.engine) else set(found) - {"id"}
    assert {name for name, value in before.items() if abs(value) > 0.9} == told
    if not is_sqlite(vault.engine):
        one_transaction_wrote_every_row(vault)


def traces_before(vault: Vault, came: Came) -> dict[str, float]:
    """What there was to see before maintenance, once all of it is in the database's own file."""
    if is_sqlite(vault.engine):
        vault.engine.dispose()
    return traces(vault, came)


def one_transaction_wrote_every_row(vault: Vault) -> None:
    places = [*columns_of(vault, "records", "id").values(), *out_of_line(vault).values()]
    assert len({place["xmin"] for place in places}) == 1
    assert len(places) == 2 * PEOPLE


def test_tombstones_do_not_tell_who_withdrew_first(stores: Stores) -> None:
    chance = random.Random(2)
    tags = [chance.randbytes(16) for _ in range(PEOPLE)]
    for tag in tags:
        bury(stores.office, (), [tag])
    rewrite_office(stores.office)
    if is_sqlite(stores.office.engine):
        data = Path(str(stores.office.engine.url.database)).read_bytes()
        places = [float(data.index(tag)) for tag in tags]
    else:
        found = columns_of(stores.office, "tombstones", "tag")
        places = [found[tag]["ctid"] for tag in tags]
        assert len({place["xmin"] for place in found.values()}) == 1
    assert abs(rank_correlation(range(PEOPLE), places)) < LARGEST


def test_invitations_do_not_tell_who_used_theirs_first(stores: Stores) -> None:
    chance, office = random.Random(3), stores.office
    hashes = [chance.randbytes(32) for _ in range(PEOPLE // 5)]
    for one in hashes:
        add_invitation(office, Invitation(one, "single", "", "", "", UNTIL))
    for one in hashes:
        with spending(office, one) as is_first:
            assert is_first
    rewrite_office(office)
    if is_sqlite(office.engine):
        data = Path(str(office.engine.url.database)).read_bytes()
        places = [float(data.index(one)) for one in hashes]
    else:
        found = columns_of(office, "invitations", "token_hash")
        places = [found[one]["ctid"] for one in hashes]
        assert len({place["xmin"] for place in found.values()}) == 1
    assert abs(rank_correlation(range(len(hashes)), places)) < LARGEST
