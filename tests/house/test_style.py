"""The design holds: colours, sizes and fonts stand in tokens, contrast is reckoned, nothing has a left or right."""

from __future__ import annotations

import re

import pytest

from tests.house.sheets import MODES, ROOT, SHEETS, all_rules, contrast, rules, tokens

# What text is painted with, and on what.
TEXT = (
    *((f"--{words}", ground) for words in ("ink", "muted", "accent", "stop") for ground in ("--paper", "--card")),
    *((f"--{words}", "--paper") for words in ("attention", "done")),
    *((f"--{words}", f"--{ground}-soft") for words in ("ink", "accent") for ground in ("accent", "attention", "stop")),
    ("--stop", "--stop-soft"), ("--attention", "--card"), ("--done", "--card"), ("--on-accent", "--accent"),
)  # fmt: skip
EDGES = (
    *((f"--{edge}", ground) for edge in ("edge", "accent", "stop", "attention") for ground in ("--paper", "--card")),
    ("--accent", "--accent-soft"), ("--attention", "--attention-soft"), ("--stop", "--stop-soft"),
)  # fmt: skip
LITERAL = {
    "a colour": re.compile(
        r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab|color-mix)a?\(|: (?:white|black|red|gr[ea]y)\b", re.I
    ),
    "a size of letters": re.compile(r"^(?:font-size|font): (?!var\(--[\w-]+\)$|inherit$)"),
    "a font": re.compile(r"^font-family: (?!var\(--[\w-]+\)$|inherit$)"),
}
SIDE = r"left|right|top|bottom"
PHYSICAL = re.compile(
    rf"^(?:(?:(?:margin|padding|border|scroll-margin|scroll-padding)-)?(?:{SIDE})(?:-(?:width|style|color))?"
    rf"|border-(?:{SIDE})-(?:{SIDE})-radius|(?:min-|max-)?(?:width|height)|overflow-[xy]): "
    rf"|^(?:text-align|float|clear): (?:left|right)\b"
)
# A region that may scroll sideways is the one thing that no logical property is known for everywhere.
KNOWN_EVERYWHERE = ("overflow-x: auto",)
FORBIDDEN = re.compile(r"^(?:font-style: (?:italic|oblique)|letter-spacing: |text-transform: )")
# Attributes that HTML itself has.
OF_HTML = {"hidden", "dir", "lang", "open", "tabindex", "type", "scope", "id"}
NAMED = re.compile(r"([.#])([a-zA-Z][\w-]*)|\[([\w-]+)")


def lines() -> list[tuple[str, str]]:
    """Every declaration outside the blocks of tokens, with where it stands."""
    return [
        (f"{rule.sheet}: {rule.selector}", f"{name}: {value}")
        for rule in all_rules()
        if not rule.is_tokens
        for name, value in rule.declarations
        if not name.startswith("--")
    ]


@pytest.mark.parametrize("mode", MODES)
def test_text_is_seven_to_one_on_its_ground_and_an_edge_three_to_one(mode: str) -> None:
    told = tokens(mode)
    faint = [
        f"{one} on {other}: {ratio:.2f}"
        for least, pairs in ((7, TEXT), (3, EDGES))
        for one, other in pairs
        if (ratio := contrast(told[one], told[other])) < least
    ]
    assert faint == []


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("kind", LITERAL)
def test_no_rule_says_a_colour_a_size_or_a_font_but_by_its_token(kind: str) -> None:
    assert [(place, line) for place, line in lines() if LITERAL[kind].search(line)] == []


def test_interviewers_pages_have_what_a_device_gets_that_asks_for_contrast() -> None:
    found = {rule.selector: rule.declarations for rule in all_rules() if ("--paper", "Canvas") in rule.declarations}
    assert found.keys() == {":root", ".sun"}
    assert found[":root"] == found[".sun"]


def test_every_token_that_is_used_is_told_and_every_token_that_is_told_is_used() -> None:
    text = "".join((ROOT / "static" / name).read_text("utf-8") for name in SHEETS)
    told = {name for rule in all_rules() for name, _ in rule.declarations if name.startswith("--")}
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) == told


def test_no_sheet_knows_left_and_right_and_no_script_is_bent_or_spaced() -> None:
    sheets = [ROOT / "static" / name for name in SHEETS] + sorted(ROOT.glob("release/**/*.css"))
    assert len(sheets) > len(SHEETS)
    said = [
        (rule.sheet, rule.selector, f"{name}: {value}")
        for path in sheets
        for rule in rules(path)
        for name, value in rule.declarations
    ]
    assert [one for one in said if PHYSICAL.search(one[2]) and one[2] not in KNOWN_EVERYWHERE] == []
    assert [one for one in said if FORBIDDEN.search(one[2])] == []


def said_on_pages() -> set[str]:
    """Every word that stands where a page or a script names classes, and every id and attribute."""
    templates = "\n".join(path.read_text("utf-8") for path in ROOT.glob("templates/**/*.html"))
    code = "\n".join(
        path.read_text("utf-8") for way in ("static/*.js", "views/**/*.py", "forms/*.py") for path in ROOT.glob(way)
    )
    inside = re.findall(r'class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', templates)
    inside += re.findall(r"[^\n]*(?:class|render_kw)[^\n]*", code)
    inside += re.findall(r"[\s(]((?:id|data-|aria-)[\w-]*(?:=\"?[\w-]*)?)", templates + code)
    inside += [re.sub(r"(?=[A-Z])", "-", f"data-{name}").lower() for name in re.findall(r"dataset\.(\w+)", code)]
    parts = {f"part-{part}" for part in ("information", "consent", "contact")}
    return {word for one in inside for word in re.findall(r"[a-zA-Z][\w-]*", one)} | parts | OF_HTML


def test_every_name_in_a_selector_is_on_some_page() -> None:
    said = said_on_pages()
    unused = {
        f"{rule.sheet}: {mark or '['}{name or attribute}"
        for rule in all_rules()
        for mark, name, attribute in NAMED.findall(rule.selector)
        if (name or attribute) not in said
    }
    assert unused == set()
