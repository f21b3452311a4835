"""Valid forms at random: every supported type, groups, repeats, languages, filters, expressions over what was asked."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.forms import Rows

LANGUAGES = ("English (en)", "Arabic (ar)", "Urdu (ur)", "Français (fr)")
WORDS = ("How is it?", "كيف حالك؟", "<b>&", "Zażółć", "আপনি", "a 'quoted' word", 'a "quoted" word', "{{ 7 * 7 }}", "%")
COLUMNS = (
    "type", "name", "relevant", "constraint", "calculation", "choice_filter", "repeat_count", "required", "default",
    "read_only", "appearance", "parameters", "bind::amanah:most",
)  # fmt: skip
CODES = {"few": ("1", "2", "3"), "words": ("red", "green-ish", "b_1", "-2"), "places": ("n1", "n2", "s1", "s2", "-1")}
NORTH_OF = {"n1": "1", "n2": "1", "s1": "2", "s2": "2", "-1": ""}
LOOKS = ("", "", "minimal", "compact", "likert", "horizontal", "multiline", "numbers")
MOST_DEEP, MOST_NESTED = 3, 2


@dataclass
class Writing:
    """A form as far as it is written. `scopes` holds the (name, kind) pairs that may be named, the nearest last."""

    chance: random.Random
    size: int
    rows: list[dict[str, str]] = field(default_factory=list)
    scopes: list[list[tuple[str, str]]] = field(default_factory=lambda: [[]])
    repeats: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    count: int = 0

    def name(self) -> str:
        """A name that is not there yet."""
        self.count += 1
        return f"{self.chance.choice('abcxyz')}{self.chance.choice(('', '_', '-', '.'))}{self.count}"

    def known(self, *kinds: str) -> list[str]:
        """The items of these kinds that may be named here."""
        return [name for scope in self.scopes for name, kind in scope if kind in kinds]

    def one(self, *kinds: str) -> str | None:
        """One of them, as an expression names it."""
        found = self.known(*kinds)
        return f"${{{self.chance.choice(found)}}}" if found else None


def some_form(chance: random.Random, size: int = 14) -> dict[str, Rows]:
    """The sheets of a valid form of about this many rows."""
    writing = Writing(chance, size)
    ask(writing, 0, False)
    languages = chance.sample(LANGUAGES, chance.randint(1, 3)) if chance.random() < 0.7 else []
    labels = [f"label::{language}" for language in languages] or ["label"]
    hints = [heading.replace("label", "hint") for heading in labels]
    survey = [[*COLUMNS, *labels, *hints]] + [shown(row, labels, chance) for row in writing.rows]
    return {"survey": survey, "choices": list(lists(labels)), "settings": [["form_title"], ["A random form"]]}


def shown(row: dict[str, str], labels: Sequence[str], chance: random.Random) -> list[str]:
    """A row's cells; words in each language, save where one is missing."""
    is_silent = row["type"].startswith("end") or row["type"] == "calculate"
    words = ["" if is_silent else f"{chance.choice(WORDS)} {row.get('shows', '')}".strip() for _ in labels]
    if len(words) > 1 and chance.random() < 0.1:
        words[0] = ""
    hints = [chance.choice(("", "A hint.")) if words[0] and not row["type"].startswith("begin") else "" for _ in labels]
    return [*(row.get(column, "") for column in COLUMNS), *words, *hints]


def lists(labels: Sequence[str]) -> Iterator[list[str]]:
    """The rows of the choices."""
    yield ["list_name", "name", *labels, "half"]
    for name, codes in CODES.items():
        for code in codes:
            half = NORTH_OF.get(code, "") if name == "places" else ""
            yield [name, code, *(f"{code} in {label}" for label in labels), half]


def ask(writing: Writing, depth: int, in_repeat: bool) -> None:
    """Some rows, at least one of them a question."""
    question(writing)
    for _ in range(writing.chance.randint(1, writing.size)):
        turn = writing.chance.random()
        if len(writing.rows) > 3 * writing.size or turn < 0.75:
            question(writing)
        elif depth < MOST_DEEP and turn < 0.88:
            group(writing, depth, in_repeat)
        elif depth < MOST_DEEP and not in_repeat:
            repeat(writing, depth)


def group(writing: Writing, depth: int, in_repeat: bool) -> None:
    """A group, which may hang on an answer."""
    head = {"type": "begin_group", "name": writing.name(), "relevant": perhaps(writing)}
    writing.rows.append(head | {"appearance": writing.chance.choice(("", "field-list"))})
    writing.size = max(1, writing.size // 2)
    ask(writing, depth + 1, in_repeat)
    writing.rows.append({"type": "end_group"})


def repeat(writing: Writing, depth: int) -> None:
    """A repeat that counts by a number or an answer, or asks each time."""
    name, most = writing.name(), writing.chance.randint(1, 3)
    number = writing.one("integer")
    counts = ["", str(most), *([f"if({number} > {most}, {most}, {number})"] if number else [])]
    head = {"type": "begin_repeat", "name": name, "bind::amanah:most": str(most), "relevant": perhaps(writing)}
    writing.rows.append(head | {"repeat_count": writing.chance.choice(counts)})
    writing.scopes.append([])
    writing.size = max(1, writing.size // 2)
    ask(writing, depth + 1, True)
    writing.rows.append({"type": "end_repeat"})
    writing.repeats.append((name, writing.scopes.pop()))


def question(writing: Writing) -> None:
    """One row that is not about grouping."""
    kind, row = writing.chance.choice(KINDS)
    name = writing.name()
    told = {"name": name, "relevant": perhaps(writing)} | row(writing)
    if kind not in ("note", "calculate") and not {"constraint", "choice_filter"} & set(filter(told.get, told)):
        told["required"] = writing.chance.choice(("", "", "yes", "true()"))
    above = writing.one("integer", "text", "select_one few", "select_multiple words", "calculate", "date")
    if above and writing.chance.random() < 0.2:
        told["shows"] = above
    writing.rows.append(told)
    writing.scopes[-1].append((name, kind))


def perhaps(writing: Writing) -> str:
    """A condition, or none."""
    return truth(writing, 0) if writing.chance.random() < 0.4 else ""


def truth(writing: Writing, depth: int) -> str:
    """An expression that is true or false."""
    chance = writing.chance
    ways = [f"{number(writing, depth + 1)} {chance.choice(SIGNS)} {number(writing, depth + 1)}"]
    if one := writing.one("select_one few", "select_one words", "acknowledge"):
        ways += [f"{one} = '{chance.choice(('1', 'red', '-2', ''))}'", f"{one} != 2"]
    if several := writing.one("select_multiple words", "rank few"):
        ways.append(f"selected({several}, '{chance.choice(('red', '2'))}')")
    if text := writing.one("text", "calculate"):
        ways += [f"contains({text}, 'a')", f"regex({text}, '[a-z]{{1,9}}')"]
    if depth < MOST_NESTED:
        both = [truth(writing, depth + 1), truth(writing, depth + 1)]
        ways.append(f"({both[0]}) {chance.choice(('and', 'or'))} not({both[1]})")
    return chance.choice(ways)


def number(writing: Writing, depth: int) -> str:
    """An expression that is a number, mostly."""
    chance = writing.chance
    ways = [chance.choice(("0", "1", "2.5", "40", "-3"))]
    if one := writing.one("integer", "decimal", "calculate", "select_one few"):
        ways += [one, f"coalesce({one}, 0)", f"round({one}, 1)", f"abs({one})"]
    if several := writing.one("select_multiple words", "rank few"):
        ways.append(f"count-selected({several})")
    if day := writing.one("date"):
        ways.append(f"({day} - date('2024-01-01'))")
    ways += over_repeats(writing)
    if depth < MOST_NESTED:
        first, second = number(writing, depth + 1), number(writing, depth + 1)
        ways += [f"{chance.choice(('max', 'min', 'sum'))}({first}, {second})"]
        ways += [f"if({truth(writing, depth + 1)}, {first}, {second})"]
        ways += [f"({first} {chance.choice(('+', '-', '*', 'div', 'mod'))} {second})"]
    return chance.choice(ways)


def over_repeats(writing: Writing) -> Iterator[str]:
    """What may be said of the repeats that are closed."""
    for name, inside in writing.repeats:
        yield f"count(${{{name}}})"
        for item, kind in inside:
            if kind in ("integer", "decimal"):
                yield from (f"sum(${{{item}}})", f"max(${{{item}}})", f"indexed-repeat(${{{item}}}, ${{{name}}}, 1)")


def words(writing: Writing) -> str:
    """An expression that gives words."""
    text, day, one = writing.one("text"), writing.one("date"), writing.one("select_one few")
    ways = ["concat('x', 1 + 1)", "translate('abc', 'ab', 'AB')"]
    ways += [f"substr({text}, 0, 3)", f"normalize-space({text})", f"string-length({text})"] if text else []
    ways += [f"format-date({day}, '%d/%m/%Y')"] if day else []
    ways += [f"jr:choice-name({one}, '{one}')"] if one else []
    return writing.chance.choice([*ways, number(writing, 0), truth(writing, 0)])


def closed(kind: str, of: str, more: Sequence[str] = ("",)) -> Callable[[Writing], dict[str, str]]:
    """A question with a list of choices, which may be filtered by an answer."""

    def row(writing: Writing) -> dict[str, str]:
        above = writing.one("select_one few") if of == "places" else None
        rule = f"half = {above}" if above and kind != "rank" and writing.chance.random() < 0.7 else ""
        look = writing.chance.choice(LOOKS[:6])
        return {"type": f"{kind} {of}{writing.chance.choice(more)}", "choice_filter": rule, "appearance": look}

    return row


def typed(kind: str, *rules: str) -> Callable[[Writing], dict[str, str]]:
    """A box to type in, with or without a rule."""
    return lambda writing: {"type": kind, "constraint": writing.chance.choice(("", *rules))}


def scale(writing: Writing) -> dict[str, str]:
    """A range, long or short."""
    return {"type": "range", "parameters": writing.chance.choice(("start=0 end=10 step=1", "start=0 end=500 step=0.5"))}


SIGNS = ("=", "!=", "<", "<=", ">", ">=")
KINDS: tuple[tuple[str, Callable[[Writing], dict[str, str]]], ...] = (
    ("note", lambda writing: {"type": "note"}),
    ("text", typed("text", "string-length(.) <= 30", "regex(., '[A-Za-z .]{1,30}')")),
    ("integer", typed("integer", ". <= 20", ". >= 1 and . != 7")),
    ("decimal", typed("decimal", ". < 30.5")),
    ("range", scale),
    ("date", typed("date", ". <= today()", ". > date('2020-01-01')")),
    ("select_one few", closed("select_one", "few", ("", " or_other"))),
    ("select_one words", closed("select_one", "words")),
    ("select_one places", closed("select_one", "places")),
    ("select_multiple words", closed("select_multiple", "words", ("", " or_other"))),
    ("select_multiple places", closed("select_multiple", "places")),
    ("rank few", closed("rank", "few")),
    ("acknowledge", lambda writing: {"type": "acknowledge"}),
    ("calculate", lambda writing: {"type": "calculate", "calculation": words(writing)}),
)
