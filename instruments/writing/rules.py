"""Rules as the expressions of a sheet. A list of labels that jr:choice-name() became is written so again."""

from __future__ import annotations

from instruments.expressions import spell
from instruments.model import Instrument, Item, Tree
from instruments.rules.trees import NOTHING, chosen_words, rewrite


class Rules:
    """Writes the rules of one instrument."""

    def __init__(self, instrument: Instrument) -> None:
        self.language = instrument.languages[0]
        self.items = [item for part in instrument.parts for block in part.blocks for item in block.items]

    def written(self, item: Item, tree: Tree | None) -> str:
        """The expression of a rule of this item, '' for none. Raises ExpressionError where it cannot be written."""
        return spell(rewrite(tree, lambda part: self._named(item, part))) if tree else ""

    def _named(self, item: Item, part: Tree) -> Tree | None:
        if part[:3] != ("call", "concat", NOTHING) or len(part) < 4 or part[3][:2] != ("call", "if"):
            return None
        test = part[3][2]
        if test[:2] != ("call", "selected"):
            return None
        for one in self.items[: self.items.index(item)]:
            if len(one.choices) == len(part) - 3 and chosen_words(test[2], one.choices, self.language) == part:
                value = rewrite(test[2], lambda inner: self._named(item, inner))
                return ("call", "jr:choice-name", value, ("text", f"${{{one.name}}}"))
        return None
