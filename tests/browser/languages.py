"""A small study in Arabic, Urdu and Bengali, for tests only: its words were not reviewed by native speakers."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from commands import addresses_of
from config import Settings, read_settings
from fieldwork.instance import add_keys, add_study, copy_study, found_instance, make_folder
from instruments.reading.starter import write_study
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.stores import close_stores
from tests.conftest import TODAY, counted_bytes
from tests.house.served import ROOT

NAME = "services_ar"
FORM = ROOT / "tests" / "instruments" / "data" / "forms" / "arabic_services.md"
COLUMNS = {"ar": "label::Arabic (ar)", "ur": "label::Urdu (ur)", "bn": "label::Bengali (bn)"}
YES = {"ar": "نعم", "ur": "جی ہاں", "bn": "হ্যাঁ"}
NO = {"ar": "لا", "ur": "جی نہیں", "bn": "না"}
# Each joins letters in every way that its script knows: first, middle and last forms, ligatures, conjuncts.
STATEMENT = {
    "ar": "أوافق على المشاركة في هذه الدراسة، وأعلم أن بياناتي محفوظة.",
    "ur": "میں اس تحقیق میں حصہ لینے پر راضی ہوں اور میرے جوابات محفوظ رہیں گے۔",
    "bn": "আমি এই গবেষণায় অংশ নিতে সম্মত, এবং আমার সিদ্ধান্ত সুরক্ষিত থাকবে।",
}
NUMBER = {"ar": "عبارة رقم", "ur": "بیان نمبر", "bn": "বিবৃতি নম্বর"}


def statement(language: str, name: str) -> str:
    """The words of a consent statement in a language: unlike those of any other."""
    return f"{STATEMENT[language]} {NUMBER[language]} {name}"


def new_many_languages(home: Path) -> Settings:
    """A new instance of that study in this folder, with its plain path on."""
    write_study(FORM, home / "study")
    _speak(home / "study")
    make_folder(home / "instance", NAME, demo=True)
    settings = read_settings(home / "instance", {})
    copy_study(home / "study", settings.study_folder, plain_path=True)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    chance = counted_bytes("keys of many languages")
    keys = tuple(new_private_key(purpose, NAME, chance).public() for purpose in ("research", "identity"))
    add_keys(stores.office, NAME, Keyring(NAME, keys).to_json(), TODAY)
    close_stores(stores)
    return settings


def _speak(folder: Path) -> None:
    """Write every statement and its answers in the three languages."""
    told = folder / "study.toml"
    told.write_text(
        re.sub(r"(?m)^languages = .*$", 'languages = ["en", "ar", "ur", "bn"]', told.read_text("utf-8")), "utf-8"
    )
    for path in (folder / "consent" / "survey.csv", folder / "consent" / "choices.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row |= {column: _words(code, row) for code, column in COLUMNS.items()}
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def _words(language: str, row: dict[str, str]) -> str:
    if row["name"] in ("yes", "no") and "list_name" in row:
        return {"yes": YES, "no": NO}[row["name"]][language]
    return statement(language, row["name"]) if row.get("type", "").startswith("select_one yes_no") else ""
