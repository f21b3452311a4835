"""A study is read whole or refused with every problem named by file, row and column; a stored one is the same one."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import DEFAULT_STUDY
from errors import InstrumentError
from instruments.catalogue import check_study, describe, instrument_from_canonical, load_study, reviewed
from instruments.model import Instrument
from instruments.open_brackets import open_brackets
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
        ("young_person/survey.csv", "yp_fair,,police", "yp_fare,,police", "row 15, column bind::amanah:scale"),
        ("young_person/survey.csv", "yp_fair,,police", "yp_fair,,", "row 15, column bind::amanah:referent"),
        ("young_person/survey.csv", "yp_fair,,police", "yp_fair,,own offence", "own offence"),
        ("young_person/survey.csv", "yp_fair,,police", "yp_fair,maybe,police", "column bind::amanah:reverse"),
        ("young_person/survey.csv", "research,sensitive", "research,secret", "column bind::amanah:privacy"),
        ("young_person/survey.csv", "research,sensitive", "research,direct", "never kept with the answers"),
        ("young_person/survey.csv", "research,sensitive", ",sensitive", "column bind::amanah:stored"),
        ("young_person/survey.csv", "label::English (en)", "label::English", "label::English (en)"),
        ("young_person/survey.csv", "type,name", "kind,name", "column type"),
        (
            "young_person/survey.csv",
            "How often do officers listen",
            "How often does ${yp_fair_2} listen",
            "label::Urdu (ur): unlike the first language, this lacks ${yp_fair_2}",
        ),
        ("young_person/survey.csv", "select_one freq5,yp_fair_1", "select_one freq5 or_more,yp_fair_1", "row 15"),
        ("young_person/survey.csv", "{yp_contact}", "{yp_fair_1}", "row 11, column relevant: 'yp_fair_1' comes later"),
        ("young_person/survey.csv", "{yp_contact}", "{o_quote}", "checked again"),
        ("young_person/survey.csv", "{yp_contact}", "{age}", "checked again"),
        ("young_person/survey.csv", "{yp_contact}", "{yp_contakt}", "yp_contakt"),
        ("young_person/survey.csv", "Adil davranış,,,,,,,", "Adil davranış,,,,,,,1 +", "row 13, column relevant"),
        ("young_person/choices.csv", "freq5,1,", "freq5,on e,", "column name"),
        ("young_person/choices.csv", "freq5,1,", "freq5,-9,", "column name"),
        ("young_person/choices.csv", "freq5,1,", "freq5,2,", "already"),
        (
            "young_person/choices.csv",
            "freq5,1,Never,کبھی نہیں,أبدًا,কখনো না,Marnaba,Hiçbir zaman",
            "freq5,1,,,,,,",
            "column label",
        ),
        (
            "demographics/survey.csv",
            "area_sector,own background,not_said",
            "area_sector,own background,unsaid",
            "unsaid",
        ),
        ("demographics/survey.csv", "community_leader,none,", "community_leader,no_one,", "no_one"),
        ("demographics/survey.csv", ",research,quasi,,sex,", ",research,quasi,,six,", "six"),
        ("eligibility/survey.csv", "research,1,quasi", "research,9,quasi", "row 5, column bind::amanah:stored_level"),
        ("eligibility/survey.csv", "nowhere,,sensitive,yes,,", "research,1,sensitive,yes,sex,", "only a whole number"),
        ("consent/survey.csv", "statement,young_person", ",young_person", "column type"),
        ("consent/choices.csv", "yes_no,no,No", "yes_no,2,No", "column type"),
        ("study.toml", 'code = "21"', 'kode = "21"', "kode"),
        ("study.toml", 'members = "1 2 3 4 5"', 'members = "1 2 3 4"', "no category takes the code 5"),
        ("study.toml", 'members = "1 2 3 4 5"', 'members = "1 2 3 4 5 20"', "no code 20"),
        ("study.toml", 'rule = "first_word"', 'rule = "first_letter"', "rule must be"),
        ("study.toml", 'source = "site"', 'source = "sight"', "source"),
        ("study.toml", 'rule = "quarter"', "rule = 4", "hierarchies.month[1].rule"),
        ("study.toml", 'parent = "yp_trust"', 'parent = "yp_truth"', "yp_truth"),
        ("study.toml", "minimum_answered = 3", "minimum_answered = 9", "yp_fair"),
        ("study.toml", "k = 5", "k = 1", "release.k"),
        ("study.toml", 'diversity = ["mosque_part"', 'diversity = ["mosk_part"', "mosk_part"),
        ("study.toml", "young_person = 60", "young_people = 60", "young_people"),
        ("study.toml", "backup_days = 35", 'backup_days = "35"', "retention.backup_days"),
        ("study.toml", 'languages = ["en", ', 'languages = ["en", "de", ', "'de'"),
        ("study.toml", 'name = "support"', 'name = "supper"', "supper"),
        ("study.toml", "cut_off_days = 28", "", "cut_off_days"),
        ("study.toml", "plain_path = false", "plain_path = ", "TOML"),
        ("demographics/survey.csv", "young_person police_officer", "young_person police_officers", "police_officers"),
        ("study.toml", 'consent_route = "tick"', 'consent_route = "nod"', "consent_route"),
        ("study.toml", "cut_off_days = 28", "cut_off_days = 3", "cut_off_days"),
        ("study.toml", "format = 1", "format = 1\nsurprise = 2", "surprise"),
        ("study.toml", "[switched_on]", '[switched_on]\npo_rank = ""', "reason"),
        ("study.toml", "[switched_on]", '[switched_on]\npo_rang = "x"', "po_rang"),
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


@pytest.mark.parametrize(
    ("sheet", "before", "after", "says"),
    [
        ("young_person/survey.csv", "label::Urdu (ur)", "label::German (de)", "languages does not list"),
        ("study.toml", 'name = "police_officer"', 'name = "../police officer"', "'../police officer' must be 1 to"),
        ("young_person/choices.csv", "freq5,1,", "freq5,6,", "which yp_fair_1 has not"),
        ("young_person/survey.csv", "yp_fair_1,", "cl_fair_1,", "community_leader/survey.csv, row 10, column name"),
    ],
)
def test_what_does_not_fit_together_is_named(folder: Path, sheet: str, before: str, after: str, says: str) -> None:
    replace(folder / sheet, before, after)
    assert any(says in str(problem) for problem in check_study(folder))


def test_rows_are_counted_as_a_spreadsheet_counts_them(folder: Path) -> None:
    replace(folder / "young_person/survey.csv", "begin_group,yp_grp_contact", "\n,,,\n\nbegin_group,yp_grp_contact")
    replace(folder / "young_person/survey.csv", "select_one freq5,yp_fair_1", "select_one nowhere,yp_fair_1")
    assert [problem.row for problem in check_study(folder)] == [18]


def damage(folder: Path, seed: int, times: int, sheets: int | None = None) -> None:
    """Check the study with some characters taken out of one file, so many times for each file.

    `sheets`: of how many this is done, whichever; by default of all.
    """
    chance = random.Random(seed)
    every = sorted(folder.rglob("*.csv"))
    for path in chance.sample(every, sheets or len(every)) + [folder / "study.toml"]:
        whole = path.read_text("utf-8")
        for _ in range(times):
            start = chance.randrange(len(whole))
            path.write_text(whole[:start] + whole[start + chance.choice((1, 5, 40)) :], "utf-8")
            check_study(folder)
        path.write_text(whole, "utf-8")
    assert check_study(folder) == ()


def test_nothing_that_a_sheet_may_hold_ends_in_another_error(folder: Path) -> None:
    damage(folder, seed=7, times=1, sheets=5)


@pytest.mark.torture
def test_nothing_that_a_sheet_may_hold_ends_in_another_error_ever(folder: Path) -> None:
    damage(folder, seed=8, times=100)


def test_a_missing_sheet_and_a_missing_folder_are_told(folder: Path, tmp_path: Path) -> None:
    (folder / "consent" / "survey.csv").unlink()
    assert "consent: there is no sheet survey" in str(check_study(folder)[0])
    assert "study.toml" in str(check_study(tmp_path / "nothing")[0])


def test_a_switched_on_question_is_asked_and_its_reason_kept(folder: Path) -> None:
    replace(folder / "study.toml", "[switched_on]", '[switched_on]\npo_rank = "ethics reference 7"')
    study = load_study(folder)
    assert "po_rank" in {item.name for item in study.instrument.research_items("police_officer")}
    assert study.settings.switch_reasons == {"po_rank": "ethics reference 7"}


def test_filled_brackets_stand_in_the_texts_and_empty_ones_are_told(folder: Path) -> None:
    before = load_study(folder)
    sheet = open_brackets(before.instrument, before.settings.fill_in)
    assert any("[institution]" in sentence for sentence in sheet)
    assert all(len(sentence) > len("[10]") for sentence in sheet)
    replace(folder / "study.toml", '"institution" = ""', '"institution" = "the University of Somewhere"')
    study = load_study(folder)
    assert "the University of Somewhere" in study.instrument.canonical.decode()
    left = open_brackets(study.instrument, study.settings.fill_in)
    assert 0 < len(left) < len(sheet)
    assert "[institution]" not in " ".join(left)
    # What was filled in afterwards is not shown yet: people go on reading the version of before.
    assert open_brackets(before.instrument, study.settings.fill_in) == sheet


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


def test_words_of_a_risk_kind_need_an_ethics_reference(folder: Path) -> None:
    sheet = folder / "young_person/survey.csv"
    replace(sheet, "How often do officers listen", "Do you sympathise when officers listen")
    (told,) = check_study(folder)
    assert "row 16" in str(told)
    assert "sympath" in str(told)
    assert not told.is_warning
    replace(sheet, "bind::amanah:referent", "bind::amanah:referent,bind::amanah:ethics")
    lines = sheet.read_text("utf-8").split("\n")
    sheet.write_text("\n".join(line + ("ethics 12/3" if "sympathise" in line else "") for line in with_a_cell(lines)))
    (told,) = check_study(folder)
    assert "ethics 12/3" in str(told)
    assert told.is_warning


def with_a_cell(lines: list[str]) -> list[str]:
    """One empty cell more at the end of every row below the first."""
    return [lines[0], *(line + "," if line else "" for line in lines[1:])]


def test_the_default_study_raises_no_doubt_and_can_be_described(instrument: Instrument) -> None:
    assert list(reviewed(instrument)) == []
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
