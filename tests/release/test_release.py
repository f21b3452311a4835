"""A release holds who may be in it and nothing that points to them; who is left out is counted, never in silence."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import secrets
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from errors import EnvelopeError, ReleaseError
from fieldwork.changes import change_mind
from fieldwork.keeping import keep_all
from fieldwork.study import Study
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.answers import settle
from instruments.consent import gate, statements_asked
from instruments.model import Instrument, Value
from privacy.receipts import Receipt, labels_of, new_receipt
from release.build import Release, build_release, open_source_with
from release.export import write_release
from release.formats.cells import neutral
from release.readme import readme_of
from release.report.figures import gone_for_everyone
from release.source import Source, open_source
from release.specification import Specification, read_specification
from storage.vaults import rows
from tests.conftest import TODAY, Keys, counted_bytes
from tests.releases import SIGNER, release_files

ORDER = Specification("team file", ("young_person",), 5, ("csv",), "en")


def visit(study: Study, values: dict[str, Value], **choices: str) -> Receipt:
    group = "young_person"
    said = {item.name: "yes" for item in statements_asked(study.instrument, group, 19) if item.required} | choices
    consent = gate(study.instrument, group, 19, said)
    settled = settle(study.instrument, group, {"age": 19, "site": 1, "sex": 1} | values)
    return finish_visit(study, FinishedVisit(group, "en", "self", settled, consent), TODAY)


def source(study: Study) -> Source:
    return Source("test", study.name, {study.instrument.digest: study.instrument}, tuple(rows(study.stores.research)))


def released(study: Study, keys: Keys, order: Specification = ORDER) -> Release:
    found = source(study)
    opened = open_source_with(found, [keys.research], lambda done, whole: None)
    return build_release(found, opened, [keys.research], order)


def table(made: Release) -> list[dict[str, str]]:
    return list(csv.DictReader(release_files(made)["data.csv"].decode().splitlines()))


def test_answers_come_out_as_they_went_in(study: Study, keys: Keys) -> None:
    for answer in (1, 2, 3, 4, 5, -1):
        visit(study, {"yp_fair_1": answer, "yp_contact": (1, 3)})
    people = table(released(study, keys))
    assert Counter(person["yp_fair_1"] for person in people) == Counter(
        {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "-1": 1}
    )
    assert {person["yp_contact"] for person in people} == {"1 3"}
    assert {(person["respondent_group"], person["yp_contact_fair"]) for person in people} == {("young_person", "-9")}


def test_rows_stand_in_the_order_of_their_pseudonyms(study: Study, keys: Keys) -> None:
    for _ in range(12):
        visit(study, {})
    ids = [person["research_id"] for person in table(released(study, keys))]
    assert ids == sorted(ids)
    assert len(set(ids)) == 12


def test_nobody_stands_in_a_class_below_k(study: Study, keys: Keys) -> None:
    chance = random.Random(3)
    for _ in range(60):
        visit(study, {"age": chance.randint(16, 25), "site": chance.randint(1, 2), "sex": chance.choice((1, 2, -2)),
                      "ethnic_group": chance.randint(1, 19), "main_activity": chance.randint(1, 7)})  # fmt: skip
    made = released(study, keys)
    people = table(made)
    classes = Counter(tuple(person[name] for name in made.checked) for person in people)
    assert min(classes.values()) >= 5
    assert len(people) + made.left_out == 60
    assert {"age", "site", "sex", "ethnic_group", "main_activity", "joint_project", "form_language", "month"} <= set(
        made.checked
    )


def test_who_stands_alone_is_left_out_and_counted(study: Study, keys: Keys) -> None:
    for _ in range(9):
        visit(study, {"sex": 1})
    visit(study, {"sex": 2, "site": 2})
    fixed = replace(ORDER, levels={"sex": 0, "site": 0, "age": 1})
    made = released(study, keys, fixed)
    assert (made.frame.height, made.left_out) == (9, 1)
    for preset, count in (("team", "1 person"), ("", "fewer than 10 people")):
        told = release_files(replace(made, specification=replace(made.specification, preset=preset)))["README.txt"]
        assert f"{count}: fewer than 5 had the same traits" in told.decode()


def test_no_variable_is_coarser_than_it_must_be(study: Study, keys: Keys) -> None:
    for _ in range(5):
        visit(study, {"ethnic_group": 11})
        visit(study, {"ethnic_group": 16})
    assert {name: level for name, level in released(study, keys).levels.items() if level} == {"age": 1}


def test_levels_that_the_order_fixes_are_kept(study: Study, keys: Keys) -> None:
    for _ in range(6):
        visit(study, {"ethnic_group": 11})
    made = released(study, keys, replace(ORDER, levels={"age": 2, "ethnic_group": 1}))
    assert {(person["age"], person["ethnic_group"]) for person in table(made)} == {("16-25", "23")}


def test_a_trait_that_is_gone_for_everyone_is_named(study: Study, keys: Keys) -> None:
    for _ in range(6):
        visit(study, {})
    assert gone_for_everyone(released(study, keys)) == []
    assert gone_for_everyone(released(study, keys, replace(ORDER, levels={"age": 3, "sex": 1}))) == ["age", "sex"]


def test_two_purposes_share_no_id_and_one_purpose_gives_the_same_ones(study: Study, keys: Keys) -> None:
    for _ in range(8):
        visit(study, {})
    first, again, other = (
        {person["research_id"] for person in table(released(study, keys, replace(ORDER, purpose=purpose)))}
        for purpose in ("one", "one", "two")
    )
    assert first == again
    assert not first & other


def test_the_same_inputs_give_the_same_bytes(study: Study, keys: Keys) -> None:
    for _ in range(8):
        visit(study, {})
    assert release_files(released(study, keys)) == release_files(released(study, keys))


def test_open_text_names_and_labels_are_never_in_it(study: Study, keys: Keys) -> None:
    for _ in range(6):
        visit(study, {"yp_text_1": "marker-of-amina"})
    made = released(study, keys)
    whole = b"".join(release_files(made).values())
    assert b"marker-of-amina" not in whole
    assert "yp_text_1" in made.withheld
    assert "withheld until a person has reviewed it" in release_files(made)["codebook.csv"].decode()
    labels = {document.hex() for document, _ in rows(study.stores.research)}
    assert not [label for label in labels if label.encode() in whole]


def test_an_invalid_record_is_reported_and_not_released(study: Study, keys: Keys) -> None:
    for _ in range(6):
        visit(study, {})
    labels = labels_of(new_receipt(counted_bytes("forged")), study.name)
    bad = {"format": 1, "kind": "record", "study": study.name, "instrument": study.instrument.digest,
           "participant": labels.participant.hex(), "group": "young_person",
           "answers": {"yp_fair_1": 77, "CANARY call": 1},
           "choices": {}, "mode": "self", "language": "en", "version": "1", "month": "2026-11",
           "interviewer": ""}  # fmt: skip
    nonsense = {"format": 1, "kind": "nonsense", "instrument": study.instrument.digest}
    for document in (bad, nonsense):
        keep_all(study, labels, TODAY, document, ({"format": 2, "kind": "consent"},), {}, secrets.token_bytes)
    made = released(study, keys)
    assert made.frame.height == 6
    files = release_files(made)
    assert not [name for name, data in files.items() if b"CANARY" in data]
    told = files["README.txt"].decode()
    assert len(made.faults) == 2
    assert not [fault for fault in made.faults if fault.record_id in told], "the server knows who brought which record"
    assert "fewer than 10 records: it is not a record of a known shape" in told
    assert "fewer than 10 records: something in it could not have been answered" in told
    assert "77" not in " ".join(reason for fault in made.faults for reason in fault.reasons)


def test_a_moved_or_foreign_envelope_is_reported(study: Study, keys: Keys) -> None:
    for _ in range(6):
        visit(study, {})
    found = source(study)
    first, second, *rest = found.records
    moved = replace(found, records=((first[0], second[1]), (second[0], first[1]), *rest))
    opened = open_source_with(moved, [keys.research], lambda done, whole: None)
    assert (len(opened.people), len(opened.faults)) == (4, 2)


def test_the_identity_key_opens_no_answers(study: Study, keys: Keys) -> None:
    visit(study, {})
    with pytest.raises(ReleaseError, match="research key"):
        open_source_with(source(study), [keys.identity], lambda done, whole: None)


def test_k10_a_choice_changed_later_is_obeyed(study: Study, keys: Keys) -> None:
    receipts = [visit(study, {}, o_archive="yes") for _ in range(7)]
    archive = replace(ORDER, archive_only=True)
    assert released(study, keys, archive).frame.height == 7
    change_mind(study, receipts[0].grouped, {"o_archive": "no"}, None, TODAY)
    made = released(study, keys, archive)
    assert (made.frame.height, made.declined_archive) == (6, 1)
    assert released(study, keys).frame.height == 7


def test_on_one_day_no_wins_over_yes(study: Study, keys: Keys) -> None:
    receipts = [visit(study, {}, o_archive="yes") for _ in range(6)]
    for said in ("no", "yes"):
        change_mind(study, receipts[0].grouped, {"o_archive": said}, None, TODAY)
    assert released(study, keys, replace(ORDER, archive_only=True)).declined_archive == 1


def test_a_written_release_is_whole_and_private(study: Study, keys: Keys, tmp_path: Path) -> None:
    for _ in range(6):
        visit(study, {})
    out = tmp_path / "out"
    write_release(released(study, keys), out, SIGNER)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    names = {path.name for path in out.iterdir()}
    assert names >= {"data.csv", "codebook.csv", "README.txt", "disclosure.html", "disclosure.json", "manifest.json"}
    assert manifest["sha256"] == {
        n: hashlib.sha256((out / n).read_bytes()).hexdigest() for n in names - {"manifest.json", "manifest.sig"}
    }
    assert manifest["instruments"] == [study.instrument.digest]
    assert (out.stat().st_mode & 0o777, (out / "data.csv").stat().st_mode & 0o777) == (0o700, 0o600)
    assert "section 171" in (out / "README.txt").read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".release")] == []


def test_nothing_is_written_over_what_is_there(study: Study, keys: Keys, tmp_path: Path) -> None:
    visit(study, {})
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(ReleaseError, match="not an empty folder"):
        write_release(released(study, keys), tmp_path, SIGNER)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("+44", "'+44"), ("-x", "'-x"), ("-8", "-8"), ("-1 2", "'-1 2"), ("3", "3")],
)
def test_a_spreadsheet_takes_no_cell_for_a_formula(cell: str, safe: str) -> None:
    assert neutral(cell) == safe


GOOD = 'purpose = "x"\ngroups = ["young_person"]\nk = 5\nformats = ["csv"]\nlanguage = "en"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("k = 5\n", ""), "lacks: k"),
        (GOOD + "surprise = 1\n", "surprise"),
        (GOOD.replace("k = 5", "k = 0"), "at least 1"),
        (GOOD.replace("k = 5", "k = true"), "at least 1"),
        (GOOD.replace('"csv"', '"doc"'), "formats can hold"),
        (GOOD.replace('"x"', '""'), "purpose"),
        (GOOD + "largest_suppression = 101\n", "percentage"),
        ("purpose = ", "not valid TOML"),
    ],
)
def test_a_wrong_specification_is_told_what_to_change(text: str, says: str) -> None:
    with pytest.raises(ReleaseError, match=says):
        read_specification(text)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (replace(ORDER, groups=("nobody",)), "nobody"),
        (replace(ORDER, levels={"age": 9}), "levels 0 to 3"),
        (replace(ORDER, levels={"age": 0}), "age is stored at level 1 already.*Ask for 1 to 3"),
        (replace(ORDER, highest_levels={"age": 0}), "0 in highest_levels"),
    ],
)
def test_an_order_that_the_study_cannot_fill_is_refused(
    study: Study, keys: Keys, order: Specification, says: str
) -> None:
    with pytest.raises(ReleaseError, match=says):
        released(study, keys, order)


def test_a_source_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="not an instance"):
        open_source(tmp_path)
    (tmp_path / "file").write_bytes(b"PK\x03\x04 no bundle")
    with pytest.raises(EnvelopeError):
        open_source(tmp_path / "file")


def test_all_groups_in_one_release_say_minus_8_where_they_were_not_asked(
    field, study: Study, keys: Keys, instrument: Instrument
) -> None:
    from tests.visits import amina, leader, officer

    for typed, group in ((amina, "young_person"), (officer, "police_officer"), (leader, "community_leader")):
        for _ in range(5):
            field.post(f"/visit/{group}", data=typed(instrument))
    made = released(study, keys, replace(ORDER, groups=("young_person", "police_officer", "community_leader")))
    people = table(made)
    assert Counter(person["respondent_group"] for person in people) == {
        "young_person": 5,
        "police_officer": 5,
        "community_leader": 5,
    }
    assert {person["po_trust_1"] for person in people if person["respondent_group"] == "young_person"} == {"-8"}


def test_the_readme_tells_the_limits_of_this_study_and_of_the_groups_in_it(study: Study, keys: Keys) -> None:
    for _ in range(6):
        visit(study, {})
    made = released(study, keys)
    told = " ".join(readme_of(made).split())
    assert "people who fear being watched stay away most" in told
    assert "scales describe groups of ten or more" in told
    assert "The police are asked for views" not in told
    assert "As coarse as the study stores it: age:" in told
    assert "interviewer_code is empty, and no code stands there" in told
    assert "-6 for everyone" not in told
    with_officers = replace(made, specification=replace(ORDER, groups=("young_person", "police_officer")))
    assert "The police are asked for views, not facts." in " ".join(readme_of(with_officers).split())
