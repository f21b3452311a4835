"""A desk after a rotation: a keyring of three keys, and the key files and sheets of each."""

from __future__ import annotations

import os
from dataclasses import dataclass

from privacy.key_files import HeldShare, lock, lock_share
from privacy.keys import Keyring
from privacy.opening import new_private_key
from privacy.shares import split
from release.rehearsal import Brought, Rehearsal, attempts
from tests.conftest import STUDY, Keys, counted_bytes

PHRASE = "five quiet words in a row"
NEW = new_private_key("research", STUDY, counted_bytes("the key that came with the rotation"))
NAMES = ("Nadia", "Owen", "Tariq")


@dataclass(frozen=True)
class Cabinet:
    """A keyring after a rotation, and the key files of all its keys."""

    ring: Keyring
    files: dict[str, bytes]
    sheets: tuple[str, ...]  # of the new research key
    others: tuple[str, ...]  # of the identity key

    def brought(self, *names: str) -> list[Brought]:
        return [Brought(name, self.files[name], PHRASE) for name in names or self.files]

    def rehearsed(self, *names: str) -> Rehearsal:
        done = Rehearsal(self.ring)
        for _, attempt in attempts(self.ring, self.brought(*names), os.urandom):
            done = done.with_proof(attempt())
        return done


def cabinet_of(keys: Keys) -> Cabinet:
    """Every key file costs a passphrase's stretching, so tests share one desk."""
    identity = keys.identity
    held = [HeldShare(STUDY, identity.public().short, name, share)
            for name, share in zip(NAMES, split(identity.seed, "identity", 3), strict=True)]  # fmt: skip
    files = {"old.key": lock(keys.research, PHRASE, os.urandom), "new.key": lock(NEW, PHRASE, os.urandom)}
    files |= {f"identity-{one.share.place}.key": lock_share(one, PHRASE, os.urandom) for one in held}
    words, others = ([" ".join(share.words) for share in split(key.seed, key.purpose, 3)] for key in (NEW, identity))
    return Cabinet(keys.keyring.rotated(NEW.public()), files, tuple(words), tuple(others))
