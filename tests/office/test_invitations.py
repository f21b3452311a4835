"""The coordinator makes invitations on a sheet that is shown once, sees them in numbers, and withdraws them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from config import Settings
from errors import NotAdmitted
from fieldwork.admissions import GRACE, admitted, hash_of, invite, may_start, walk_in
from fieldwork.enrolling import Wanted, withdraw_alike
from fieldwork.study import Study
from storage.admissions import all_invitations, spending
from storage.journal import read_journal
from tests.conftest import TODAY
from tests.staff import bearer, links_in, press, sign_in_as
from views.office.admissions import invitation_link
from views.qr import qr_svg

LINK = re.compile(r"http://localhost/(.*)#([\w-]{24})\.([\w-]{22})(?:\.(.+))?")


def wanted(**more: str) -> dict[str, str]:
    until = (date.today() + timedelta(days=7)).isoformat()
    return {
        "kind": "single",
        "number": "3",
        "group": "young_person",
        "site": "1",
        "language": "en",
        "until": until,
    } | more


def sheet(client: FlaskClient, **more: str) -> str:
    answer = press(client, "/office/invitations", wanted(**more))
    assert answer.status_code == 200
    return answer.text


def tokens_in(page: str) -> list[str]:
    found = [LINK.fullmatch(link) for link in links_in(page)]
    assert all(found)
    return [one.group(2) for one in found if one]


def listed(client: FlaskClient) -> list[tuple[str, ...]]:
    """Every line of the list but its last day: kind, group, site, language, number, state."""
    cell = r"<td[^>]*>(.+?)</td>"
    line = rf'<th scope="row">(.+?)</th>\s*{cell}{cell}{cell}\s*<td[^>]*>.+?</td><td class="number"[^>]*>'
    return re.findall(line + r"(\d+)</td><td[^>]*>(\w+)", client.get("/office/invitations").text)


def key_in(client: FlaskClient) -> dict[str, str]:
    found = re.search(r'name="key" value="([0-9a-f]{64})"', client.get("/office/invitations").text)
    assert found
    return {"key": found.group(1)}


def entries(study: Study) -> list[tuple[str, str, int, str]]:
    return [(entry.actor, entry.act, entry.count, entry.detail) for entry in read_journal(study.stores.office)]


def test_a_sheet_holds_as_many_slips_as_were_asked_for_each_with_its_own_code(
    coordinator: FlaskClient, study: Study
) -> None:
    page = sheet(coordinator, number="100")
    links = links_in(page)
    assert len(links) == len(set(tokens_in(page))) == 100
    assert all(qr_svg(link) in page for link in links[:5])
    assert len(set(re.findall(r"<svg.*?</svg>", page, re.DOTALL))) == 100
    assert len(all_invitations(study.stores.office)) == 100


@pytest.mark.parametrize(
    ("fixed", "before", "after"),
    [
        ({}, "visit/young_person?lang=en", "1"),
        ({"language": ""}, "visit/young_person", "1"),
        ({"group": ""}, "?lang=en", "1"),
        ({"group": "", "language": "", "site": ""}, "", None),
        ({"site": ""}, "visit/young_person?lang=en", None),
    ],
)
def test_a_link_fixes_what_was_chosen_and_hides_its_token_behind_the_hash(
    coordinator: FlaskClient, study: Study, fixed: dict[str, str], before: str, after: str | None
) -> None:
    (link,) = links_in(sheet(coordinator, number="1", **fixed))
    found = LINK.fullmatch(link)
    assert found
    assert study.keyring is not None
    assert (found.group(1), found.group(3), found.group(4)) == (before, study.keyring.pin, after)


def test_a_link_goes_to_the_language_it_names() -> None:
    asked = Wanted("open", "young_person", "", "ur", TODAY)
    assert invitation_link("https://x/", asked, "t", "p") == "https://x/visit/young_person?lang=ur#t.p"


def test_a_slip_says_until_when_and_for_whom_and_not_what_the_study_is_about(
    coordinator: FlaskClient, study: Study
) -> None:
    single, many = (sheet(coordinator, kind=kind, until="2027-03-05", number="1") for kind in ("single", "open"))
    for page in (single, many):
        assert "Friday, 5 March 2027" in page or "Friday 5 March 2027" in page
        assert study.settings.neutral_title.in_language("en") in page
        assert not re.search("police|muslim|trust|religio", re.sub(r"visit/\w+", "", page), re.IGNORECASE)
    assert "for one person" in single
    assert "for one person" not in many
    assert "for more than one person" in many


def test_a_sheet_is_shown_once_and_its_tokens_are_kept_nowhere(
    coordinator: FlaskClient, study: Study, settings: Settings
) -> None:
    answer = press(coordinator, "/office/invitations", wanted())
    assert answer.headers["Cache-Control"] == "no-store"
    kept = b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())
    again = coordinator.get("/office/invitations").text
    for token in tokens_in(answer.text):
        assert hash_of(token) in kept
        assert token.encode() not in kept
        assert token not in again


def test_an_invitation_from_the_sheet_lets_a_device_in(coordinator: FlaskClient) -> None:
    for kind in ("single", "open"):
        (token,) = tokens_in(sheet(coordinator, kind=kind, number="1", site="2"))
        answer = coordinator.get("/admission", headers=bearer(token))
        assert (answer.status_code, answer.json) == (200, {"kind": kind, "group": "young_person", "site": "2"})


def test_one_invitation_for_many_is_made_however_many_were_typed(coordinator: FlaskClient, study: Study) -> None:
    for number in ("50", "", "many"):
        assert len(tokens_in(sheet(coordinator, kind="open", number=number))) == 1
    assert {one.kind for one in all_invitations(study.stores.office)} == {"open"}


def test_a_withdrawn_invitation_lets_nobody_in(coordinator: FlaskClient) -> None:
    tokens = tokens_in(sheet(coordinator))
    (other,) = tokens_in(sheet(coordinator, kind="open", until=date.today().isoformat()))
    press(coordinator, "/office/invitations", key_in(coordinator), "/office/invitations/withdraw")
    for token in tokens:
        assert coordinator.get("/admission", headers=bearer(token)).status_code == 401
        assert coordinator.post("/deliveries", headers=bearer(token), data=b"{}").status_code == 401
    assert coordinator.get("/admission", headers=bearer(other)).status_code == 200


def test_withdrawing_says_what_it_does_before_its_button(coordinator: FlaskClient) -> None:
    sheet(coordinator)
    page = coordinator.get("/office/invitations").text
    assert page.index("stops working at once") < page.index("Withdraw these invitations")


def test_an_invitation_that_was_used_outlives_a_withdrawal_so_that_its_visit_can_be_sent_again(study: Study) -> None:
    used, unused = (invite(study, "single", TODAY) for _ in range(2))
    with spending(study.stores.office, hash_of(used)) as is_first:
        assert is_first
    # Both are counted: a number without the used one would tell that it was used.
    assert withdraw_alike(study, "Idris", hash_of(used), TODAY) == 2
    assert entries(study)[-1] == ("Idris", "invitation_withdrawn", 2, "any/any")
    assert admitted(study, used, TODAY).is_spent
    with pytest.raises(NotAdmitted):
        admitted(study, unused, TODAY)


def test_an_invitation_that_has_ended_is_left_so_that_visits_on_their_way_still_arrive(study: Study) -> None:
    token, before = invite(study, "open", TODAY), entries(study)
    assert withdraw_alike(study, "Idris", hash_of(token), TODAY + timedelta(days=1)) == 0
    assert admitted(study, token, TODAY + timedelta(days=1))
    assert entries(study) == before


def test_invitations_are_counted_by_what_they_are_for_whether_used_or_not(
    coordinator: FlaskClient, study: Study
) -> None:
    token, *_ = tokens_in(sheet(coordinator))
    sheet(coordinator, kind="open", group="", site="", language="")
    invite(study, "single", date.today() - timedelta(days=1), "police_officer", "2")
    with spending(study.stores.office, hash_of(token)):
        pass
    assert set(listed(coordinator)) == {
        ("For one person", "Young person, 16 to 25", "London", "English", "3", "Live"),
        ("For many people", "Any", "Any", "Any", "1", "Live"),
        ("For one person", "Police officer", "Birmingham", "Any", "1", "Ended"),
    }
    page = coordinator.get("/office/invitations").text
    assert page.count("Withdraw these invitations") == 2


def test_no_list_tells_that_one_of_five_was_used_not_even_after_they_are_withdrawn(
    coordinator: FlaskClient, study: Study
) -> None:
    token, *_ = tokens_in(sheet(coordinator, number="5"))
    with spending(study.stores.office, hash_of(token)):
        pass
    assert [line[4:] for line in listed(coordinator)] == [("5", "Live")]
    press(coordinator, "/office/invitations", key_in(coordinator), "/office/invitations/withdraw")
    assert [line[4:] for line in listed(coordinator)] == [("5", "Withdrawn")]
    assert entries(study)[-1][2] == 5


def test_a_visit_without_an_invitation_shows_in_no_list(coordinator: FlaskClient, study: Study) -> None:
    walk_in(study, date.today())
    assert len(all_invitations(study.stores.office)) == 1
    assert listed(coordinator) == []


def test_an_invitation_works_through_its_last_day(study: Study) -> None:
    token = invite(study, "open", TODAY)
    assert may_start(study, token, TODAY)
    with pytest.raises(NotAdmitted):
        may_start(study, token, TODAY + timedelta(days=1))
    assert admitted(study, token, TODAY + GRACE)
    with pytest.raises(NotAdmitted):
        admitted(study, token, TODAY + GRACE + timedelta(days=1))


def test_each_act_stands_in_the_journal_before_it_happens(
    coordinator: FlaskClient, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet(coordinator, number="3")
    sheet(coordinator, kind="open", number="3", group="", site="")
    press(coordinator, "/office/invitations", key_in(coordinator), "/office/invitations/withdraw")
    first, second, third = entries(study)[-3:]
    assert first == ("Idris", "invitations_made", 3, "young_person/1")
    assert second == ("Idris", "invitations_made", 1, "any/any")
    assert third in {
        ("Idris", "invitation_withdrawn", 3, "young_person/1"),
        ("Idris", "invitation_withdrawn", 1, "any/any"),
    }

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("fieldwork.enrolling.write_entry", fail)
    left = all_invitations(study.stores.office)
    for typed, to in ((wanted(), None), (key_in(coordinator), "/office/invitations/withdraw")):
        assert press(coordinator, "/office/invitations", typed, to).status_code == 500
    assert all_invitations(study.stores.office) == left


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "0"},
        {"number": "101"},
        {"number": "three"},
        {"number": ""},
        {"until": (date.today() - timedelta(days=1)).isoformat()},
        {"until": (date.today() + timedelta(days=366)).isoformat()},
        {"until": "soon"},
        {"until": ""},
        {"kind": "ticket"},
        {"group": "nobody"},
        {"site": "9"},
        {"language": "xx"},
    ],
    ids=str,
)
def test_what_cannot_be_made_is_refused_in_a_sentence_and_stays_typed(
    coordinator: FlaskClient, study: Study, wrong: dict[str, str]
) -> None:
    before = entries(study)
    answer = press(coordinator, "/office/invitations", wanted(site="2") | wrong)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert len(re.findall(r'class="error"(?: id="[^"]+")? role="alert">[A-Z][^<]+\.<', page)) == 1
    assert links_in(page) == []
    for name in ("number", "until"):
        assert re.search(rf'name="{name}"[^>]* value="{wanted(**wrong)[name]}"', page)
    assert re.search(r'<option selected value="2">', page) or "site" in wrong
    assert (all_invitations(study.stores.office), entries(study)) == ((), before)


@pytest.mark.parametrize("days", [0, 365])
def test_the_last_day_may_be_today_or_a_year_away(coordinator: FlaskClient, days: int) -> None:
    assert tokens_in(sheet(coordinator, until=(date.today() + timedelta(days=days)).isoformat()))


def test_four_weeks_are_offered(coordinator: FlaskClient) -> None:
    until = date.today() + timedelta(days=28)
    assert f'name="until" type="date" value="{until}"' in coordinator.get("/office/invitations").text


@pytest.mark.parametrize("key", ["", "not a hash", "00" * 32])
def test_withdrawing_what_is_not_there_changes_nothing(coordinator: FlaskClient, study: Study, key: str) -> None:
    sheet(coordinator)
    before = entries(study), all_invitations(study.stores.office)
    answer = press(coordinator, "/office/invitations", {"key": key}, "/office/invitations/withdraw")
    assert answer.status_code == 303
    assert (entries(study), all_invitations(study.stores.office)) == before


def test_without_the_pages_own_token_nothing_is_done(coordinator: FlaskClient, study: Study) -> None:
    sheet(coordinator)
    before = entries(study), all_invitations(study.stores.office)
    answer = coordinator.post("/office/invitations", data=wanted(number="7"))
    coordinator.post("/office/invitations/withdraw", data=key_in(coordinator))
    assert answer.status_code == 422
    assert "press the button once more" in answer.text
    assert 'value="7"' in answer.text
    assert (entries(study), all_invitations(study.stores.office)) == before


def test_administrators_invite_too_and_strangers_are_asked_to_sign_in(field: FlaskClient, study: Study) -> None:
    for answer in (
        field.get("/office/invitations"),
        field.post("/office/invitations", data=wanted()),
        field.post("/office/invitations/withdraw", data={"key": "00" * 32}),
    ):
        assert (answer.status_code, answer.location) == (303, "/office/sign-in")
    assert all_invitations(study.stores.office) == ()
    sign_in_as(field, study, "administrator", "Mara")
    assert tokens_in(sheet(field))
    assert 'href="/office/invitations"' in field.get("/office").text


def test_without_public_keys_there_is_nothing_to_invite_to(coordinator: FlaskClient, study: Study) -> None:
    coordinator.application.extensions["amanah"] = replace(study, keyring=None)
    for page in ("/office/invitations", "/office/tablets"):
        assert "no public keys yet" in coordinator.get(page).text
        assert "<select" not in coordinator.get(page).text
