"""Two machines, each with a folder of its own, over one PostgreSQL: whatever is begun on one goes on at the other."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands import opened_study
from config import Settings, read_settings
from errors import StorageError
from fieldwork.admissions import new_enrolment
from fieldwork.freshness import look_out
from fieldwork.progress import MAINTAINED
from fieldwork.shared_sheets import MARK, SHEETS, fetch_sheets, share_sheets
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.paces import Paces
from fieldwork.staff.signing_in import Door, key_of
from fieldwork.staff.throttling import FREE, charge
from fieldwork.staff.totp import code_at
from fieldwork.study import Study
from fieldwork.upkeep import put_right
from fieldwork.versions import adopt, compare
from instruments.settings import FILE
from storage.bundle import open_bundle
from storage.journal import Act, read_journal
from storage.meta import tell, told
from storage.office import tombstones
from storage.stores import close_stores
from storage.vaults import count
from tests.changes import withdrawal_of
from tests.conftest import TODAY
from tests.deliveries import Sent, sealed_visit
from tests.house.served import Answer, Served, serving
from tests.moving import moved, new_databases
from tests.staff import PASSWORD, SECRET, bearer, csrf_in, employ

JSON = {"Accept": "application/json"}
# A page that waits is one that a slow machine may show: here every bundle takes longer than it.
IMPATIENT = "import views.office.long_work; views.office.long_work.PATIENCE = 0.0\n"


@dataclass
class Browser:
    """One browser, whose requests a proxy hands to one machine or to another."""

    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, machine: Served, path: str) -> Answer:
        return self._send(machine, "GET", path, None)

    def post(self, machine: Served, path: str, **typed: str) -> Answer:
        return self._send(machine, "POST", path, typed)

    def press(self, first: Served, second: Served, path: str, **typed: str) -> Answer:
        """Fill in a page that one machine gave, and send it to the other."""
        token = csrf_in(self.get(first, path).text)
        return self.post(second, path, csrf_token=token, **typed)

    def _send(self, machine: Served, method: str, path: str, typed: dict[str, str] | None) -> Answer:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = machine.send(method, path, typed, {"Cookie": kept} if kept else {})
        for one in filter(None, answer.cookies.split("; ")):
            name, _, value = one.partition("=")
            self.cookies[name] = value
        return answer


@dataclass(frozen=True)
class Pair:
    """Both machines, the settings of each, and the stores that they share."""

    one: Served
    two: Served
    settings: tuple[Settings, Settings]
    study: Study


@pytest.fixture(scope="module")
def pair(unused: Path, tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[Pair]:
    around = tmp_path_factory.mktemp("machines")
    first = moved(unused, around / "one" / "instance", new_databases(server, "machines"))
    # A second machine is a copy of the first one's folder.
    shutil.copytree(first.home, around / "two" / "instance")
    second = read_settings(around / "two" / "instance", {})
    study = opened_study(first)
    with ExitStack() as running:
        machines = [
            running.enter_context(serving(told.home, told.home.parent, before=IMPATIENT)) for told in (first, second)
        ]
        yield Pair(machines[0], machines[1], (first, second), study)
    close_stores(study.stores)


def send(machine: Served, sent: Sent, token: str) -> int:
    return machine.send("POST", "/deliveries", sent.data, JSON | bearer(token)).status


def enrolled(pair: Pair, machine: Served, name: str) -> str:
    """The token of a tablet that swapped its code at this machine."""
    code = new_enrolment(pair.study, name, "1", datetime.now(UTC))
    answer = machine.send("POST", "/tablet/enrolment", b"", JSON | bearer(code))
    assert answer.status == 200
    return str(json.loads(answer.body)["token"])


def test_a_tablet_enrolled_at_one_machine_delivers_to_the_other_and_to_both_once(pair: Pair) -> None:
    token, sent, before = enrolled(pair, pair.one, "Tablet 1"), sealed_visit(pair.study, "two machines"), kept(pair)
    assert [send(machine, sent, token) for machine in (pair.two, pair.one, pair.two)] == [201, 200, 200]
    assert kept(pair) == (before[0] + 1, before[1] + 3)


def test_two_machines_that_are_sent_one_visit_at_once_keep_it_once(pair: Pair) -> None:
    token, before = enrolled(pair, pair.two, "Tablet 2"), kept(pair)
    visits = [sealed_visit(pair.study, f"at once {number}") for number in range(4)]
    with ThreadPoolExecutor(8) as tablets:
        asked = [tablets.submit(send, at, sent, token) for sent in visits for at in (pair.one, pair.two)]
        codes = [one.result() for one in asked]
    # A device that meets itself may be told to come again, and never that it was refused.
    assert set(codes) <= {200, 201, 503}
    assert [send(pair.one, sent, token) for sent in visits] == [200] * len(visits)
    assert kept(pair) == (before[0] + len(visits), before[1] + 3 * len(visits))


def test_what_is_withdrawn_at_one_machine_is_gone_at_both_and_refused_by_both(pair: Pair) -> None:
    token, sent, before = enrolled(pair, pair.one, "Tablet 3"), sealed_visit(pair.study, "withdrawn"), kept(pair)
    assert send(pair.one, sent, token) == 201
    asked = json.dumps(withdrawal_of(pair.study, sent.receipt)).encode()
    assert pair.two.send("POST", "/withdrawals", asked, {"Content-Type": "application/json"}).status == 200
    assert kept(pair) == before
    assert [send(machine, sent, token) for machine in (pair.one, pair.two)] == [410, 410]
    tag = sent.parcel("research")["tag"]
    assert [tag in told.tombstones.read_text() for told in pair.settings] == [False, True]
    # An old office is put back: the machine that has the tombstone teaches it, and then the other's file.
    with pair.study.stores.office.engine.begin() as connection:
        connection.execute(tombstones.delete())
    for told_ in reversed(pair.settings):
        opened = opened_study(told_)
        put_right(opened, TODAY)
        close_stores(opened.stores)
    assert all(tag in told.tombstones.read_text() for told in pair.settings)
    assert send(pair.one, sent, token) == 410


def test_a_sign_in_begun_at_one_machine_goes_on_at_the_other(pair: Pair) -> None:
    browser = signed_in(pair, "Amira")
    assert browser.get(pair.one, "/office").status == 200
    assert browser.get(pair.two, "/office").status == 200
    # Signed out at one, the cookie that was kept opens nothing at the other.
    left = Browser(dict(browser.cookies))
    token = csrf_in(browser.get(pair.one, "/office").text)
    assert browser.post(pair.two, "/office/sign-out", csrf_token=token).status == 303
    assert left.get(pair.one, "/office").status == 303


def test_failures_count_together(pair: Pair) -> None:
    office, keys, now = pair.study.stores.office, keys_of(pair), datetime.now(UTC)
    employ(office, "Bilal", keys=keys)
    door = Door(office, keys, Paces(), None, "")
    for number in range(FREE + 6):
        charge(office, key_of(door, "Bilal"), now - timedelta(minutes=3 * (FREE + 6 - number)))
    tried = [
        Browser().press(machine, machine, "/office/sign-in", name="Bilal", password=password).status
        for machine, password in ((pair.one, "wrong" * 4), (pair.two, PASSWORD), (pair.one, PASSWORD))
    ]
    assert tried == [403, 429, 429]


def test_a_bundle_asked_for_at_one_machine_is_saved_at_the_other(pair: Pair, tmp_path: Path) -> None:
    browser = signed_in(pair, "Chandra")
    token = csrf_in(browser.get(pair.one, "/office").text)
    page = browser.post(pair.one, "/office/bundle", csrf_token=token).text
    assert "The bundle is whole" in page
    asked = dict(re.findall(r'type="hidden" name="(name|purpose)" value="([^"]+)"', page))
    for _ in range(9):  # the other machine may need longer than a page waits, too
        answer = browser.post(pair.two, "/office/bundle/save", csrf_token=token, **asked)
        if answer.headers["Content-Type"] == "application/octet-stream":
            break
        asked = dict(re.findall(r'type="hidden" name="(name|purpose)" value="([^"]+)"', answer.text))
    file = tmp_path / "records.amanah"
    file.write_bytes(answer.body)
    with file.open("rb") as bundle:
        assert open_bundle(bundle).study == pair.study.name


def test_sheets_adopted_at_one_machine_are_the_others_within_seconds(pair: Pair, tmp_path: Path) -> None:
    here, there = pair.settings
    own = there.study_folder / FILE
    own.write_text(own.read_text().replace("plain_path = true", "plain_path = false"))
    new = tmp_path / "sheets"
    shutil.copytree(here.study_folder, new)
    (new / FILE).write_text(re.sub("(?m)^version = .*$", 'version = "two machines"', (new / FILE).read_text()))
    office = pair.study.stores.office
    digest = adopt(office, compare(office, here.study, here.study_folder, new), here.study_folder, TODAY, "Mara", True)
    until = time.monotonic() + 30
    while 'version = "two machines"' not in own.read_text() and time.monotonic() < until:
        pair.two.send("GET", "/")
        time.sleep(0.2)
    assert 'version = "two machines"' in own.read_text()
    assert "plain_path = false" in own.read_text(), "whether plaintext passes a machine is that machine's to say"
    assert 'version = "two machines"' in (here.study_folder / FILE).read_text()
    assert [entry.detail for entry in read_journal(office) if entry.act == Act.STUDY_ADDED][-1] == digest


def test_sheets_that_this_instance_did_not_sign_are_put_nowhere(pair: Pair) -> None:
    here, there = pair.settings
    office = pair.study.stores.office
    share_sheets(office, here.study, here.study_folder)
    marks = {name: told(office.engine, f"{name} {here.study}") or "" for name in (MARK, SHEETS)}
    digest, _, signature = marks[MARK].partition(" ")
    forged = (
        {SHEETS: marks[SHEETS][:-8] + "AAAAAAA="},
        {MARK: f"{digest} {'00' * 64}"},
        {MARK: f"{'0' * 64} {signature}"},
        {SHEETS: "no base64"},
    )
    before = (there.study_folder / FILE).read_bytes()
    (there.study_folder.parent / f".{here.study}.shared").write_text("")
    for facts in forged:
        for name, value in (marks | facts).items():
            tell(office.engine, f"{name} {here.study}", value)
        with pytest.raises(StorageError, match="damaged"):
            fetch_sheets(office, here.study, there.study_folder)
    assert (there.study_folder / FILE).read_bytes() == before
    # Whoever cannot take them up hears of everything else all the same.
    clock = iter((0.0, 10.0))
    lookout = look_out(pair.study, there.study_folder, lambda: next(clock), Paces())
    later = (pair.study.kept_up or TODAY) + timedelta(1)
    tell(office.engine, MAINTAINED, later.isoformat())
    assert lookout.look(pair.study).kept_up == later
    tell(office.engine, MAINTAINED, (pair.study.kept_up or TODAY).isoformat())
    for name, value in marks.items():
        tell(office.engine, f"{name} {here.study}", value)


def kept(pair: Pair) -> tuple[int, int]:
    return count(pair.study.stores.research), count(pair.study.stores.identity)


def keys_of(pair: Pair):
    return office_keys((pair.settings[0].home / "secret").read_text("utf-8"))


def signed_in(pair: Pair, name: str) -> Browser:
    """A browser that showed a password to one machine and a code to the other."""
    employ(pair.study.stores.office, name, keys=keys_of(pair))
    browser = Browser()
    assert browser.press(pair.one, pair.two, "/office/sign-in", name=name, password=PASSWORD).status == 303
    code = code_at(SECRET, datetime.now(UTC))
    assert browser.press(pair.two, pair.one, "/office/sign-in/code", code=code).status == 303
    return browser
