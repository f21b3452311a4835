"""The demo's staff and its synthetic people, who go through the real form, seal and store path. For trials only."""

from __future__ import annotations

import json
import random
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fieldwork.instance import write_private
from fieldwork.roles import Role
from fieldwork.staff.members import hire
from instruments.model import Instrument
from instruments.synthetic import synthetic_person
from storage.office import Office

RECEIPT = re.compile("(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
SHARE_WITHDRAWING = 0.02
DEMO_STAFF: tuple[tuple[Role, str], ...] = (("administrator", "Mara"), ("coordinator", "Idris"))


def hire_demo_staff(office: Office) -> list[dict[str, str]]:
    """Add the demo's staff, each with a new random password, and return their sign-ins."""
    sign_ins = [{"role": role, "name": name, "password": secrets.token_urlsafe(12)} for role, name in DEMO_STAFF]
    for (role, name), sign_in in zip(DEMO_STAFF, sign_ins, strict=True):
        hire(office, name, role, sign_in["password"])
    return sign_ins


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
