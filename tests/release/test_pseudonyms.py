"""Ids of a release follow from the research key and the purpose, and from nothing that anybody else has."""

from __future__ import annotations

from privacy.check_symbol import is_complete
from privacy.pseudonyms import pseudonym, pseudonym_key
from release.research_ids import research_ids
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


def test_many_at_once_get_the_ids_that_each_would_get(keys: Keys) -> None:
    key, labels = pseudonym_key(keys.research.derive, "one"), [bytes([n]) * 16 for n in range(256)]
    assert research_ids(key, labels).to_list() == [pseudonym(key, label) for label in labels]
    assert research_ids(key, []).to_list() == []
