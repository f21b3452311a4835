"""A visit posted on the plain path: what is kept, refused and reminded of, and that nothing typed is lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from config import Settings
from fieldwork.study import Study
from instruments.model import Instrument
from privacy.envelope import Context
from storage.office import tallies
from storage.vaults import count, rows
from tests.conftest import Keys
from tests.visits import Typed, amina, leader, officer

RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
CAST = {"young_person": amina, "police_officer": officer, "community_leader": leader}


def kept(study: Study) -> tuple[int, float]:
    """Visits in each vault: the identity vault has three records of each."""
    return count(study.stores.research), count(study.stores.identity) / 3


def answers(study: Study, keys: Keys) -> dict:
    ((record_id, envelope),) = rows(study.stores.research)
    context = Context("research", study.name, study.instrument.digest, record_id)
    return keys.research.open(envelope, context)


def contact(study: Study, keys: Keys) -> dict:
    context = ("identity", study.name, study.instrument.digest)
    found = [keys.identity.open(envelope, Context(*context, row)) for row, envelope in rows(study.stores.identity)]
    (document,) = (one for one in found if one["kind"] == "contact")
    return document["contact"]


def outcomes(study: Study) -> dict[str, int]:
    return {tally.outcome: tally.count for tally in tallies(study.stores.office)}


@pytest.mark.parametrize("group", CAST)
def test_every_group_finishes_and_gets_a_receipt(field: FlaskClient, study: Study, keys: Keys, group: str) -> None:
    answer = field.post(f"/visit/{group}", data=CAST[group](study.instrument))
    assert answer.status_code == 200
    assert RECEIPT.search(answer.text)
    assert kept(study) == (1, 1)
    assert answers(study, keys)["group"] == group


def test_answers_arrive_as_they_were_given(field: FlaskClient, study: Study, keys: Keys) -> None:
    said = {"yp_contact": ["1", "3"], "yp_contact_fair": "4", "yp_fair_1": "-1", "yp_text_1": "سنیں، پھر فیصلہ کریں"}
    field.post("/visit/young_person", data=amina(study.instrument, o_quote="yes", **said))
    record = answers(study, keys)
    assert record["answers"]["yp_contact"] == [1, 3]
    assert record["answers"]["yp_contact_fair"] == 4
    assert (record["answers"]["yp_fair_1"], record["answers"]["yp_fair_2"]) == (-1, -9)
    assert record["answers"]["yp_text_1"] == said["yp_text_1"]
    assert record["answers"]["age"] == "18-21"
    assert "elig_muslim" not in record["answers"]
    assert (record["choices"]["o_quote"], record["mode"], record["language"]) == ("yes", "self", "en")


def test_the_page_is_the_same_for_everyone_and_may_be_cached(field: FlaskClient) -> None:
    first, second = (field.get("/visit/young_person?lang=en") for _ in range(2))
    assert first.data == second.data
    assert "public" in first.headers["Cache-Control"]
    assert "Set-Cookie" not in first.headers
    assert "Cookie" not in first.headers.get("Vary", "")


@pytest.mark.parametrize("group", CAST)
def test_every_item_of_the_group_has_its_field_under_its_own_id(
    field: FlaskClient, instrument: Instrument, group: str
) -> None:
    page = field.get(f"/visit/{group}").text
    names = set(re.findall(r'<(?:input|textarea)[^>]* name="([^"]+)"', page))
    asked = {
        item.name for part in instrument.visit(group) for block in part.blocks for item in block.items if item.is_asked
    }
    assert asked <= names
    assert names - asked == {"remind", "admin_mode", "interviewer_code"}


@pytest.mark.parametrize("path", ["/", "/visit/young_person", "/withdraw", "/support"])
def test_a_browser_remembers_nothing_typed_and_shows_a_title_that_tells_nothing(field: FlaskClient, path: str) -> None:
    page = field.get(path).text
    forms = re.findall(r"<form[^>]*>", page)
    assert [form for form in forms if 'method="get"' not in form and 'autocomplete="off"' not in form] == []
    titles = re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
    assert len(titles) == 1
    assert not re.search("police|muslim|trust", titles[0], re.IGNORECASE)


def test_nothing_is_chosen_beforehand(field: FlaskClient) -> None:
    page = field.get("/visit/young_person").text
    chosen = re.findall(r'<input[^>]*name="([^"]+)"[^>]*checked', page)
    assert chosen == ["admin_mode"]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"c_withdraw": "no"}, "refused"),
        ({"age": "15"}, "not_eligible"),
        ({"age": "26"}, "not_eligible"),
        ({"age": "-2"}, "not_eligible"),
        ({"elig_muslim": "2"}, "not_eligible"),
        ({"elig_muslim": "-2"}, "not_eligible"),
    ],
)
def test_who_stops_leaves_only_a_count(field: FlaskClient, study: Study, changes: dict[str, str], outcome: str) -> None:
    answer = field.post("/visit/young_person", data=amina(study.instrument, **changes))
    assert (answer.status_code, kept(study)) == (200, (0, 0))
    assert not RECEIPT.search(answer.text)
    assert outcomes(study) == {outcome: 1}


@pytest.mark.parametrize(
    ("field_name", "wrong"),
    [
        ("yp_fair_1", "9"),
        ("age", "nineteen"),
        ("yp_contact", ["1", "4"]),
        ("yp_text_1", "x" * 501),
        ("site", "3"),
        ("c_use", "maybe"),
    ],
)
def test_a_refused_field_gives_the_page_back_with_everything_in_it(
    field: FlaskClient, study: Study, field_name: str, wrong: str | list[str]
) -> None:
    typed = amina(study.instrument, yp_text_2='what I "typed" <b>', yp_trust_1="4", **{field_name: wrong})
    answer = field.post("/visit/young_person", data=typed)
    page = unescape(answer.text)
    assert (answer.status_code, kept(study), outcomes(study)) == (422, (0, 0), {})
    assert f'href="#q-{field_name}"' in page
    assert 'what I "typed" <b>' in page
    assert re.search(r'name="yp_trust_1" value="4" checked', page)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_required_statement_left_blank_is_asked_for_again(field: FlaskClient, study: Study) -> None:
    typed = amina(study.instrument)
    del typed["c_part"]
    answer = field.post("/visit/young_person", data=typed)
    assert (answer.status_code, kept(study), outcomes(study)) == (422, (0, 0), {})
    assert 'href="#q-c_part"' in answer.text


def test_an_empty_visit_is_told_everything_at_once(field: FlaskClient, study: Study) -> None:
    page = field.post("/visit/young_person", data={}).text
    asked = {item.name for item in study.instrument.items_of("young_person", "consent") if item.required}
    assert {name for name in (*asked, "age", "elig_muslim") if f'href="#q-{name}"' in page} == asked | {
        "age",
        "elig_muslim",
    }


def test_blanks_are_reminded_of_once_and_never_block(field: FlaskClient, study: Study) -> None:
    typed = amina(study.instrument, yp_fair_1="3", remind="1")
    first = field.post("/visit/young_person", data=typed)
    assert (first.status_code, kept(study)) == (200, (0, 0))
    assert 'href="#q-yp_fair_2"' in first.text
    assert 'href="#q-yp_fair_1"' not in first.text
    assert 'href="#q-yp_text_1"' not in first.text
    assert 'name="remind"' not in first.text
    second = field.post("/visit/young_person", data={name: value for name, value in typed.items() if name != "remind"})
    assert RECEIPT.search(second.text)
    assert kept(study) == (1, 1)


def test_a_wrong_answer_on_understanding_brings_the_sheets_words_back_and_is_not_kept(
    field: FlaskClient, study: Study, keys: Keys
) -> None:
    typed = amina(study.instrument, age="17", und_stop="3", und_who="1", remind="1")
    first = field.post("/visit/young_person", data=typed)
    assert "you can stop at any time" in first.text.lower()
    assert kept(study) == (0, 0)
    field.post("/visit/young_person", data={name: value for name, value in typed.items() if name != "remind"})
    assert not [name for name in answers(study, keys)["answers"] if name.startswith("und_")]


def test_contact_details_are_kept_apart_and_only_where_wanted(field: FlaskClient, study: Study, keys: Keys) -> None:
    wanted = {"v_name": "Amina", "v_phone": "07700 900123"}
    answer = field.post("/visit/young_person", data=amina(study.instrument, o_results="yes", **wanted))
    assert contact(study, keys) == wanted
    assert "Amina" not in str(answers(study, keys))
    assert "Amina" not in answer.text


def test_contact_details_of_someone_who_declined_are_not_kept_and_the_page_says_so(
    field: FlaskClient, study: Study, keys: Keys
) -> None:
    answer = field.post("/visit/young_person", data=amina(study.instrument, v_name="Amina", o_results="no"))
    assert contact(study, keys) == {}
    assert "did not keep the contact details" in answer.text


def test_a_receipt_is_shown_once_and_may_not_be_cached(field: FlaskClient, study: Study) -> None:
    answer = field.post("/visit/young_person", data=amina(study.instrument))
    assert answer.headers["Cache-Control"] == "no-store"
    slip = answer.text.split("<title>")[1].split("</title>")[0]
    assert "police" not in answer.text.lower().split("</main>")[0]
    assert "muslim" not in answer.text.lower().split("</main>")[0]
    assert slip == "Working Together"
    assert "<svg" in answer.text


def test_interviews_are_marked_and_carry_a_code_never_a_name(field: FlaskClient, study: Study, keys: Keys) -> None:
    typed = amina(study.instrument, admin_mode="interviewer", interviewer_code="k7")
    field.post("/visit/young_person", data=typed)
    record = answers(study, keys)
    assert (record["mode"], record["interviewer"]) == ("interviewer", "K7")
    assert field.post("/visit/young_person", data=typed | {"interviewer_code": ["Idris Khan"]}).status_code == 422
    assert field.post("/visit/young_person", data=typed | {"admin_mode": ["teacher"]}).status_code == 422


def test_an_unknown_group_is_no_page(field: FlaskClient) -> None:
    assert field.get("/visit/nobody").status_code == 404
    assert field.post("/visit/nobody", data={}).status_code == 404


def test_where_the_plain_path_is_off_no_answers_are_taken(settings: Settings, study: Study) -> None:
    from app import create_app

    told = settings.study_folder / "study.toml"
    told.write_text(told.read_text("utf-8").replace("plain_path = true", "plain_path = false"), "utf-8")
    client = create_app(settings).test_client()
    assert client.post("/visit/young_person", data=amina(study.instrument)).status_code == 503
    assert client.post("/walk-in").status_code == 401
    # The page is there, to be sealed on the device; the form in it cannot send anything by itself.
    page = client.get("/visit/young_person")
    assert page.status_code == 200
    assert re.search(r'<form method="dialog" class="visit', page.text)
    assert "form-action 'none'" in page.headers["Content-Security-Policy"]
    # No field of the request turns it on again (REQUIREMENTS 18).
    forced = amina(study.instrument, plain_path="true", client_side_encrypted="true")
    assert client.post("/visit/young_person?plain_path=true", data=forced).status_code == 503
    assert kept(study) == (0, 0)


@pytest.mark.parametrize("language", ["en", "ur", "zz", "../../etc", "%00"])
def test_any_language_in_the_address_gives_a_page(field: FlaskClient, language: str) -> None:
    assert field.get(f"/visit/young_person?lang={language}").status_code == 200


def test_dates_are_written_as_the_pages_language_writes_them(field: FlaskClient, study: Study) -> None:
    slip = field.post("/visit/young_person?lang=ur", data=amina(study.instrument)).text
    assert '<html lang="ur" dir="rtl"' in slip
    assert re.search(r"اتوار،? \d{1,2} \w+،? 20\d\d", slip)


def test_every_answer_has_the_strict_headers(field: FlaskClient) -> None:
    for path in ("/", "/visit/young_person", "/nowhere", "/office", "/static/amanah.css", "/support", "/withdraw"):
        headers = field.get(path, buffered=True).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


def test_no_page_carries_script_or_style_of_its_own(field: FlaskClient, study: Study) -> None:
    pages = [field.get(path).text for path in ("/", "/visit/young_person", "/withdraw", "/away", "/office/sign-in")]
    pages.append(field.post("/visit/young_person", data=amina(study.instrument)).text)
    for page in pages:
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", page)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize(
    "path", ["/", "/visit/young_person", "/withdraw", "/visit/done", "/support", "/easy-read/young_person"]
)
def test_support_and_leaving_are_always_in_reach(field: FlaskClient, path: str) -> None:
    page = field.get(path).text
    assert "data-leave" in page
    assert "/support" in page
    assert "<title>" in page
    assert "police" not in page.split("<title>")[1].split("</title>")[0].lower()


def test_the_support_card_is_the_groups_own(field: FlaskClient) -> None:
    assert "Childline" in field.get("/support?group=young_person").text
    assert "Childline" not in field.get("/support?group=police_officer").text
    assert "Samaritans" in field.get("/support").text


def test_leaving_asks_the_browser_to_forget(field: FlaskClient) -> None:
    answer = field.get("/away")
    assert "cache" in answer.headers["Clear-Site-Data"]
    assert "Working Together" not in answer.text


def typed_code(answer_text: str) -> str:
    found = RECEIPT.search(answer_text)
    assert found
    return found.group()


def test_withdrawing_answers_alike_for_known_unknown_and_used_codes(field: FlaskClient, study: Study) -> None:
    code = typed_code(field.post("/visit/young_person", data=amina(study.instrument)).text)
    unknown = "0000-0000-0000-0000-0000-0000"
    told = [field.post("/withdraw", data={"code": one}) for one in (unknown, code, code)]
    assert {(answer.status_code, answer.text) for answer in told} == {(200, told[0].text)}
    assert kept(study) == (0, 0)


def test_a_mistyped_code_stays_in_its_box_with_a_sentence(field: FlaskClient, study: Study) -> None:
    code = typed_code(field.post("/visit/young_person", data=amina(study.instrument)).text)
    wrong = ("1" if code[0] != "1" else "2") + code[1:]
    answer = field.post("/withdraw", data={"code": wrong})
    assert answer.status_code == 422
    assert f'value="{wrong}"' in answer.text
    assert "mistake" in answer.text
    assert kept(study) == (1, 1)


def test_one_choice_can_be_changed_on_the_same_page(field: FlaskClient, study: Study) -> None:
    code = typed_code(field.post("/visit/young_person", data=amina(study.instrument, o_quote="yes")).text)
    assert field.post("/withdraw/choices", data={"code": code, "o_quote": "no"}).status_code == 200
    assert (count(study.stores.research), count(study.stores.identity)) == (2, 4)
    wrong: Typed = {"code": [code[:-1]], "o_quote": ["no"]}
    assert field.post("/withdraw/choices", data=wrong).status_code == 422
