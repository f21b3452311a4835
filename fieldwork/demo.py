"""The demo's staff and its synthetic people, who go through the real form, seal and store path. For trials only."""

from __future__ import annotations

import json
import random
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from errors import SettingsError
from fieldwork.instance import write_private
from fieldwork.roles import Role
from fieldwork.staff.members import hire_with_totp
from fieldwork.staff.office_keys import OfficeKeys
from fieldwork.staff.totp import code_at, from_base32, in_base32, new_secret
from instruments.model import Instrument
from instruments.synthetic import synthetic_person
from storage.journal import Act, write_entry
from storage.office import Office

RECEIPT = re.compile("(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
SHARE_WITHDRAWING = 0.02
DEMO_STAFF: tuple[tuple[Role, str], ...] = (("administrator", "Mara"), ("coordinator", "Idris"))


def hire_demo_staff(office: Office, keys: OfficeKeys, today: date) -> list[dict[str, str]]:
    """Add the demo's staff, each with a new random password and second factor, and return their sign-ins."""
    return [_hired(office, keys, role, name, today) for role, name in DEMO_STAFF]


def _hired(office: Office, keys: OfficeKeys, role: Role, name: str, today: date) -> dict[str, str]:
    password, secret = secrets.token_urlsafe(12), new_secret()
    write_entry(office, name, Act.STAFF_JOINED, today, detail="demo")
    hire_with_totp(office, keys, name, role, password, secret)
    return {"role": role, "name": name, "password": password, "totp": in_base32(secret)}


def demo_code(home: Path, name: str, now: datetime) -> str:
    """The code of this moment of one of the demo's sign-ins. Raises SettingsError where there is none."""
    told = home / "demo.json"
    if not told.is_file():
        raise SettingsError(f"There is no demo in {home}. In a real instance, codes come from your authenticator app.")
    for sign_in in json.loads(told.read_text("utf-8"))["sign_ins"]:
        if sign_in["name"] == name:
            return code_at(from_base32(sign_in["totp"]), now)
    raise SettingsError(f"The demo has no sign-in called {name}.")


def write_demo_note(home: Path, keys: Mapping[str, Any], sign_ins: list[dict[str, str]]) -> None:
    """Write demo.json: where the demo's key files are, their passphrases, the sign-ins. Never in a real instance."""
    note = json.dumps({"keys": keys, "sign_ins": sign_ins}, indent=2, ensure_ascii=False)
    write_private(home / "demo.json", note.encode())


def simulated_visits(
    instrument: Instrument, post: Callable[..., Any], people: int, seed: int
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Post synthetic visits one by one; yield how each ended ("finished", "withdrawn", "stopped" by
    eligibility or consent, or "refused" for a mistake in a field), and what the person found no answer to.

    `post(path, data=...)` is an HTTP client's. The same seed gives the same people.
    """
    chance = random.Random(seed)  # noqa: S311 (invented people, not secrets)
    for _ in range(people):
        person = synthetic_person(instrument, chance)
        answer = post(f"/visit/{person.group}?lang={person.language}", data=person.typed)
        yield _outcome(answer, post, chance), person.unanswered


def _outcome(answer: Any, post: Callable[..., Any], chance: random.Random) -> str:
    if answer.status_code != 200:
        return "refused"
    receipt = RECEIPT.search(answer.get_data(as_text=True))
    if receipt is None:
        return "stopped"
    if chance.random() < SHARE_WITHDRAWING:
        post("/withdraw", data={"code": receipt.group()})
        return "withdrawn"
    return "finished"
