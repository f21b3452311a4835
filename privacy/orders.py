"""Orders of the custodians: a signed file that says which tags to withdraw and which contact rows to forget.

It holds no name, no answer, no day and no reason. Two people's tags are not told apart in it: each list is sorted by
itself. Whoever reads one believes nothing before the signature is right; every defect is one OrderRefused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from errors import EnvelopeError, OrderRefused
from privacy.documents import canonical, read_canonical
from privacy.keys import PublicKey

FORMAT, VERSION = "amanah-order", 1
SIGNED = b"amanah-order-1\n"  # stands before what is signed, so that nothing else of the key's can pass for an order
LONGEST = 512 * 1024  # bytes of a file: some ten thousand lines
MARK = 16  # digits
ID = 16  # bytes of a tag and of a record id
LISTS = ("research", "identity", "forget")
FILE = re.compile(rb"([^\n]+)\n([0-9a-f]{128})\n")
REFUSED = (
    "This is not a whole order of this study's custodians. Nothing was erased. Ask them to make it again and to bring "
    "the file as it is."
)
Sign = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Order:
    """What is to be erased. `key`: the identity key's id in hexadecimal, as `PublicKey.short` has it.

    `research` and `identity` are the tags of those who withdraw, one of each for a person; `forget` are record ids of
    contact rows. Each is sorted and names nothing twice.
    """

    study: str
    key: str
    research: tuple[bytes, ...] = field(repr=False)
    identity: tuple[bytes, ...] = field(repr=False)
    forget: tuple[bytes, ...] = field(repr=False)

    @property
    def withdrawals(self) -> int:
        """How many people are taken out whole."""
        return len(self.research)

    @property
    def lines(self) -> int:
        """How much there is to do in all, as journals count it: people to take out, and contact rows to forget."""
        return len(self.research) + len(self.forget)

    @property
    def said(self) -> bytes:
        """The line that is signed: canonical JSON."""
        lists = {name: [one.hex() for one in getattr(self, name)] for name in LISTS}
        return canonical({"format": FORMAT, "version": VERSION, "study": self.study, "key": self.key, **lists})

    @property
    def mark(self) -> str:
        """16 digits in groups of four, by which people speak of one order: from the SHA-256 of its line."""
        digits = hashlib.sha256(self.said).hexdigest()[:MARK]
        return " ".join(digits[at : at + 4] for at in range(0, MARK, 4))


def order_of(study: str, key: str, withdraw: Iterable[tuple[bytes, bytes]], forget: Iterable[bytes]) -> Order:
    """The order for these pairs of tags (research, identity) and these contact rows, in the one way it is written."""
    pairs = set(withdraw)
    research, identity = ({pair[half] for pair in pairs} for half in (0, 1))
    return Order(study, key, *(tuple(sorted(one)) for one in (research, identity, set(forget))))


def order_file(order: Order, sign: Sign) -> bytes:
    """The file: the order's line, then the line of its signature."""
    return order.said + b"\n" + sign(SIGNED + order.said).hex().encode() + b"\n"


def read_order(data: bytes, study: str, keys: Iterable[PublicKey]) -> Order:
    """The order in a file, if an identity key of this study signed it, an active or a retired one.

    Raises OrderRefused, alike for a damaged, altered, forged or foreign one.
    """
    try:
        line, signature = _parts(data)
        order = _order(read_canonical(line))
        if order.said != line or order.study != study:
            raise ValueError
        signer = next(one for one in keys if (one.purpose, one.short) == ("identity", order.key))
        Ed25519PublicKey.from_public_bytes(signer.orders).verify(signature, SIGNED + line)
    except (EnvelopeError, InvalidSignature, LookupError, TypeError, ValueError, AttributeError, StopIteration):
        raise OrderRefused(REFUSED) from None
    return order


def _parts(data: bytes) -> tuple[bytes, bytes]:
    found = FILE.fullmatch(data) if len(data) <= LONGEST else None
    if not found:
        raise ValueError
    return found[1], bytes.fromhex(found[2].decode())


def _order(told: dict[str, Any]) -> Order:
    if (told["format"], told["version"]) != (FORMAT, VERSION):
        raise ValueError
    lists = {name: _listed(told[name]) for name in LISTS}
    order = Order(_text(told["study"]), _text(told["key"]), **lists)
    if len(order.research) != len(order.identity) or not (order.research or order.forget):
        raise ValueError
    return order


def _listed(told: list[str]) -> tuple[bytes, ...]:
    found = tuple(bytes.fromhex(_text(one)) for one in told)
    if list(found) != sorted(set(found)) or any(len(one) != ID for one in found):
        raise ValueError
    return found


def _text(told: object) -> str:
    if not isinstance(told, str):
        raise TypeError
    return told
