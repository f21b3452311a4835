"""The default study with other settings, as a research team would set them."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from commands import DEFAULT_STUDY
from instruments.catalogue import load_study
from instruments.model import Instrument


@pytest.fixture(scope="session")
def with_settings(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Instrument]:
    """The study compiled with some lines of its study.toml changed."""

    def compiled(**changes: str) -> Instrument:
        folder = tmp_path_factory.mktemp("studies") / "study"
        shutil.copytree(DEFAULT_STUDY, folder)
        path = folder / "study.toml"
        lines = path.read_text("utf-8").splitlines()
        for name, value in changes.items():
            place = next(n for n, line in enumerate(lines) if line.startswith(f"{name} = "))
            lines[place] = f"{name} = {value}"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return load_study(folder).instrument

    return compiled


@pytest.fixture(scope="session")
def with_words(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Instrument]:
    """The study compiled with some words of its files changed: (file, before, after), each once."""

    def compiled(*changes: tuple[str, str, str]) -> Instrument:
        folder = tmp_path_factory.mktemp("studies") / "study"
        shutil.copytree(DEFAULT_STUDY, folder)
        for file, before, after in changes:
            text = (folder / file).read_text("utf-8")
            assert before in text
            (folder / file).write_text(text.replace(before, after, 1), "utf-8")
        return load_study(folder).instrument

    return compiled


@pytest.fixture(scope="session")
def every_route(with_settings: Callable[..., Instrument]) -> Instrument:
    """Read aloud and witnessed, with parents asked for 16 and 17 year olds."""
    return with_settings(consent_route='"verbal_witnessed"', minor_consent='"parent_and_assent"')
