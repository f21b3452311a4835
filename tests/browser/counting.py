"""A proxy that counts what a server sends, headers and all: the worker's own requests too."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Counted:
    """What went through so far: bytes from the server, and the request lines to it."""

    port: int
    received: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def forget(self) -> None:
        self.received = 0
        self.asked.clear()


@contextmanager
def counting(port: int) -> Iterator[Counted]:
    """Stand between a browser and the server on this port."""
    with ExitStack() as opened, socket.create_server(("127.0.0.1", 0)) as door:
        counted = Counted(door.getsockname()[1])
        threading.Thread(target=_accept, args=(door, port, counted, opened), daemon=True).start()
        yield counted
        # Whoever waits in accept() is woken by this, and not by closing alone.
        door.shutdown(socket.SHUT_RDWR)


def _accept(door: socket.socket, port: int, counted: Counted, opened: ExitStack) -> None:
    with suppress(OSError):
        while True:
            near = opened.enter_context(door.accept()[0])
            far = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
            threading.Thread(target=_pass_on, args=(near, far, counted, True), daemon=True).start()
            threading.Thread(target=_pass_on, args=(far, near, counted, False), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, counted: Counted, is_asking: bool) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if is_asking:
                counted.asked += [line.decode() for line in data.split(b"\r\n") if line.endswith(b" HTTP/1.1")]
            else:
                counted.received += len(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
