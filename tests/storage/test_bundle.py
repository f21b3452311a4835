"""A bundle carries a vault whole and sealed; whatever happens to the file on its way is found out."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from errors import EnvelopeError
from storage.bundle import Bundle, open_bundle, write_bundle
from storage.office import count_visit, tallies
from storage.stores import Stores
from storage.vaults import deposit, records, rows
from tests.storage.conftest import UNTIL, envelope

INSTRUMENTS = {hashlib.sha256(canonical).hexdigest(): canonical for canonical in (b'{"one":1}', b'{"two":2}')}


@pytest.fixture
def full(stores: Stores) -> Stores:
    for _ in range(12):
        deposit(stores.research, os.urandom(16), os.urandom(16), envelope(), UNTIL)
    count_visit(stores.office, "finished", "young_person", "london", "2026-11")
    count_visit(stores.office, "refused", "young_person")
    return stores


@pytest.fixture
def file(full: Stores, tmp_path: Path) -> Path:
    path = tmp_path / "research.amanah"
    written = write_bundle(path, "wt", full.research, full.office, b'{"keys":[]}', INSTRUMENTS, tallies(full.office))
    assert written == 12
    return path


def contents(bundle: Bundle) -> object:
    return bundle.study, bundle.purpose, bundle.keyring, bundle.instruments, bundle.tallies, tuple(bundle.rows())


def changed(file: Path, change: Callable[[dict[str, bytes]], None]) -> io.BytesIO:
    """The bundle packed again, with every sum made right, after a change to its members."""
    with zipfile.ZipFile(file) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    change(members)
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return again


def test_everything_comes_out_as_it_went_in(full: Stores, file: Path) -> None:
    bundle = open_bundle(file)
    assert (bundle.study, bundle.purpose, bundle.count) == ("wt", "research", 12)
    assert (bundle.keyring, bundle.instruments) == (b'{"keys":[]}', INSTRUMENTS)
    assert set(bundle.tallies) == set(tallies(full.office))
    assert list(bundle.rows()) == list(rows(full.research))
    assert list(bundle.rows()) == list(bundle.rows())


def test_a_bundle_can_be_read_from_memory(file: Path) -> None:
    assert contents(open_bundle(io.BytesIO(file.read_bytes()))) == contents(open_bundle(file))


def test_an_empty_vault_makes_a_whole_bundle(stores: Stores, tmp_path: Path) -> None:
    write_bundle(tmp_path / "b", "wt", stores.identity, stores.office, None, {}, ())
    bundle = open_bundle(tmp_path / "b")
    assert (bundle.purpose, bundle.count, bundle.keyring, list(bundle.rows())) == ("identity", 0, b"", [])


def test_the_file_tells_no_time_and_is_the_same_each_time(full: Stores, file: Path, tmp_path: Path) -> None:
    told = tallies(full.office)
    write_bundle(tmp_path / "again", "wt", full.research, full.office, b'{"keys":[]}', INSTRUMENTS, told)
    assert (tmp_path / "again").read_bytes() == file.read_bytes()
    with zipfile.ZipFile(file) as packed:
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_file_is_its_owners_only_and_nothing_is_left_beside_it(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(file.parent.glob("*.part"))


def test_a_bundle_that_cannot_be_finished_leaves_nothing(full: Stores, tmp_path: Path) -> None:
    with full.research.engine.begin() as connection:
        connection.execute(insert(records).values(id=b"\xff" * 16, digest=b"d" * 32, envelope=b"damaged"))
    with pytest.raises(EnvelopeError):
        write_bundle(tmp_path / "sub.amanah", "wt", full.research, full.office, None, {}, ())
    assert not list(tmp_path.glob("sub.amanah*"))


def test_a_bundle_cut_short_anywhere_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for end in {0, 1, 4, 100, len(whole) // 2, *range(len(whole) - 80, len(whole))}:
        with pytest.raises(EnvelopeError):
            open_bundle(io.BytesIO(whole[:end]))


def test_a_flipped_bit_is_refused_or_changes_nothing(file: Path) -> None:
    whole, chance = file.read_bytes(), random.Random(1)
    as_written, refused = contents(open_bundle(file)), 0
    tail = range(len(whole) - 1200, len(whole))
    for place in [*tail, *chance.choices(range(len(whole)), k=300)]:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        try:
            # Zip has bytes that mean nothing to us, such as its dates. Whatever opens is what was written.
            assert contents(open_bundle(io.BytesIO(flipped))) == as_written
        except EnvelopeError:
            refused += 1
    assert refused > 800


def test_a_bit_flipped_in_any_envelope_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    start = whole.index(b"AMN1")
    for place in range(start, start + 12 * 1000, 977):
        flipped = bytearray(whole)
        flipped[place] ^= 1
        with pytest.raises(EnvelopeError):
            open_bundle(io.BytesIO(flipped))


def manifest(**told: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | told).encode()

    return change


@pytest.mark.parametrize(
    "told",
    [
        {"format": "another"},
        {"version": 2},
        {"version": "1"},
        {"count": 11},
        {"count": "12"},
        {"purpose": "both"},
        {"study": 7},
        {"sha256": {}},
        {"sha256": None},
        {"order": "first"},
        {"order": ["0" * 64]},
        {"order": [*INSTRUMENTS, *INSTRUMENTS]},
        {"order": [1, 2]},
    ],
    ids=str,
)
def test_a_manifest_that_says_otherwise_is_refused(file: Path, told: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        open_bundle(changed(file, manifest(**told)))


def test_the_order_in_which_versions_were_added_travels_with_them(full: Stores, tmp_path: Path) -> None:
    for number, order in enumerate((list(INSTRUMENTS), list(INSTRUMENTS)[::-1])):
        path = tmp_path / str(number)
        kept = {digest: INSTRUMENTS[digest] for digest in order}
        write_bundle(path, "wt", full.research, full.office, None, kept, ())
        assert open_bundle(path).order == tuple(order)


def test_a_bundle_that_does_not_tell_the_order_is_read_all_the_same(file: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        told = json.loads(members["manifest.json"])
        del told["order"]
        members["manifest.json"] = json.dumps(told).encode()

    assert open_bundle(changed(file, change)).order == ()


def rewritten(name: str, data: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    """Forge a member and make the manifest's sum of it right again."""

    def change(members: dict[str, bytes]) -> None:
        members[name] = data(members.get(name, b""))
        told = json.loads(members["manifest.json"])
        told["sha256"][name] = hashlib.sha256(members[name]).hexdigest()
        members["manifest.json"] = json.dumps(told).encode()

    return change


def row(sealed: bytes, record_id: bytes = b"\xff" * 16) -> bytes:
    return record_id + len(sealed).to_bytes(4, "big") + sealed


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("records.bin", lambda data: data[:-1]),
        ("records.bin", lambda data: data + b"\0"),
        ("records.bin", lambda data: data + row(b"not an envelope")),
        ("records.bin", lambda data: data + row(envelope().to_bytes())),
        ("records.bin", lambda data: data + row(envelope().to_bytes(), b"\0" * 16)),
        ("records.bin", lambda data: data[: len(data) // 12] * 12),
        ("instruments/" + "0" * 64 + ".json", lambda data: b"{}"),
        ("tallies.json", lambda data: b'[{"count": 1}]'),
        ("tallies.json", lambda data: b"[" * 100_000),
        ("tallies.json", lambda data: b"\xff"),
    ],
    ids=[
        "short",
        "long",
        "no envelope",
        "one more",
        "out of order",
        "one twelve times",
        "digest",
        "tally",
        "deep",
        "utf",
    ],
)
def test_forged_members_with_right_sums_are_refused(file: Path, name: str, data: Callable[[bytes], bytes]) -> None:
    with pytest.raises(EnvelopeError):
        open_bundle(changed(file, rewritten(name, data)))


def test_a_member_that_nobody_declared_or_that_is_missing_is_refused(file: Path) -> None:
    with pytest.raises(EnvelopeError):
        open_bundle(changed(file, lambda members: members.update({"more.txt": b""})))
    with pytest.raises(EnvelopeError):
        open_bundle(changed(file, lambda members: members.pop("keyring.json") and None))


def test_a_compressed_member_is_refused_so_a_small_file_stays_small(file: Path) -> None:
    again = io.BytesIO()
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as compressed:
        for name in packed.namelist():
            compressed.writestr(name, packed.read(name))
    with pytest.raises(EnvelopeError):
        open_bundle(again)


def test_a_compressed_manifest_is_not_even_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("manifest.json", b" " * 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(EnvelopeError):
            open_bundle(bomb)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_compressed_manifest_that_is_damaged_is_refused_as_every_bundle_is() -> None:
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("manifest.json", b"{}" * 500)
    damaged.getbuffer()[43:48] = b"\xff" * 5
    with pytest.raises(EnvelopeError):
        open_bundle(damaged)


def test_a_file_that_changes_after_it_was_opened_is_refused(file: Path) -> None:
    bundle = open_bundle(file)
    damaged = bytearray(file.read_bytes())
    damaged[damaged.index(b"AMN1") + 50] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(EnvelopeError):
        list(bundle.rows())
