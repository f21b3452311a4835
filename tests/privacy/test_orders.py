"""An order is believed only whole, of this study and signed by its identity key; it tells no more than it must."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from errors import OrderRefused
from privacy.keys import PublicKey
from privacy.opening import PrivateKey
from privacy.orders import LONGEST, SIGNED, Order, order_file, order_of, read_order
from tests.conftest import STUDY, counted_bytes
from tests.vectors.make_vectors import HERE

VECTORS = json.loads((Path(HERE) / "order_v1.json").read_text("utf-8"))
KEY = PrivateKey("identity", STUDY, bytearray.fromhex(VECTORS["seed"]))
PUBLIC = KEY.public()
SOME = counted_bytes("orders")
PAIRS = [(SOME(16), SOME(16)) for _ in range(3)]
ROWS = [SOME(16) for _ in range(3)]


def read(data: bytes, *keys: PublicKey) -> Order:
    return read_order(data, STUDY, keys or (PUBLIC,))


def test_the_vector_is_read_and_made_again() -> None:
    order = read(VECTORS["file"].encode())
    for name in ("research", "identity", "forget"):
        assert [one.hex() for one in getattr(order, name)] == VECTORS[name]
    assert (order.withdrawals, order.lines, order.mark) == (2, 5, VECTORS["mark"])
    assert (PUBLIC.orders.hex(), PUBLIC.short) == (VECTORS["public"], VECTORS["key"])
    pairs = zip(order.research, order.identity, strict=True)
    assert order_file(order_of(STUDY, PUBLIC.short, pairs, order.forget), KEY.sign).decode() == VECTORS["file"]


@pytest.mark.parametrize("why", VECTORS["refused"])
def test_every_defect_is_refused_with_one_error(why: str) -> None:
    with pytest.raises(OrderRefused, match="This is not a whole order of this study's custodians"):
        read(VECTORS["refused"][why].encode())


def test_an_order_counts_by_any_identity_key_that_is_known_and_by_no_other_key() -> None:
    data, other = VECTORS["file"].encode(), PrivateKey("identity", STUDY, bytearray(32)).public()
    retired = PublicKey("identity", STUDY, PUBLIC.x25519, PUBLIC.xwing, "retired", PUBLIC.orders)
    research = PublicKey("research", STUDY, PUBLIC.x25519, PUBLIC.xwing, "active", PUBLIC.orders)
    assert read(data, other, retired).lines == 5
    for strangers in ((other,), (research,)):
        with pytest.raises(OrderRefused):
            read(data, *strangers)


def test_another_order_with_the_signature_of_this_one_is_refused() -> None:
    line, signature = VECTORS["file"].encode().splitlines()
    order = order_of(STUDY, PUBLIC.short, PAIRS, ())
    with pytest.raises(OrderRefused):
        read(order.said + b"\n" + signature + b"\n")
    assert read(line + b"\n" + signature + b"\n").lines == 5


def test_a_file_that_is_too_long_is_refused_though_it_is_signed() -> None:
    order = order_of(STUDY, PUBLIC.short, (), (SOME(16) for _ in range(LONGEST // 35 + 1)))
    with pytest.raises(OrderRefused):
        read(order_file(order, KEY.sign))


def test_the_file_does_not_tell_in_which_order_people_came_nor_whose_tags_belong_together() -> None:
    files = {
        order_file(order_of(STUDY, PUBLIC.short, zip(research, identity, strict=True), rows), KEY.sign)
        for research in permutations(pair[0] for pair in PAIRS)
        for identity in permutations(pair[1] for pair in PAIRS)
        for rows in permutations(ROWS)
    }
    assert len(files) == 1
    assert [one.hex() for one in ROWS] != sorted(one.hex() for one in ROWS), "there is something to sort"


def test_nothing_else_that_the_key_signs_passes_for_an_order() -> None:
    line = VECTORS["file"].partition("\n")[0].encode()
    private = Ed25519PrivateKey.from_private_bytes(KEY.derive(b"amanah key 1 orders"))
    assert read(line + b"\n" + private.sign(SIGNED + line).hex().encode() + b"\n").lines == 5
    for other in (line, b"amanah-journal-1 entry\n" + line, SIGNED + SIGNED + line):
        with pytest.raises(OrderRefused):
            read(line + b"\n" + private.sign(other).hex().encode() + b"\n")


def test_an_order_shows_no_tag_where_it_is_printed() -> None:
    assert PAIRS[0][0].hex() not in repr(order_of(STUDY, PUBLIC.short, PAIRS, ROWS))
    assert str(PAIRS[0][0]) not in repr(order_of(STUDY, PUBLIC.short, PAIRS, ROWS))
