"""A tablet's outbox, carried by hand because the network never came: sealed like every delivery, marked by its tablet.

The format is docs/delivery.md's: one line of canonical JSON, then a line with HMAC-SHA-256 of it under the hash of the
tablet's token, so that only an enrolled tablet can have written it.
"""

from __future__ import annotations

import hmac
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date

from errors import AmanahError, DeliveryRefused, NotAdmitted, Withdrawn
from fieldwork.admissions import Admission
from fieldwork.deliveries import read_delivery, take_in
from fieldwork.study import Study
from storage.admissions import all_tablets
from storage.journal import COMMAND_LINE, Act, write_entry

FORMAT, VERSION = "amanah-outbox", 1
NOT_AN_OUTBOX = "This is not a sealed outbox file of a version that this study knows. Nothing was kept."


@dataclass(frozen=True)
class TakenIn:
    """What became of a file's visits: new, known from before, withdrawn; and how many were refused for each reason."""

    new: int
    known: int
    withdrawn: int
    refused: tuple[tuple[str, int], ...]


def take_in_file(study: Study, data: bytes, today: date) -> TakenIn:
    """Keep every visit of an outbox file that can be kept. Raises DeliveryRefused, NotAdmitted; then none was."""
    written, mark = _parts(data)
    admission = _tablet_behind(study, written, mark)
    # Neither how many nor of which tablet: a small file would tell when its few people took part.
    write_entry(study.stores.office, COMMAND_LINE, Act.OUTBOX_TAKEN_IN, today)
    became: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for delivery in _deliveries(written):
        try:
            became["new" if take_in(study, read_delivery(delivery), admission, today) else "known"] += 1
        except Withdrawn:
            became["withdrawn"] += 1
        except AmanahError as error:
            refused[str(error)] += 1
    return TakenIn(became["new"], became["known"], became["withdrawn"], tuple(sorted(refused.items())))


def _parts(data: bytes) -> tuple[bytes, bytes]:
    try:
        written, mark, end = data.split(b"\n")
        if not end:
            return written, bytes.fromhex(mark.decode("ascii"))
    except ValueError:
        pass
    raise DeliveryRefused(NOT_AN_OUTBOX)


def _tablet_behind(study: Study, written: bytes, mark: bytes) -> Admission:
    for tablet in all_tablets(study.stores.office):
        if hmac.compare_digest(hmac.digest(tablet.token_hash, written, "sha256"), mark):
            if tablet.revoked:
                raise NotAdmitted(f"The tablet {tablet.name!r} that wrote this file was revoked. Nothing was kept.")
            return Admission("tablet", tablet.token_hash, "", tablet.site)
    raise NotAdmitted("No tablet that is enrolled in this study wrote this file, or it was changed. Nothing was kept.")


def _deliveries(written: bytes) -> list[bytes]:
    try:
        told = json.loads(written)
        if (told.pop("format"), told.pop("version")) == (FORMAT, VERSION) and set(told) == {"deliveries"}:
            return [json.dumps(delivery).encode() for delivery in told["deliveries"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise DeliveryRefused(NOT_AN_OUTBOX)
