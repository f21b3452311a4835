"""What a release cannot show. Says of one study only what is true of it, and of every other what is true of any.

A stored version of a study holds no such words, and a bundle carries nothing else: they stand here, by study.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

ANY = (
    "How people came to take part is not told here. Unless they were drawn at random, shares and averages of this file "
    "say nothing of people who are not in it."
)
# Of each study: the group that has to be in the release (none: any), and what is true then.
OF_STUDIES: dict[str, tuple[tuple[str, str], ...]] = {
    "working_together": (
        ("", "Not a random sample: people who fear being watched stay away most."),
        ("", "Faith and views are self-described; the wording is new and the scales are provisional."),
        ("police_officer", "The police are asked for views, not facts."),
    ),
}


def limits_of(study: str, groups: Sequence[str]) -> Iterator[str]:
    """The sentences for a release of these groups of this study."""
    if study not in OF_STUDIES:
        yield ANY
    yield from (said for group, said in OF_STUDIES.get(study, ()) if not group or group in groups)
