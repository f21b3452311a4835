"""A team brings its study as a folder, as one workbook or as one form; an instance keeps it and can give it back."""

from __future__ import annotations

import shutil
from functools import partial
from os import mkfifo
from pathlib import Path

import pytest
from openpyxl import load_workbook

from commands import DEFAULT_STUDY, addresses_of
from config import Settings, read_settings
from errors import InstrumentError, SettingsError
from fieldwork.instance import add_study, copy_study, found_instance, make_folder, open_study, staged
from fieldwork.study import Study
from fieldwork.versions import adopt, compare
from instruments.back_out import backed_out
from instruments.catalogue import check_study, load_study
from instruments.model import Instrument
from instruments.privacy_classes.classes import Decision, write_classes
from tests.changing import english
from tests.conftest import STUDY, TODAY
from tests.forms import written

FORMS = Path(__file__).parents[1] / "instruments" / "data" / "forms"


def instance_of(source: Path, home: Path) -> Settings:
    make_folder(home, load_study(source).instrument.study, demo=True)
    settings = read_settings(home, {})
    copy_study(source, settings.study_folder, plain_path=False)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    return settings


def opened(settings: Settings) -> Study:
    return open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)


def bring(path: Path, settings: Settings) -> None:
    """Adopt what lies there, whatever it breaks."""
    office, folder = opened(settings).stores.office, settings.study_folder
    adopt(office, compare(office, settings.study, folder, path), folder, TODAY, "Mara", breaking_agreed=True)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory, instrument: Instrument) -> Path:
    path = tmp_path_factory.mktemp("workbooks") / "Our Study.XLSX"
    path.write_bytes(backed_out(instrument, load_study(DEFAULT_STUDY).settings))
    return path


def test_an_instance_of_a_workbook_collects_for_the_same_study(
    workbook: Path, instrument: Instrument, tmp_path: Path
) -> None:
    settings = instance_of(workbook, tmp_path / "home")
    study = opened(settings)
    assert study.instrument.digest == instrument.digest
    assert study.settings.quotas == {"young_person": 60, "police_officer": 30, "community_leader": 30}
    assert sorted(path.name for path in settings.study_folder.iterdir()) == ["study.toml", "study.xlsx"]


def test_what_stands_beside_the_workbook_acts_at_once(workbook: Path, instrument: Instrument, tmp_path: Path) -> None:
    settings = instance_of(workbook, tmp_path / "home")
    told = settings.study_folder / "study.toml"
    text = told.read_text("utf-8").replace("plain_path = false", 'plain_path = true\nneutral_title = "A study"')
    told.write_text(text + "[quotas]\npolice_officer = 4\n", "utf-8")
    study = opened(settings)
    assert (study.settings.plain_path, study.settings.neutral_title) == (True, english("A study"))
    assert study.settings.quotas == {"police_officer": 4}
    assert load_study(settings.study_folder).instrument.digest == instrument.digest


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cut_off_days = 30", "there is no setting 'cut_off_days'"),
        ('neutral_title = "a\\u0007"', "a character that nobody can see"),
        ("[quotas]\nyoung_people = 4", "there is no group 'young_people'"),
        ("[quotas]\nyoung_person = true", "quotas.young_person must be a whole number"),
        ("[retention]\nbackup_days = 3", "retention.research_records_years' is missing"),
        ("plain_path = ", "is not valid TOML"),
    ],
)
def test_a_mistake_beside_the_workbook_is_named(workbook: Path, tmp_path: Path, line: str, says: str) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.xlsx").write_bytes(workbook.read_bytes())
    (folder / "study.toml").write_text(f'workbook = "study.xlsx"\n{line}\n', "utf-8")
    with pytest.raises(InstrumentError) as refused:
        load_study(folder)
    assert [problem.file for problem in refused.value.problems if says in problem.message][:1] == ["study.toml"]


def test_an_instance_of_one_form_takes_a_new_form_and_keeps_its_settings(tmp_path: Path) -> None:
    settings = instance_of(FORMS / "household_roster.md", tmp_path / "home")
    told = settings.study_folder / "study.toml"
    told.write_text(told.read_text("utf-8").replace('"institution" = ""', '"institution" = "the University"'), "utf-8")
    first = opened(settings).instrument
    form = tmp_path / "second.md"
    text = (FORMS / "household_roster.md").read_text("utf-8").replace("_roster | 3 |", "_roster | 4 |")
    form.write_text(text.replace("Is ${first_name} at school?", "Does ${first_name} go to school?"), "utf-8")
    bring(form, settings)
    second = opened(settings).instrument
    assert (first.version, second.version) == ("3", "4")
    assert "Does ${first_name_2} go to school?" in second.canonical.decode()
    assert "the University" in second.canonical.decode()


def test_one_form_does_not_take_the_place_of_a_whole_study(settings: Settings, workbook: Path) -> None:
    before = load_study(settings.study_folder).instrument.digest
    with pytest.raises(SettingsError, match="was not made around one form"):
        bring(FORMS / "ranking.md", settings)
    bring(workbook, settings)
    with pytest.raises(SettingsError, match="was not made around one form"):
        bring(FORMS / "ranking.md", settings)
    assert load_study(settings.study_folder).instrument.digest == before


def test_another_study_or_a_broken_one_changes_nothing(settings: Settings, workbook: Path, tmp_path: Path) -> None:
    before = load_study(settings.study_folder).instrument.digest
    for sheet, column, words, error in (
        ("settings", "form_id", "another", SettingsError),
        ("survey", "type", "geopoint", InstrumentError),
    ):
        book = load_workbook(workbook)
        place = next(cell.column for cell in book[sheet][1] if cell.value == column)
        book[sheet].cell(2, place).value = words
        book.save(tmp_path / "other.xlsx")
        with pytest.raises(error):
            bring(tmp_path / "other.xlsx", settings)
    assert load_study(settings.study_folder).instrument.digest == before
    assert [path.name for path in settings.study_folder.parent.iterdir()] == [STUDY]


def test_a_folder_of_sheets_may_be_a_whole_study_too(workbook: Path, instrument: Instrument, tmp_path: Path) -> None:
    import csv

    folder = tmp_path / "sheets"
    folder.mkdir()
    for sheet in load_workbook(workbook):
        with (folder / f"{sheet.title}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["" if cell is None else cell for cell in row] for row in sheet.values])
    settings = instance_of(folder, tmp_path / "home")
    assert opened(settings).instrument.digest == instrument.digest


def test_what_was_decided_of_a_form_stays_decided_of_the_one_that_takes_its_place(tmp_path: Path) -> None:
    head, rows = ["type", "name", "label"], [["text", "wish", "A wish?"], ["text", "why", "Why?"]]
    first = written(tmp_path / "first", [head, *rows])
    write_classes(first, [Decision("wish", "ordinary", "research"), Decision("why", "ordinary", "research")])
    settings = instance_of(first, tmp_path / "home")
    asked = [["text", "wish", "A wish?"], ["text", "why", "What is your full name?"], ["text", "new", "What else?"]]
    later = [["form_title", "form_id", "version"], ["first", "first", "2"]]
    second = written(tmp_path / "second", [head, *asked], settings=later)
    found = compare(opened(settings).stores.office, settings.study, settings.study_folder, second)
    assert any(one.startswith("1 privacy decision(s) of the form that it replaces stay") for one in found.in_words())
    bring(second, settings)
    classes = {item.name: item.privacy for item in opened(settings).instrument.research_items("participant")}
    # Under the name `why` stands another question now: it is as private as it can be until somebody looks at it.
    assert (classes["wish"], classes["why"], classes["new"]) == ("ordinary", "open", "open")


@pytest.mark.parametrize("name", ["consent/choices.csv", "notes"])
def test_a_link_in_a_studys_folder_is_refused(name: str, settings: Settings, tmp_path: Path) -> None:
    before = load_study(settings.study_folder).instrument.digest
    outside, folder = tmp_path / "outside", tmp_path / "sent"
    outside.write_text("of this machine", "utf-8")
    outside.chmod(0o644)
    shutil.copytree(settings.study_folder, folder)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(outside)
    for taken_in in (partial(bring, folder, settings), partial(copy_study, folder, tmp_path / "kept", False)):
        with pytest.raises(InstrumentError, match=f"^{name}: this is a link"):
            taken_in()
    assert [str(one).partition(",")[0] for one in check_study(folder)] == [f"{name}: this is a link"]
    assert (outside.stat().st_mode & 0o777, (tmp_path / "kept").exists()) == (0o644, False)
    assert load_study(settings.study_folder).instrument.digest == before


def test_a_form_in_a_folder_with_a_pipe_is_refused(settings: Settings, tmp_path: Path) -> None:
    form = written(tmp_path / "form", [["type", "name", "label"], ["text", "wish", "A wish?"]])
    mkfifo(form / "pipe")
    with pytest.raises(InstrumentError, match="^pipe: this is neither a file nor a folder"):
        copy_study(form, tmp_path / "kept", plain_path=False)


def test_a_form_that_brings_its_own_decisions_keeps_them(tmp_path: Path) -> None:
    rows = [["type", "name", "label"], ["text", "wish", "A wish?"]]
    first, second = written(tmp_path / "first", rows), written(tmp_path / "second", rows)
    write_classes(first, [Decision("wish", "ordinary", "research")])
    write_classes(second, [Decision("wish", "quasi", "research")])
    settings = instance_of(first, tmp_path / "home")
    with staged(second, settings.study_folder) as made:
        assert load_study(made).instrument.item("wish").privacy == "quasi"
