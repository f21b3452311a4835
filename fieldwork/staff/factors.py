"""Second factors: a code of an authenticator app, or one of ten recovery codes. A code works once.

Every act here is about the one member who is handed in, whom the caller took from their own session.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime

from errors import NotPermitted
from fieldwork.staff.office_keys import OfficeKeys
from fieldwork.staff.totp import matching_step, open_secret
from instruments.expressions import fold_digits
from storage.journal import Act, write_entry
from storage.office import Office
from storage.staff import StaffMember, has_recovery_code, set_recovery_codes, spend_recovery_code, spend_step

HOW_MANY = 10
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: 5 bits a letter
LETTERS, GROUP = 24, 4  # 120 bits
READ_AS = str.maketrans("ILO", "110")
SIX_DIGITS = re.compile(r"\d{6}")


def lacks_second_factor(office: Office, member: StaffMember) -> bool:
    """Whether this member has a password alone, and so may reach only the page that sets a second factor up."""
    return member.totp is None


def show_factor(office: Office, keys: OfficeKeys, member: StaffMember, typed: str, now: datetime) -> bool:
    """Whether this is a code of this member that works now. If it is, it never works again."""
    plain = fold_digits("".join(typed.split()))
    if not SIX_DIGITS.fullmatch(plain):
        return _use_recovery_code(office, member.name, hash_of_code(plain), now)
    if member.totp is None:
        return False
    step = matching_step(open_secret(keys, member.name, member.totp), plain, now)
    return step is not None and spend_step(office, member.name, step)


def _use_recovery_code(office: Office, name: str, code_hash: bytes, now: datetime) -> bool:
    if not has_recovery_code(office, name, code_hash):
        return False
    # Whoever finds a sheet of codes uses one as its owner does: the owner is told by this.
    write_entry(office, name, Act.RECOVERY_CODE_USED, now.date())
    return spend_recovery_code(office, name, code_hash)


def confirmed_step(secret: bytes, typed: str, now: datetime) -> int:
    """The time step of a code that shows that somebody's app has this secret. Raises NotPermitted."""
    step = matching_step(secret, fold_digits(typed), now)
    if step is None:
        raise NotPermitted("This code does not fit. Wait for the next one in your app, and type that.")
    return step


def new_recovery_codes(
    office: Office, name: str, random_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> tuple[str, ...]:
    """Ten new codes in the place of all that a member had. They are told here, once, and kept as hashes."""
    codes = tuple("".join(ALPHABET[byte % 32] for byte in random_bytes(LETTERS)) for _ in range(HOW_MANY))
    set_recovery_codes(office, name, [hash_of_code(code) for code in codes])
    return tuple("-".join(code[place : place + GROUP] for place in range(0, LETTERS, GROUP)) for code in codes)


def hash_of_code(typed: str) -> bytes:
    """What is kept of a recovery code, however it is typed.

    SHA-256 is enough: a code is 120 random bits, so nobody who has the hashes can try them all, however fast the hash
    (OWASP ASVS 6.5.2 asks for a slow one below 112 bits).
    """
    plain = re.sub(r"[\s-]", "", fold_digits(typed)).upper().translate(READ_AS)
    return hashlib.sha256(f"amanah recovery code {plain}".encode()).digest()
