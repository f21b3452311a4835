"""Tablets that deliver what lies in a stock of sealed visits: a process of its own, beside the server that it loads.

    python -m bench.load.tablets PORT STOCK --token=TOKEN --connections 8 --seconds 5

Each connection is one tablet: it keeps its connection alive, sends one delivery after another, holds each until the
study's own words say that it is kept, and waits and tries again as static/outbox.js does. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.load.stock import read_stock

# As in static/outbox.js, which tests/house/test_load.py holds against this.
FIRST_WAIT, LONGEST_WAIT, PATIENCE = 5.0, 300.0, 30.0  # seconds
KEPT, GONE = (200, 201), 410
SET_ASIDE = (401, 409, 413, 422)
LONGEST_HEAD = 65_536  # bytes


@dataclass
class Told:
    """What came of a run: visits that were kept or refused for good, requests that had to be tried again, seconds.

    `before`: visits that were kept before the run began to count; of them nothing else is told.
    """

    before: int = 0
    kept: int = 0
    refused: int = 0
    again: int = 0
    seconds: float = 0.0
    took: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """Where to deliver, with which token, and until when (a monotonic clock). `at_once`: visits in a request.

    `since`: from when on it counts (the same clock). Until then one tablet after another begins, as they do in the
    field: of those who dial at one moment one worker may take all.
    """

    port: int
    token: str
    until: float
    since: float = 0.0
    at_once: int = 1
    first_wait: float = FIRST_WAIT
    pause: float = 0.0  # seconds from the beginning of one request of a tablet to the next


class Broken(Exception):
    """The connection ended before there was a whole answer."""


class Tablet:
    """One tablet and its connection, which is opened when it is first needed and again whenever it broke."""

    def __init__(self, plan: Plan, outbox: Iterator[bytes], told: Told) -> None:
        self.plan, self.outbox, self.told = plan, outbox, told
        self.line: socket.socket | None = None
        self.wait = plan.first_wait

    async def deliver_all(self) -> None:
        """Deliver until the outbox is empty or the time is over."""
        try:
            while time.monotonic() < self.plan.until and (some := self._next()):
                begun = time.monotonic()
                await self._until_settled(some)
                if left := max(0.0, begun + self.plan.pause - time.monotonic()):
                    await asyncio.sleep(left)
        finally:
            self._hang_up()

    def _next(self) -> list[bytes]:
        taken = zip(range(self.plan.at_once), self.outbox, strict=False)
        return [delivery for _, delivery in taken]

    async def _until_settled(self, some: list[bytes]) -> None:
        while not await self._try(some):
            self.told.again += 1
            await asyncio.sleep(self.wait)
            self.wait = min(2 * self.wait, LONGEST_WAIT)
        self.wait = self.plan.first_wait

    async def _try(self, some: list[bytes]) -> bool:
        begun = time.monotonic()
        try:
            status, body = await asyncio.wait_for(self._post(request_of(self.plan, some)), PATIENCE)
        except (OSError, Broken, TimeoutError):
            self._hang_up()
            return False
        answers = answers_in(status, body, len(some), self.plan.at_once > 1)
        if not all(settles(answer) for answer in answers):
            return False
        self._count(begun, sum(answer["status"] in KEPT for answer in answers), len(some))
        return True

    def _count(self, begun: float, kept: int, sent: int) -> None:
        if begun < self.plan.since:
            self.told.before += kept
        else:
            self.told.took.append(time.monotonic() - begun)
            self.told.kept += kept
        self.told.refused += sent - kept

    async def _post(self, request: bytes) -> tuple[int, bytes]:
        loop, line = asyncio.get_running_loop(), self.line or await self._dial()
        await loop.sock_sendall(line, request)
        head, body = await self._head(line)
        status, length, closes = read_head(head)
        while len(body) < length:
            body += await self._more(line)
        if closes:
            self._hang_up()
        return status, body

    async def _head(self, line: socket.socket) -> tuple[bytes, bytes]:
        head = b""
        while b"\r\n\r\n" not in head:
            if len(head) > LONGEST_HEAD:
                raise Broken
            head += await self._more(line)
        head, _, body = head.partition(b"\r\n\r\n")
        return head, body

    async def _more(self, line: socket.socket) -> bytes:
        came = await asyncio.get_running_loop().sock_recv(line, 65_536)
        if not came:
            raise Broken
        return came

    async def _dial(self) -> socket.socket:
        self.line = line = socket.socket()
        line.setblocking(False)
        # Else the system holds the last part of a request back for a moment, and that is what would be measured.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", self.plan.port))
        return line

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def request_of(plan: Plan, some: list[bytes]) -> bytes:
    """A request as a tablet's browser sends it, without what a browser adds about itself."""
    address, body = ("/deliveries", some[0]) if plan.at_once == 1 else ("/deliveries/several", message_of(some))
    head = (
        f"POST {address} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{plan.port}\r\n"
        f"Authorization: Bearer {plan.token}\r\n"
        "Accept: application/json\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def message_of(some: list[bytes]) -> bytes:
    """Several deliveries in one message."""
    return b'{"format":"amanah-deliveries","version":1,"deliveries":[%b]}' % b",".join(some)


def read_head(head: bytes) -> tuple[int, int, bool]:
    """An answer's status, the length of its body, and whether the server closes the connection after it."""
    first, *lines = head.decode("latin-1").split("\r\n")
    told = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    return int(first.split(" ")[1]), int(told.get("content-length", "0")), told.get("connection") == "close"


def answers_in(status: int, body: bytes, visits: int, together: bool) -> list[dict[str, Any]]:
    """What was said of each visit: {"status", "kept", "sentence"}."""
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    if together and status in KEPT:
        return list(told["deliveries"])
    return [{**told, "status": status}] * visits


def settles(answer: Mapping[str, Any]) -> bool:
    """Whether a tablet is done with a visit: kept, gone, or set aside. Else it tries again."""
    status = answer["status"]
    return (status in KEPT and bool(answer.get("kept"))) or status == GONE or status in SET_ASIDE


async def drive(plan: Plan, outbox: Iterator[bytes], connections: int) -> Told:
    """Let so many tablets deliver from one outbox until the time is over."""
    told, begun = Told(), time.monotonic()
    apart = max(0.0, plan.since - begun) / connections

    async def begin(number: int) -> None:
        await asyncio.sleep(number * apart)
        await Tablet(plan, outbox, told).deliver_all()

    await asyncio.gather(*map(begin, range(connections)))
    told.seconds = time.monotonic() - max(begun, plan.since)
    return told


def main() -> None:
    """Deliver, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.load.tablets")
    parser.add_argument("port", type=int)
    parser.add_argument("stock", type=Path)
    parser.add_argument("--token", required=True, help="written with =, as it may begin with a dash")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--before", type=float, default=0.0, help="seconds in which the tablets begin; not counted")
    parser.add_argument("--first", type=int, default=0, help="the number of the first visit to send")
    parser.add_argument("--at-once", type=int, default=1, help="visits in one request")
    parser.add_argument("--a-second", type=float, default=0.0, help="visits that all send together; 0: all they can")
    parser.add_argument("--first-wait", type=float, default=FIRST_WAIT, help="seconds before the first new try")
    asked = parser.parse_args()
    since = time.monotonic() + asked.before
    pause = asked.connections * asked.at_once / asked.a_second if asked.a_second else 0.0
    plan = Plan(asked.port, asked.token, since + asked.seconds, since, asked.at_once, asked.first_wait, pause)
    outbox = read_stock(asked.stock, asked.first)
    print(json.dumps(asdict(asyncio.run(drive(plan, outbox, asked.connections)))))


if __name__ == "__main__":
    main()
