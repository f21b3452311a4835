"""Passkeys: a member of staff proves who they are by a key that their device keeps. Holds public keys only.

A passkey is bound to the host it was made on, wants its user's finger, face or PIN each time (user verification), and
is found without a name (discoverable), so that signing in tells nobody which names exist. A challenge is random, works
once, for five minutes, for one purpose, and in the one browser that was given it. Every answer that does not hold is
refused alike.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from errors import NotPermitted
from fieldwork.staff.office_keys import OfficeKeys, keyed_hash
from storage.journal import Act, write_entry, write_once
from storage.office import Office
from storage.passkeys import (
    Passkey,
    add_passkey,
    count_use,
    handle_of,
    passkey_of,
    passkeys_of,
    remove_passkey,
    spend_challenge,
)
from storage.staff import staff_named

Purpose = Literal["sign in", "prove again", "add"]
RandomBytes = Callable[[int], bytes]
CHALLENGE = 32  # random bytes
PATIENCE = timedelta(minutes=5)  # for a device to be found, and a finger put on it
LONGEST_LABEL = 40
LONGEST_ANSWER = 16_384  # characters; a device's answer has about a thousand


@dataclass(frozen=True)
class Site:
    """Where passkeys belong: the host, and the address of its pages as a browser states it."""

    rp_id: str
    origin: str


@dataclass(frozen=True)
class Challenge:
    """What a device must answer. `holder`: whose answer it must be, empty where that is to be found out."""

    value: bytes
    purpose: Purpose
    holder: str
    until: datetime

    def written(self) -> dict[str, str]:
        """For the browser's signed cookie."""
        told = {"value": self.value.hex(), "purpose": self.purpose, "until": self.until.isoformat()}
        return told | {"holder": _bound(self.holder)}


def not_accepted() -> NotPermitted:
    """The one refusal, whatever is wrong."""
    return NotPermitted("This passkey was not accepted. Please try again, or sign in another way.")


def site_of(scheme: str, host: str) -> Site | None:
    """Where passkeys of a page at this host belong; None where there can be none: at an address in digits.

    Browsers have passkeys only on pages that came over https, or from this machine. So whatever proxies say of the
    scheme, a page elsewhere than on this machine must have come over https.
    """
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if _is_address(name.strip("[]")):
        return None
    is_here = name == "localhost" or name.endswith(".localhost")
    return Site(name, f"{scheme if is_here else 'https'}://{host}")


def new_challenge(
    purpose: Purpose, holder: str, now: datetime, random_bytes: RandomBytes = secrets.token_bytes
) -> Challenge:
    """A challenge for this purpose, from now on."""
    return Challenge(random_bytes(CHALLENGE), purpose, holder, now + PATIENCE)


def challenge_in(told: Mapping[str, str] | None, purpose: Purpose, holder: str, now: datetime) -> Challenge:
    """The challenge that this browser was given. Raises NotPermitted for another's or an old one."""
    if not told or told["purpose"] != purpose or told["holder"] != _bound(holder):
        raise not_accepted()
    found = Challenge(bytes.fromhex(told["value"]), purpose, holder, datetime.fromisoformat(told["until"]))
    if found.until <= now:
        raise not_accepted()
    return found


def ask_to_add(
    office: Office, site: Site, challenge: Challenge, random_bytes: RandomBytes = secrets.token_bytes
) -> str:
    """What a browser needs to make a passkey for the challenge's holder, as JSON."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import structs

    return options_to_json(
        generate_registration_options(
            rp_id=site.rp_id,
            rp_name=site.rp_id,
            user_name=challenge.holder,
            user_id=handle_of(office, challenge.holder, random_bytes(32)),
            challenge=challenge.value,
            timeout=int(PATIENCE.total_seconds() * 1000),
            attestation=structs.AttestationConveyancePreference.NONE,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                structs.PublicKeyCredentialDescriptor(id=one.credential_id)
                for one in passkeys_of(office, challenge.holder)
            ],
        )
    )


def ask_to_prove(site: Site, challenge: Challenge) -> str:
    """What a browser needs to prove who is there, as JSON. It names no passkey: the device offers those it has."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    return options_to_json(
        generate_authentication_options(
            rp_id=site.rp_id,
            challenge=challenge.value,
            timeout=int(PATIENCE.total_seconds() * 1000),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def new_passkey(keys: OfficeKeys, site: Site, challenge: Challenge, answer: str, label: str) -> Passkey:
    """The passkey that a device made in answer. Raises NotPermitted."""
    from webauthn import verify_registration_response

    try:
        made = verify_registration_response(
            credential=_within(answer),
            expected_challenge=challenge.value,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception:  # what a device sends can be wrong in many ways: whatever they are, it is refused
        raise not_accepted() from None
    name = " ".join(label.split())[:LONGEST_LABEL]
    told = (made.credential_id, challenge.holder, name, made.credential_public_key, made.sign_count, site.rp_id)
    return replace(Passkey(*told), seal=_seal(keys, Passkey(*told)))


def keep_passkey(office: Office, passkey: Passkey, challenge: Challenge, now: datetime) -> None:
    """Take a new passkey in. Raises NotPermitted where its challenge was used before, or another has its credential."""
    spend(office, challenge, now)
    write_entry(office, passkey.member, Act.PASSKEY_ADDED, now.date())
    if not add_passkey(office, passkey):
        raise not_accepted()


def spend(office: Office, challenge: Challenge, now: datetime) -> None:
    """Use a challenge up. Raises NotPermitted where it was used before."""
    if not spend_challenge(office, _hash(challenge.value), challenge.until, now):
        raise not_accepted()


def recognise(office: Office, keys: OfficeKeys, site: Site, challenge: Challenge, answer: str, now: datetime) -> str:
    """Who proved to be there by this answer. Raises NotPermitted, alike whatever is wrong with it."""
    passkey, count = verified(office, keys, site, challenge, answer)
    # Before anything is written down: an answer that is sent again and again says nothing new.
    spend(office, challenge, now)
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        # Two devices use one key: one of them is a copy. Only who holds the key can get here.
        write_once(office, passkey.member, Act.PASSKEY_REFUSED, now.date(), reason="its count went back")
        raise not_accepted()
    member = staff_named(office, passkey.member)
    if member is None or member.disabled or not count_use(office, passkey, count, now.date()):
        raise not_accepted()
    return passkey.member


def theirs(office: Office, member: str) -> tuple[Passkey, ...]:
    """Every passkey of a member, by label."""
    return passkeys_of(office, member)


def remove_own(office: Office, member: str, credential_id: bytes, has_password: bool, now: datetime) -> None:
    """Take one of a member's own passkeys away. Raises NotPermitted for the last thing that they could sign in with."""
    if all(one.credential_id != credential_id for one in passkeys_of(office, member)):
        return
    write_entry(office, member, Act.PASSKEY_REMOVED, now.date())
    if not remove_passkey(office, member, credential_id, may_be_last=has_password):
        raise NotPermitted("This is all that you can sign in with. Add another passkey first.")


def verified(office: Office, keys: OfficeKeys, site: Site, challenge: Challenge, answer: str) -> tuple[Passkey, int]:
    """The passkey that gave this answer, and how often it says that it was used. Raises NotPermitted."""
    from webauthn import verify_authentication_response
    from webauthn.helpers import parse_authentication_credential_json

    try:
        told = parse_authentication_credential_json(_within(answer))
        passkey = passkey_of(office, told.raw_id)
        if passkey is None or not _is_ours(keys, passkey):
            raise not_accepted()
        if not _is_theirs(office, passkey, site, challenge, told.response.user_handle):
            raise not_accepted()
        # The library looks at the count before the signature: it is told 0, so that a forger's count is never believed.
        proof = verify_authentication_response(
            credential=told,
            expected_challenge=challenge.value,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # what a device sends can be wrong in many ways: whatever they are, it is refused
        raise not_accepted() from None
    return passkey, proof.new_sign_count


def _is_theirs(office: Office, passkey: Passkey, site: Site, challenge: Challenge, handle: bytes | None) -> bool:
    is_holders = challenge.holder in ("", passkey.member)
    return is_holders and passkey.rp_id == site.rp_id and handle == handle_of(office, passkey.member)


def _is_ours(keys: OfficeKeys, passkey: Passkey) -> bool:
    """Whether this app made the row: whoever can write to the database has not the instance's `secret`."""
    return hmac.compare_digest(passkey.seal, _seal(keys, passkey))


def _seal(keys: OfficeKeys, passkey: Passkey) -> bytes:
    bound = (passkey.member, passkey.credential_id, passkey.public_key, passkey.rp_id)
    return keyed_hash(keys.passkeys, "passkey", *bound)


def _within(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise not_accepted()
    return answer


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _bound(holder: str) -> str:
    return hashlib.sha256(holder.encode()).hexdigest()


def _hash(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()
