"""Whoever watches the field app learns whether it works, and nothing of who came, when, or for what."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import Settings, watch_address
from errors import SettingsError
from fieldwork.study import Study
from fieldwork.watching import PATIENCE, Seen, Watch, ages, seen_now
from storage.meta import tell
from storage.stores import engines_of
from tests.house.served import ROOT
from views.metrics import STEP, counting, exposition, new_board
from views.watching import with_a_watch

TOLD = re.compile(r"^\| `(amanah_[a-z_]+)` \|", re.MULTILINE)


def assert_only_what_is_documented(numbers: str) -> None:
    """Every number has its line in docs/watching.md, and every label is one of a few."""
    documented = set(TOLD.findall((ROOT / "docs" / "watching.md").read_text("utf-8")))
    lines = [line for line in numbers.splitlines() if not line.startswith("#")]
    named = {re.sub(r"_(bucket|count)$", "", re.split(r"[{ ]", line)[0]) for line in lines}
    assert named <= documented, named - documented
    assert set(re.findall(r'\{(\w+)="[^"]*"\}', numbers)) == {"le", "store"}
    assert set(re.findall(r'store="(\w+)"', numbers)) == {"research", "identity", "office"}


def answered(board: Any, status: str, times: int) -> None:
    app = counting(lambda environ, start: start(status, []) or [b""], board)
    for _ in range(times):
        app({}, lambda *_: None)


def numbers(board: Any) -> dict[str, float]:
    lines = exposition(board, ()).splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_a_count_moves_by_lot_so_that_nobody_can_bring_it_to_the_step_that_the_next_visitor_makes() -> None:
    """What was answered before, and to whom, does not matter: each answer has one lot, and its counts move together."""
    lots = iter([7] * 250 + [0] + [99] * 250)
    board = new_board(draw=lambda most: next(lots) % most).for_worker(3)
    empty = numbers(board)
    answered(board, "200 OK", 250)
    assert numbers(board) == empty
    answered(board, "410 GONE", 1)
    moved = numbers(board)
    assert moved["amanah_answer_seconds_count"] == moved["amanah_refused_total"] == STEP
    assert moved['amanah_answer_seconds_bucket{le="0.1"}'] == STEP
    answered(board, "410 GONE", 250)
    assert numbers(board) == moved


def test_on_the_whole_the_lots_count_what_was_answered() -> None:
    board, times = new_board(), 40_000
    for _ in range(times):
        board.note(200, 0.0)
    # Twenty thousand is ten times how far such lots are off as a rule.
    assert abs(numbers(board)["amanah_answer_seconds_count"] - times) < times / 2


def test_a_failure_of_the_servers_own_is_seen_at_once() -> None:
    board = new_board()
    first, second = board.for_worker(1), board.for_worker(2)
    answered(first, "500 INTERNAL SERVER ERROR", 1)
    answered(second, "503 SERVICE UNAVAILABLE", 1)
    with pytest.raises(ZeroDivisionError):
        counting(lambda environ, start: 1 // 0, first)({}, None)  # type: ignore[return-value,arg-type]
    assert numbers(board)["amanah_failed_total"] == 3


def test_slow_answers_are_told_apart() -> None:
    board = new_board(draw=lambda most: 0)
    for took in (0.05, 0.5, 5.0, 50.0):
        board.note(200, took)
    told = numbers(board)
    assert [told[f'amanah_answer_seconds_bucket{{le="{most}"}}'] for most in ("0.1", "1.0", "10.0", "+Inf")] == [
        100, 200, 300, 400,
    ]  # fmt: skip


def test_a_worker_that_ended_leaves_its_counts_and_no_memory() -> None:
    board = new_board()
    gone, here = board.for_worker(1), board.for_worker(2)
    answered(gone, "500 INTERNAL SERVER ERROR", 2)
    gone.sit_down()
    here.sit_down()
    assert len(here.processes()) == 2, "this very process, twice"
    gone.numbers[1 * 7 + 6] = 2**22 + 1  # no process has such a number
    assert len(here.processes()) == 1
    assert numbers(here)["amanah_failed_total"] == 2
    assert 2**20 < numbers(here)["amanah_largest_worker_bytes"] < 2**32


def test_an_instance_that_could_take_a_visit_is_ready(settings: Settings, study: Study) -> None:
    seen = seen_now(study, settings.backups)
    assert seen == Seen({"research": True, "identity": True, "office": True}, True)
    assert seen.is_ready
    today = date(2026, 11, 26)
    assert ages(seen, today) == {}
    assert ages(Seen({}, True, today - timedelta(3), today), today) == {"upkeep_age_days": 3, "backup_age_days": 0}


@pytest.mark.parametrize("store", ["research", "identity", "office"])
def test_a_store_of_another_version_makes_it_unready(study: Study, store: str) -> None:
    tell(engines_of(study.stores)[store], "schema", "999")
    seen = seen_now(study, None)
    assert [name for name, answers in seen.stores.items() if not answers] == [store]
    assert not seen.is_ready


def test_a_host_without_the_journals_key_is_not_ready(settings: Settings, study: Study) -> None:
    settings.journal_key.unlink()
    assert not seen_now(study, None).is_ready


def test_one_look_serves_all_who_ask_within_a_second_and_a_look_that_hangs_is_no_good_news(study: Study) -> None:
    asked, now = [], [100.0]

    def looked() -> Study:
        asked.append(now[0])
        return study

    watch = Watch(looked, None, lambda: now[0])
    assert [watch.look().is_ready for _ in "abc"] == [True] * 3
    assert asked == [100.0]
    now[0] += 2
    with watch.lock:
        watch.begun = now[0]
        assert watch.look().is_ready, "what was so a moment ago"
        now[0] += PATIENCE + 1
        assert not watch.look().is_ready
    assert watch.look().is_ready
    assert asked == [100.0, now[0]]


@pytest.fixture
def two_doors(tmp_path: Path) -> Iterator[tuple[socket.socket, socket.socket]]:
    doors = [socket.socket(socket.AF_UNIX) for _ in "12"]
    for number, door in enumerate(doors):
        door.bind(str(tmp_path / str(number)))
    yield doors[0], doors[1]
    for door in doors:
        door.close()


def test_what_comes_in_at_one_door_never_reaches_the_other(two_doors: tuple[socket.socket, socket.socket]) -> None:
    public, watch = two_doors
    is_ready = [True]
    at = watch_address(f"unix:{watch.getsockname()}")
    assert at
    app = with_a_watch(lambda environ, start: [b"the app"], at, lambda: is_ready[0], lambda: "numbers")

    def said(door: socket.socket, path: str, method: str = "GET") -> tuple[str, bytes]:
        told = [""]
        environ = {"gunicorn.socket": door, "PATH_INFO": path, "REQUEST_METHOD": method}
        body = b"".join(app(environ, lambda status, headers: told.append(status)))
        return told[-1], body

    for path in ("/health/live", "/health/ready", "/metrics", "/"):
        assert said(public, path) == ("", b"the app")
    assert said(watch, "/health/ready") == ("200 OK", b"yes\n")
    is_ready[0] = False
    assert said(watch, "/health/ready") == ("503 Service Unavailable", b"no\n")
    assert said(watch, "/health/live") == ("200 OK", b"yes\n")
    assert said(watch, "/metrics") == ("200 OK", b"numbers")
    assert said(watch, "/metrics", "HEAD") == ("200 OK", b"")
    assert said(watch, "/metrics", "POST")[0].startswith("405")
    assert said(watch, "/office")[0].startswith("404")


@pytest.mark.parametrize("told", ["0.0.0.0:8010", "8010", "192.0.2.7:8010", "study.example.org:80", "unix:x", "[::]:1"])
def test_the_watch_listens_on_this_machine_only(told: str) -> None:
    with pytest.raises(SettingsError, match="AMANAH_WATCH"):
        watch_address(told)
    assert [watch_address(one) for one in ("", "127.0.0.1:1", "[::1]:2", "unix:/run/x")] == [
        None, ("127.0.0.1", 1), ("::1", 2), "/run/x",
    ]  # fmt: skip


def test_nginx_leads_nobody_to_the_watch() -> None:
    conf = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    units = [(ROOT / "deploy" / name).read_text("utf-8") for name in ("amanah.service", "amanah.socket")]
    watched = re.findall(r"AMANAH_WATCH=127\.0\.0\.1:(\d+)", units[0])
    assert re.findall(r"ListenStream=127\.0\.0\.1:(\d+)", units[1]) == ["8000", *watched]
    assert watched[0] not in conf
