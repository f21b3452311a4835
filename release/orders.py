"""Orders that two custodians make for people they found: take everything out, or forget the contact details alone.

A link is opened for somebody whose order is being made, and for nobody else; what it says is kept nowhere. No answer
can be opened here: an order needs the identity key only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from errors import ReleaseError
from privacy.opening import PrivateKey
from privacy.orders import LONGEST, order_file, order_of
from privacy.orders import Order as Order
from release.identity_documents import ContactGiven
from release.people import RESULTS, Opened, all_given, documents_of
from release.source import Source

TAG = re.compile("[0-9a-f]{32}")
Pair = tuple[bytes, bytes]


@dataclass(frozen=True)
class Made:
    """An order and its file, ready to be carried away."""

    order: Order
    file: bytes = field(repr=False)


def links_of(opened: Opened, source: Source, keys: Sequence[PrivateKey], person: str) -> tuple[Pair, ...]:
    """The tags of this person's rows, as their link tells; empty once the cut-off has passed. Opens nothing else."""
    links = (_tags_in(document) for document in documents_of(opened, source, keys, person, "link"))
    return tuple(pair for pair in links if pair)


def entries_of(opened: Opened, people: Iterable[str]) -> tuple[bytes, ...]:
    """The ids of all contact entries of these people. Opens nothing."""
    places = (place for person in people for place in opened.places.get(person, ()))
    return tuple(place.record_id for place in places if place.kind == "contact")


def make_order(signer: PrivateKey, withdraw: Iterable[Pair] = (), forget: Iterable[bytes] = ()) -> Made:
    """One signed order: these tags are taken out with everything under them, these contact entries alone.

    Raises ReleaseError where it would be empty, or longer than anybody reads.
    """
    order = order_of(signer.study, signer.public().short, withdraw, forget)
    if not order.lines:
        raise ReleaseError("There is nothing to erase for them: no link and no contact details are left.")
    file = order_file(order, signer.sign)
    if len(file) > LONGEST:
        raise ReleaseError("This is too much for one order. Please choose fewer people.")
    return Made(order, file)


def results_only(opened: Opened) -> tuple[str, ...]:
    """Those who asked for the results and for nothing else: once the summary was sent, nothing needs their details."""
    return tuple(one.person for one in opened.people if one.wishes == {RESULTS})


def overdue(opened: Opened, source: Source, keys: Sequence[PrivateKey]) -> tuple[str, ...]:
    """Those whose contact details are kept for nothing: their time is over, or they want no contact any more.

    Whoever left no details is not among them: all visits have the same rows, and that is to stay so.
    """
    listed = {one.person for one in opened.people}
    given = (one for one in all_given(opened, source, keys, "contact") if isinstance(one, ContactGiven))
    return tuple(sorted({one.person for one in given if one.contact} - listed))


def _tags_in(document: Mapping[str, Any]) -> Pair | None:
    """The two tags in a link; None where it is of no known shape: anybody with the public key can seal anything."""
    tags = [document.get(name) for name in ("research_tag", "identity_tag")]
    found = [bytes.fromhex(tag) for tag in tags if isinstance(tag, str) and TAG.fullmatch(tag)]
    return (found[0], found[1]) if len(found) == 2 else None
