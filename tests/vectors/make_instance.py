"""Keep an instance of today's version with invented people, so that later versions can show that they take it forwards.

    python -m tests.vectors.make_instance [STUDY]

writes tests/vectors/instances/VERSION: each store as compressed SQL, the key files, and what a test must know of it.
Run it before SCHEMA is raised, and never again for a version that is there: nothing that is kept is changed. STUDY: a
smaller one than the default.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner
from flask.cli import cli

from app import create_app
from commands import addresses_of
from config import read_settings
from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.enrolling import Wanted, make_invitations
from fieldwork.instance import open_study
from fieldwork.withdrawal import withdraw
from storage.meta import SCHEMA
from tests.visits import amina

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "instances"
RECEIPT = re.compile(r"\b(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}\b")
PEOPLE = 3  # visits, of which the last one is withdrawn


def main(*words: str) -> None:
    """Make it."""
    with tempfile.TemporaryDirectory() as scratch:
        home, folder, today = Path(scratch) / "demo", HERE / SCHEMA, date.today()
        told = [str(home), "--people", "0", *(("--study", words[0]) if words else ())]
        made = CliRunner().invoke(cli, ["--app", str(ROOT / "app.py"), "demo", *told])
        assert made.exit_code == 0, made.output
        folder.mkdir(parents=True)
        receipts = live(home, today)
        for store in ("research", "identity", "office"):
            keep(home / "stores" / f"{store}.db", folder / f"{store}.sql.gz")
        keys = json.loads((home / "demo.json").read_text("utf-8"))["keys"]
        shutil.copy(home / keys["research"]["file"], folder / "research.key")
        shutil.copy(home / "journal.key", folder)
        shutil.copy(home / "tombstones.txt", folder)
        note = {"day": today.isoformat(), "passphrase": keys["research"]["passphrase"], "receipts": receipts}
        (folder / "note.json").write_text(json.dumps(note, indent=2) + "\n", "utf-8")


def live(home: Path, today: date) -> list[str]:
    """People take part, the last one withdraws, a tablet and an invitation are there. The receipts, in this order."""
    settings = read_settings(home, {})
    with create_app(settings).test_client() as client:
        study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
        pages = [client.post("/visit/young_person", data=amina(study.instrument)).text for _ in range(PEOPLE)]
        receipts = [found[0] for page in pages if (found := RECEIPT.search(page))]
        assert len(receipts) == PEOPLE
        withdraw(study, receipts[-1], today)
        now = datetime.now(UTC)
        enrol_tablet(study, new_enrolment(study, "Tablet 1", "1", now), now)
        wanted = Wanted("single", "young_person", "1", "en", today + timedelta(days=60))
        make_invitations(study, "command line", wanted, 1, today)
    return receipts


def keep(database: Path, file: Path) -> None:
    """Write a store down as SQL, which says the same on every machine."""
    with closing(sqlite3.connect(database)) as connection:
        lines = "\n".join(connection.iterdump())
    file.write_bytes(gzip.compress(lines.encode(), mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
