"""Tablets with full outboxes: each sends what it sealed until the study says that it has it, whatever falls."""

from __future__ import annotations

import base64
import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.documents import identity_documents, research_document
from fieldwork.keeping import length_of
from fieldwork.study import Study
from privacy.envelope import Context, Suite
from privacy.receipts import Labels, labels_of, new_receipt
from privacy.sealing import seal
from tests.conftest import TODAY
from tests.deliveries import a_visit

PATIENCE = 60.0  # seconds for one answer
PAUSE = 0.05  # seconds between two tries; a real outbox waits for 5 at first (static/outbox.js)
AGAIN = frozenset((429, 500, 502, 503, 507))  # what a real outbox tries again
WITHDRAWN_OF = 12  # of so many visits one is withdrawn
REPEATED_OF = 20  # of so many one is sent again, as when an answer was lost


@dataclass(frozen=True)
class Sent:
    """What must be found of a visit later, the research vault's first: thousands of bodies would fill the memory.

    `halves`: SHA-256 of each envelope by its id.
    """

    tags: tuple[bytes, bytes]
    halves: tuple[Mapping[bytes, bytes], Mapping[bytes, bytes]]


@dataclass(frozen=True)
class Visit:
    """What one tablet sealed, and what its participant's receipt stands for."""

    body: bytes
    labels: Labels
    sent: Sent

    @property
    def research_id(self) -> bytes:
        return next(iter(self.sent.halves[0]))


class Sealing:
    """Seals visits of one person's words under new receipts and ids: thousands, in a moment each."""

    def __init__(self, study: Study) -> None:
        self.study, self.ring = study, study.keyring
        self.said = a_visit(study)

    def visit(self) -> Visit:
        study, labels = self.study, labels_of(new_receipt(), self.study.name)
        research = research_document(study, self.said, labels, TODAY)
        consent, contact, link = identity_documents(study, self.said, labels, TODAY)
        halves: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
        told: dict[str, object] = {
            "format": "amanah-delivery",
            "version": 2,
            "instrument": study.instrument.digest,
            "group": self.said.group,
            "research": self._parcel(halves[0], research) | {"tag": labels.research_tag.hex()},
            "identity": self._parcel(halves[1], consent) | {"tag": labels.identity_tag.hex()},
            "contact": self._parcel(halves[1], contact),
            "link": self._parcel(halves[1], link),
        }
        sent = Sent((labels.research_tag, labels.identity_tag), halves)
        return Visit(json.dumps(told).encode(), labels, sent)

    def _parcel(self, digests: dict[bytes, bytes], document: Mapping[str, object]) -> dict[str, str]:
        assert self.ring
        purpose = "research" if document["kind"] == "record" else "identity"
        record_id = random.randbytes(16)  # noqa: S311 (whose visit it is matters to nobody here)
        length = length_of(self.study.instrument, purpose, str(document["kind"]))  # type: ignore[arg-type]
        context = Context(purpose, self.study.name, self.study.instrument.digest, record_id)  # type: ignore[arg-type]
        envelope = seal(document, self.ring.active(purpose), context, length, Suite.XWING).to_bytes()  # type: ignore[arg-type]
        digests[record_id] = sha256(envelope).digest()
        return {"id": record_id.hex(), "envelope": base64.b64encode(envelope).decode()}


@dataclass
class Heard:
    """What the study has acknowledged.

    `leaving`: whose withdrawal was sent, acknowledged or not. `statuses`: how often each answer was given; 0 where a
    connection broke. `refusals`: status, Retry-After and sentence of what was to be sent again.
    """

    kept: dict[bytes, Sent] = field(default_factory=dict)
    withdrawn: dict[bytes, Sent] = field(default_factory=dict)
    leaving: set[bytes] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    refusals: set[tuple[int, str, str]] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Line:
    """One kept-alive connection, made anew whenever it breaks."""

    def __init__(self, port: int, heard: Heard) -> None:
        self.port, self.heard = port, heard
        self.connection: http.client.HTTPConnection | None = None

    def post(self, path: str, body: bytes, token: str = "") -> tuple[int, bytes]:
        """The answer; status 0 where there was none."""
        head = {"Accept": "application/json", "Content-Type": "application/json"}
        head |= {"Authorization": f"Bearer {token}"} if token else {}
        try:
            self.connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            self.connection.request("POST", path, body, head)
            answer = self.connection.getresponse()
            told = answer.status, answer.read()
            if answer.status in AGAIN:
                sentence = json.loads(told[1])["sentence"]
                self.heard.refusals.add((answer.status, answer.headers.get("Retry-After", ""), sentence))
        except (OSError, http.client.HTTPException):
            self.close()
            told = 0, b""
        self.heard.statuses[told[0]] += 1
        return told

    def close(self) -> None:
        if self.connection:
            self.connection.close()
            self.connection = None


def enrolled(study: Study) -> str:
    """The token of a new tablet."""
    now = datetime.now(UTC)
    return enrol_tablet(study, new_enrolment(study, "Tablet 3", "1", now), now)[0]


class Tablets:
    """Several tablets at once, until as many visits as were ordered are kept."""

    def __init__(
        self, study: Study, port: int, visits: int, at_once: int = 4, token: str = "", heard: Heard | None = None
    ) -> None:
        self.token = token or enrolled(study)
        self.sealing, self.port, self.heard = Sealing(study), port, heard or Heard()
        self.left, self.at_once = visits, at_once
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._deliver) for _ in range(at_once)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    @property
    def are_busy(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def finish(self, within: float) -> Heard:
        """Wait until all is delivered; what was heard."""
        until = time.monotonic() + within
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        return self.heard

    def _next(self) -> bool:
        with self.heard.lock:
            self.left -= 1
            return self.left >= 0

    def _deliver(self) -> None:
        line, chance = Line(self.port, self.heard), random.Random()
        try:
            while self._next() and not self.stopped.is_set():
                visit = self.sealing.visit()
                if self._sent(line, "/deliveries", visit.body, (200, 201)):
                    self.heard.kept[visit.research_id] = visit.sent
                if chance.randrange(WITHDRAWN_OF) == 0:
                    self._withdraw(line, visit)
                elif chance.randrange(REPEATED_OF) == 0:
                    self._sent(line, "/deliveries", visit.body, (200,))
        except Exception as error:  # a thread's own failure must fail the test, whatever it is
            self.heard.faults.append(repr(error))
        finally:
            line.close()

    def _withdraw(self, line: Line, visit: Visit) -> None:
        self.heard.leaving.add(visit.research_id)
        proofs = {"research": visit.labels.research_proof.hex(), "identity": visit.labels.identity_proof.hex()}
        told = json.dumps({"format": "amanah-withdrawal", "version": 1} | proofs).encode()
        if self._sent(line, "/withdrawals", told, (200,)):
            self.heard.withdrawn[visit.research_id] = visit.sent
            self._sent(line, "/deliveries", visit.body, (410,))

    def _sent(self, line: Line, path: str, body: bytes, wanted: tuple[int, ...]) -> bool:
        """Send it until it is answered for good. False where it was stopped before, or refused."""
        while not self.stopped.is_set():
            status, told = line.post(path, body, self.token if path == "/deliveries" else "")
            if status in wanted:
                return True
            if status and status not in AGAIN:
                self.heard.faults.append(f"{path}: {status} {told[:200]!r}")
                return False
            time.sleep(PAUSE)
        return False
