"""A study is read whole or refused with every problem named by file, row and column; a stored one is the same one."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import DEFAULT_STUDY
from errors import InstrumentError
from instruments.catalogue import check_study, describe, doubts_about, instrument_from_canonical, load_study
from instruments.model import Instrument
from instruments.settings import load_settings
from instruments.synthetic import synthetic_person


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(DEFAULT_STUDY, tmp_path / "study")
    return tmp_path / "study"


def replace(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_a_stored_instrument_is_the_same_one(instrument: Instrument) -> None:
    again = instrument_from_canonical(instrument.canonical)
    assert again == instrument
    assert again.digest == instrument.digest


def test_reading_the_same_sheets_twice_gives_the_same_digest(instrument: Instrument, folder: Path) -> None:
    assert load_study(folder).instrument.digest == instrument.digest


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"study":"x"}'])
def test_a_damaged_instrument_is_refused(instrument: Instrument, data: bytes) -> None:
    for one in (data, instrument.canonical[:-1], instrument.canonical.replace(b"yp_fair_1", b"yp_fair_9", 1) + b" "):
        with pytest.raises(InstrumentError):
            instrument_from_canonical(one)


@pytest.mark.parametrize(
    ("sheet", "before", "after", "says"),
    [
        ("young_person/survey.csv", "select_one freq5,yp_fair_1", "geopoint,yp_fair_1", "row 15, column type"),
        ("young_person/survey.csv", "select_one freq5,yp_fair_1", "select_one nowhere,yp_fair_1", "nowhere"),
        ("young_person/survey.csv", "yp_fair_2", "yp_fair_1", "column name"),
        (
            "young_person/survey.csv",
            "selected(${yp_contact}, '1') or",
            "selected(${yp_contact}, '1') or or",
            "column relevant",
        ),
        ("young_person/survey.csv", "type,name", "type,name,image", "image"),
        ("demographics/survey.csv", "young_person police_officer", "young_person police_officers", "police_officers"),
        ("study.toml", 'consent_route = "tick"', 'consent_route = "nod"', "consent_route"),
        ("study.toml", "cut_off_days = 28", "cut_off_days = 3", "cut_off_days"),
        ("study.toml", "format = 1", "format = 1\nsurprise = 2", "surprise"),
        ("study.toml", "[switched_on]", '[switched_on]\npo_rank = ""', "reason"),
        ("study.toml", "[switched_on]", '[switched_on]\npo_rang = "x"', "po_rang"),
        ("study.toml", '"institution" = ""\n', "", "[institution]"),
        ("study.toml", "plain_path = false", 'plain_path = "no"', "plain_path"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(folder: Path, sheet: str, before: str, after: str, says: str) -> None:
    replace(folder / sheet, before, after)
    problems = [str(problem) for problem in check_study(folder)]
    assert problems
    assert any(says in problem for problem in problems), problems
    assert any(problem.startswith(sheet.split("/")[0]) for problem in problems), problems


def test_all_problems_are_named_at_once(folder: Path) -> None:
    replace(folder / "young_person/survey.csv", "select_one freq5,yp_fair_1", "image,yp_fair_1")
    replace(folder / "police_officer/survey.csv", "select_one extent5,po_trust_1", "audio,po_trust_1")
    assert len(check_study(folder)) == 2


def test_a_missing_sheet_and_a_missing_folder_are_told(folder: Path, tmp_path: Path) -> None:
    (folder / "consent" / "choices.csv").unlink()
    assert "consent/choices.csv" in str(check_study(folder)[0])
    assert "study.toml" in str(check_study(tmp_path / "nothing")[0])


def test_a_switched_on_question_is_asked_and_its_reason_kept(folder: Path) -> None:
    replace(folder / "study.toml", "[switched_on]", '[switched_on]\npo_rank = "ethics reference 7"')
    study = load_study(folder)
    assert "po_rank" in {item.name for item in study.instrument.research_items("police_officer")}
    assert study.settings.switch_reasons == {"po_rank": "ethics reference 7"}


def test_filled_brackets_stand_in_the_texts_and_empty_ones_are_told(folder: Path) -> None:
    assert "institution" in load_settings(folder).unfilled
    replace(folder / "study.toml", '"institution" = ""', '"institution" = "the University of Somewhere"')
    study = load_study(folder)
    assert "the University of Somewhere" in study.instrument.canonical.decode()
    assert "institution" not in study.settings.unfilled


def test_settings_that_act_at_once_do_not_change_the_digest(folder: Path, instrument: Instrument) -> None:
    replace(folder / "study.toml", "plain_path = false", "plain_path = true")
    replace(folder / "study.toml", "backup_days = 35", "backup_days = 30")
    assert load_study(folder).instrument.digest == instrument.digest
    assert load_study(folder).settings.plain_path


def test_what_participants_are_shown_does_change_the_digest(
    with_settings: Callable[..., Instrument], instrument: Instrument
) -> None:
    assert with_settings(cut_off_days="30").digest != instrument.digest
    assert with_settings(consent_route='"signed"').digest != instrument.digest


def test_a_study_that_signs_asks_for_a_name_and_a_signature(with_settings: Callable[..., Instrument]) -> None:
    signed = with_settings(consent_route='"signed"')
    assert {"v_name", "v_signature"} <= {item.name for item in signed.items_of("young_person", "contact")}


def test_single_years_are_kept_only_where_the_study_says_so(with_settings: Callable[..., Instrument]) -> None:
    assert with_settings(keep_single_years="true").item("age").stored_level == 0


def test_the_default_study_raises_no_doubt_and_can_be_described(instrument: Instrument) -> None:
    assert doubts_about(instrument) == ()
    assert "yp_text_2" in describe(instrument)


def test_the_same_seed_makes_the_same_people_of_every_kind(instrument: Instrument) -> None:
    first, second = (
        [synthetic_person(instrument, chance) for _ in range(300)] for chance in (random.Random(1), random.Random(1))
    )
    assert first == second
    assert {person.group for person in first} == {group.name for group in instrument.groups}
    texts = " ".join(
        value for person in first for name, values in person.typed.items() if "_text_" in name for value in values
    )
    for script in ("الشرطة", "پولیس", "পুলিশ"):
        assert script in texts
    assert any(person.typed["age"] in (["15"], ["26"]) for person in first if "age" in person.typed)
    assert any("no" in person.typed["c_part"] + person.typed["c_use"] for person in first)
