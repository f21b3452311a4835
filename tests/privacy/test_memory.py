"""A key that was forgotten is no longer in the memory of its process, as far as /proc lets us look (Linux).

Asked in a process of its own. What is looked for is kept in another form, so that the search does not find itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from errors import EnvelopeError
from privacy.opening import PrivateKey

ROOT = Path(__file__).parents[2]
SEARCH = '''
import json, re, secrets
from privacy import key_files
from privacy.key_files import HeldShare, lock, lock_share, unlock
from privacy.opening import new_private_key
from privacy.shares import split
from release.custody import unlock_identity

# What a passphrase costs to guess is held elsewhere (tests/privacy/test_key_files.py).
key_files.MEMORY_KIB, key_files.PASSES = 64, 1

def veiled(secret):
    return bytes(byte ^ 0x5A for byte in secret)

def times(*veils):
    """How often what is behind each veil stands in writable memory."""
    found = [0 for veil in veils]
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            place = re.match("([0-9a-f]+)-([0-9a-f]+) rw", line)
            if place and "[vvar" not in line:
                start, end = int(place[1], 16), int(place[2], 16)
                memory.seek(start)
                data = bytearray(memory.read(end - start))
                for at, veil in enumerate(veils):
                    needle = bytearray(byte ^ 0x5A for byte in veil)
                    found[at] += data.count(needle)
                    needle[:] = bytes(len(needle))
                data[:] = bytes(len(data))
    return found

def research():
    made = new_private_key("research", "s", secrets.token_bytes)
    file, seed = lock(made, "p", secrets.token_bytes), veiled(made.seed)
    made.forget()
    key = unlock(file, "p")
    return key, seed

def identity():
    made = new_private_key("identity", "s", secrets.token_bytes)
    seed, short = veiled(made.seed), made.public().short
    files = [
        (lock_share(HeldShare("s", short, name, share), name, secrets.token_bytes), name)
        for name, share in zip(("A", "B"), split(made.seed, "identity", 2))
    ]
    made.forget()
    return unlock_identity(files).key, seed

told = {}
for how in (research, identity):
    key, seed = how()
    key.public(), key.derive(b"x"), key._halves
    made = veiled(key._follow(b"amanah key 1 x25519"))
    told[how.__name__] = times(seed, made)
    key.forget()
    told[how.__name__] += times(seed, made)
print(json.dumps(told))
'''


@pytest.fixture(scope="module")
def told() -> dict[str, list[int]]:
    answer = subprocess.run([sys.executable, "-c", SEARCH], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


class Watched(bytearray):
    """A seed that says what stood in it when it was let go."""

    last = b""

    def clear(self) -> None:
        self.last = bytes(self)
        super().clear()


def test_a_forgotten_seed_is_overwritten_where_it_lay_and_makes_nothing_any_more() -> None:
    key = PrivateKey("identity", "s", Watched(range(1, 33)))
    kept, public = key.seed, key.public()
    assert key._halves
    key.forget()
    assert isinstance(kept, Watched)
    assert (kept.last, kept) == (bytes(32), b"")
    for deed in (key.public, lambda: key.derive(b"x"), lambda: key.sign(b"x"), lambda: key._halves, lambda: key._mlkem):
        with pytest.raises(EnvelopeError, match="locked again"):
            deed()
    assert public.orders


@pytest.mark.parametrize("purpose", ["research", "identity"])
def test_a_forgotten_key_is_gone_from_memory_and_an_open_one_is_found(told: dict, purpose: str) -> None:
    seed_before, made_before, seed_after, made_after = told[purpose]
    assert seed_before >= 1
    assert made_before >= 1
    assert (seed_after, made_after) == (0, 0)
