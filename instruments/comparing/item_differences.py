"""What differs between two versions of one item, and what of it makes its answers another thing. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from errors import InstrumentError
from instruments.comparing.likeness import alike, asks_the_same, says_the_same
from instruments.model import Choice, Item, Text, Tree
from instruments.rules.spelling import spell

Matter = Literal[
    "added", "removed", "moved", "wording", "choices", "rules", "privacy", "type", "scale", "hierarchy", "groups",
    "languages", "settings", "recording",
]  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One thing that a new version changes.

    `about`: an item's name, "study", or a scale, hierarchy, group, part or block by its kind and name. `what`: the part
    of it that differs, such as "hint" or "choice 3". `before` and `after` are for people, empty where there is nothing.
    `language`: of wording. `breaks`: why answers from before and after cannot be compared, in a sentence; else empty.
    """

    about: str
    kind: Matter
    what: str
    before: str
    after: str
    language: str = ""
    breaks: str = ""


# Each field of an item: what kind of difference it makes, and what it is called.
WORDS: Mapping[str, str] = {
    "label": "label", "hint": "hint", "guidance": "guidance", "constraint_message": "message of the constraint",
    "required_message": "message of what is required",
}  # fmt: skip
TREES = ("relevant", "constraint", "calculation", "choice_filter")
PLAIN: Mapping[str, tuple[Matter, str]] = {
    "kind": ("type", "type"), "required": ("rules", "required"), "read_only": ("rules", "read_only"),
    "default": ("rules", "default"), "uppercase": ("rules", "capital letters"), "max_length": ("rules", "longest"),
    "lowest": ("rules", "lowest"), "highest": ("rules", "highest"), "step": ("rules", "step"),
    "multiline": ("settings", "several lines"), "style": ("settings", "appearance"),
    "groups": ("groups", "groups"), "on_for": ("groups", "asked of"), "kept": ("privacy", "stored"),
    "privacy": ("privacy", "privacy"), "special_category": ("privacy", "special"), "ethics": ("privacy", "ethics"),
    "referent": ("settings", "referent"), "hierarchy": ("hierarchy", "hierarchy"),
    "stored_level": ("hierarchy", "stored_level"), "scales": ("scale", "scale"), "reverse": ("scale", "reverse"),
}  # fmt: skip
BREAKS = {
    "kind": "it is answered in another way",
    "lowest": "its numbers begin elsewhere",
    "highest": "its numbers end elsewhere",
    "step": "its numbers go in other steps",
    "hierarchy": "its coarser values are made in another way",
    "stored_level": "it is stored at another level",
    "scales": "it counts to another scale",
    "reverse": "it counts the other way",
}


def item_differences(old: Item, new: Item, passed_over: Collection[str] = ()) -> Iterator[Difference]:
    """What differs in an item of the same name. Words in the languages `passed_over` are not compared."""
    is_answered = "note" not in (old.kind, new.kind)
    for name, (kind, what) in PLAIN.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            reason = BREAKS.get(name, "") if is_answered else ""
            yield Difference(new.name, kind, what, in_words(before), in_words(after), "", reason)
    for name, what in WORDS.items():
        found = worded(new.name, what, getattr(old, name), getattr(new, name), passed_over)
        yield from (
            _reworded(one) if name == "label" and is_answered and one.kind == "wording" else one for one in found
        )
    for name in TREES:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            reason = "it is worked out in another way" if name == "calculation" and is_answered else ""
            yield Difference(new.name, "rules", name, spelled(before), spelled(after), "", reason)
    yield from choice_differences(old, new, passed_over)


def worded(
    about: str, what: str, old: Text | None, new: Text | None, passed_over: Collection[str] = ()
) -> Iterator[Difference]:
    """The words that differ, language by language."""
    before, after = (dict(text.translations) if text else {} for text in (old, new))
    for language in dict.fromkeys([*before, *after]):
        one, other = before.get(language, ""), after.get(language, "")
        if one != other and language not in passed_over:
            yield Difference(about, "wording", what, one, other, language)
    yield from _heard(about, what, old, new)


def _heard(about: str, what: str, old: Text | None, new: Text | None) -> Iterator[Difference]:
    """The recordings that differ. Whether a voice asks something else, a person has to listen for."""
    before, after = (dict(text.recordings) if text else {} for text in (old, new))
    for language in dict.fromkeys([*before, *after]):
        one, other = before.get(language, ""), after.get(language, "")
        if one != other:
            yield Difference(about, "recording", what, one, other, language)


def in_words(value: Any) -> str:
    """A setting as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(in_words, value))
    return "" if value is None else str(value)


def spelled(tree: Tree | None) -> str:
    """An expression as it is written in a sheet."""
    if tree is None:
        return ""
    try:
        return spell(tree)
    except InstrumentError:  # only quotes of both kinds in one text cannot be written
        return repr(tree)


def choice_differences(old: Item, new: Item, passed_over: Collection[str] = ()) -> Iterator[Difference]:
    """What differs in the choices of an item."""
    before, after = ({choice.code: choice for choice in item.choices} for item in (old, new))
    for code in [code for code in before if code not in after]:
        yield _choice(new, code, before[code], None, _why_gone(before[code], after.values()))
    for code in [code for code in after if code not in before]:
        yield _choice(new, code, None, after[code], _why_added(old, new, after[code]))
    kept = [code for code in after if code in before]
    for code in kept:
        yield from _changed(new, before[code], after[code], passed_over)
    if [code for code in before if code in after] != kept:
        reason = "what is ranked stands in another order at first" if new.kind == "rank" else ""
        yield Difference(new.name, "choices", "order", " ".join(before), " ".join(after), "", reason)


def changed_meaning(old: Choice, new: Choice) -> bool:
    """Whether a code may stand for another answer now."""
    before, after = dict(old.label.translations), dict(new.label.translations)
    return any(not says_the_same(before[one], after[one]) for one in before.keys() & after.keys())


def _changed(item: Item, old: Choice, new: Choice, passed_over: Collection[str]) -> Iterator[Difference]:
    for found in worded(item.name, f"choice {new.code}", old.label, new.label, passed_over):
        is_other = (
            found.kind == "wording"
            and bool(found.before and found.after)
            and not says_the_same(found.before, found.after)
        )
        reason = f"the code {new.code} stands for other words" if is_other else ""
        yield Difference(item.name, "choices", found.what, found.before, found.after, found.language, reason)
    if old.columns != new.columns:
        told = ["; ".join(f"{name} {value}" for name, value in one.columns) for one in (old, new)]
        yield Difference(item.name, "choices", f"columns of choice {new.code}", *told)


def _choice(item: Item, code: str, old: Choice | None, new: Choice | None, reason: str) -> Difference:
    before, after = (one.label.translations[0][1] if one else "" for one in (old, new))
    return Difference(item.name, "choices", f"choice {code}", before, after, "", reason)


def _why_gone(gone: Choice, left: Collection[Choice]) -> str:
    moved = [one.code for one in left if one.label == gone.label]
    if moved:
        return f"the same words had the code {gone.code} and have the code {moved[0]} now"
    return f"the answer {gone.code} can no longer be given"


def _why_added(old: Item, new: Item, added: Choice) -> str:
    if new.kind == "rank":
        return "there is more to rank"
    is_scored = bool(old.scales and new.scales) and not added.aside
    return f"its scale has one answer more ({added.code})" if is_scored else ""


def _reworded(found: Difference) -> Difference:
    if not (found.before and found.after) or asks_the_same(found.before, found.after):
        return found
    share = alike(found.before, found.after)
    reason = f"its words changed so ({share} % of the letters are the same) that it may ask something else"
    return Difference(found.about, found.kind, found.what, found.before, found.after, found.language, reason)
