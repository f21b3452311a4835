"""`./run bench`: print each ratio. Rates depend on the machine; ratios are what to compare."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.first_load import bench_first_load
from bench.instance import TODAY, make_instance, some_visit
from bench.large_forms import bench_large_forms
from bench.load.bare import sqlite_commits
from bench.measuring import rate, show
from bench.questions import bench_questions
from commands import addresses_of
from config import Settings
from fieldwork.instance import open_study
from fieldwork.study import Study
from fieldwork.visits import finish_visit
from instruments.sizes import research_length
from privacy.envelope import Context
from privacy.opening import PrivateKey
from privacy.sealing import seal
from storage.vaults import rows


def bench_storing(study: Study, folder: Path) -> None:
    """A finished visit is five durable commits: two vaults with their tags, one tally."""
    visit = some_visit(study)
    show(
        "visits sealed and stored",
        rate(lambda: finish_visit(study, visit, TODAY)),
        "bare SQLite commits",
        rate(sqlite_commits(folder / "bare.db")),
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
    opened = open_records(kept, [key], {study.instrument.digest: study.instrument})
    passed = time.perf_counter() - start
    assert len(opened.people) == len(kept)
    show("records opened and checked", len(kept) / passed, "bare opens of one envelope", base)


def main() -> None:
    """Measure everything once and print it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings, keys = make_instance(folder / "instance")
        addresses = addresses_of(settings)
        study = open_study(settings.study, settings.study_folder, addresses, settings.tombstone_files)
        bench_storing(study, folder)
        bench_page(settings)
        (folder / "questions").mkdir()
        bench_questions(folder / "questions")
        bench_large_forms(folder)
        bench_opening(study, keys["research"])
        bench_first_load(settings.home, folder)


if __name__ == "__main__":
    main()
