"""Visits sealed in advance, as devices seal them: each delivery's JSON in one file, to be sent by a driver.

The file is a line of decimal digits with the length of what follows it, then that delivery, and so on.
Sealing is a device's work, so it is done before anything is measured. All people are invented.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain, cycle, islice
from multiprocessing import get_context
from pathlib import Path

from bench.instance import TODAY, some_visit
from fieldwork.deliveries import FORMAT, VERSION
from fieldwork.documents import Document, identity_documents, research_document
from fieldwork.keeping import keyring_of, length_of
from fieldwork.parcels import Purpose
from fieldwork.study import Study
from privacy.envelope import Context
from privacy.receipts import labels_of, new_receipt
from privacy.sealing import seal

HALVES = ("research", "identity", "contact", "link")
AT_ONCE = 100  # visits that one process makes at a time
_studies: list[Study] = []


def make_stock(study: Study, path: Path, visits: int, sealed: int | None = None) -> None:
    """Seal so many visits more to the study's keys into this file, on every core.

    `sealed`: no more than so many are; the others are these again under new ids and tags, for where an hour's visits
    are more than can be sealed beside it. The server, which opens none, has the same work with them.
    """
    sealed = min(visits, sealed or visits)
    lots = [min(AT_ONCE, sealed - at) for at in range(0, sealed, AT_ONCE)]
    # Forked with the study in it: compiled again in each process it would take longer than sealing.
    with (
        path.open("ab") as file,
        ProcessPoolExecutor(os.cpu_count(), get_context("fork"), _studies.append, (study,)) as workers,
    ):
        made = [delivery for lot in workers.map(_lot, lots) for delivery in lot]
        again = map(_under_new_ids, islice(cycle(made), visits - sealed))
        file.writelines(b"%d\n%b" % (len(delivery), delivery) for delivery in chain(made, again))
        file.flush()
        # Tablets have disks of their own: else the server's would still be writing this while it is measured.
        os.fsync(file.fileno())


def read_stock(path: Path, first: int = 0) -> Iterator[bytes]:
    """Every delivery from the one of this number on, one after the other."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if number < first:
                file.seek(int(line), os.SEEK_CUR)
            else:
                yield file.read(int(line))


def _under_new_ids(delivery: bytes) -> bytes:
    told = json.loads(delivery)
    for half in HALVES:
        told[half] |= {"id": os.urandom(16).hex()} | ({"tag": os.urandom(16).hex()} if "tag" in told[half] else {})
    return json.dumps(told, separators=(",", ":")).encode()


def _lot(visits: int) -> list[bytes]:
    return [sealed_delivery(_studies[0]) for _ in range(visits)]


def sealed_delivery(study: Study) -> bytes:
    """One visit as a device sends it: four documents, each sealed for its vault (docs/delivery.md)."""
    visit, labels = some_visit(study), labels_of(new_receipt(os.urandom), study.name)
    parcel = partial(_parcel, study)
    consent, contact, link = identity_documents(study, visit, labels, TODAY)
    told = {
        "format": FORMAT,
        "version": VERSION,
        "instrument": study.instrument.digest,
        "group": visit.group,
        "research": parcel(research_document(study, visit, labels, TODAY)) | {"tag": labels.research_tag.hex()},
        "identity": parcel(consent) | {"tag": labels.identity_tag.hex()},
        "contact": parcel(contact),
        "link": parcel(link),
    }
    return json.dumps(told, separators=(",", ":")).encode()


def _parcel(study: Study, document: Document) -> dict[str, str]:
    purpose: Purpose = "research" if document["kind"] == "record" else "identity"
    record_id, length = os.urandom(16), length_of(study.instrument, purpose, str(document["kind"]))
    context = Context(purpose, study.name, study.instrument.digest, record_id)
    envelope = seal(document, keyring_of(study).active(purpose), context, length)
    return {"id": record_id.hex(), "envelope": base64.b64encode(envelope.to_bytes()).decode()}
