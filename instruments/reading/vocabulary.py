"""The words of XLSForm that are understood, and those that are refused by design, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from instruments.model import Kept, PartName, Privacy

SHEETS = ("survey", "choices", "settings")
OURS = "bind::amanah:"
CLASSES = "classes"  # the file beside a form that says how private it is; no sheet of it
CLOSED = {"select_one", "select_multiple", "rank"}
QUESTIONS = CLOSED | {"integer", "decimal", "date", "range", "text", "acknowledge"}
GROUPING = {"begin_group", "end_group", "begin_repeat", "end_repeat"}
TYPES = QUESTIONS | GROUPING | {"note", "calculate", "hidden"}
# Other spellings that XLSForm takes.
SPELLINGS = {
    "select one": "select_one", "select multiple": "select_multiple", "select all that apply": "select_multiple",
    "begin group": "begin_group", "end group": "end_group", "begin repeat": "begin_repeat", "end repeat": "end_repeat",
    "int": "integer", "string": "text",
}  # fmt: skip
PASSIVE = "nothing is recorded that a person did not say; take this row out"
FILES = "a picture, a sound or a file can name a person and is never taken; ask for words instead"
PLACES = "a place on the map can name a person; ask for an area from a list instead"
# What XLSForm knows and this software refuses by design (study.md, rules R7 and R8), and why.
REFUSED = {
    **dict.fromkeys(
        ("start", "end", "deviceid", "username", "phonenumber", "email", "subscriberid", "simserial", "audit",
         "start-geopoint", "background-audio", "background-geopoint"), PASSIVE),
    "today": "the day is not recorded unasked; ask for a date, or write today() in an expression",
    **dict.fromkeys(("image", "photo", "audio", "video", "file"), FILES),
    "barcode": "a code on a thing can name a person, and no camera is used; ask for it as text",
    **dict.fromkeys(("geopoint", "geotrace", "geoshape", "location"), PLACES),
    **dict.fromkeys(("time", "dateTime", "datetime"), "no time of day is kept; offer choices such as morning"),
    **dict.fromkeys(("select_one_from_file", "select_multiple_from_file", "select_one_external"),
                    "a list comes from the choices sheet; copy it there"),
    "xml-external": "files beside the form are not read; copy the list into the choices sheet",
    "csv-external": "files beside the form are not read; copy the list into the choices sheet",
    "trigger": "it is an old name; write acknowledge",
}  # fmt: skip
LOOKS = {"likert", "compact", "minimal", "numbers"}
# Appearances that change how a question looks elsewhere and nothing else: here it looks as every question of its kind.
ELSEWHERE = {
    "horizontal", "horizontal-compact", "quick", "quickcompact", "columns", "columns-pack", "no-calendar", "month-year",
    "autocomplete", "thousands-sep", "picker", "vertical", "no-ticks", "rating", "table-list", "label", "list-nolabel",
    "randomized", "pages", "page", "theme-grid", "w1", "w2", "w3", "w4", "w5", "w6", "compact-2", "counter",
    "hidden-answer", "year", "list", "ethiopian", "coptic", "islamic", "bikram-sambat", "myanmar", "persian", "masked",
    "image-map",
    *(f"columns-{number}" for number in range(1, 11)),
}  # fmt: skip
TOGETHER = {"table-list": "field-list"}  # a group's questions stay on one page, one below the other
COLUMNS = {
    "survey": {
        "type", "name", "required", "relevant", "constraint", "appearance", "default", "read_only", "calculation",
        "choice_filter", "repeat_count", "parameters", "disabled",
    } | {
        OURS + name for name in (
            "groups", "on", "stored", "stored_level", "privacy", "special", "hierarchy", "scale", "reverse",
            "referent", "aside", "most", "ethics", "part", "block", "left_out", "longest",
        )
    },
    "choices": {"list_name", "name"},
    "settings": {"form_title", "form_id", "version", "default_language", "style", "namespaces"},
}  # fmt: skip
NEEDED = {"survey": ("type", "name"), "choices": ("list_name", "name"), "settings": ()}
TRANSLATED = {
    "survey": ("label", "hint", "guidance_hint", "constraint_message", "required_message", "audio"),
    "choices": ("label", "audio"),
    "settings": ("title_in",),  # the form's title in other languages, under a name that other tools pass over
}
YES_OR_NO = ("", "yes", "no", "true", "false", "true()", "false()")
# What the cells of a column may hold.
CELLS: Mapping[str, tuple[str, ...]] = {
    "required": YES_OR_NO,
    "read_only": YES_OR_NO,
    OURS + "stored": ("", *get_args(Kept)),
    OURS + "stored_level": ("", *map(str, range(10))),
    OURS + "privacy": ("", *get_args(Privacy)),
    OURS + "special": ("", "yes", "no"),
    OURS + "reverse": ("", "yes", "no"),
    OURS + "most": ("", *map(str, range(1, 21))),
    OURS + "part": ("", *get_args(PartName)),
    OURS + "left_out": ("", "yes"),
}
LANGUAGE = re.compile(r".+ \(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)")
CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}")
APPEARANCES = ("multiline", "statement", "uppercase", "field-list", *sorted(LOOKS))
# Names that no question may have: the page's own fields and places, and what its script asks of a form.
TAKEN = {
    "remind", "send", "summary", "lang", "resume-pin",
    "action", "addEventListener", "append", "classList", "dataset", "elements", "hidden", "prepend", "querySelector",
    "querySelectorAll", "reset",
}  # fmt: skip
TAKEN_STARTS = ("q-", "part-")
# Names that no row may have: every object of the page's script has them.
OF_OBJECTS = {
    "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
}  # fmt: skip
FILTER_COLUMN = re.compile("[A-Za-z_][A-Za-z0-9_-]*")
NOT_KNOWN = "this column is not supported; take it out"
NOT_READ = {
    "trigger": "a calculation follows every answer that it names by itself; take this column out",
    "image": FILES, "video": FILES, "big-image": FILES, "media": FILES,
    "instance_name": "a record has no name, as a name could tell whose it is; take this column out",
    "public_key": "the study's own keys seal every record; take this column out",
    "submission_url": "records go to the study's own server only; take this column out",
}  # fmt: skip
# Columns of ODK and Kobo that change no question, and those that a team keeps for itself.
UNREAD = {"kuid", "autoname", "xpath", "prev", "hxl", "tags", "note"}
UNREAD_STARTS = ("_", "$", "kobo--")
OFF = ("", "no", "false", "false()")  # in disabled
OF_A_GROUP = {
    "disabled", "type", "name", "appearance", "relevant", "repeat_count", "label", "hint", "audio", "parameters",
    OURS + "most", OURS + "part", OURS + "block", OURS + "left_out",
}  # fmt: skip
ONLY_FOR = {
    "choice_filter": CLOSED,
    "calculation": {"calculate", "hidden"},
    "repeat_count": {"begin_repeat"},
    "parameters": {"range"},
    OURS + "most": {"begin_repeat"},
    OURS + "longest": {"text", "calculate"},
    **dict.fromkeys((OURS + "part", OURS + "block", OURS + "left_out"), {"begin_group"}),
}
LENGTH = re.compile("[1-9][0-9]{0,4}")  # of bind::amanah:longest
MESSAGES = ("constraint_message", "required_message")


@dataclass(frozen=True)
class Asked:
    """The type of a row: its kind, its list of choices, and whether a box for another answer stands below."""

    kind: str
    choices: str = ""
    other: bool = False


@lru_cache(maxsize=1024)
def is_unread(column: str) -> bool:
    """Whether this column is passed over, with a warning."""
    return column.startswith(UNREAD_STARTS) or column.partition("::")[0].lower() in UNREAD


@lru_cache(maxsize=1024)
def asked(cell: str) -> Asked | None:
    """What the type column of a row says; None where it is nothing that is known."""
    words = cell.split()
    for length in (4, 2, 1):
        kind = SPELLINGS.get(" ".join(words[:length]), words[0] if words and length == 1 else "")
        if kind in TYPES or kind in REFUSED:
            rest = words[length:]
            break
    else:
        return None
    if kind not in CLOSED:
        return Asked(kind) if not rest or kind in REFUSED else None
    other = rest[1:] in (["or_other"], ["or", "other"])
    return Asked(kind, rest[0], other) if len(rest) == 1 or (rest and other) else None
