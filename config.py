"""Settings of one instance, read once at the start. Refuses to start when something is wrong, and says what.

An instance is a folder (`$AMANAH_HOME`, by default `./instance`). Its `settings.toml` holds these settings;
an environment variable `AMANAH_<SETTING>` wins over the file. `docs/settings.md` explains each.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from errors import SettingsError

DEFAULT_HOME = "instance"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# A name, an IPv4 address, or an IPv6 address in brackets; never a pattern, so that no stranger's name can fit one.
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
CONTACT = re.compile(r"(?:mailto:|https://|tel:)[!-~]+")
MOST_PROXIES = 5
Value = str | bool | int
Address = str | tuple[str, int]  # of a socket: a path, or a host and a port


@dataclass(frozen=True)
class Settings:
    """What one instance is told. Paths are absolute; databases are SQLAlchemy URLs."""

    home: Path
    study: str
    research_database: str
    identity_database: str
    office_database: str
    tombstones: Path
    tombstones_copy: Path | None
    demo: bool
    development: bool
    secure_cookies: bool
    hosts: tuple[str, ...]
    trusted_proxies: int
    security_contact: str
    backups: Path | None
    certificate: Path | None

    @property
    def study_folder(self) -> Path:
        """The instance's own copy of the study's sheets and `study.toml`."""
        return self.home / "studies" / self.study

    @property
    def journal_key(self) -> Path:
        """The file of the key that signs the journal."""
        return self.home / "journal.key"

    @property
    def tombstone_files(self) -> tuple[Path, ...]:
        """Every file, apart from the databases, that remembers withdrawals."""
        return (self.tombstones,) if self.tombstones_copy is None else (self.tombstones, self.tombstones_copy)


DEFAULTS: dict[str, Value] = {
    "study": "working_together",
    "research_database": "",
    "identity_database": "",
    "office_database": "",
    "tombstones": "tombstones.txt",
    "tombstones_copy": "",
    "demo": False,
    "development": False,
    "secure_cookies": True,
    "hosts": "",
    "trusted_proxies": 0,
    "security_contact": "",
    "backups": "",
    "certificate": "",
}


def home_of(environment: Mapping[str, str]) -> Path:
    """The instance folder that the environment names."""
    return Path(environment.get("AMANAH_HOME", DEFAULT_HOME)).absolute()


def has_instance(home: Path) -> bool:
    """Whether this folder holds an instance."""
    return (home / "settings.toml").is_file()


def read_settings(home: Path, environment: Mapping[str, str] = os.environ, file: Path | None = None) -> Settings:
    """The settings of the instance in this folder, or those that another file has for it. Raises SettingsError."""
    told = file or home / "settings.toml"
    if not told.is_file():
        raise SettingsError(f"There is no instance in {home}. Run `flask init`, or `flask demo DIR` for a trial.")
    given = _from_file(told) | _from_environment(environment)
    values = DEFAULTS | given
    settings = Settings(
        home=home,
        study=str(values["study"]),
        research_database=_database(home, values, "research_database"),
        identity_database=_database(home, values, "identity_database"),
        office_database=_database(home, values, "office_database"),
        tombstones=home / str(values["tombstones"]),
        tombstones_copy=home / str(values["tombstones_copy"]) if values["tombstones_copy"] else None,
        demo=bool(values["demo"]),
        development=bool(values["development"]),
        secure_cookies=bool(values["secure_cookies"]),
        hosts=_hosts(str(values["hosts"])),
        trusted_proxies=_proxies(int(values["trusted_proxies"])),
        security_contact=_contact(str(values["security_contact"])),
        backups=home / str(values["backups"]) if values["backups"] else None,
        certificate=home / str(values["certificate"]) if values["certificate"] else None,
    )
    _refuse_shared_stores(settings)
    _refuse_development_with_people(settings)
    return settings


def watch_address(told: str) -> Address | None:
    """Where the watch listens: `unix:PATH`, or a loopback address with a port. Nowhere where nothing is told.

    Raises SettingsError for any other: numbers for a monitor are not for the network.
    """
    if not told:
        return None
    if told.startswith("unix:/"):
        return told.removeprefix("unix:")
    host, _, port = told.rpartition(":")
    try:
        if port.isdecimal() and ipaddress.ip_address(host.strip("[]")).is_loopback:
            return host.strip("[]"), int(port)
    except ValueError:
        pass
    raise SettingsError("AMANAH_WATCH must be 127.0.0.1:PORT or unix:/PATH: whoever watches is on this machine.")


def _from_file(path: Path) -> dict[str, Value]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None
    for name, value in found.items():
        if name not in DEFAULTS:
            raise SettingsError(f"{path}: there is no setting {name!r}. Known: {', '.join(DEFAULTS)}.")
        if type(value) is not type(DEFAULTS[name]):
            raise SettingsError(f"{path}: {name} must be {KINDS[type(DEFAULTS[name])]}.")
    return found


KINDS: dict[type, str] = {bool: "true or false", int: "a whole number", str: "text in quotes"}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, default in DEFAULTS.items():
        value = environment.get(f"AMANAH_{name.upper()}")
        if value is not None:
            found[name] = READ[type(default)](name, value)
    return found


def _truth(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise SettingsError(f"AMANAH_{name.upper()} must be true or false.")
    return value == "true"


def _whole(name: str, value: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", value):
        raise SettingsError(f"AMANAH_{name.upper()} must be a whole number.")
    return int(value)


READ: dict[type, Callable[[str, str], Value]] = {bool: _truth, int: _whole, str: lambda _, value: value}


def _hosts(told: str) -> tuple[str, ...]:
    names = tuple(told.lower().replace(",", " ").split())
    for name in names:
        if not HOST.fullmatch(name):
            raise SettingsError(f"hosts: {name!r} is no host. Write names or addresses alone, without port and path.")
    return names or LOOPBACK


def _proxies(count: int) -> int:
    if not 0 <= count <= MOST_PROXIES:
        raise SettingsError(f"trusted_proxies must be from 0 to {MOST_PROXIES}: how many proxies stand before the app.")
    return count


def _contact(told: str) -> str:
    """Who is told of a weakness: a web address, a telephone number, or an address for mail, as RFC 9116 wants it."""
    contact = f"mailto:{told}" if "@" in told and ":" not in told else told
    if contact and not CONTACT.fullmatch(contact):
        raise SettingsError("security_contact must be an address for mail, https://... or tel:...")
    return contact


def _database(home: Path, values: Mapping[str, Value], name: str) -> str:
    own = home / "stores" / f"{name.removesuffix('_database')}.db"
    return str(values[name]) or f"sqlite:///{own}"


def _refuse_development_with_people(settings: Settings) -> None:
    # Pages for those who build Amanah have no place where people take part.
    if settings.development and not settings.demo:
        raise SettingsError("development = true needs demo = true: its pages are never served where people take part.")


def _refuse_shared_stores(settings: Settings) -> None:
    # One store must never hold both vaults: whoever opens it would see both sides of a person.
    addresses = {
        "RESEARCH_DATABASE": settings.research_database,
        "IDENTITY_DATABASE": settings.identity_database,
        "OFFICE_DATABASE": settings.office_database,
    }
    for first, second in (("IDENTITY", "RESEARCH"), ("OFFICE", "RESEARCH"), ("OFFICE", "IDENTITY")):
        if addresses[f"{first}_DATABASE"] == addresses[f"{second}_DATABASE"]:
            raise SettingsError(f"{first}_DATABASE must differ from {second}_DATABASE.")
