"""What several tests of the field work stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from commands import opened_study
from storage.journal import Act, write_entry
from storage.staff import add_staff
from storage.stores import close_stores
from tests.approving import IDRIS, MARA, NADIA, OWEN, Here
from tests.conftest import TODAY as FOUNDED
from tests.conftest import Keys, new_instance


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Here]:
    settings = new_instance(tmp_path_factory.mktemp("approvals") / "instance", keys)
    study = opened_study(settings)
    for member in (MARA, NADIA, OWEN, IDRIS):
        write_entry(study.stores.office, member.name, Act.STAFF_JOINED, FOUNDED, detail="invitation")
        add_staff(study.stores.office, member.name, member.role, "")
    yield Here(settings, study)
    close_stores(study.stores)
