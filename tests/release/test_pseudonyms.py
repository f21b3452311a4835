"""Ids of a release follow from the research key and the purpose, and from nothing that anybody else has."""

from __future__ import annotations

from privacy.check_symbol import is_complete
from privacy.pseudonyms import pseudonym, pseudonym_key
from tests.conftest import Keys


def test_ids_need_the_research_key(keys: Keys) -> None:
    person = b"p" * 16
    ours = pseudonym(pseudonym_key(keys.research.derive, "one"), person)
    theirs = pseudonym(pseudonym_key(keys.identity.derive, "one"), person)
    assert ours != theirs
    assert is_complete(ours.replace("-", ""))
    assert not is_complete(ours.replace("-", "")[::-1])


def test_a_purpose_that_begins_like_another_is_another(keys: Keys) -> None:
    assert pseudonym_key(keys.research.derive, "one") != pseudonym_key(keys.research.derive, "one ")
