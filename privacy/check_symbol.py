"""A check symbol over GF(32) that stays inside Crockford's base 32. Finds mistakes in typing, proves nothing else.

The symbols are read as a polynomial over GF(2^5) with x^5 + x^2 + 1 and evaluated by Horner's rule at a primitive
element. Up to 31 places each has a weight of its own and none is zero, so every single error and every swap of two
symbols is found (a Damm-type scheme: the check symbol is the state that the symbols lead to).
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}


def check_symbol(symbols: str) -> str:
    """The symbol that completes these (at most 30). Raises KeyError for one outside the alphabet."""
    state = 0
    for symbol in symbols:
        state = _double(state ^ _VALUES[symbol])
    return ALPHABET[state]


def is_complete(symbols: str) -> bool:
    """Whether the last symbol is the check symbol of the others."""
    return bool(symbols) and set(symbols) <= set(ALPHABET) and check_symbol(symbols[:-1]) == symbols[-1]


def _double(value: int) -> int:
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value
