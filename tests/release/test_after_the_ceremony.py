"""Afterwards nobody is indispensable: keys are recovered, given on, replaced; an identity key stays with two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from errors import CeremonyError, EnvelopeError, ShareError
from privacy.envelope import Suite
from privacy.keys import PURPOSES, Keyring
from privacy.shares import read_share
from release.ceremony import begin, finish, keep, recover
from release.custody import unlock_identity, unlock_research
from storage.journal import Act
from tests.ceremonies import CUSTODIANS, PHRASES, a_while, acts, identity_in, proven, ring_in
from tests.conftest import STUDY, TODAY, counted_bytes


def test_a_lost_passphrase_is_not_the_end(made: tuple[Path, dict[str, list[str]]], tmp_path: Path) -> None:
    home, sheets = made
    ring, new = ring_in(home / "keys"), "a lamp kettle orbit violin meadow"
    with a_while(recover(ring, sheets["research"][1], sheets["research"][2])) as key:
        keep(
            key,
            (),
            ring,
            tmp_path / "again",
            [new],
            TODAY,
            counted_bytes("again"),
            act=Act.KEY_RECOVERED,
            releases=home / "releases",
        )
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == [
        "ceremony.txt",
        "keyring.json",
        "research.key",
    ]
    again = unlock_research((tmp_path / "again" / "research.key").read_bytes(), new)
    assert again == unlock_research((home / "keys" / "research.key").read_bytes(), PHRASES[0])
    assert ring_in(tmp_path / "again") == ring
    assert acts(home / "releases")[-1] == "key_recovered"


def test_a_recovered_identity_key_is_one_and_never_becomes_a_file_of_one_person(
    made: tuple[Path, dict[str, list[str]]], tmp_path: Path
) -> None:
    ring = ring_in(made[0] / "keys")
    key = recover(ring, *made[1]["identity"][1:])
    assert (key.purpose, key) == ("identity", identity_in(made[0] / "keys", 1, 2).key)
    where = {"act": Act.KEY_RECOVERED, "releases": tmp_path}
    with pytest.raises(CeremonyError, match="Two custodians"):
        keep(key, (), ring, tmp_path / "x", PHRASES[:1], TODAY, counted_bytes("x"), **where)
    passed_off = replace(key, purpose="research")
    with pytest.raises(CeremonyError, match="find out who changed it"):
        keep(passed_off, (), ring, tmp_path / "x", PHRASES[:1], TODAY, counted_bytes("x"), **where)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", [{"purpose": "research", "orders": b""}, {"x25519": b"x" * 32}], ids=str)
def test_no_keyring_that_somebody_brings_makes_another_key_of_its_sheets(
    made: tuple[Path, dict[str, list[str]]], given: dict[str, object], tmp_path: Path
) -> None:
    home, sheets = made
    ring = ring_in(home / "keys")
    told = replace(ring.active("identity"), **given)
    brought = Keyring.from_json(Keyring(ring.study, (told,)).to_json())
    with pytest.raises(CeremonyError, match="find out who changed it"):
        recover(brought, *sheets["identity"][:2])
    where = {"act": Act.KEY_RECOVERED, "releases": tmp_path}
    key = recover(ring, *sheets["identity"][:2])
    with pytest.raises(CeremonyError, match="find out who changed it"):
        keep(key, CUSTODIANS, brought, tmp_path / "x", PHRASES[1:], TODAY, counted_bytes("x"), **where)
    assert list(tmp_path.iterdir()) == []


def test_identity_sheets_with_their_kind_rewritten_recover_nothing(made: tuple[Path, dict[str, list[str]]]) -> None:
    home, sheets = made
    inner = [read_share(words).inner for words in sheets["identity"][:2]]
    first, second = (replace(one, iteration_exponent=1).mnemonic() for one in inner)
    with pytest.raises(ShareError, match="not in this keyring"):
        recover(ring_in(home / "keys"), first, second)


def test_sheets_of_another_study_recover_nothing(made: tuple[Path, dict[str, list[str]]]) -> None:
    home, sheets = made
    elsewhere = begin(STUDY, PURPOSES, CUSTODIANS, counted_bytes("elsewhere"))
    with pytest.raises(ShareError, match="not in this keyring"):
        recover(elsewhere.ring, *sheets["research"][:2])
    with pytest.raises(ShareError):
        recover(ring_in(home / "keys"), sheets["research"][0], sheets["identity"][1])


def test_a_substitute_makes_it_two_of_three(made: tuple[Path, dict[str, list[str]]], tmp_path: Path) -> None:
    home, _ = made
    ring, three = ring_in(home / "keys"), ("Nadia", "Owen", "Priya")
    phrases = (
        "candle harbor mitten saddle turnip",
        "velvet anchor pigeon ladder mosaic",
        "walnut glacier button tunnel ferry",
    )
    with a_while(identity_in(home / "keys", 1, 2).key) as key:
        keep(
            key,
            three,
            ring,
            tmp_path / "three",
            phrases,
            TODAY,
            counted_bytes("three"),
            act=Act.CUSTODIANS_CHANGED,
            releases=home / "releases",
        )
        for pair in ((1, 2), (3, 1), (2, 3)):
            assert identity_in(tmp_path / "three", *pair, phrases=phrases).key == key
    # Former and new files never combine: each division of the key is its own.
    with pytest.raises(EnvelopeError, match="two different divisions"):
        unlock_identity(
            [
                ((home / "keys" / "identity-1.key").read_bytes(), PHRASES[1]),
                ((tmp_path / "three" / "identity-2.key").read_bytes(), phrases[1]),
            ]
        )
    assert acts(home / "releases")[-1] == "custodians_changed"


def test_a_new_key_takes_the_old_ones_place_and_the_old_goes_on_opening(
    made: tuple[Path, dict[str, list[str]]], tmp_path: Path
) -> None:
    ring = ring_in(made[0] / "keys")
    ceremony = proven(begin(STUDY, ("research",), (), counted_bytes("rotation"), ring))
    record = finish(ceremony, tmp_path / "keys", ["candle harbor mitten saddle turnip"], TODAY, releases=tmp_path)
    rotated = ring_in(tmp_path / "keys")
    assert record.ring == rotated
    # Who signs sees every key that is sealed to: also one that was in the keyring before, and made by whomever.
    assert record.others == (("identity", ring.active("identity").digest(Suite.XWING)),)
    assert f"  {record.others[0][1].groups}" in record.text
    assert {purpose for purpose, _ in record.sheets} == {"research"}
    assert f"  research key, {record.sheets[0][1]}: ___" in record.text
    assert [(key.purpose, key.status) for key in rotated.keys] == [
        ("research", "retired"),
        ("identity", "active"),
        ("research", "active"),
    ]
    assert replace(rotated.keys[0], status="active") == ring.keys[0]
    assert acts(tmp_path) == ["key_rotated"]
    with pytest.raises(CeremonyError, match="of the study"):
        begin("another_study", ("research",), (), counted_bytes("x"), ring)


def test_a_stranger_to_the_keyring_is_not_kept(made: tuple[Path, dict[str, list[str]]], tmp_path: Path) -> None:
    key = begin(STUDY, PURPOSES, CUSTODIANS, counted_bytes("stranger")).keys[0]
    with pytest.raises(CeremonyError, match="not in this keyring"):
        keep(
            key,
            (),
            ring_in(made[0] / "keys"),
            tmp_path / "x",
            PHRASES[:1],
            TODAY,
            counted_bytes("x"),
            act=Act.KEY_RECOVERED,
            releases=tmp_path,
        )
    assert list(tmp_path.iterdir()) == []
