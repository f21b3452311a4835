"""The readers of what the office hands out and takes back, or is brought: links, checkpoints, proposals, orders."""

from __future__ import annotations

import json
import random
import zipfile
from datetime import UTC, datetime
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.fuzz.archives import inside, packed
from bench.fuzz.mutating import Change, as_json, some_bytes, some_values, some_words
from bench.fuzz.samples import some
from bench.fuzz.targets import Target
from checkup.manifest import CONTEXT, WORKER, AssetManifest, believed, signed
from checkup.signing import public_hex
from commands import DEFAULT_STUDY
from errors import CheckpointRefused, ManifestError, NotPermitted, OrderRefused, StorageError
from fieldwork.packed import pack, unpacked
from fieldwork.staff.browsers import MOST_PEOPLE, NONCE, nonce_for, vouch, vouchers_in
from fieldwork.staff.links import invite_staff, link_in
from fieldwork.staff.office_keys import office_keys
from privacy.keys import PublicKey
from privacy.orders import SIGNED as ORDER_SIGNED
from privacy.orders import order_file, order_of, read_order
from storage.checkpoints import SIGNED, TITLE, Checkpoint, read_checkpoint
from storage.journal_key import new_key_file, signer_of
from storage.office import Office

LETTERS = 43  # of a link's token
SEED, STUDY, WHO = some("signer", 32), "working_together", "Mara"


def device_cookie() -> Target:
    """The cookie of a browser that staff have signed in on before: it vouches, or it is as good as none."""
    keys = office_keys("the secret of an instance")
    cookies = [""]
    for number in range(6):
        cookies.append(vouch(keys, cookies[-1], f"{WHO}{number}", some(f"nonce {number}", 16)))

    ours = {one[:NONCE] for known in cookies for one in known.split(".")}

    def read(data: bytes) -> object:
        cookie = data.decode("latin-1")
        nonce = nonce_for(keys, cookie, f"{WHO}3")
        kept = vouch(keys, cookie, WHO, some("nonce", 16)).split(".")
        assert len(kept) <= MOST_PEOPLE
        assert vouchers_in(".".join(kept)) == kept
        # What nobody could know without the keys: another nonce for the same name.
        assert nonce is None or nonce in ours
        return nonce

    given = tuple(cookie.encode() for cookie in cookies[3:])
    changes = (some_words((given[0], b"0" * 96, b"A" * 96), b"."), some_words(given[:1], b"."), some_bytes)
    return Target("device", given, read, (), lambda data: bool(vouchers_in(data.decode("latin-1"))), changes)


def link(office: Office) -> Target:
    """The token of a one-time link of the staff, as a form's field."""
    now = datetime.now(UTC)
    given = [some(f"link {number}", 32).hex()[:LETTERS] for number in range(3)]
    for number, token in enumerate(given):
        invite_staff(office, "Owen", f"Newcomer {number}", "coordinator", now, lambda _, token=token: token)  # type: ignore[misc]
    return Target(
        "link",
        tuple(token.encode() for token in given),
        lambda data: link_in(office, data.decode("utf-8", "replace"), now),
        (NotPermitted,),
        lambda data: len(data.strip()) == LETTERS,
        (_spaced, _spaced, _typed, some_bytes),
    )


def checkpoint() -> Target:
    """A checkpoint of the journal that a witness brings back."""
    signer = signer_of(new_key_file(lambda _: SEED))

    def made(data: bytes) -> bytes:
        return data + b"signature: " + signer.sign(SIGNED + data).hex().encode() + b"\n"

    def signed_anew(change: Change) -> Change:
        return lambda chance, data: made(change(chance, data.rpartition(b"signature: ")[0]))

    plain = Checkpoint(STUDY, 12, some("head", 32).hex(), "2026-11-25", signer.public.hex()).said.encode()
    lines = (b"entries: 1", b"day: 2026-11-25", b"study: " + STUDY.encode(), b"key: " + b"0" * 64, b"")
    return Target(
        "checkpoint",
        (made(plain),),
        lambda data: read_checkpoint(data, STUDY),
        (CheckpointRefused,),
        lambda data: data.startswith(TITLE.encode()),
        (signed_anew(some_bytes), signed_anew(some_words(lines, b"\n")), some_bytes),
    )


def manifest() -> Target:
    """The signed list of what a site serves."""
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    files = {name: some(name, 32).hex() for name in (WORKER, "amanah.css", "icon.svg")}
    whole = signed(AssetManifest("0.1.0", "c" * 40, "a" * 16, "b" * 16, files, {"start": ("amanah.css",)}), key)

    def signed_anew(chance: random.Random, data: bytes) -> bytes:
        """Another list, which the signer signed all the same."""
        try:
            document = some_values(chance, as_json(json.loads(data)["manifest"]))
        except (ValueError, LookupError, TypeError, RecursionError):
            return data
        signature = key.sign(CONTEXT + document).hex().encode()
        return b'{"manifest":%s,"signature":"%s","signer":"%s"}\n' % (document, signature, public_hex(key).encode())

    return Target(
        "manifest",
        (whole,),
        partial(believed, signer=public_hex(key)),
        (ManifestError,),
        lambda data: b'"amanah-assets"' in data,
        (signed_anew, signed_anew, some_values, some_bytes),
    )


def proposal() -> Target:
    """A version of a study's sheets that waits for a second person."""

    def read(data: bytes) -> object:
        with unpacked(data, STUDY) as folder:
            return sorted(path.name for path in folder.rglob("*"))

    whole = pack(DEFAULT_STUDY / "contact")
    small = packed([("study.toml", b"a = 1\n"), ("contact/survey.csv", b"type,name\n")], zipfile.ZIP_DEFLATED)
    return Target(
        "proposal",
        (small, small, whole),
        read,
        (StorageError,),
        lambda data: data.startswith(b"PK\x03\x04") and b"PK\x05\x06" in data,
        (inside(), inside(compression=zipfile.ZIP_STORED), some_bytes),
    )


def order() -> Target:
    """A signed order of the custodians."""
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    public = key.public_key().public_bytes_raw()
    known = PublicKey("identity", STUDY, some("x25519", 32), some("xwing", 1216), orders=public)
    pairs = [(some(f"research {number}", 16), some(f"identity {number}", 16)) for number in range(3)]
    given = order_of(STUDY, known.short, pairs, [some("contact", 16)])

    def signed_anew(change: Change) -> Change:
        """Another order, which the custodians' key signed all the same."""

        def changed(chance: random.Random, data: bytes) -> bytes:
            line = change(chance, data.partition(b"\n")[0])
            return line + b"\n" + key.sign(ORDER_SIGNED + line).hex().encode() + b"\n"

        return changed

    return Target(
        "order",
        (order_file(given, key.sign),),
        lambda data: read_order(data, STUDY, (known,)),
        (OrderRefused,),
        lambda data: b'"format":"amanah-order"' in data,
        (signed_anew(some_values), signed_anew(some_bytes), some_bytes),
    )


OF_THE_OFFICE = (device_cookie, checkpoint, manifest, proposal, order)


def _spaced(chance: random.Random, data: bytes) -> bytes:
    return chance.choice((b" ", b"\n", b"")) + data + chance.choice((b"\r\n", b"\t", b""))


def _typed(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) or 1)
    return data[:at] + chance.choice((b"0", b"-", b"_", "٣".encode())) + data[at + 1 :]
