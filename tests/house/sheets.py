"""The style sheets read into rules, and the colours that their tokens stand for in each mode. For tests only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHEETS = ("amanah.css", "tablet.css", "staff.css", "print.css", "listen.css")
# What a browser paints for the colours of a system that has none of its own: Chromium's, light and dark.
SYSTEM = {
    "light": {"Canvas": "#FFFFFF", "CanvasText": "#000000"},
    "dark": {"Canvas": "#121212", "CanvasText": "#FFFFFF"},
}
MODES = ("light", "dark", "light, high contrast", "dark, high contrast")
CONTRAST = "@media (prefers-contrast: more)"
DARK = "@media (prefers-color-scheme: dark)"


@dataclass(frozen=True)
class Rule:
    """One rule: its sheet, the conditions that it stands under, its selector, its declarations."""

    sheet: str
    under: tuple[str, ...]
    selector: str
    declarations: tuple[tuple[str, str], ...]

    @property
    def is_tokens(self) -> bool:
        """Whether it only says what tokens stand for."""
        return all(name.startswith("--") or name == "color-scheme" for name, _ in self.declarations)


@cache
def rules(path: Path) -> tuple[Rule, ...]:
    """Every rule of a sheet, in order."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    return tuple(_read(path.name, text))


def all_rules() -> list[Rule]:
    """Every rule of every sheet that the app serves."""
    return [rule for name in SHEETS for rule in rules(ROOT / "static" / name)]


def _read(sheet: str, text: str) -> Iterator[Rule]:
    under: list[str] = []
    for head, opens, inside, closes in re.findall(r"([^{};]*)(?:(\{)(?:([^{}]*)\})?|(\}))", text):
        if closes:
            under.pop()
        elif inside or not opens:
            yield Rule(sheet, tuple(under), _one_line(head), tuple(_declared(inside)))
        else:
            under.append(_one_line(head))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _declared(inside: str) -> Iterator[tuple[str, str]]:
    for line in inside.split(";"):
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip(), _one_line(value)


def tokens(mode: str) -> Mapping[str, str]:
    """What each token stands for in a mode, the colours of the system as Chromium paints them."""
    scheme, _, contrast = mode.partition(", ")
    wanted = [(), *([(DARK,)] if scheme == "dark" else []), *([(CONTRAST,)] if contrast else [])]
    told: dict[str, str] = {}
    for under in wanted:
        for rule in rules(ROOT / "static" / "amanah.css"):
            if rule.selector == ":root" and rule.under == under:
                told |= dict(rule.declarations)
    return {name: SYSTEM[scheme].get(value, value) for name, value in told.items()}


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, as WCAG reckons: from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
