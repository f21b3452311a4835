"""Receipts: enough randomness, every slip noticed, forgiving of how people type, and labels that lead nowhere."""

from __future__ import annotations

import random
from datetime import date

import pytest

from errors import ReceiptError
from privacy.check_symbol import ALPHABET, check_symbol, is_complete
from privacy.pseudonyms import pseudonym
from privacy.receipts import cut_off, labels_of, new_receipt, read_receipt, tag_of
from tests.conftest import STUDY, counted_bytes

CODES = 3000


def codes() -> list[str]:
    random_bytes = counted_bytes("receipts")
    return [new_receipt(random_bytes).code for _ in range(CODES)]


def test_a_receipt_has_115_random_bits() -> None:
    made = codes()
    assert len(set(made)) == CODES
    assert {len(code) for code in made} == {24}
    for place in range(23):
        assert {code[place] for code in made} == set(ALPHABET)
    lowest, highest = new_receipt(lambda length: bytes(length)), new_receipt(lambda length: b"\xff" * length)
    assert (lowest.code[:23], highest.code[:23]) == ("0" * 23, "Z" * 23)


def test_every_single_error_is_noticed() -> None:
    chance = random.Random(1)
    for code in codes():
        place = chance.randrange(24)
        wrong = chance.choice(ALPHABET.replace(code[place], ""))
        assert not is_complete(code[:place] + wrong + code[place + 1 :])


def test_every_swap_of_two_symbols_is_noticed() -> None:
    for code in codes()[:300]:
        for first in range(24):
            for second in range(first + 1, 24):
                if code[first] != code[second]:
                    swapped = list(code)
                    swapped[first], swapped[second] = code[second], code[first]
                    assert not is_complete("".join(swapped))


def test_all_single_errors_of_one_code_are_noticed_and_only_the_code_itself_passes() -> None:
    code = codes()[0]
    passing = [
        code[:p] + s + code[p + 1 :] for p in range(24) for s in ALPHABET if is_complete(code[:p] + s + code[p + 1 :])
    ]
    assert set(passing) == {code}
    assert check_symbol(code[:23]) == code[23]


@pytest.mark.parametrize(
    "spelled",
    [
        str.lower,
        lambda code: code.replace("0", "O").replace("1", "I"),
        lambda code: code.replace("0", "o").replace("1", "l"),
        lambda code: " ".join(code),
        lambda code: "-".join(code[n : n + 4] for n in range(0, 24, 4)) + "\n",
        lambda code: code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        lambda code: code.translate(str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")),
    ],
)
def test_typing_is_forgiven(spelled) -> None:
    for code in codes()[:50]:
        assert read_receipt(spelled(code)).code == code


@pytest.mark.parametrize("typed", ["", "ABCD", "A" * 23, "A" * 25, "!" * 24, "کوڈ"])
def test_what_is_no_code_is_told_in_a_sentence(typed: str) -> None:
    with pytest.raises(ReceiptError, match="code"):
        read_receipt(typed)


def test_a_receipt_does_not_show_itself() -> None:
    receipt = new_receipt(counted_bytes("shown"))
    assert receipt.code not in repr(receipt)


def test_labels_share_nothing_between_them_or_between_studies() -> None:
    receipt = new_receipt(counted_bytes("labels"))
    here, there = labels_of(receipt, STUDY), labels_of(receipt, "another")
    tags = [one for labels in (here, there) for one in (labels.research_tag, labels.identity_tag)]
    labels = [*vars(here).values(), *vars(there).values(), *tags]
    assert len(set(labels)) == 12
    assert {len(label) for label in labels} == {16}


def test_a_tag_is_not_the_proof_of_any_tag_and_labels_do_not_show_their_proofs() -> None:
    labels = labels_of(new_receipt(counted_bytes("labels")), STUDY)
    tags = {labels.research_tag, labels.identity_tag}
    assert not {tag_of(tag) for tag in tags} & tags
    assert not [one for one in (labels.research_proof, labels.identity_proof) if repr(one) in repr(labels)]


def test_pseudonyms_of_two_purposes_cannot_be_linked() -> None:
    people = [labels_of(new_receipt(counted_bytes(str(n))), STUDY).participant for n in range(50)]
    first, second = ([pseudonym(key, one) for one in people] for key in (b"1" * 32, b"2" * 32))
    assert not set(first) & set(second)
    assert first == [pseudonym(b"1" * 32, one) for one in people]
    assert all(is_complete(name.replace("-", "")) for name in first)


@pytest.mark.parametrize(
    ("day", "until"),
    [
        ("2026-11-23", "2026-12-27"),
        ("2026-11-22", "2026-12-20"),
        ("2026-11-29", "2026-12-27"),
        ("2028-02-01", "2028-03-05"),
    ],
)
def test_the_cut_off_is_the_sunday_that_ends_the_week(day: str, until: str) -> None:
    assert cut_off(date.fromisoformat(day), 28) == date.fromisoformat(until)
