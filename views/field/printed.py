"""Pages that are made to be printed: a group's information sheet, and its show cards in one language or two.

Anyone may keep them: they hold the study's words and nothing of anybody, and they say the same without script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, abort, request

from instruments.model import Group, PartName
from instruments.sheets_to_read import sheets_of
from instruments.show_cards import ShowCard, show_cards
from instruments.standing import standings
from views.field.common import cacheable, language, page, study
from views.field.fitting import POINT, leading_of, lines_of, longest_word
from views.field.words import Unsaid
from views.languages import direction_of, own_name

# On A5, in millimetres: what the answers of a card have for themselves. On A4 all is larger by the root of two.
WIDTH, HEIGHT = 118.0, 126.0
SIZES = (30, 24, 19, 15, 12, 10, 8)  # points, largest first
AROUND = 0.7  # of its size is what an answer has around it
ABOVE = {"ur": 0.35}  # and above it besides, as in static/print.css: Nastaliq begins high above its line
MANY = 10  # answers that stand in two columns


@dataclass(frozen=True)
class Laid:
    """A card as it is laid out: how large its words are, in points on A5, and whether it has two columns."""

    card: ShowCard
    points: int
    is_long: bool


def sheet(group: str) -> Response:
    """The information sheet of a group in one language, with its version."""
    known = _known(group)
    return cacheable(
        page(
            "sheet.html",
            group=group,
            title=known.title.in_language(language()),
            sheets=sheets_of(study().instrument, group, language()),
            is_draft=_is_draft("information"),
            form=Unsaid(),
        )
    )


def cards(group: str) -> Response:
    """The show cards of a group. `beside` names a second language, for whoever interprets."""
    known, first = _known(group), language()
    others = [code for code in study().languages if code != first]
    wanted = request.args.get("beside", "")
    spoken = [first, *(code for code in others if code == wanted)]
    laid = [_laid(card, spoken) for card in show_cards(study().instrument, group)]
    return cacheable(
        page(
            "cards.html",
            group=group,
            title=known.title.in_language(first),
            laid=laid,
            shown=[(code, direction_of(code)) for code in spoken],
            others=[(code, own_name(code)) for code in others],
            form=Unsaid(),
        )
    )


def _known(group: str) -> Group:
    found = {one.name: one for one in study().instrument.groups}
    return found[group] if group in found else abort(404)


def _is_draft(part: PartName) -> bool:
    """Whether nobody who speaks the language has reviewed the words of a part: then the paper says so."""
    told = standings(study().instrument, study().settings)
    return any(part in one.drafts for one in told if one.language == language())


def _laid(card: ShowCard, spoken: Sequence[str]) -> Laid:
    """The largest words with which a card fits its page."""
    is_long = len(card.answers) > MANY
    fitting = (points for points in SIZES if _fits(card, spoken, points, is_long))
    return Laid(card, next(fitting, SIZES[-1]), is_long)


def _fits(card: ShowCard, spoken: Sequence[str], points: int, is_long: bool) -> bool:
    """Whether no word is broken and all answers have room on A5, about."""
    size, columns = points * POINT, 2 if is_long else 1
    width = (WIDTH / columns - AROUND * size) / len(spoken) - AROUND * size
    said = [[words.in_language(code) for code in spoken] for words in card.answers]
    lines = sum(max(lines_of(words, points, width) for words in row) for row in said)
    around = AROUND + max(ABOVE.get(code, 0.0) for code in spoken)
    height = (lines * leading_of(spoken) + len(said) * around) * size / columns
    return height <= HEIGHT and longest_word((words for row in said for words in row), points) <= width
