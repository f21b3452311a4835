"""What XLSForm knows and this software refuses: each with the reason, and what to write instead."""

from __future__ import annotations

_TIME = "is refused: it keeps a time of day, and times are never kept. Write today(), or ask for a date"
_CHANCE = "is refused: it gives something else each time, so nobody could check it. Every record has an id already"
_PLACE = "is refused: it reads places on a map, which are never asked for. Ask for the number itself in an item"
_PATH = "is refused: it reads a document by its path. Write ${item}, or a column's name in a choice_filter"
_DEVICE = "is refused: nothing about a device is kept. Ask the person in an item"
_LETTERS = "is refused: large and small letters differ by language. Use regex(), or translate() with your letters"
_MACHINE = "is refused: machines give it a little differently, so two could disagree. Use + - * div, pow() and round()"
FUNCTIONS = {
    **dict.fromkeys(
        ("sqrt", "exp", "exp10", "log", "log10", "pi", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"), _MACHINE
    ),
    "now": _TIME,
    "decimal-time": _TIME,
    "decimal-date-time": _TIME + "; number() of a date gives its days since 1970-01-01",
    "date-time": _TIME,
    "format-date-time": _TIME + "; format-date() spells a date",
    "random": _CHANCE,
    "uuid": _CHANCE,
    "pulldata": "is refused: its file is no part of the study. Put the values into columns of choices.csv, or use if()",
    "current": _PATH,
    "instance": _PATH,
    "area": _PLACE,
    "enclosed-area": _PLACE,
    "geofence": _PLACE,
    "distance": _PLACE,
    "digest": "is refused: an answer can be guessed back from its digest. Leave it out; every record is sealed",
    "base64-decode": "is refused: nothing here is in that form. Leave it out",
    "randomize": "is refused: choices stand in one order for everybody. Write the list's name in the type alone",
    "is-selected": "is an old name: write selected()",
    "boolean-from-string": "is refused: texts are compared as they are. Write ${item} = 'true' or ${item} = 1",
    "property": _DEVICE,
    "version": "is refused: every record names its study's version already. Leave it out",
    "upper-case": _LETTERS,
    "lower-case": _LETTERS,
}
SIGNS = {
    "==": "write = for equal",
    "&&": "write and / or in place of && and ||",
    "||": "write and / or in place of && and ||",
    "“": "type straight quotes, ' or \"",
    "”": "type straight quotes, ' or \"",
    "‘": "type straight quotes, ' or \"",
    "’": "type straight quotes, ' or \"",
    "/": "paths with / are not supported; write ${name} for the answer of an item, and div to divide",
    "..": "paths with .. are not supported; write ${name} for the answer of an item",
    "${": "write ${name} with one name of letters, digits, _, - and . between the braces",
    "!": "write != for unequal, and not(...) for the opposite",
}


def why_refused(function: str) -> str | None:
    """Why a function that XLSForm knows is refused; None where it is not one of those."""
    return _DEVICE if function.startswith("device") else FUNCTIONS.get(function)
