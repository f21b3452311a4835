"""A specification says what it means or is refused in a clear sentence; page, file and document are the same thing."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import ReleaseError
from release.presets import PRESETS, filled
from release.specification import (
    FORMATS,
    NEEDED,
    Specification,
    read_specification,
    settings_of,
    specification_of,
)
from release.specification_keys import KEYS, clashes
from release.specification_text import to_toml

DOCUMENT = (Path(__file__).parents[2] / "docs" / "specification.md").read_text("utf-8")
GOOD: dict[str, Any] = {"purpose": "x", "groups": ["young_person"], "k": 5, "formats": ["csv"], "language": "en"}

line = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30).filter(
    lambda words: bool(words.strip()) and words.strip().isprintable()
)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(lambda words: bool(words.strip()))
lists = st.lists(names, min_size=1, max_size=3)


def table(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(names, values, max_size=3)


whole, flag = st.integers(0, 9), st.booleans()
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "purpose": line, "groups": lists, "k": st.integers(1, 99), "language": line,
    "formats": st.lists(st.sampled_from(FORMATS), min_size=1, max_size=3), "largest_suppression": st.integers(0, 30),
    "archive_only": flag, "levels": table(whole), "new_ids": flag, "wave": st.integers(1, 9),
    "kind": st.sampled_from(["rows", "summary", "tables"]), "preset": st.sampled_from(PRESETS), "recipient": line,
    "legal_ground": line, "licence": line, "variables": lists, "languages": lists, "instrument_versions": lists,
    "l": table(st.floats(1, 9)), "l_kind": st.sampled_from(["distinct", "entropy"]), "t": table(st.floats(0, 1)),
    "local_suppression": flag, "highest_levels": table(whole), "order": lists,
    "rare": table(st.integers(2, 99)),
    "top": table(st.integers(-99, 99)), "bottom": table(st.integers(-99, 99)),
    "missing": st.sampled_from(["codes", "blank"]), "open_text": st.sampled_from(["withheld", "reviewed", "themes"]),
    "excel": flag, "hold_back": flag,
    "privacy": st.one_of(st.fixed_dictionaries({name: st.floats(0.001, 9)}) for name in ("epsilon", "rho")),
    "tables": st.lists(lists, min_size=1, max_size=3),
}  # fmt: skip


@given(st.fixed_dictionaries({name: VALUES[name] for name in NEEDED},
                             optional={name: one for name, one in VALUES.items() if name not in NEEDED}))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_what_is_written_reads_back_as_the_same_whatever_it_says(told: dict[str, Any]) -> None:
    if list(clashes(filled(told))):
        with pytest.raises(ReleaseError):
            specification_of(told)
        return
    ordered = specification_of(told)
    assert read_specification(to_toml(ordered)) == ordered
    assert specification_of(settings_of(ordered)) == ordered


WRONG: dict[str, list[Any]] = {
    "purpose": ["", "one\ntwo", 3, "x" * 201], "groups": [[], "young_person", [1]], "k": [0, True, "5"],
    "formats": [["doc"], [], "csv"], "language": ["", 3], "largest_suppression": [31, -1, True],
    "archive_only": [1], "levels": [[1], {"age": True}, {"age": -1}], "new_ids": ["yes"], "wave": [0, True],
    "kind": ["row", 1, []], "preset": ["own"], "recipient": ["one\ntwo", 1], "legal_ground": [[]],
    "licence": ["", 1], "variables": ["age", []], "languages": [[]], "instrument_versions": ["1.0"],
    "l": [{"x": 0.5}, {"x": "2"}, 2], "l_kind": ["recursive"], "t": [{"x": 1.5}, {"x": float("nan")}],
    "local_suppression": [0], "highest_levels": [{"age": "1"}], "order": [["age", 2]],
    "rare": [{"x": 1}], "top": [{"x": 1.5}], "bottom": [{"x": "1"}],
    "missing": ["none"], "open_text": ["raw"], "excel": ["true"], "hold_back": [1],
    "privacy": [{}, {"epsilon": 0}, {"epsilon": 1, "rho": 1}, {"delta": 1}, 1],
    "tables": [[], "site", ["site"], [["site"], []], [[1]]],
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_each_key_is_checked_and_the_sentence_names_it(name: str) -> None:
    for value in WRONG[name]:
        with pytest.raises(ReleaseError, match=f"In the specification, .*{name}"):
            specification_of(GOOD | {name: value})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"preset": "archive", "archive_only": False}, "archive_only cannot be false"),
        ({"preset": "archive", "k": 4}, "k of at least 5"),
        ({"local_suppression": True}, 'leaves a trace .* needs preset = "team"'),
        ({"local_suppression": True, "preset": "archive"}, 'needs preset = "team"'),
        ({"local_suppression": True, "preset": "team", "archive_only": True}, "without archive_only"),
        ({"preset": "public", "kind": "rows"}, "kind must be tables or summary"),
        ({"privacy": {"epsilon": 1}}, "so kind must be tables"),
        ({"levels": {"age": 2}, "highest_levels": {"age": 1}}, "above its highest level"),
        ({"top": {"age": 3}, "bottom": {"age": 4}}, "above its top"),
        ({"preset": ["team"]}, "preset must be"),
        ({"purpos": "y"}, "does not know: purpos"),
    ],
)
def test_what_two_keys_cannot_say_together_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ReleaseError, match=says):
        specification_of(GOOD | changes)


def test_presets_fill_in_what_is_not_said() -> None:
    few = {"purpose": "x", "groups": ["young_person"], "language": "en"}
    team, archive, public = (specification_of(few | {"preset": preset}) for preset in PRESETS)
    assert (team.k, team.archive_only, team.kind, team.formats) == (5, False, "rows", ("csv",))
    assert (archive.k, archive.archive_only, archive.kind) == (5, True, "rows")
    assert (public.kind, public.formats) == ("tables", ())
    assert specification_of(few | {"preset": "team", "k": 7}).k == 7


def test_a_specification_of_before_still_means_the_same() -> None:
    text = 'purpose = "x"\ngroups = ["young_person"]\nk = 5\nformats = ["csv"]\nlanguage = "en"\n'
    assert read_specification(text) == Specification("x", ("young_person",), 5, ("csv",), "en")
    assert to_toml(read_specification(text)) == text


def test_the_document_tells_every_key_and_no_other() -> None:
    told = re.findall(r"^\| `(\w+)`", DOCUMENT, re.MULTILINE)
    assert sorted(told) == sorted(KEYS) == sorted(one.name for one in fields(Specification))
    # The first two as they are written; those after them say more than must be said, with why.
    for example in re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)[:2]:
        assert to_toml(read_specification(example)) == example, "the document's examples are as they are written"
