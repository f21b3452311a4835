"""The load driver does as tablets do, and counts what the study keeps. A short run; long ones are bench/load's."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from bench.load import tablets
from bench.load.load import LIMITS, LOADS
from bench.load.measuring import Load, Round, percentile, ratio
from bench.load.plots import Bar, bars, sheet
from bench.load.served import free_port
from bench.load.soak import Minute, grown
from bench.load.stock import make_stock, read_stock
from bench.load.tablets import Plan, drive
from config import Settings
from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.deliveries import MOST, read_delivery
from fieldwork.study import Study
from fieldwork.withdrawal import take_out
from storage.vaults import count
from tests.conftest import TODAY

ROOT = Path(__file__).parents[2]
VISITS = 2 * MOST + 1  # so that the last that go together are one alone


class KeepsAlive(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        """Nothing: pytest would show it."""


@contextmanager
def listening(app: Flask, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=KeepsAlive)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_every_visit_is_kept_once_also_where_the_server_comes_late(
    settings: Settings, study: Study, tmp_path: Path
) -> None:
    make_stock(study, tmp_path / "stock", VISITS, sealed=10)
    gone = read_delivery(next(read_stock(tmp_path / "stock", 3)))
    take_out(study, *gone.tags, TODAY)
    now = datetime.now(UTC)
    token, _ = enrol_tablet(study, new_enrolment(study, "Tablet 3", "1", now), now)
    app, port, until = create_app(settings), free_port(), time.monotonic() + 30
    plan = Plan(port, token, until, first_wait=0.02)

    async def run() -> tuple[tablets.Told, ...]:
        early = asyncio.create_task(drive(plan, read_stock(tmp_path / "stock"), 3))
        await asyncio.sleep(0.2)
        with listening(app, port):
            one_by_one = await early
            together = Plan(port, token, until, since=time.monotonic() + 0.05, at_once=MOST)
            return one_by_one, await drive(together, read_stock(tmp_path / "stock"), 2)

    first, again = asyncio.run(asyncio.wait_for(run(), 60))
    assert (first.kept, first.refused, len(first.took)) == (VISITS - 1, 1, VISITS)
    assert first.again, "the server was not there yet"
    assert (again.before + again.kept, again.refused, again.again) == (VISITS - 1, 1, 0)
    assert again.before >= MOST - 1, "the first tablet begins before it counts"
    assert len(again.took) < 3
    assert (count(study.stores.research), count(study.stores.identity)) == (VISITS - 1, 3 * (VISITS - 1))


def test_it_waits_and_lets_go_as_the_page_does() -> None:
    outbox, lots = ((ROOT / "static" / name).read_text("utf-8") for name in ("outbox.js", "lots.js"))
    waits = [int(number.replace("_", "")) / 1000 for number in re.findall(r"_WAIT = ([\d_]+)", outbox)]
    assert waits == [tablets.FIRST_WAIT, tablets.LONGEST_WAIT]
    assert f"PATIENCE = {tablets.PATIENCE * 1000:_.0f};" in outbox
    assert f"KEPT = [{', '.join(map(str, tablets.KEPT))}], GONE = {tablets.GONE}, NOT_ADMITTED = 401" in outbox
    assert f"REFUSED = [{', '.join(map(str, tablets.SET_ASIDE[1:]))}]" in outbox
    assert f"MOST = {MOST}," in lots


@pytest.mark.parametrize(
    ("answer", "is_done"),
    [
        ({"status": 201, "kept": True}, True),
        ({"status": 200}, False),  # a portal's page
        ({"status": 410, "sentence": "Withdrawn."}, True),
        ({"status": 422, "sentence": "No."}, True),
        ({"status": 503, "sentence": "Later."}, False),
        ({"status": 500, "sentence": "Oh."}, False),
    ],
)
def test_only_what_lets_a_page_go_on_lets_the_driver_go_on(answer: dict[str, object], is_done: bool) -> None:
    assert tablets.settles(answer) is is_done


def test_ratios_are_of_one_round_and_their_middle_counts() -> None:
    load = Load(8)
    rounds = [
        Round(bare, {load: visits}, {load: 1.0}, {load: 1.0}) for bare, visits in ((100, 50), (10, 1), (1000, 900))
    ]
    assert ratio(rounds, load) == 0.5
    assert ratio(rounds, load, 4) == 2.0
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 96.0
    minutes = [Minute(100 + n, 20, 5.0, 9.0, 1) for n in range(12)]
    assert grown(minutes)["files"] == 1.0
    assert 1.05 < grown(minutes)["memory"] < 1.1


def test_plots_hold_no_script_and_every_figure() -> None:
    drawn = sheet({"bytes": [(1000, 5.0), (10_000, 7.5)]}, "stored records") + bars([Bar("p95", 90.0, 80, True)])
    assert {"7.5", "10,000", "at most 80"} <= set(re.findall(r"7\.5|10,000|at most 80", drawn))
    assert not re.search("<script|<style|style=|href", drawn)


def test_each_limit_is_of_something_that_is_measured() -> None:
    assert {load for _, load, *_ in LIMITS} - {""} <= set(LOADS)
