"""Any form goes the whole way: shown in its languages, answered, sealed, opened, released, and says what was typed."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from fieldwork.study import Study
from instruments.model import BLANK, NOT_APPLICABLE, Instrument, Item, Value
from privacy.envelope import Envelope
from privacy.opening import PrivateKey
from release.batches import open_batch
from release.build import build_release
from release.dataset import open_records, task_of
from release.source import Source
from release.specification import Specification
from storage.vaults import rows
from tests.answering import typed_at_random
from tests.conftest import Keys, new_instance
from tests.forms import GROUP, OWN, SAMPLES, collecting, named, written
from tests.releases import release_files
from tests.visits import Typed

PEOPLE = 3
ORDER = Specification("coming back", (GROUP,), 1, ("csv",), "en")


@dataclass(frozen=True)
class Running:
    """A field app that collects for one form, and the key that opens what it seals."""

    app: Flask
    study: Study
    key: PrivateKey

    def shown(self, language: str) -> tuple[int, str]:
        """The page of a visit in a language."""
        answer = self.app.test_client().get(f"/visit/{GROUP}?lang={language}")
        return answer.status_code, answer.text

    def keeps(self, typed: Typed) -> tuple[tuple[bytes, Envelope], ...]:
        """Post a visit; what the research vault holds since."""
        before = {record for record, _ in rows(self.study.stores.research)}
        assert self.app.test_client().post(f"/visit/{GROUP}", data=typed).status_code == 200
        return tuple(row for row in rows(self.study.stores.research) if row[0] not in before)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Flask:
    """One field app for all forms: its stores take envelopes, whatever is in them."""
    return create_app(new_instance(tmp_path_factory.mktemp("forms") / "instance", keys))


@pytest.fixture(params=[*OWN, *SAMPLES], ids=named)
def running(request: pytest.FixtureRequest, app: Flask) -> Running:
    """The field app, collecting for this form with keys of its own."""
    return Running(app, *collecting(app, request.param))


def as_said(item: Item, texts: list[str]) -> Value:
    """What somebody meant who typed this."""
    codes = [int(text) if text.lstrip("-").isdigit() and str(int(text)) == text else text for text in texts]
    if item.kind == "select_multiple":
        return tuple(sorted(codes, key=lambda code: (isinstance(code, str), code)))
    if item.kind == "rank":
        return tuple(codes)
    if item.kind in ("text", "decimal"):
        return texts[0]
    if item.kind == "date" and "/" in texts[0]:
        return "-".join(reversed(texts[0].split("/")))
    return codes[0]


def test_it_is_shown_in_each_of_its_languages(running: Running) -> None:
    for language in running.study.instrument.languages:
        status, page = running.shown(language)
        assert (status, f'<html lang="{language}"' in page) == (200, True)


def test_it_goes_the_whole_way_and_says_what_was_typed(running: Running) -> None:
    instrument = running.study.instrument
    for seed in range(PEOPLE):
        typed = typed_at_random(instrument, GROUP, random.Random(seed), blanks=0.05)
        source = Source("test", running.study.name, {instrument.digest: instrument}, running.keeps(typed))
        dataset = open_records(source.rows(), [running.key], source.instruments)
        rows = ((0, record_id, envelope.to_bytes()) for record_id, envelope in source.rows())
        ((_, _, person),) = open_batch(rows, task_of([running.key], source.instruments, date.max)).people
        comes_back(instrument, typed, person.answers)
        made = release_files(build_release(source, dataset, [running.key], ORDER))
        (row,) = csv.DictReader(made["data.csv"].decode().splitlines())
        is_released(instrument, person.answers, row)


def comes_back(instrument: Instrument, typed: Typed, answers: Mapping[str, Value]) -> None:
    """What was typed is what was opened, and nothing else was."""
    asked = [item for item in instrument.research_items(GROUP) if item.is_asked]
    said = {item.name: as_said(item, typed[item.name]) for item in asked if item.name in typed}
    opened = {item.name: answers[item.name] for item in asked}
    assert {name: value for name, value in opened.items() if value not in (BLANK, NOT_APPLICABLE)} == said
    assert said


def is_released(instrument: Instrument, answers: Mapping[str, Value], row: Mapping[str, str]) -> None:
    """Every answer stands in the release as it was opened, save open text, which waits for a person's review."""
    items = instrument.research_items(GROUP)
    shown = {
        item.name: " ".join(map(str, value)) if isinstance(value := answers[item.name], tuple) else str(value)
        for item in items
        if item.privacy != "open"
    }
    assert {name: row[name] for name in shown} == shown
    assert not {item.name for item in items if item.privacy == "open"} & set(row)


def test_a_page_is_shown_in_languages_that_nobody_knows_and_with_the_longest_scale(app: Flask, tmp_path: Path) -> None:
    rows = [
        ["type", "name", "label::Klingon (tlh)", "label::Français (fr-CA)", "parameters"],
        ["range", "long", "nuq?", "Combien ?", "start=0 end=999999999 step=0.000001"],
    ]
    study, key = collecting(app, written(tmp_path / "form", rows))
    for language in ("tlh", "fr-CA"):
        status, page = Running(app, study, key).shown(language)
        assert (status, f'<html lang="{language}"' in page) == (200, True)
