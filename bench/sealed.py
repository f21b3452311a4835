"""Sealed records of invented people, as many as wanted, made on every core and written into a bundle file."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import islice

from commands import DEFAULT_STUDY
from instruments.answers import problems_of, read_value, settle
from instruments.catalogue import load_study
from instruments.model import Instrument, Value
from instruments.sizes import research_length
from instruments.synthetic import Person, synthetic_person
from privacy.envelope import Context
from privacy.keys import PublicKey
from privacy.opening import PrivateKey
from privacy.sealing import seal

BATCH = 1_000  # people that one process makes at a time
DIFFERENT = 400  # people with different answers in a batch: inventing one takes longer than sealing many
LOTS = 25  # different lots of such people: no more are needed by a million records


@cache
def bench_instrument() -> Instrument:
    """The default study's."""
    return load_study(DEFAULT_STUDY).instrument


def sealed_records(people: int, key: PrivateKey) -> Iterator[tuple[bytes, bytes]]:
    """Each record's id and envelope; the ids grow, as in a bundle."""
    whole = ((number, min(BATCH, people - number * BATCH), key.public()) for number in range(-(-people // BATCH)))
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        # A few at a time: a million records that wait to be written are larger than a memory.
        while some := list(islice(whole, 4 * (os.cpu_count() or 1))):
            for made in workers.map(_batch, some):
                yield from made


def _batch(told: tuple[int, int, PublicKey]) -> list[tuple[bytes, bytes]]:
    number, people, key = told
    instrument = bench_instrument()
    kinds, length, made = _invented(number % LOTS), research_length(instrument), []
    for one in range(people):
        record_id = (number * BATCH + one).to_bytes(16, "big")
        document = {**kinds[one % len(kinds)], "participant": os.urandom(16).hex()}
        context = Context("research", instrument.study, instrument.digest, record_id)
        made.append((record_id, seal(document, key, context, length).to_bytes()))
    return made


@cache
def _invented(number: int) -> list[dict[str, object]]:
    chance, instrument = random.Random(number), bench_instrument()  # noqa: S311 (invented people)
    made: list[dict[str, object]] = []
    while len(made) < DIFFERENT:
        person = synthetic_person(instrument, chance)
        answers = settle(instrument, person.group, values_of(instrument, person))
        # Some who are invented are not eligible, or do not agree to take part.
        if not problems_of(instrument, person.group, answers):
            made.append(_document(instrument, person, answers, chance))
    return made


def values_of(instrument: Instrument, person: Person) -> dict[str, Value]:
    """What an invented person's typed fields say."""
    items = (item for part in instrument.visit(person.group) for block in part.blocks for item in block.items)
    read = {item.name: read_value(item, person.typed.get(item.name, ())) for item in items}
    return {name: value for name, value in read.items() if value is not None}


def _document(
    instrument: Instrument, person: Person, answers: Mapping[str, Value], chance: random.Random
) -> dict[str, object]:
    return {
        "format": 1,
        "kind": "record",
        "study": instrument.study,
        "instrument": instrument.digest,
        "group": person.group,
        "answers": {name: list(said) if isinstance(said, tuple) else said for name, said in answers.items()},
        "choices": {name: chance.choice(["yes", "no"]) for name in ("o_quote", "o_archive", "o_audio")},
        "mode": chance.choice(["self", "interviewer"]),
        "language": person.language,
        "version": instrument.version,
        "month": chance.choice(["2026-09", "2026-10", "2026-11"]),
        "interviewer": "",
    }
