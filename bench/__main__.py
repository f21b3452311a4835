"""`./run bench`: print each ratio. Rates depend on the machine; ratios are what to compare."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench.first_load import bench_first_load
from commands import DEFAULT_STUDY, addresses_of
from config import Settings, read_settings
from fieldwork.instance import add_keys, add_study, copy_study, found_instance, make_folder, open_study
from fieldwork.study import Study
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.answers import settle
from instruments.consent import Consent
from instruments.model import Value
from instruments.sizes import research_length
from privacy.envelope import Context
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key
from privacy.sealing import seal
from storage.vaults import rows

TODAY = date(2026, 11, 23)


def rate(deed: Callable[[], object], seconds: float = 2.0) -> float:
    """How often a deed is done in a second, over about this many seconds."""
    deed()
    done, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        deed()
        done += 1
    return done / passed


def show(ours: str, fast: float, bare: str, base: float) -> None:
    """Print one line: both rates and their ratio."""
    print(f"{ours:<36} {fast:>9,.0f}/s   {bare:<36} {base:>9,.0f}/s   ratio {fast / base:.3f}")


def make_instance(folder: Path) -> tuple[Settings, dict[str, PrivateKey]]:
    """A fresh instance with keys, as the tests make one."""
    home = folder / "instance"
    make_folder(home, "working_together", demo=True)
    settings = read_settings(home, {})
    copy_study(DEFAULT_STUDY, settings.study_folder, plain_path=True)
    office = found_instance(addresses_of(settings), settings.tombstone_files, TODAY).office
    add_study(office, settings.study_folder, TODAY)
    keys = {purpose: new_private_key(purpose, settings.study, os.urandom) for purpose in ("research", "identity")}
    ring = Keyring(settings.study, tuple(key.public() for key in keys.values()))
    add_keys(office, settings.study, ring.to_json(), TODAY)
    return settings, keys


def some_visit(study: Study) -> FinishedVisit:
    """A visit with every five-point item answered and some open text."""
    items = study.instrument.research_items("young_person")
    said: dict[str, Value] = {item.name: int(item.choices[0].code) for item in items if item.kind == "select_one"}
    answers = settle(study.instrument, "young_person", said | {"age": 19, "yp_text_1": "Listen first. " * 20})
    return FinishedVisit("young_person", "en", "self", answers, Consent("tick", (), {}, False))


def bare_commits(folder: Path) -> Callable[[], object]:
    """One bare SQLite commit of an envelope's size, as durable as ours."""
    store = sqlite3.connect(folder / "bare.db", isolation_level=None)
    store.execute("pragma journal_mode=wal")
    store.execute("pragma synchronous=full")
    store.execute("create table kept (id blob primary key, envelope blob) without rowid")
    return lambda: store.execute("insert into kept values (?, ?)", (os.urandom(16), os.urandom(9000)))


def bench_storing(study: Study, folder: Path) -> None:
    """A finished visit is five durable commits: two vaults with their tags, one tally."""
    visit = some_visit(study)
    show(
        "visits sealed and stored",
        rate(lambda: finish_visit(study, visit, TODAY)),
        "bare SQLite commits",
        rate(bare_commits(folder)),
    )


def bench_page(settings: Settings) -> None:
    """The whole visit page beside the bare template engine writing as many fields."""
    from app import create_app

    app = create_app(settings)
    client = app.test_client()
    fields = len(app.extensions["amanah"].instrument.research_items("young_person")) * 7
    loop = app.jinja_env.from_string(
        '{% for n in range(count) %}<label><input name="{{ n }}">{{ n }}</label>{% endfor %}'
    )
    page = rate(lambda: client.get("/visit/young_person"))
    show("visit pages rendered", page, "bare Jinja loops of as many inputs", rate(lambda: loop.render(count=fields)))


def bench_opening(study: Study, key: PrivateKey) -> None:
    """The desk's whole way from a row to checked answers, beside bare HPKE opens of the same envelopes."""
    from release.dataset import open_records

    kept = [(row, envelope) for row, envelope in rows(study.stores.research)][:2000]
    context = Context("research", study.name, study.instrument.digest, kept[0][0])
    document = key.open(kept[0][1], context)
    bare = seal(document, key.public(), context, research_length(study.instrument))
    base = rate(lambda: key.open(bare, context))
    start = time.perf_counter()
    opened = open_records(kept, key, {study.instrument.digest: study.instrument})
    passed = time.perf_counter() - start
    assert len(opened.people) == len(kept)
    show("records opened and checked", len(kept) / passed, "bare opens of one envelope", base)


def main() -> None:
    """Measure everything once and print it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings, keys = make_instance(folder)
        addresses = addresses_of(settings)
        study = open_study(settings.study, settings.study_folder, addresses, settings.tombstone_files)
        bench_storing(study, folder)
        bench_page(settings)
        bench_opening(study, keys["research"])
        bench_first_load(settings.home, folder)


if __name__ == "__main__":
    main()
