"""Pseudonyms: one person's id in one release purpose. Two purposes cannot be linked, and none leads back to a label."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from privacy.check_symbol import ALPHABET, check_symbol

SYMBOLS = 15  # 75 bits: among a million people two alike come about once in 10^10


def pseudonym_key(derive: Callable[[bytes], bytes], purpose: str) -> bytes:
    """The key of one purpose, 32 bytes. `derive` is the research key's."""
    return derive(b"amanah pseudonym 1 " + purpose.encode())


def pseudonym(key: bytes, participant: bytes) -> str:
    """The id of the person with this label: 15 symbols and a check symbol, in groups of four."""
    mac = HMAC(key, SHA256())
    mac.update(participant)
    number = int.from_bytes(mac.finalize(), "big") >> 256 - 5 * SYMBOLS
    symbols = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(SYMBOLS)))
    whole = symbols + check_symbol(symbols)
    return "-".join(whole[at : at + 4] for at in range(0, len(whole), 4))
