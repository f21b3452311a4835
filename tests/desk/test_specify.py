"""The page Specify and a TOML text are the same thing; what was typed stays; long work can be cancelled."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from config import Settings
from forms.desk_specify import SpecifyForm, typed_of
from privacy.key_files import lock
from release.placing import PREFIX
from release.specification import Specification, read_specification, settings_of, specification_of
from release.specification_keys import FORMATS, KEYS
from release.specification_start import start_of
from release.specification_text import to_toml
from release_commands import release
from tests.conftest import Keys, counted_bytes
from tests.desk.test_desk import PHRASE, desk, ended, open_records, settings, specify, token_in
from views.work import Work, time_left

__all__ = ["desk", "settings"]  # fixtures
WORDS = st.from_regex(r"[A-Za-z=\"'\\é][ A-Za-z=\"'\\é]{0,20}[A-Za-z=\"'\\é]", fullmatch=True)
NAME = st.from_regex("[a-z][a-z_0-9]{0,8}", fullmatch=True)
SOME = st.lists(NAME, min_size=1, max_size=3, unique=True)
LEVELS = st.dictionaries(NAME, st.integers(0, 9), min_size=1, max_size=3)
SHARES = st.dictionaries(NAME, st.floats(0, 1), min_size=1, max_size=3)
SETTINGS = st.fixed_dictionaries(
    {
        "purpose": WORDS, "groups": SOME, "k": st.integers(1, 99), "language": st.sampled_from(["en", "ar"]),
        "formats": st.lists(st.sampled_from(FORMATS), min_size=1, unique=True),
    },
    optional={
        "recipient": WORDS, "legal_ground": WORDS, "licence": WORDS, "variables": SOME, "order": SOME,
        "languages": st.just(["ar"]), "instrument_versions": SOME, "levels": LEVELS, "t": SHARES,
        "l": st.dictionaries(NAME, st.floats(1, 1e6), min_size=1), "l_kind": st.just("entropy"),
        "rare": st.dictionaries(NAME, st.integers(2, 50), min_size=1),
        "top": st.dictionaries(NAME, st.integers(-5, 99), min_size=1), "missing": st.just("blank"),
        "open_text": st.sampled_from(["reviewed", "themes"]), "wave": st.integers(1, 9),
        "largest_suppression": st.integers(0, 30),
        **dict.fromkeys(("archive_only", "new_ids", "excel", "hold_back"), st.just(True)),
    },
)  # fmt: skip
OF_THE_TEAM = SETTINGS.map(
    lambda told: (
        {name: said for name, said in told.items() if name != "archive_only"}
        | {"preset": "team", "local_suppression": True}
    )
)


@pytest.fixture(scope="module")
def page() -> Flask:
    """An app in whose requests the page's form can be made."""
    app = Flask("specify")
    app.config.update(SECRET_KEY="a key of this test", WTF_CSRF_ENABLED=False)
    Babel(app)
    return app


TABLES = st.fixed_dictionaries(
    {"kind": st.just("tables"), "tables": st.lists(SOME, min_size=1, max_size=3, unique_by=tuple),
     "purpose": WORDS, "groups": SOME, "language": st.just("en")},
    optional={"privacy": st.fixed_dictionaries({"rho": st.floats(0.01, 9)}), "preset": st.just("public")},
)  # fmt: skip


@given(told=SETTINGS | OF_THE_TEAM | TABLES)
def test_the_page_and_its_toml_are_the_same_thing_both_ways(page: Flask, told: dict[str, Any]) -> None:
    ordered = specification_of(told)
    with page.test_request_context():
        form = SpecifyForm(typed_of(settings_of(read_specification(to_toml(ordered)))))
        assert specification_of(form.told()) == ordered


def test_every_key_of_a_specification_has_a_field_and_nothing_else_has(page: Flask) -> None:
    with page.test_request_context():
        assert {field.name for field in SpecifyForm()} - {"csrf_token"} == set(KEYS)


@pytest.mark.parametrize("preset", ["team", "archive", "public"])
def test_a_printed_beginning_is_a_specification_of_its_preset(preset: str) -> None:
    found = read_specification(start_of(preset))
    assert (found.preset, found.kind) == (preset, "tables" if preset == "public" else "rows")


def test_every_key_stands_in_an_example_of_the_document_and_every_example_reads() -> None:
    document = (Path(__file__).parents[2] / "docs" / "specification.md").read_text("utf-8")
    examples = re.findall(r"```toml\n(.*?)```", document, re.DOTALL)
    assert len([read_specification(example) for example in examples]) == 6
    whole = "".join(examples[2:])
    assert [key for key in KEYS if not re.search(rf"^(\[{key}\]|{key} =)", whole, re.MULTILINE)] == []


def test_a_beginning_names_the_groups_of_its_study(settings: Settings) -> None:
    done = CliRunner().invoke(release, ["spec", "archive", "--source", str(settings.home)])
    found = read_specification(done.stdout)
    assert (found.groups, found.language, found.archive_only) == (
        ("young_person", "police_officer", "community_leader"), "en", True,
    )  # fmt: skip
    assert "Name the groups" in CliRunner().invoke(release, ["spec", "team"]).stderr


def test_a_passphrase_is_asked_for_unseen_where_no_file_holds_it(
    settings: Settings, keys: Keys, tmp_path: Path
) -> None:
    (tmp_path / "research.key").write_bytes(lock(keys.research, PHRASE, counted_bytes("salt")))
    (tmp_path / "team.toml").write_text(start_of("team", ["young_person"]), "utf-8")
    words = ["--source", settings.home, "--key", tmp_path / "research.key", "--spec", tmp_path / "team.toml"]
    done = CliRunner().invoke(release, [*map(str, words), "--out", str(tmp_path / "out")], input=f"not {PHRASE}\n")
    assert (done.exit_code, "Passphrase of research.key" in done.stderr, PHRASE in done.output) == (1, True, False)
    assert "passphrase" in done.stderr.splitlines()[-1]


WRONG = Specification("a trial", ("young_person",), 3, ("csv",), "en")


def posted(desk: FlaskClient, path: str, page: str, **typed: object):
    return desk.post(path, data={"csrf_token": token_in(page), **typed})


def test_toml_fills_the_page_the_page_gives_toml_and_a_wrong_one_stays_to_be_mended(
    desk: FlaskClient, settings: Settings
) -> None:
    open_records(desk, settings)
    page = desk.get("/specify").text
    wrong = posted(desk, "/specify/toml", page, toml=to_toml(WRONG).replace("k = 3", 'k = "five"'))
    assert "k must be a whole number" in wrong.text
    assert "k = &#34;five&#34;" in wrong.text
    ordered = Specification(
        "a trial", ("young_person",), 3, ("csv",), "en", recipient="An archive", levels={"age": 1}, order=("age", "sex")
    )
    assert posted(desk, "/specify/toml", page, toml=to_toml(ordered)).location == "/specify"
    filled = desk.get("/specify").text
    assert 'value="An archive"' in filled
    assert read_specification(sent(desk, filled).text) == ordered


def sent(desk: FlaskClient, page: str):
    """The page sent as a browser sends it, by its button for TOML."""
    form = page[page.index('action="/specify"') : page.index("Bring a specification in")]
    typed: dict[str, list[str]] = {"do": ["toml"]}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search('name="([^"]*)"', tag), re.search('value="([^"]*)"', tag)
        if name and (" checked" in tag or "checkbox" not in tag and "radio" not in tag):
            typed.setdefault(name[1], []).append(html.unescape(value[1] if value else ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\r?\n?(.*?)</textarea>', form, re.DOTALL):
        typed[name] = [html.unescape(text)]
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        typed[name] = re.findall(r'<option selected value="([^"]*)"', options) or [""]
    return desk.post("/specify", data=typed)


def test_a_cancelled_release_leaves_nothing_and_can_be_made_again(desk: FlaskClient, settings: Settings) -> None:
    open_records(desk, settings)
    specify(desk)
    state, releases = desk.application.extensions["amanah_desk"], settings.home / "releases"
    page = desk.get("/preview").text
    state.start(slow(state, desk, page), "written")
    assert "was cancelled" in desk.get("/working").text
    assert not [path for path in releases.glob("*") if path.name.startswith((PREFIX, "a-trial"))]
    assert (state.written, "Go back" in desk.get("/working").text) == (None, True)


def slow(state: Any, desk: FlaskClient, page: str):
    """The writing itself, cancelled once it has begun."""
    from views.desk.building import _writing
    from views.desk.specifying import opened_at

    write = _writing(state, opened_at(state), state.specification, state.release)

    def deed(work: Work) -> Path:
        work.is_stopped = True
        return write(work)

    return deed


def test_cancelling_reaches_the_opening_too(desk: FlaskClient, settings: Settings) -> None:
    open_records(desk, settings)
    state = desk.application.extensions["amanah_desk"]

    def deed(work: Work) -> None:
        for done in range(10_000_000):
            work.report(done, 10_000_000)

    work = state.start(deed, "dataset", 10_000_000)
    page = desk.get("/working").text
    assert 'action="/working/cancel"' in page
    assert posted(desk, "/working/cancel", page).location == "/working"
    assert "was cancelled" in ended(desk).text
    assert not work.is_running


def test_time_left_follows_from_how_far_it_is(page: Flask) -> None:
    work = Work("written", done=0, whole=4, clock=lambda: 30.0)
    assert work.seconds_left is None
    work.report(1, 4)
    assert work.seconds_left == 90
    with page.test_request_context():
        assert [time_left(seconds) for seconds in (59, 60, 61)] == [
            "less than a minute left", "about 1 minute left", "about 2 minutes left",
        ]  # fmt: skip
