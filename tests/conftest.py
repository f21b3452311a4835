"""What every test can stand on: a study, its keys, a fresh instance, the field app's client."""

from __future__ import annotations

import gc
import hashlib
import pickle
import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient
from hypothesis import settings as how
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from pyxform import xls2json
from pyxform.xls2json import workbook_to_json
from werkzeug.routing import Rule

from app import create_app
from commands import DEFAULT_STUDY, addresses_of
from config import Settings, read_settings
from fieldwork.instance import add_keys, add_study, copy_study, found_instance, make_folder, open_study
from fieldwork.study import Study
from instruments import catalogue
from instruments import settings as settings_files
from instruments.catalogue import StudyDefinition, load_study
from instruments.model import Instrument
from instruments.reading import sources, starter
from instruments.reading.sources import Source as Sheets
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key
from release.build import build_release
from release.dataset import open_records
from release.export import write_release
from release.source import Source
from release.specification import Specification
from storage.stores import close_stores
from storage.vaults import rows
from tests.releases import SIGNER
from tests.staff import sign_in_as
from tests.stretching import stretched_quickly
from tests.visits import amina

if TYPE_CHECKING:
    from tests.rehearsing import Cabinet

STUDY = "working_together"
TODAY = date(2026, 11, 23)

# How long one example takes says how busy a machine is: no test is about that (speed is shown in bench/).
how.register_profile("whatever it takes", deadline=None)
how.load_profile("whatever it takes")


def counted_bytes(seed: str) -> Callable[[int], bytes]:
    """Bytes that look random and are the same in every run."""
    count = 0

    def random_bytes(length: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"{seed} {count}".encode()).digest(length)

    return random_bytes


@dataclass(frozen=True)
class Keys:
    """Both private keys of the study, and the public keyring that the field app is given."""

    research: PrivateKey
    identity: PrivateKey

    @property
    def keyring(self) -> Keyring:
        return Keyring(STUDY, (self.research.public(), self.identity.public()))


def pytest_collection_finish() -> None:
    """What stands now stands until the end: that it is still in use need not be found out again all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _stretched_quickly() -> Iterator[None]:
    with stretched_quickly():
        yield


@pytest.fixture(scope="session")
def keys() -> Keys:
    random_bytes = counted_bytes("keys of the tests")
    return Keys(*(new_private_key(purpose, STUDY, random_bytes) for purpose in ("research", "identity")))


@pytest.fixture(scope="session")
def cabinet(keys: Keys) -> Cabinet:
    """The key files of a desk after a rotation."""
    from tests.rehearsing import cabinet_of

    return cabinet_of(keys)


LARGEST_REMEMBERED = 200_000  # bytes of a form's rows; a part of the default study has a tenth of it


@lru_cache(maxsize=256)
def made_by_pyxform(asked: bytes) -> bytes:
    """What pyxform makes of a form: hundreds of tests compile a study, and nearly all of its forms are as they were."""
    book, name = pickle.loads(asked)  # noqa: S301 (of this process)
    return pickle.dumps(workbook_to_json(book, form_name=name, warnings=[]))


@pytest.fixture(scope="session", autouse=True)
def _pyxform_remembers() -> Iterator[None]:
    def told(workbook_dict: object, form_name: str = "", **others: object) -> object:
        asked = pickle.dumps((workbook_dict, form_name))
        # Who asks for more than our reader does asks pyxform itself.
        if others.keys() != {"warnings"} or len(asked) > LARGEST_REMEMBERED:
            return workbook_to_json(workbook_dict, form_name=form_name, **others)
        return pickle.loads(made_by_pyxform(asked))  # noqa: S301 (of this process)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(xls2json, "workbook_to_json", told)
        yield


@lru_cache(maxsize=256)
def made_by_tomllib(text: str) -> bytes:
    """What a file of settings says: each study is read by many commands and pages, and is long in six languages."""
    return pickle.dumps(tomllib_reads(text))


tomllib_reads = tomllib.loads


@pytest.fixture(scope="session", autouse=True)
def _tomllib_remembers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tomllib, "loads", lambda text: pickle.loads(made_by_tomllib(text)))  # noqa: S301 (our own)
        yield


@pytest.fixture(scope="session", autouse=True)
def _addresses_are_remembered() -> Iterator[None]:
    """What werkzeug compiles to build an address: hundreds of tests make an app, and all have the same routes."""
    known: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
    compiled = Rule._compile_builder

    def told(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), *rule._trace, append_unknown)
        if key not in known:
            known[key] = compiled(rule, append_unknown)
        return known[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Rule, "_compile_builder", told)
        yield


@pytest.fixture(scope="session", autouse=True)
def _settings_are_remembered() -> Iterator[None]:
    """The settings of a study whose files are as another's were: an app reads them more than once, and a test too."""
    known: dict[tuple[object, ...], bytes] = {}
    read = settings_files.read_toml

    def told(folder: Path) -> dict[str, Any]:
        files = [folder / name for name in (settings_files.FILE, settings_files.REVIEWS)]
        key = tuple(file.read_bytes() if file.is_file() else None for file in files)
        if key not in known:
            known[key] = pickle.dumps(read(folder))
        return pickle.loads(known[key])  # type: ignore[no-any-return]  # noqa: S301 (our own)

    with pytest.MonkeyPatch.context() as patched:
        for module in (settings_files, sources, starter):
            patched.setattr(module, "read_toml", told)
        yield


@pytest.fixture(scope="session", autouse=True)
def _studies_are_remembered() -> Iterator[None]:
    """A folder of sheets that is as another was is compiled once: hundreds of tests compile the default study."""
    known: dict[tuple[object, ...], StudyDefinition] = {}
    compiled = catalogue._compiled

    def told(source: Sheets, path: Path) -> StudyDefinition:
        if path == Path() or not path.is_dir():  # a workbook, or one form
            return compiled(source, path)
        held = ((str(file.relative_to(path)), data) for file, data in contents(path).items())
        key = (path.name, repr(source.media), *sorted(held))
        if key not in known:
            known[key] = compiled(source, path)
        return replace(known[key], path=path)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(catalogue, "_compiled", told)
        yield


@pytest.fixture(scope="session", autouse=True)
def _pages_wait_for_work() -> Iterator[None]:
    """However slow this machine is, a page of the office waits for what it asked for, unless a test says otherwise."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("views.office.long_work.PATIENCE", 120.0)
        yield


@pytest.fixture(scope="session")
def instrument() -> Instrument:
    """The default study's instrument, compiled from its sheets."""
    return load_study(DEFAULT_STUDY).instrument


@pytest.fixture(scope="session")
def unused(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Path]:
    """An instance that nobody has opened: compiling its study takes longer than most tests, so each takes a copy."""
    home = new_instance(tmp_path_factory.mktemp("unused") / "instance", keys).home
    held = contents(home)
    yield home
    assert contents(home) == held, "a test wrote into the instance that all others copy"


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def settings(unused: Path, tmp_path: Path) -> Settings:
    """A fresh instance with keys and with the plain path on, as in the demo."""
    home = tmp_path / "instance"
    shutil.copytree(unused, home)
    return read_settings(home, {})


def new_instance(home: Path, keys: Keys, source: Path = DEFAULT_STUDY) -> Settings:
    """A new instance in this folder."""
    make_folder(home, STUDY, demo=True)
    settings = read_settings(home, {})
    copy_study(source, settings.study_folder, plain_path=True)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    add_keys(stores.office, STUDY, keys.keyring.to_json(), TODAY)
    close_stores(stores)
    return settings


@pytest.fixture
def study(settings: Settings) -> Study:
    return open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)


class Compiled(BytecodeCache):
    """Templates that some app has compiled already: hundreds of tests make an app, and all have the same templates."""

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.found:
            bucket.bytecode_from_string(self.found[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.found[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture
def field(settings: Settings) -> Iterator[FlaskClient]:
    """The field app, as an HTTP client of it sees it."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    with app.test_client() as client:
        yield client


@pytest.fixture
def signed_in(field: FlaskClient, study: Study) -> FlaskClient:
    """The field app's client with Mara signed in as administrator."""
    return sign_in_as(field, study, "administrator", "Mara")


@pytest.fixture
def released(field: FlaskClient, study: Study, keys: Keys, tmp_path: Path) -> Path:
    """A release of six young people who all went through the real way from form to store."""
    for _ in range(6):
        assert field.post("/visit/young_person", data=amina(study.instrument)).status_code == 200
    source = Source("test", study.name, {study.instrument.digest: study.instrument}, tuple(rows(study.stores.research)))
    dataset = open_records(source.rows(), [keys.research], source.instruments)
    ordered = Specification("test", ("young_person",), 5, ("csv",), "en")
    write_release(build_release(source, dataset, [keys.research], ordered), tmp_path / "release", SIGNER)
    return tmp_path / "release"
