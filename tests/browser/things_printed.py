"""Everything of Amanah's that is printed, in each language, as the page that a browser is given to print."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from html import unescape
from pathlib import Path

from flask.testing import FlaskClient
from flask_babel import force_locale

from app import create_app, create_desk
from commands import opened_study
from config import Settings, read_settings
from fieldwork.study import Study
from forms.locales import locale_of
from instruments.model import Text
from privacy.opening import PrivateKey
from release.custody import Custodians
from tests.conftest import Keys
from tests.desk.ceremonies import PHRASES, Room, opened
from tests.identities import AMINA, YUSUF, Vaults, taken_in
from tests.staff import links_in, sign_in_as
from tests.visits import amina
from views.field.brackets import NAMES

LANGUAGES = ("en", "ur", "ar", "bn", "so", "tr")
REASON = "The results are printed"
DEAR = {
    "en": "Dear {name},", "ur": "محترم {name}،", "ar": "عزيزي {name}،", "bn": "প্রিয় {name},", "so": "Gacaliye {name},",
    "tr": "Sayın {name},",
}  # fmt: skip


@dataclass(frozen=True)
class Printed:
    """A page to print: its HTML, what its QR codes say, words that must stand on the paper and words that never may."""

    html: str = field(repr=False)
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class Houses:
    """The apps that the things come from: a field app with staff, the identity desk, and the room of a ceremony.

    Each is built when the first thing of it is asked for.
    """

    folder: Path
    keys: Keys
    unused: Path

    def printed(self, name: str, language: str) -> Printed:
        """One thing in a language."""
        return THINGS[name](self, language)

    @cached_property
    def vaults(self) -> Vaults:
        """Two people who asked to be written to."""
        return taken_in(self.folder, self.keys, (AMINA, YUSUF), self._copy("others"))

    @cached_property
    def settings(self) -> Settings:
        """The instance of the field app."""
        return self._copy("instance")

    def _copy(self, name: str) -> Settings:
        shutil.copytree(self.unused, self.folder / name)
        return read_settings(self.folder / name, {})

    @cached_property
    def study(self) -> Study:
        return opened_study(self.settings)

    @cached_property
    def field(self) -> FlaskClient:
        return create_app(self.settings).test_client()

    @cached_property
    def office(self) -> FlaskClient:
        return sign_in_as(self.field.application.test_client(), self.study, "administrator", "Mara")

    @cached_property
    def identities(self) -> FlaskClient:
        """The identity desk, which two custodians opened."""
        (self.folder / "desk").mkdir()
        app = create_desk(replace(self.settings, home=self.folder / "desk"))
        client, key = app.test_client(), self.keys.identity
        client.get(f"/open/{app.extensions['amanah_desk'].token}")
        (self.folder / "desk" / "identities.amanah").write_bytes(self.vaults.identity)
        found = re.search(r'name="place"[^>]*value="([^"]+)"', client.get("/identities/source").text)
        assert found
        send(client, "/identities/source", {"place": unescape(found[1])})
        room = app.extensions["amanah_desk"].held["identities"]
        room.open(Custodians(PrivateKey(key.purpose, key.study, bytearray(key.seed)), ("Nadia", "Owen")), date.today())
        room.work.thread.join(30)
        return client

    @cached_property
    def ceremony(self) -> dict[tuple[str, str], str]:
        """The pages of a ceremony that are printed, in each language: its sheets, and at its end the record."""
        (self.folder / "ceremony").mkdir()
        room = Room(opened(self.folder / "ceremony"))
        room.begin()
        room.choose(PHRASES[:3])
        told = {("shares", code): room.desk.get(f"/keys/sheets?lang={code}").text for code in LANGUAGES}
        sheets = room.sheets()
        room.send("/keys/sheets")
        for words in (sheets[0], sheets[1], sheets[3], sheets[4]):
            room.type_back(words)
        room.send("/keys/finish")
        return told | {("ceremony", code): room.desk.get(f"/keys/done?lang={code}").text for code in LANGUAGES}


def send(client: FlaskClient, path: str, typed: Mapping[str, object], on: str = "") -> str:
    """The answer to a form that stands on a page, `on`, else at `path` itself."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(on or path).text)
    assert token, path
    with client.post(path, data={"csrf_token": token[1], **typed}, follow_redirects=True) as answer:
        return answer.text


def shown(houses: Houses, text: Text, language: str) -> str:
    """Words as a page shows them: a bracket that is not filled in is named in its language."""
    told = text.in_language(language)
    with houses.field.application.test_request_context(), force_locale(locale_of(language)):
        for name, said in NAMES.items():
            told = told.replace(f"[{name}]", f"[{said}]")
    return told


def _sheet(group: str) -> Callable[[Houses, str], Printed]:
    def page(houses: Houses, language: str) -> Printed:
        asked = houses.study.instrument
        notes = [shown(houses, item.label, language) for item in asked.items_of(group, "information")]
        return Printed(
            houses.field.get(f"/sheet/{group}?lang={language}").text, words=(*notes, asked.sheet_in(language))
        )

    return page


def _easy(houses: Houses, language: str) -> Printed:
    notes = houses.study.instrument.items_of("young_person", "easy_read")
    words = tuple(shown(houses, note.label, language) for note in notes)
    assert words
    return Printed(houses.field.get(f"/easy-read/young_person?lang={language}").text, words=words)


def _cards(houses: Houses, language: str) -> Printed:
    beside = "en" if language != "en" else "ur"
    item = houses.study.instrument.item("yp_value_1")
    words = [choice.label.in_language(code) for choice in item.choices for code in (language, beside)]
    return Printed(houses.field.get(f"/cards/young_person?lang={language}&beside={beside}").text, words=tuple(words))


def _support(houses: Houses, language: str) -> Printed:
    notes = houses.study.instrument.items_of("young_person", "support")
    words = [shown(houses, note.label, language) for note in notes]
    return Printed(houses.field.get(f"/support?group=young_person&lang={language}").text, words=tuple(words))


def _slip(houses: Houses, language: str) -> Printed:
    told = amina(houses.study.instrument)
    html = houses.field.post(f"/visit/young_person?lang={language}", data=told).text
    found = re.search(r"data-code>([^<]+)<", html)
    assert found
    asked = houses.study.instrument
    never = (asked.title.in_language(language), asked.group("young_person").title.in_language(language))
    return Printed(html, (found[1],), (found[1], "http://localhost/withdraw"), never)


def _invitations(houses: Houses, language: str) -> Printed:
    until = (date.today() + timedelta(days=7)).isoformat()
    typed = {
        "kind": "single",
        "number": "7",
        "group": "young_person",
        "site": "1",
        "language": language,
        "until": until,
    }
    html = send(houses.office, f"/office/invitations?lang={language}", typed)
    links = tuple(links_in(html))
    assert len(links) == 7
    return Printed(html, links, links)


def _checkpoint(houses: Houses, language: str) -> Printed:
    html = send(houses.office, "/office/journal/checkpoint", {"how": "print"}, on=f"/office/journal?lang={language}")
    found = re.search(r"<pre[^>]*>(.*?)</pre>", html, re.DOTALL)
    assert found
    return Printed(html, (unescape(found[1]),))


def _letters(houses: Houses, language: str) -> Printed:
    room = houses.identities.application.extensions["amanah_desk"].held["identities"]
    room.opened = replace(room.opened, people=tuple(replace(one, language=language) for one in room.opened.people))
    texts = [
        note.label.in_language(language) for note in houses.study.instrument.items_of("young_person", "information")
    ]
    typed = {
        "people": [one.handle for one in room.opened.people], "reason": REASON,
        f"text_{language}": "\n\n".join([DEAR[language], *texts]),
    }  # fmt: skip
    html = send(houses.identities, f"/identities/letters/results?lang={language}", typed)
    return Printed(html, words=("Amina Khan", "Yusuf Ali", *texts), never=("Text first", "+44 7700 900123"))


def _record(houses: Houses, language: str) -> Printed:
    html = send(houses.identities, f"/identities/record?lang={language}", {"phone": "07700 900123", "reason": REASON})
    return Printed(html, words=(houses.study.instrument.items["c_part"].label.in_language("en"),))


def _of_ceremony(name: str) -> Callable[[Houses, str], Printed]:
    return lambda houses, language: Printed(houses.ceremony[name, language])


THINGS: Mapping[str, Callable[[Houses, str], Printed]] = {
    "sheet": _sheet("young_person"),
    "sheet of officers": _sheet("police_officer"),
    "easy read": _easy,
    "cards": _cards,
    "support": _support,
    "slip": _slip,
    "invitations": _invitations,
    "checkpoint": _checkpoint,
    "letters": _letters,
    "consent record": _record,
    "shares": _of_ceremony("shares"),
    "ceremony": _of_ceremony("ceremony"),
}
