"""Orders for tests: signed by the identity key of the tests, about visits that were delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldwork.admissions import Admission
from fieldwork.deliveries import read_delivery, take_in
from fieldwork.study import Study
from privacy.opening import PrivateKey
from privacy.orders import order_file, order_of
from storage.vaults import count
from tests.conftest import TODAY
from tests.deliveries import Sent, sealed_visit


@dataclass(frozen=True)
class Kept:
    """A visit that was delivered, and where it lies."""

    sent: Sent

    @property
    def pair(self) -> tuple[bytes, bytes]:
        return bytes.fromhex(self.sent.parcel("research")["tag"]), bytes.fromhex(self.sent.parcel("identity")["tag"])

    def row(self, part: str) -> bytes:
        return bytes.fromhex(self.sent.parcel(part)["id"])


def delivered(study: Study, seed: str) -> Kept:
    sent = sealed_visit(study, seed)
    deliver(study, sent)
    return Kept(sent)


def deliver(study: Study, sent: Sent) -> bool:
    return take_in(study, read_delivery(sent.data), Admission("tablet", b"", "", ""), TODAY)


def an_order(key: PrivateKey, study: str, withdraw: Sequence[Kept] = (), forget: Sequence[bytes] = ()) -> bytes:
    return order_file(order_of(study, key.public().short, [one.pair for one in withdraw], forget), key.sign)


def both(study: Study) -> tuple[int, int]:
    """How many rows each vault has: one for the answers of a visit, three for who it was."""
    return count(study.stores.research), count(study.stores.identity)
