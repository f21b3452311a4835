"""What a new version of a study changes, item by item, and what of it breaks comparability. Decides nothing.

A helper, not a judge: it sees that words, codes, rules and scales changed, and marks what usually makes answers from
before and after incomparable. Whether a question still means the same is for people to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from instruments.comparing.item_differences import Difference, changed_meaning, item_differences
from instruments.comparing.study_differences import study_differences
from instruments.model import Instrument, Item

__all__ = ["Difference", "breaking", "by_what", "differences", "differences_to_all", "in_lines"]
LONGEST_SHOWN = 160  # characters of a text in one line
NOTHING = "nothing"


def differences(old: Instrument, new: Instrument) -> tuple[Difference, ...]:
    """Everything that differs, in the order of the new version; empty for the same digest, and for no other."""
    if old.digest == new.digest:
        return ()
    passed_over = set(old.languages) ^ set(new.languages)
    found = (*study_differences(old, new, passed_over), *_items(old, new, passed_over))
    # Two digests always differ in something; the order of translations, say, shows on no page.
    return found or (Difference("study", "settings", "details", "something that no page shows", ""),)


def differences_to_all(earlier: Sequence[Instrument], new: Instrument) -> tuple[Difference, ...]:
    """The differences to the last of the earlier versions (first to last), and what breaks with any before it.

    A name or a code that was gone for a while and comes back as something else is found in the older ones.
    """
    if not earlier:
        return ()
    *older, last = earlier
    return (*differences(last, new), *_come_back(older, last, new))


def breaking(found: Sequence[Difference]) -> tuple[Difference, ...]:
    """Those after which answers cannot be compared."""
    return tuple(one for one in found if one.breaks)


def by_what(found: Sequence[Difference]) -> dict[str, list[Difference]]:
    """The differences by what they are about; what breaks comparability comes first."""
    abouts: dict[str, list[Difference]] = {}
    for one in sorted(found, key=lambda one: not one.breaks):
        abouts.setdefault(one.about, []).append(one)
    return abouts


def in_lines(found: Sequence[Difference]) -> list[str]:
    """The differences in lines of text, in that order; what breaks comparability is marked by `!`."""
    return [line for about, ours in by_what(found).items() for line in (about, *_lines(ours))]


def _lines(ours: Sequence[Difference]) -> Iterator[str]:
    for one in ours:
        yield f"  {'!' if one.breaks else ' '} {_change(one)}"
        if one.breaks:
            yield f"      because {one.breaks}"


def _change(one: Difference) -> str:
    what = f"{one.what} ({one.language})" if one.language else one.what
    if one.kind in ("added", "removed", "moved"):
        what = one.kind if not one.what else f"{one.kind} {one.what}"
    if one.kind in ("added", "removed"):
        return f"{what}: {_quoted(one.after or one.before)}"
    return f"{what}: {_quoted(one.before)} → {_quoted(one.after)}"


def _quoted(told: str) -> str:
    plain = " ".join(told.split())
    return (plain if len(plain) <= LONGEST_SHOWN else plain[: LONGEST_SHOWN - 1] + "…") or NOTHING


def _items(old: Instrument, new: Instrument, passed_over: Collection[str]) -> Iterator[Difference]:
    before, after = _placed(old), _placed(new)
    for name in before:
        if name not in after:
            yield Difference(name, "removed", "", _title(old.item(name)), "")
    moved = _moved(before, after)
    for name in after:
        if name not in before:
            yield Difference(name, "added", "", "", _title(new.item(name)))
            continue
        if name in moved:
            yield Difference(name, "moved", "", _where(before, name), _where(after, name))
        yield from item_differences(old.item(name), new.item(name), passed_over)


def _placed(instrument: Instrument) -> dict[str, str]:
    """Where each item stands, in order."""
    return {
        item.name: f"{part.name}, {block.name}"
        for part in instrument.parts
        for block in part.blocks
        for item in block.items
    }


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """Items in another block, and the fewest that must be moved to get the new order from the old."""
    old, new = ([name for name in one if name in other] for one, other in ((before, after), (after, before)))
    kept = {
        name
        for match in SequenceMatcher(None, old, new, False).get_matching_blocks()
        for name in old[match.a : match.a + match.size]
    }
    return {name for name in new if name not in kept or before[name] != after[name]}


def _where(placed: Mapping[str, str], name: str) -> str:
    names = list(placed)
    at = names.index(name)
    return f"{placed[name]}, after {names[at - 1]}" if at else f"{placed[name]}, first"


def _title(item: Item) -> str:
    return f"{item.label.translations[0][1]} ({item.kind})"


def _come_back(older: Sequence[Instrument], last: Instrument, new: Instrument) -> Iterator[Difference]:
    ours, known = _by_name(new), _by_name(last)
    for name, item in ours.items():
        past = [(version, found) for version in reversed(older) if (found := _by_name(version).get(name))]
        if not past:
            continue
        if name not in known:
            version, found = past[0]
            told = breaking(tuple(item_differences(found, item)))
            yield from (replace(one, what=f"{one.what}, as in version {version.version}") for one in told)
        else:
            yield from _codes_come_back(past, known[name], item)


def _codes_come_back(past: Sequence[tuple[Instrument, Item]], last: Item, new: Item) -> Iterator[Difference]:
    kept = {choice.code for choice in last.choices}
    for choice in new.choices:
        earlier = [(version, one) for version, item in past for one in item.choices if one.code == choice.code]
        if choice.code in kept or not earlier or not changed_meaning(earlier[0][1], choice):
            continue
        version, before = earlier[0]
        yield Difference(
            new.name,
            "choices",
            f"choice {choice.code}, as in version {version.version}",
            before.label.translations[0][1],
            choice.label.translations[0][1],
            "",
            f"the code {choice.code} stood for other words in version {version.version}",
        )


def _by_name(instrument: Instrument) -> dict[str, Item]:
    return {item.name: item for part in instrument.parts for block in part.blocks for item in block.items}
