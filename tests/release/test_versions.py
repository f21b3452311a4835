"""Records of several versions stand in one release: each says which, and what cannot be compared is listed."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from commands import DEFAULT_STUDY
from config import Settings
from errors import ReleaseError
from fieldwork.bundles import make_bundle
from fieldwork.freshness import EVERY
from fieldwork.study import Study
from fieldwork.versions import adopt, compare
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.answers import settle
from instruments.catalogue import load_study
from instruments.consent import gate, statements_asked
from instruments.model import Choice, Instrument, Value
from privacy.opening import new_private_key
from release.build import Release, build_release, open_source_with
from release.source import Source, open_source
from release.specification import Specification
from storage.vaults import rows
from tests.changing import english, with_item, with_items
from tests.conftest import STUDY, TODAY, Keys, counted_bytes
from tests.releases import release_files
from tests.visits import amina

GROUP = "young_person"
ORDER = Specification("team file", (GROUP,), 1, ("csv",), "en")


def answer(study: Study, version: Instrument, people: int, values: dict[str, Value] | None = None) -> None:
    """So many young people answer this version."""
    served = replace(study, instrument=version)
    said = {item.name: "yes" for item in statements_asked(version, GROUP, 19) if item.required}
    settled = settle(version, GROUP, {"age": 19, "site": 1, "sex": 1} | (values or {}))
    for _ in range(people):
        finish_visit(served, FinishedVisit(GROUP, "en", "self", settled, gate(version, GROUP, 19, said)), TODAY)


def released(study: Study, keys: Keys, *added: Instrument, order: Specification = ORDER) -> Release:
    """The release of all records, with the versions in the order of adding."""
    known = {one.digest: one for one in added}
    found = Source("test", study.name, known, tuple(rows(study.stores.research)), tuple(known))
    opened = open_source_with(found, [keys.research], lambda done, whole: None)
    return build_release(found, opened, [keys.research], order)


def people(made: Release) -> list[dict[str, str]]:
    return list(csv.DictReader(release_files(made)["data.csv"].decode().splitlines()))


def codebook(made: Release) -> dict[str, dict[str, str]]:
    found = csv.DictReader(release_files(made)["codebook.csv"].decode().splitlines())
    return {row["variable"]: row for row in found}


def readme(made: Release) -> str:
    return " ".join(release_files(made)["README.txt"].decode().split())


def by_version(made: Release, name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for person in people(made):
        found.setdefault(person["form_version"], set()).add(person[name])
    return found


def second(instrument: Instrument) -> Instrument:
    """A second version: an item more, one less, one in other words, one with a choice less."""
    new = with_items(instrument, "yp_fair_1", lambda item: [item, replace(item, name="rooms", scales=())])
    new = with_item(new, "yp_fair_2", lambda item: None)
    new = with_item(new, "yp_fair_3", lambda item: replace(item, label=english("Do you like the colour of the cars?")))
    new = with_item(new, "yp_contact_fair", lambda item: replace(item, choices=item.choices[1:]))
    return replace(new, version="2")


def test_each_row_says_its_version_and_what_that_did_not_ask(study: Study, keys: Keys, instrument: Instrument) -> None:
    new = second(instrument)
    answer(study, instrument, 2, {"yp_fair_2": 4, "yp_contact": (1,), "yp_contact_fair": 1})
    answer(study, new, 3, {"rooms": 3, "yp_contact": (4,)})
    made = released(study, keys, instrument, new)
    assert Counter(person["form_version"] for person in people(made)) == {"1.0-draft": 2, "2": 3}
    assert by_version(made, "rooms") == {"1.0-draft": {"-7"}, "2": {"3"}}
    assert by_version(made, "yp_fair_2") == {"1.0-draft": {"4"}, "2": {"-7"}}
    # Routed past is another thing than not asked.
    assert by_version(made, "yp_contact_fair") == {"1.0-draft": {"1"}, "2": {"-8"}}


def test_the_codebook_says_which_versions_asked_and_what_was_other_then(
    study: Study, keys: Keys, instrument: Instrument
) -> None:
    new = second(instrument)
    answer(study, instrument, 1)
    answer(study, new, 1)
    told = codebook(released(study, keys, instrument, new))
    assert told["rooms"]["asked_in_versions"] == "2"
    assert told["rooms"]["codes"].endswith("-7 = Not asked in this version of the questionnaire")
    assert told["yp_fair_1"]["asked_in_versions"] == "2, 1.0-draft"
    assert told["yp_fair_1"]["in_other_versions"] == ""
    assert "-7" not in told["yp_fair_1"]["codes"]
    assert told["yp_fair_3"]["label"] == "Do you like the colour of the cars?"
    before = instrument.item("yp_fair_3").label.in_language("en")
    assert told["yp_fair_3"]["in_other_versions"] == f"in 1.0-draft label (en): {before}"
    assert told["yp_contact_fair"]["in_other_versions"].startswith("in 1.0-draft codes (en): 1 = Very unfairly | 2 = ")
    assert "1 = Very unfairly" not in told["yp_contact_fair"]["codes"]


def test_the_readme_and_the_manifest_list_what_cannot_be_compared(
    study: Study, keys: Keys, instrument: Instrument
) -> None:
    new = second(instrument)
    answer(study, instrument, 2)
    answer(study, new, 3)
    made = released(study, keys, instrument, new)
    told = readme(made)
    assert "2: 3 people 1.0-draft: 2 people" in told
    assert "yp_contact_fair, since 2: the answer 1 can no longer be given" in told
    assert "yp_fair_3, since 2: its words changed so" in told
    assert "(label in en)" in told
    assert "guessed" not in told
    manifest = json.loads(release_files(made)["manifest.json"])
    assert [(one["version"], one["people"]) for one in manifest["versions"]] == [("2", 3), ("1.0-draft", 2)]
    assert {one["about"] for one in manifest["incomparable"]} == {"yp_contact_fair", "yp_fair_3"}
    assert {(one["about"], one["language"]) for one in manifest["incomparable"] if one["what"] == "label"} == {
        ("yp_fair_3", "en")
    }


def test_nobody_stands_alone_by_the_version(study: Study, keys: Keys, instrument: Instrument) -> None:
    answer(study, instrument, 4)
    answer(study, replace(instrument, version="2"), 1)
    answer(study, replace(instrument, version="3"), 2)
    added = (instrument, *(replace(instrument, version=label) for label in "23"))
    order = replace(ORDER, k=2, largest_suppression=100)
    made = released(study, keys, *added, order=order)
    # Whoever took part while the second version was asked would be known by that.
    assert Counter(person["form_version"] for person in people(made)) == {"1.0-draft": 4, "3": 2}
    assert (made.left_out, "form_version" in made.checked) == (1, True)


def test_one_version_alone_needs_no_such_chapter(study: Study, keys: Keys, instrument: Instrument) -> None:
    answer(study, instrument, 2)
    # A version that nobody answered, added before, is not part of the release.
    made = released(study, keys, second(instrument), instrument)
    assert "VERSIONS" not in readme(made)
    assert [one.digest for one in made.instruments] == [instrument.digest]
    assert "rooms" not in people(made)[0]


def test_what_comes_back_as_something_else_is_listed(study: Study, keys: Keys, instrument: Instrument) -> None:
    gone = replace(with_item(instrument, "yp_fair_2", lambda item: None), version="2")
    other = [Choice("1", english("Blue")), Choice("2", english("Red"))]
    back = with_item(instrument, "yp_fair_2", lambda item: replace(item, choices=tuple(other)))
    back = replace(back, version="3")
    for version in (instrument, gone, back):
        answer(study, version, 1)
    assert "yp_fair_2, since 3: the code 1 stands for other words" in readme(
        released(study, keys, instrument, gone, back)
    )


def test_two_versions_of_one_label_and_an_order_that_is_guessed_are_admitted(
    study: Study, keys: Keys, instrument: Instrument
) -> None:
    new = replace(second(instrument), version=instrument.version)
    answer(study, instrument, 1)
    answer(study, new, 1)
    known = {one.digest: one for one in (instrument, new)}
    found = Source("test", study.name, known, tuple(rows(study.stores.research)))
    opened = open_source_with(found, [keys.research], lambda done, whole: None)
    made = build_release(found, opened, [keys.research], ORDER)
    told = readme(made)
    assert "The order was guessed" in told
    assert "two versions have the same label" in told


def test_the_order_of_adding_decides_which_is_newer_and_not_the_label(instrument: Instrument) -> None:
    later, earlier = replace(instrument, version="1.0"), replace(instrument, version="2024 autumn")
    known = {one.digest: one for one in (later, earlier)}
    assert Source("test", STUDY, known, (), (earlier.digest, later.digest)).newest.version == "1.0"
    assert Source("test", STUDY, known, ()).newest.version == "2024 autumn"


def test_nobody_is_released_finer_than_any_version_stored(study: Study, keys: Keys, instrument: Instrument) -> None:
    fine = with_item(instrument, "age", lambda item: replace(item, stored_level=0))
    banded = replace(instrument, version="2")
    assert banded.item("age").stored_level == 1
    for version in (fine, banded):
        answer(study, version, 2, {"age": 19})
    for added in ((fine, banded), (banded, fine)):
        made = released(study, keys, *added)
        assert made.levels["age"] == 1
        assert len(by_version(made, "age")["2"]) == 1
        assert by_version(made, "age")["2"] == by_version(made, "age")["1.0-draft"]
        assert "age, since" in readme(made)


def test_what_a_version_promised_not_to_release_stays_withheld(
    study: Study, keys: Keys, instrument: Instrument
) -> None:
    opened = with_item(instrument, "yp_text_1", lambda item: replace(item, privacy="ordinary"))
    opened = replace(opened, version="2")
    answer(study, instrument, 1, {"yp_text_1": "marker-of-amina"})
    answer(study, opened, 1, {"yp_text_1": "Listen first."})
    made = released(study, keys, instrument, opened)
    assert by_version(made, "yp_text_1") == {"1.0-draft": {"-6"}, "2": {"Listen first."}}
    assert b"marker-of-amina" not in b"".join(release_files(made).values())
    assert "withheld, as it was promised then" in codebook(made)["yp_text_1"]["in_other_versions"]


def test_what_others_could_know_by_any_version_is_checked(study: Study, keys: Keys, instrument: Instrument) -> None:
    eased = with_item(instrument, "sex", lambda item: replace(item, privacy="ordinary"))
    release = replace(instrument.release, coarsening=tuple(set(instrument.release.coarsening) - {"sex"}))
    eased = replace(eased, version="2", release=release)
    answer(study, instrument, 1)
    answer(study, eased, 1)
    assert "sex" in released(study, keys, instrument, eased).checked
    assert "sex" not in released(study, keys, eased).checked


def test_a_group_that_only_an_earlier_version_had_can_still_be_released(
    study: Study, keys: Keys, instrument: Instrument
) -> None:
    newer = replace(instrument, version="2", groups=instrument.groups[1:])
    assert instrument.groups[0].name == GROUP
    answer(study, instrument, 2)
    assert len(people(released(study, keys, instrument, newer))) == 2
    with pytest.raises(ReleaseError, match="nobody"):
        released(study, keys, instrument, newer, order=replace(ORDER, groups=("nobody",)))


def test_a_record_that_names_another_version_than_its_own_is_not_usable(
    study: Study, keys: Keys, instrument: Instrument
) -> None:
    from release.person import person_of
    from tests.release.test_distrust import record

    document = record(instrument, version="2")
    assert person_of(document, instrument)[1] == (
        "form_version is not that of the questionnaire it was answered under",
    )


FORM = """
| survey |
| | type | name | label::English (en) |
| | integer | rooms | How many rooms? |
| | select_one yn | tap | Is there a tap? |
{more}
| choices |
| | list_name | name | label::English (en) |
| | yn | 1 | Yes |
| | yn | 0 | No |
| settings |
| | form_id | form_title | version |
| | homes | Homes | {version} |
"""


def test_a_study_around_a_form_says_its_version_too(study: Study, tmp_path: Path) -> None:
    made = []
    for version, more in (("2026112401", ""), ("v2 (draft)", "| | text | wish | What would you change? |")):
        form = tmp_path / f"{len(made)}.md"
        form.write_text(FORM.format(version=version, more=more), "utf-8")
        made.append(load_study(form).instrument)
    keys = Keys(*(new_private_key(half, "homes", counted_bytes(half)) for half in ("research", "identity")))
    for version in made:
        served = replace(study, instrument=version, keyring=replace(keys.keyring, study="homes"))
        said = {item.name: "yes" for item in statements_asked(version, "participant", None) if item.required}
        settled = settle(version, "participant", {"rooms": 3, "tap": 1})
        consent = gate(version, "participant", None, said)
        finish_visit(served, FinishedVisit("participant", "en", "self", settled, consent), TODAY)
    known = {one.digest: one for one in made}
    found = Source("test", "homes", known, tuple(rows(study.stores.research)), tuple(known))
    opened = open_source_with(found, [keys.research], lambda done, whole: None)
    assert opened.faults == ()
    written = build_release(found, opened, [keys.research], replace(ORDER, groups=("participant",)))
    assert {person["form_version"] for person in people(written)} == {"2026112401", "v2 (draft)"}


def test_without_a_declared_variable_of_the_version_there_is_one_still(
    study: Study, keys: Keys, instrument: Instrument
) -> None:
    first = with_item(instrument, "form_version", lambda item: None)
    new = replace(second(first), version="2")
    answer(study, first, 1)
    answer(study, new, 1)
    made = released(study, keys, first, new)
    assert {person["form_version"] for person in people(made)} == {"1.0-draft", "2"}
    assert codebook(made)["form_version"]["asked_in_versions"] == "2, 1.0-draft"


def test_the_whole_way_of_two_versions(settings: Settings, study: Study, keys: Keys, tmp_path: Path) -> None:
    now = 0.0
    field = create_app(settings, lambda: now).test_client()
    for _ in range(3):
        assert field.post("/visit/young_person", data=amina(study.instrument, yp_fair_1="4")).status_code == 200
    sheets = tmp_path / "sheets"
    shutil.copytree(DEFAULT_STUDY, sheets)
    told, survey = sheets / "study.toml", sheets / "young_person" / "survey.csv"
    # A label that looks older: the order of adding decides.
    told.write_text(told.read_text("utf-8").replace('version = "1.0-draft"', 'version = "0.9"'), "utf-8")
    lines = survey.read_text("utf-8").splitlines()
    fair = next(line for line in lines if ",yp_contact_fair," in line)
    added = fair.replace("yp_contact_fair", "yp_contact_calm").replace("how fairly", "how calmly")
    survey.write_text("\n".join(lines).replace(fair, f"{fair}\n{added}") + "\n", "utf-8")
    found = compare(study.stores.office, STUDY, settings.study_folder, sheets)
    adopt(study.stores.office, found, settings.study_folder, TODAY, "Mara")
    now += EVERY
    for _ in range(2):
        more = {"yp_contact": "1", "yp_contact_fair": "2", "yp_contact_calm": "5"}
        assert field.post("/visit/young_person", data=amina(study.instrument, **more)).status_code == 200
    make_bundle(study, tmp_path / "bundle", "Mara", TODAY, "research")
    made = []
    for source in (open_source(tmp_path / "bundle"), open_source(settings.home)):
        assert source.is_order_known
        opened = open_source_with(source, [keys.research], lambda done, whole: None)
        made.append(build_release(source, opened, [keys.research], ORDER))
    assert release_files(made[0]) == release_files(made[1])
    assert [one.version for one in made[0].instruments] == ["0.9", "1.0-draft"]
    assert by_version(made[0], "yp_contact_calm") == {"1.0-draft": {"-7"}, "0.9": {"5"}}
    assert "No variable was found whose answers cannot be compared" in readme(made[0])
