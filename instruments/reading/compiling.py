"""What one compilation of a study knows: settings as written, what was found so far, how words and rules are read."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from errors import ExpressionError, Problem
from instruments.expressions import parse
from instruments.model import Choice, Item, Text, Tree
from instruments.reading.card_dates import CARD_DATE, card_date, named_days
from instruments.reading.limits import MOST_PARTS, MOST_PARTS_IN_ALL, parts_of
from instruments.reading.references import REFERENCE
from instruments.reading.repeats import Place, Repeat, resolved
from instruments.reading.vocabulary import LANGUAGE
from instruments.reading.xlsform import Form
from instruments.recordings import Media
from instruments.settings import Written
from instruments.spoken import Spoken, said_in

STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
TOO_LONG = (
    f"with every round and every choice written out in it, this has more than {MOST_PARTS:,} parts; name fewer repeats"
    " in it, or a shorter list in jr:choice-name()"
)
TOO_LONG_TOGETHER = (
    f"here the expressions of the study pass {MOST_PARTS_IN_ALL:,} parts, with those of groups and rounds written out"
    " in each of their questions; make them shorter, or ask for fewer rounds (bind::amanah:most)"
)
BRACKETS = re.compile(r"\[([^\]]+)\]")


@dataclass
class Compiling:
    """One compilation: the study's settings as written, and what was found so far.

    `places`: for each item, the name of the row it comes from, which for a round of a repeat is another. `homes`: the
    repeat that each item stands in. `parts`: how many all expressions have so far. `lists`: the choices of each list
    of a form, with or without the columns that a filter looks at. `here`: the form and the row whose words are read.
    `keeps_brackets`: in a form made elsewhere a bracket is a bracket, such as [READ OUT]. `unknown`: brackets told of.
    `media`: the recordings beside the study.
    """

    told: Mapping[str, Any]
    written: Written = field(default_factory=Written)
    problems: list[Problem] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    repeats: dict[str, Repeat] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    homes: dict[str, Repeat] = field(default_factory=dict)
    parts: int = 0
    lists: dict[tuple[str, str, bool], tuple[Choice, ...]] = field(default_factory=dict)
    here: tuple[Form, str] | None = None
    keeps_brackets: bool = False
    unknown: set[str] = field(default_factory=set)
    media: Media = field(default_factory=Media)

    @property
    def language(self) -> str:
        """The study's first language, in which whatever has one language only is written."""
        return str(self.told["languages"][0])

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of every group."""
        return tuple(one["name"] for one in self.told["groups"])

    def text(self, words: Spoken) -> Text:
        """Words as settings give them: in the first language only, or in each language by its code."""
        return self.spoken({self.language: words} if isinstance(words, str) else words)

    def spoken(self, words: Mapping[str, str]) -> Text:
        """A text in the order of the study's languages, whatever the order of the columns; others stand behind."""
        known = [str(language) for language in self.told["languages"]]
        ordered = [*(one for one in known if one in words), *sorted(set(words) - set(known))]
        return Text(tuple((language, words[language]) for language in ordered))

    def keep(self, form: Form, written: str, item: Item) -> None:
        """Remember an item of the row of this name; another one that is called so already is a problem."""
        if item.name in self.items:
            told = f"{item.name!r} is the name of a question in a round of a repeat too; give this one another name"
            self.note(form, written, "name", told)
        self.items[item.name] = item
        self.places[item.name] = written

    def note_words(self, message: str) -> None:
        """Remember a problem of the words of the row that is read."""
        told = self.here[0].problem(self.here[1], "label", message) if self.here else self.written.problem(message)
        self.problems.append(told)

    def note(self, form: Form, name: str, column: str, message: str) -> None:
        """Remember a problem of the row of this name."""
        self.problems.append(form.problem(name, column, message))


def tree_of(
    compiling: Compiling,
    form: Form,
    told: Mapping[str, Any],
    column: str,
    text: str | None,
    place: Place,
    columns: Collection[str] = (),
) -> Tree | None:
    """The tree of an expression as it stands at this place; None for none, and for one whose problem is noted."""
    if not text or compiling.parts > MOST_PARTS_IN_ALL:
        return None
    try:
        read = parse(str(text), columns)
        known = compiling.repeats, compiling.homes, compiling.items
        tree = resolved(read, *known, place, compiling.language)
    except ExpressionError as error:
        compiling.note(form, told["name"], column, error.problems[0].message)
        return None
    return tree if is_counted(compiling, form, told, column, tree) else None


def is_counted(compiling: Compiling, form: Form, told: Mapping[str, Any], column: str, tree: Tree) -> bool:
    """Count the parts of an expression; False where they are too many, which is noted once."""
    if compiling.parts > MOST_PARTS_IN_ALL:
        return False
    parts = parts_of(tree)
    compiling.parts += parts
    too_long = TOO_LONG if parts > MOST_PARTS else TOO_LONG_TOGETHER if compiling.parts > MOST_PARTS_IN_ALL else None
    if too_long:
        compiling.note(form, told["name"], column, too_long)
    return too_long is None


def translated(compiling: Compiling, told: object, names: Mapping[str, str] | None = None) -> Text | None:
    """Words as pyxform gives them, one text or one for each language, with brackets filled in; None for none."""
    spoken = told if isinstance(told, dict) else {compiling.language: told}
    found: dict[str, str] = {}
    for language, words in spoken.items():
        if words:
            code = _code(language, compiling.language)
            named = _named(_filled(compiling, str(words), code), names or {})
            if found.setdefault(code, named) != named:
                told_so = f"words stand there twice in {code!r}; give each column its own language: {named[:40]!r}"
                compiling.note_words(told_so)
    return compiling.spoken(found) if found else None


def recorded(compiling: Compiling, text: Text | None, told: Mapping[str, Any]) -> Text | None:
    """The words of a row with the recordings that it names, in the order of the study's languages."""
    named = (told.get("media") or {}).get("audio") or {}
    spoken = named if isinstance(named, dict) else {compiling.language: named}
    found = {_code(one, compiling.language): compiling.media.content(str(file)) for one, file in spoken.items() if file}
    if text is None or not found:
        return text
    return replace(text, recordings=tuple((one, found[one]) for one, _ in text.translations if found.get(one)))


def titled(compiling: Compiling, told: object) -> Text:
    """The title of a part: one text, or one for each language. Brackets in it stay."""
    spoken = told if isinstance(told, dict) else {compiling.language: str(told)}
    return compiling.spoken(
        {_code(language, compiling.language): tidy(words) for language, words in spoken.items() if words}
    )


def tidy(words: str) -> str:
    """Words that pass no sheet, with single spaces and straight quotes, as pyxform makes all that do."""
    return re.sub(" +", " ", words.translate(STRAIGHT))


def _named(words: str, names: Mapping[str, str]) -> str:
    """The words, with the answers that they show called by their names in this round of a repeat."""
    return REFERENCE.sub(lambda found: f"${{{names.get(found.group(1), found.group(1))}}}", words)


def _code(language: str, first: str) -> str:
    found = LANGUAGE.fullmatch(language)
    return found.group(1) if found else first if language == "default" else language


def _filled(compiling: Compiling, words: str, language: str) -> str:
    cut_off = compiling.told["cut_off_days"]
    words = words.replace(CARD_DATE, card_date(cut_off, language))
    for days in set(named_days(words, language)) - {cut_off}:
        # People would be promised a day that is not theirs.
        told = f"this names {days} days, and cut_off_days is {cut_off}; write {CARD_DATE} here, which follows it"
        compiling.note_words(told)
    for name in dict.fromkeys(BRACKETS.findall(words)):
        if name not in compiling.told["fill_in"]:
            told = f"fill_in has no line for [{name}], which stands here; write one in {compiling.written.file}"
            if not compiling.keeps_brackets and name not in compiling.unknown:
                compiling.note_words(f"{told}, or take the bracket out")
            compiling.unknown.add(name)
        elif told_here := said_in(compiling.told["fill_in"][name], language):
            words = words.replace(f"[{name}]", tidy(told_here))
    return words.strip()
