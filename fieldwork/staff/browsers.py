"""Browsers that somebody of the staff has signed in on before: a cookie vouches for them. Keeps no list of them.

A stranger who guesses at a name can shut the way of strangers, never the way of a browser that its owner has used
(OWASP, "device cookies"). The cookie names nobody: only with a name beside it can the office tell that it fits.
"""

from __future__ import annotations

import hmac
import re

from fieldwork.staff.office_keys import OfficeKeys, keyed_hash

NONCE, VOUCHER = 32, re.compile("[0-9a-f]{96}")  # hexadecimal digits: a random number, then what vouches for it
MOST_PEOPLE = 5  # who share one browser


def vouchers_in(cookie: str) -> list[str]:
    """What a cookie holds that looks like a voucher."""
    return [one for one in cookie.split(".") if VOUCHER.fullmatch(one)][:MOST_PEOPLE]


def nonce_for(keys: OfficeKeys, cookie: str, name: str) -> str | None:
    """The random number under which this browser is known to this name; None where it is not."""
    nonces = {one[:NONCE]: one for one in vouchers_in(cookie)}
    fitting = (nonce for nonce, one in nonces.items() if hmac.compare_digest(one, _voucher(keys, nonce, name)))
    return next(fitting, None)


def vouch(keys: OfficeKeys, cookie: str, name: str, random_bytes: bytes) -> str:
    """The cookie of a browser that this name has signed in on just now. `random_bytes`: 16 bytes."""
    others = [one for one in vouchers_in(cookie) if one != _voucher(keys, one[:NONCE], name)]
    return ".".join([_voucher(keys, random_bytes.hex(), name), *others][:MOST_PEOPLE])


def _voucher(keys: OfficeKeys, nonce: str, name: str) -> str:
    return nonce + keyed_hash(keys.browsers, "browser", nonce, name).hex()
