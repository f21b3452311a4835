"""Who came when cannot be read from the databases' own logs either, once upkeep has run. Before it, it can."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from storage.engines import is_sqlite
from storage.rewriting import turn_log_over
from storage.stores import Stores
from storage.vaults import Vault, deposit, rewrite
from tests.storage.conftest import UNTIL, Both, envelope
from tests.storage.test_arrival_order import LARGEST, PEOPLE, rank_correlation

ROOT = Path(__file__).parents[2]
FEW = 60  # visits: enough to see an order that is there


def arrive(vault: Vault, people: int, seed: int) -> list[bytes]:
    """Visits one after another; gives the last bytes of their envelopes in that order."""
    chance = random.Random(seed)
    ends = [chance.randbytes(24) for _ in range(people)]
    for end in ends:
        deposit(vault, chance.randbytes(16), chance.randbytes(16), envelope(end), UNTIL)
    return ends


def order_in(logs: list[bytes], ends: list[bytes]) -> tuple[int, float]:
    """How many envelopes stand in these logs, and the strongest correlation of their first or last places with their
    order."""
    data = b"".join(logs)
    here = [number for number, end in enumerate(ends) if end in data]
    if len(here) < 3:
        return len(here), 0.0
    came = [float(number) for number in here]
    places = [[float(find(ends[number])) for number in here] for find in (data.find, data.rfind)]
    return len(here), max((rank_correlation(came, found) for found in places), key=abs)


def logs_of(vault: Vault) -> list[bytes]:
    """SQLite's write-ahead log; PostgreSQL's, segment by segment as their names order them."""
    if is_sqlite(vault.engine):
        path = Path(f"{vault.engine.url.database}-wal")
        return [path.read_bytes()] if path.exists() else []
    with vault.engine.connect() as connection:
        folder = Path(str(connection.scalar(text("show data_directory"))))
    return [path.read_bytes() for path in sorted((folder / "pg_wal").iterdir()) if path.is_file()]


@contextmanager
def set_in(vault: Vault, **settings: str) -> Iterator[None]:
    """Another setting of the whole server, for the while."""
    if is_sqlite(vault.engine):
        yield
        return
    owner = create_engine(make_url(str(vault.engine.url.render_as_string(False))), isolation_level="AUTOCOMMIT")
    try:
        with owner.connect() as connection:
            for name, value in settings.items():
                connection.execute(text(f"alter system set {name} = '{value}'"))
            connection.execute(text("select pg_reload_conf()"))
            yield
            for name in settings:
                connection.execute(text(f"alter system reset {name}"))
            connection.execute(text("select pg_reload_conf()"))
    finally:
        owner.dispose()


def check(vault: Vault, people: int) -> None:
    # SQLite begins its log anew now and then: what stands there is the newest.
    earlier = arrive(vault, people - FEW, 20261125)
    rewrite(vault)
    newest = arrive(vault, FEW, 20261126)
    found, before = order_in(logs_of(vault), newest)
    # One that goes over the end of a segment is in two parts, and not found.
    assert (found > FEW - 3, before > 0.99) == (True, True), "before upkeep the order is there, so this could fail"
    rewrite(vault)
    assert turn_log_over(vault.engine)
    found, after = order_in(logs_of(vault), [*earlier, *newest])
    assert abs(after) < LARGEST or found < 3, (found, after)
    if is_sqlite(vault.engine):
        assert found == 0


def test_the_log_tells_the_order_of_arrival_until_upkeep_and_no_longer(stores: Stores) -> None:
    with set_in(stores.research, wal_recycle="off"):
        check(stores.research, FEW)


@pytest.mark.torture
def test_of_five_hundred_visits_the_log_tells_no_order_after_upkeep(stores: Stores) -> None:
    with set_in(stores.research, wal_recycle="off"):
        for vault in (stores.research, stores.identity):
            check(vault, PEOPLE)


def test_a_role_that_may_not_turn_the_log_over_is_told_so_and_may_once_it_is_granted(both: Both) -> None:
    engine = both.collector.research.engine
    assert not turn_log_over(engine)
    granted = (ROOT / "docs" / "retention.md").read_text("utf-8").partition("-- as superuser\n")[2].partition("```")[0]
    with both.owner.research.engine.begin() as connection:
        connection.execute(text(granted.replace("amanah_owner", str(engine.url.username))))
    assert turn_log_over(engine)
