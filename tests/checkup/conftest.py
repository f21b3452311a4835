"""A field app that is really served, and a dishonest operator who may change any answer on its way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from waitress.server import create_server

from app import create_app
from checkup.client import Site
from checkup.manifest import AssetManifest, manifest_of
from config import Settings
from tests.conftest import Keys, new_instance

ROOT = Path(__file__).parents[2]
Headers = list[tuple[str, str]]
Change = Callable[[str, str, Headers, bytes], tuple[str, Headers, bytes]]


@dataclass
class Operator:
    """Whoever runs the server. Honest unless `change(path, status, headers, body)` is set."""

    app: Any
    change: Change | None = None
    log: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        kept: dict[str, Any] = {}
        # What is changed has to be seen unpacked.
        environ.pop("HTTP_ACCEPT_ENCODING", None)

        def hold(status: str, headers: Headers, info: Any = None) -> Callable[[bytes], None]:
            kept.update(status=status, headers=headers)
            return lambda data: None

        answer = self.app(environ, hold)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        self.log.append(f"{environ['REMOTE_ADDR']} {environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        told = (kept["status"], kept["headers"], body)
        status, headers, body = self.change(environ["PATH_INFO"], *told) if self.change else told
        start(status, [pair for pair in headers if pair[0] != "Content-Length"] + [("Content-Length", str(len(body)))])
        return [body]


@dataclass(frozen=True)
class Deployed:
    """A site, and whoever runs it."""

    site: Site
    operator: Operator


def app_of(made: Settings) -> Flask:
    """The field app of this instance as a real one is: the plain path off."""
    sheet = made.study_folder / "study.toml"
    sheet.write_text(sheet.read_text("utf-8").replace("plain_path = true", "plain_path = false"), "utf-8")
    return create_app(replace(made, security_contact="mailto:amina@example.org"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Deployed]:
    made = new_instance(tmp_path_factory.mktemp("deployed") / "instance", keys)
    operator = Operator(app_of(made))
    server = create_server(operator, host="127.0.0.1", port=0, threads=2, ident="")
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield Deployed(Site("http", "127.0.0.1", int(server.effective_port)), operator)
    finally:
        server.close()
        thread.join(10)


@pytest.fixture
def deployed(served: Deployed) -> Iterator[Deployed]:
    """The site, run honestly until a test says otherwise."""
    yield served
    served.operator.change = None


@pytest.fixture(scope="session")
def manifest() -> AssetManifest:
    return manifest_of(ROOT, "0.1.0", "c" * 40)
