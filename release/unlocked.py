"""The research keys that were unlocked: which records need which key, which key is lacking, and whose ids count.

Looks at the ids of keys on envelopes, and opens nothing. A record whose key was not given is never taken for damaged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from errors import ReleaseError
from privacy.envelope import Envelope
from privacy.opening import PrivateKey, by_id
from release.custody import unlock_research
from release.source import Source

NO_KEY = "No research key was given. Choose at least one."
NOT_OLDEST = (
    "The oldest research key of the keyring, {}, was not given. The ids of a purpose follow from it, so that they stay "
    "the same when keys are changed. Give that key too. Where it is lost for good, ask for new ids: they match no "
    "earlier release."
)


@contextmanager
def unlocked(files: Sequence[tuple[bytes, str]]) -> Iterator[list[PrivateKey]]:
    """The research keys in these key files, each with its passphrase; overwritten afterwards. Raises EnvelopeError."""
    keys: list[PrivateKey] = []
    try:
        for data, passphrase in files:
            keys.append(unlock_research(data, passphrase))
        yield keys
    finally:
        for key in keys:
            key.forget()


def needed_keys(rows: Iterable[tuple[bytes, Envelope]]) -> Counter[str]:
    """How many records need each key, by its id."""
    return Counter(envelope.key_id.hex() for _, envelope in rows)


def lacking_keys(source: Source, keys: Sequence[PrivateKey]) -> dict[str, int]:
    """How many records need each key that was not given, by its id."""
    given = {key_id.hex() for key_id in by_id(keys)}
    return {key: count for key, count in sorted(needed_keys(source.rows()).items()) if key not in given}


def lacking_in_words(lacking: Mapping[str, int], whole: int) -> str:
    """A sentence for each key that is lacking; "" where none is."""
    return " ".join(
        f"{count} of {whole} records need another key: {key}. Add its key file." for key, count in lacking.items()
    )


def check_keys(source: Source, keys: Sequence[PrivateKey]) -> None:
    """Refuse a key that is not a research key of this study, and no key at all. Raises ReleaseError."""
    if not keys:
        raise ReleaseError(NO_KEY)
    for key in keys:
        if (key.purpose, key.study) != ("research", source.study):
            raise ReleaseError(
                f"This is the {key.purpose} key of {key.study}. Records of {source.study} need its research key."
            )


def in_order(source: Source, keys: Sequence[PrivateKey]) -> tuple[PrivateKey, ...]:
    """The keys as the source's keyring has them, the oldest first; then those that it does not know, as given."""
    given = {key.public().short: key for key in keys}
    known = [key.short for key in source.keyring.keys] if source.keyring else []
    return tuple(given[short] for short in dict.fromkeys([*known, *given]) if short in given)


def oldest_key(source: Source) -> str:
    """The id of the research key that stands first in the source's keyring; "" where the source has none."""
    ring = source.keyring.keys if source.keyring else ()
    return next((key.short for key in ring if key.purpose == "research"), "")


def oldest_not_given(source: Source, keys: Sequence[PrivateKey]) -> str:
    """The id of the oldest research key where it is not among these; else ""."""
    oldest = oldest_key(source)
    return "" if oldest in {key.public().short for key in keys} else oldest


def key_of_ids(source: Source, keys: Sequence[PrivateKey], new_ids: bool) -> PrivateKey:
    """The key that pseudonyms follow from: the oldest. Raises ReleaseError where it was not given.

    `new_ids`: whoever orders the release knows that the oldest key is lost, and takes the oldest of those given.
    """
    oldest = oldest_not_given(source, keys)
    if oldest and not new_ids:
        raise ReleaseError(NOT_OLDEST.format(oldest))
    return in_order(source, keys)[0]
