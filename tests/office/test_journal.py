"""The journal's page: who may read it, what it says in words, filters, pages of 50, a check, a checkpoint to keep."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from fieldwork.study import Study
from storage.checkpoints import read_checkpoint
from storage.journal import Act, Pen, read_journal
from storage.journal_check import verify_journal
from tests.staff import press, sign_in_as
from views.office.journal_words import COUNTED, SENTENCES

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 23)


def sentences_of(page: str) -> list[str]:
    return re.findall(r"</bdi></td><td><bdi>([^<]*)</bdi>", page)


@pytest.fixture
def told(signed_in: FlaskClient, study: Study) -> FlaskClient:
    """Mara's client, and 60 entries of Idris and Mara on two days."""
    for number in range(30):
        Pen(study.stores.office, "Idris", DAY).write(Act.TABLET_REVOKED, detail=f"T-{number}")
        Pen(study.stores.office, "Mara", date(2026, 12, 1)).write(Act.INVITATIONS_MADE, 3, detail="any/any")
    return signed_in


def test_entries_are_sentences_newest_first_in_pages_of_fifty(told: FlaskClient, study: Study) -> None:
    first = told.get("/office/journal").text
    said = sentences_of(first)
    assert len(said) == 50
    assert said[:2] == ["Mara made 3 invitations for any/any.", "Idris revoked the tablet T-29."]
    older = re.search(r'href="(/office/journal\?before=\d+)">Older', first)
    assert older
    rest = told.get(older.group(1)).text
    assert len(sentences_of(rest)) == len(read_journal(study.stores.office)) - 50
    assert "Older entries" not in rest
    assert sentences_of(rest)[-1] == "command line made this instance."


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("act=tablet_revoked", 30),
        ("person=idr", 30),
        ("person=nobody", 0),
        ("since=2026-12-01&act=invitations_made", 30),
        ("until=2026-11-23&act=invitations_made", 0),
        ("since=2026-11-23&until=2026-11-23&person=Idris", 30),
        ("since=2026-12-01&until=2026-11-23", 0),
        ("act=&person=&since=&until=&person=", 50),
    ],
)
def test_the_filters_show_what_was_asked_for(told: FlaskClient, asked: str, count: int) -> None:
    assert len(sentences_of(told.get(f"/office/journal?{asked}").text)) == count


@pytest.mark.parametrize(
    "asked",
    ["act=no_act", "since=yesterday", "until=0", "before=x", "before=-1", f"before={10**30}", "person=" + "x" * 81],
)
def test_a_filter_that_cannot_be_is_refused_with_a_word(signed_in: FlaskClient, asked: str) -> None:
    answer = signed_in.get(f"/office/journal?{asked}")
    assert answer.status_code == 422
    assert sentences_of(answer.text) == []


def test_a_coordinator_may_not_read_it_and_that_they_asked_stands_in_it_once_a_day(
    field: FlaskClient, study: Study
) -> None:
    sign_in_as(field, study, "coordinator", "Idris")
    for _ in range(3):
        assert field.get("/office/journal").status_code == 403
        assert field.post("/office/journal/checkpoint").status_code == 403
    refused = [entry for entry in read_journal(study.stores.office) if entry.act == Act.NOT_PERMITTED]
    assert [(entry.actor, entry.detail) for entry in refused] == [("Idris", "read, check and witness the journal")]


def test_the_page_says_whether_the_whole_holds_where_that_is_asked(signed_in: FlaskClient, study: Study) -> None:
    assert "The chain holds" not in signed_in.get("/office/journal").text
    count = len(read_journal(study.stores.office))
    assert f"The chain holds: {count} entries, signatures right." in signed_in.get("/office/journal?check=1").text
    with study.stores.office.engine.begin() as connection:
        connection.exec_driver_sql("drop trigger journal_no_update")
        connection.exec_driver_sql("update journal set hash = 'x' where number = 2")
    assert "The journal does not hold at entry 2" in signed_in.get("/office/journal?check=1").text


def test_a_checkpoint_is_saved_and_printed_and_holds_until_the_tail_is_cut(
    signed_in: FlaskClient, study: Study
) -> None:
    saved = press(signed_in, "/office/journal", {"how": "save"}, "/office/journal/checkpoint")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    checkpoint = read_checkpoint(saved.data, study.name)
    assert verify_journal(study.stores.office, [checkpoint]).entries == checkpoint.entries
    last = read_journal(study.stores.office)[-1]
    assert (last.actor, last.act, last.hash) == ("Mara", "checkpoint_made", checkpoint.head)
    printed = press(signed_in, "/office/journal", {"how": "print"}, "/office/journal/checkpoint").text
    text = re.search(r"<pre[^>]*>([^<]*)</pre>", printed)
    assert text
    made = read_checkpoint(text.group(1).encode(), study.name)
    assert " ".join(re.findall("........", made.head)) in printed
    assert made.entries == checkpoint.entries + 1


def test_without_our_own_button_no_checkpoint_is_made(signed_in: FlaskClient, study: Study) -> None:
    before = read_journal(study.stores.office)
    assert signed_in.post("/office/journal/checkpoint", data={"how": "save"}).status_code == 303
    assert read_journal(study.stores.office) == before


def test_every_act_has_its_sentence_and_is_written_by_some_code() -> None:
    assert SENTENCES.keys() | COUNTED.keys() == {act.value for act in Act}
    files = [
        *ROOT.glob("*.py"),
        *(path for room in ("fieldwork", "storage", "release") for path in (ROOT / room).rglob("*.py")),
    ]
    written = "\n".join(path.read_text("utf-8") for path in files)
    assert [act.name for act in Act if not re.search(rf"\bAct\.{act.name}\b", written)] == []


def test_proposals_and_retention_are_told_in_words(signed_in: FlaskClient, study: Study) -> None:
    pen = Pen(study.stores.office, "Nadia", DAY)
    pen.write(Act.PROPOSED, detail=f"removal {'a1b2c3d4' * 8} Mara")
    pen.write(Act.PROPOSAL_OVERTAKEN, detail=f"retention {'0f' * 32}")
    pen.write(Act.RETENTION_CHANGED, detail='{"backup_days": 9}')
    assert sentences_of(signed_in.get("/office/journal").text)[:3] == [
        "Nadia let another retention count: Backups, in days: 9.",
        "Nadia confirmed a proposal that was overtaken, so nothing was done: Another retention (digits 0f0f0f0f).",
        "Nadia proposed something for a second person to confirm: An administrator goes: Mara (digits a1b2c3d4).",
    ]
