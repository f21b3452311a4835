"""Who came when cannot be read from the stores: not from ids, file offsets, ctid or xmin."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.engines import is_sqlite
from storage.office import rewrite_office
from storage.stores import Stores
from storage.tombstones import bury
from storage.vaults import Vault, deposit, rewrite
from tests.storage.conftest import UNTIL, envelope

PEOPLE, LARGEST = 500, 0.1


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


def arrive(vault: Vault) -> list[tuple[bytes, bytes]]:
    """Five hundred visits, one after another; their ids and tags in order of arrival. Seeded, so never unlucky."""
    chance = random.Random(20261123)
    came = [(chance.randbytes(16), chance.randbytes(16)) for _ in range(PEOPLE)]
    for record_id, tag in came:
        deposit(vault, record_id, tag, envelope(os.urandom(24)), UNTIL)
    return came


def columns_of(vault: Vault, table: str, key: str) -> dict[str, dict[bytes, float]]:
    """On PostgreSQL: page and line of each row, and the transaction that wrote it."""
    asked = f"select {key}, (ctid::text::point)[0] * 1000 + (ctid::text::point)[1], xmin::text::bigint from {table}"
    with vault.engine.connect() as connection:
        found = connection.execute(text(asked)).all()
    return {"ctid": {bytes(k): c for k, c, _ in found}, "xmin": {bytes(k): float(x) for k, _, x in found}}


def offsets(vault: Vault, keys: Sequence[bytes]) -> list[float]:
    """On SQLite: where each key stands in the file."""
    data = Path(str(vault.engine.url.database)).read_bytes()
    return [float(data.index(key)) for key in keys]


def test_the_correlation_finds_an_order_that_is_there() -> None:
    assert rank_correlation(range(PEOPLE), range(PEOPLE)) == pytest.approx(1)
    assert rank_correlation(range(PEOPLE), [0.0] * PEOPLE) == 0


@pytest.mark.parametrize("which", ["research", "identity"])
def test_rows_do_not_tell_the_order_of_arrival(stores: Stores, which: str) -> None:
    vault: Vault = getattr(stores, which)
    came = arrive(vault)
    rewrite(vault)
    order = list(range(PEOPLE))
    ids, tags = [one for one, _ in came], [tag for _, tag in came]
    found = {"id": rank_correlation(order, [int.from_bytes(one[:6], "big") for one in ids])}
    if is_sqlite(vault.engine):
        found |= {
            "offset": rank_correlation(order, offsets(vault, ids)),
            "tags": rank_correlation(order, offsets(vault, tags)),
        }
    else:
        for table, keys, key in (("records", ids, "id"), ("tags", tags, "tag")):
            for name, places in columns_of(vault, table, key).items():
                found[f"{table} {name}"] = rank_correlation(order, [places[one] for one in keys])
    assert {name: value for name, value in found.items() if abs(value) >= LARGEST} == {}


def test_before_the_rewrite_postgresql_does_tell_so_the_test_can_fail(database: Callable[[], str]) -> None:
    from storage.engines import open_engine
    from storage.vaults import create_vault

    vault = Vault(open_engine(database()), "research")
    create_vault(vault)
    came = arrive(vault)
    places = columns_of(vault, "records", "id")["ctid"]
    assert rank_correlation(range(PEOPLE), [places[one] for one, _ in came]) > 0.99
    vault.engine.dispose()


def test_tombstones_do_not_tell_who_withdrew_first(stores: Stores) -> None:
    chance = random.Random(7)
    tags = [chance.randbytes(16) for _ in range(200)]
    for tag in tags:
        bury(stores.office, (), [tag])
    rewrite_office(stores.office)
    office = Vault(stores.office.engine, "research")
    places = (
        offsets(office, tags)
        if is_sqlite(office.engine)
        else [columns_of(office, "tombstones", "tag")["ctid"][tag] for tag in tags]
    )
    assert abs(rank_correlation(range(len(tags)), places)) < 0.15
