"""A legal hold on pages and by commands: proposed, confirmed, loud on Health, and read by whoever withdraws."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from app import create_app
from commands import opened_study, withdraw
from config import Settings
from hold_commands import hold
from privacy.receipts import new_receipt
from retention_commands import links, maintain
from storage.journal import Act, read_journal, write_entry
from tests.conftest import TODAY, Keys, counted_bytes, new_instance
from tests.staff import employ, open_session, press

PAGE = "/office/approvals"
WHY = "Order of the High Court, reference 123"
NOTED = "We have noted it"
FILLED = {'"Researcher, phone, email" = ""': '"Researcher, phone, email" = "Dr Amin, 020 7946 0000"',
          '"data protection officer" = ""': '"data protection officer" = "dpo@example.org"'}  # fmt: skip


class Office:
    """An instance with two administrators, and somebody who takes part."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.study = settings, opened_study(settings)
        app = create_app(settings, self.clock)
        self.now, self.anyone = 0.0, app.test_client()
        self.staff: dict[str, FlaskClient] = {}
        for name in ("Mara", "Nadia"):
            write_entry(self.study.stores.office, name, Act.STAFF_JOINED, TODAY, detail="invitation")
            employ(self.study.stores.office, name, "administrator")
            self.staff[name] = app.test_client()
            open_session(self.staff[name], self.study, name, datetime.now(UTC))

    def clock(self) -> float:
        self.now = getattr(self, "now", 0.0) + 60
        return self.now

    def page(self, name: str, path: str = PAGE) -> str:
        return self.staff[name].get(path).text

    def confirm(self, name: str) -> int:
        shown = self.page(name)
        found = {word: shown.split(f'name="{word}" value="')[-1].split('"')[0] for word in ("key", "digest")}
        return press(self.staff[name], PAGE, found, f"{PAGE}/confirm").status_code

    def withdrawn(self, code: str, path: str = "/withdraw") -> str:
        return self.anyone.post(path, data={"code": code}).text


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Office:
    return Office(new_instance(tmp_path_factory.mktemp("hold") / "instance", keys))


@pytest.fixture
def flask(office: Office, monkeypatch: pytest.MonkeyPatch):  # noqa: ANN201 (a command's exit code and words)
    monkeypatch.setenv("AMANAH_HOME", str(office.settings.home))

    def flask(command: object, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(command, words)  # type: ignore[arg-type]  # any command of click's
        return done.exit_code, done.output

    return flask


def test_from_the_open_bracket_to_the_end_of_the_hold(office: Office, flask) -> None:  # noqa: ANN001 (the fixture above)
    code = new_receipt(counted_bytes("nobody's")).grouped
    # While a bracket is open there is no button, and the page says which.
    assert "still shows brackets: Researcher, phone, email" in office.page("Mara")
    assert f'action="{PAGE}/hold"' not in office.page("Mara")
    assert press(office.staff["Mara"], PAGE, {"reason": WHY}, f"{PAGE}/hold").status_code == 409
    assert flask(hold, "set", "--reason", WHY)[0] == 1
    told = office.settings.study_folder / "study.toml"
    words = told.read_text("utf-8")
    for before, after in FILLED.items():
        words = words.replace(before, after, 1)
    told.write_text(words, "utf-8")
    assert "Dr Amin, 020 7946 0000" in office.page("Mara", "/office/study")
    assert "No legal hold is on" in flask(hold, "show")[1]
    # A reason is needed, and is told to who confirms it, with the words.
    short = press(office.staff["Mara"], PAGE, {"reason": "because"}, f"{PAGE}/hold")
    assert (short.status_code, "10 to 500 characters" in short.text) == (422, True)
    assert press(office.staff["Mara"], PAGE, {"reason": WHY}, f"{PAGE}/hold").location == PAGE
    shown = office.page("Nadia")
    for said in (WHY, "What people who withdraw will read", "Dr Amin, 020 7946 0000"):
        assert said in shown
    assert "erased now" in office.withdrawn(code)
    assert office.confirm("Nadia") == 303
    # From now on nothing is erased, and everybody reads the words.
    for answer in (office.withdrawn(code), office.withdrawn(new_receipt(counted_bytes("another")).grouped)):
        assert NOTED in answer
        assert "Dr Amin, 020 7946 0000" in answer
        assert "erased now" not in answer
    tags = {"research": "0" * 32, "identity": "1" * 32}
    of_a_device = office.anyone.post("/withdrawals?lang=en", json={"format": "amanah-withdrawal", "version": 1, **tags})
    assert of_a_device.json["held"][0] == "Thank you for telling us."
    assert "erased at once" not in office.anyone.get("/withdraw").text
    health = office.page("Mara", "/office/health")
    assert health.index("A legal hold is on since") < health.index("Disk")
    assert WHY in health
    assert "Dr Amin, 020 7946 0000" in office.page("Mara", "/office/study")
    assert "A legal hold is on since" in flask(hold, "show")[1]
    assert "nothing was erased" in flask(maintain)[1]
    assert "used no more" in flask(withdraw, *code.split("-"))[1]
    assert flask(links)[0] == 0
    # And its end, proposed by a command: two more confirm it.
    assert flask(hold, "lift", "--reason", "Discharged, reference 124")[0] == 0
    assert [office.confirm(name) for name in ("Mara", "Nadia")] == [303, 303]
    assert "erased now" in office.withdrawn(code)
    assert "erased at once" in office.anyone.get("/withdraw").text
    journal = office.page("Mara", "/office/journal")
    for said in ("Nadia set a legal hold", "Nadia lifted the legal hold", WHY):
        assert said in journal
    acts = [entry.act for entry in read_journal(office.study.stores.office)]
    assert (acts.count("hold_set"), acts.count("hold_lifted")) == (1, 1)

