"""Carry out a signed order of the custodians: erase what it names, for good. Never says whether anything was there.

An order comes from the desk, where two custodians together found somebody who lost their slip, or who wants their
contact details forgotten. Here nobody learns who that is: an order holds tags and record ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from errors import OrderRefused
from fieldwork.hold import Hold
from fieldwork.kept import in_steps
from fieldwork.keyrings import keyring_in_force
from fieldwork.study import Study
from fieldwork.withdrawal import take_out_all
from privacy.keys import Keyring
from privacy.orders import REFUSED, read_order
from privacy.orders import Order as Order
from storage.journal import Act, write_entry


@dataclass(frozen=True)
class Done:
    """An order that was carried out. `hold`: the legal hold until whose end what it names is kept; None where gone."""

    order: Order
    hold: Hold | None


def read(study: Study, data: bytes) -> Order:
    """The order in a file, if an identity key of the keyring in force signed it. Raises OrderRefused, JournalBroken."""
    known = keyring_in_force(study.stores.office).data
    if known is None:
        raise OrderRefused(REFUSED)
    return read_order(data, study.name, Keyring.from_json(known).keys)


def carry_out(study: Study, data: bytes, today: date, actor: str) -> Done:
    """Erase what an order names; done again, it changes nothing more. Raises OrderRefused, StorageError.

    Written down first, and how much in steps only: else staff would read on which day one person went. Then the
    tombstones, also for what is not here: a tablet may bring it later, and a restored backup bring it back. While a
    legal hold is on it waits, as a withdrawal with a code does.
    """
    order = read(study, data)
    write_entry(study.stores.office, actor, Act.ORDER_CARRIED_OUT, today, in_steps(order.lines), detail=order.mark)
    return Done(order, take_out_all(study, order.research, order.identity, order.forget, today))
