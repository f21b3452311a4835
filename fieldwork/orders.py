"""Carry out a signed order of the custodians: erase what it names, for good. Never says whether anything was there.

An order comes from the desk, where two custodians together found somebody who lost their slip, or who wants their
contact details forgotten. Here nobody learns who that is: an order holds tags and record ids.
"""

from __future__ import annotations

from datetime import date

from errors import OrderRefused
from fieldwork.keyrings import keyring_in_force
from fieldwork.study import Study
from privacy.keys import Keyring
from privacy.orders import REFUSED, read_order
from privacy.orders import Order as Order
from storage.engines import shorten_log
from storage.journal import Act, write_entry
from storage.office import count_visit
from storage.tombstones import bury
from storage.vaults import erase, erase_records


def read(study: Study, data: bytes) -> Order:
    """The order in a file, if an identity key of the keyring in force signed it. Raises OrderRefused, JournalBroken."""
    known = keyring_in_force(study.stores.office).data
    if known is None:
        raise OrderRefused(REFUSED)
    return read_order(data, study.name, Keyring.from_json(known).keys)


def carry_out(study: Study, data: bytes, today: date, actor: str) -> Order:
    """Erase what an order names; done again, it changes nothing more. Raises OrderRefused, StorageError.

    Written down first; then the tombstones, also for what is not here: a tablet may bring it later, and a restored
    backup bring it back.
    """
    order = read(study, data)
    write_entry(study.stores.office, actor, Act.ORDER_CARRIED_OUT, today, count=order.lines, detail=order.mark)
    bury(study.stores.office, study.tombstone_files, (*order.research, *order.identity, *order.forget))
    erased = [erase(study.stores.research, tag) for tag in order.research]
    for tag in order.identity:
        erase(study.stores.identity, tag)
    erase_records(study.stores.identity, order.forget)
    for _ in filter(None, erased):
        count_visit(study.stores.office, "withdrawn", month=f"{today:%Y-%m}")
    # As after a withdrawal: the log would hold for hours what stood before and after these tombstones.
    shorten_log(study.stores.office.engine)
    return order
