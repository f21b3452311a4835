"""Names of staff: what may be one, and which are the same. Two that look alike are one name.

A name shows all that it holds: no character that leaves no trace, no mark that hangs on nothing, and of Latin, Greek
and Cyrillic, which borrow each other's shapes, one alone. Every other script may be used as people use it.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from errors import SettingsError
from storage.journal import COMMAND_LINE

LONGEST_NAME = 80
# Characters that print as nothing though they count as letters, marks or signs, the first and last of each run
# (Unicode's Default_Ignorable_Code_Point but for what is not printable anyway; and the blank pattern of Braille).
UNSEEN = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0x16FE4, 0x16FE4), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
# Scripts whose letters can be taken for each other's.
ALIKE = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "COPTIC", "CHEROKEE", "LISU")
# Letters by the Latin one that they, or their capitals, look like.
LOOKS = str.maketrans(
    "авсԁеѕіјкӏмнорԛтуѵԝхүһԍ" + "αβεζηικμνορτυχω" + "ıłøđħŧɑɡ",
    "abcdesijklmhopqtyvwxyhg" + "abezhikmnoptyxw" + "ilodhtag",
)
# What stands in for letters; a capital i looks like a small l.
DIGITS = str.maketrans("01|i", "olll")


def name_from(typed: str) -> str:
    """The name as it is kept, spelled as sign-in spells what is typed. Raises SettingsError for what is none."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not (1 <= len(name) <= LONGEST_NAME and name.isprintable()):
        raise SettingsError(f"A name has 1 to {LONGEST_NAME} characters that can be printed.")
    if not _is_plain(name):
        raise SettingsError(
            "A name has letters of one alphabet, and nothing that cannot be seen. Please type it without the rest."
        )
    if folded(name) in NOBODYS:
        raise SettingsError("In the journal this name would be taken for a command. Please choose another.")
    return name


def folded(name: str) -> str:
    """The name as names are compared: whatever its capitals, its width, its accents' spelling, its letters' script."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(one for one in plain.translate(LOOKS).translate(DIGITS) if not _is_optional(one))


def _is_plain(name: str) -> bool:
    shown = not any(first <= ord(one) <= last for one in name for first, last in UNSEEN)
    return shown and _has_no_loose_mark(name) and len({_script(one) for one in name} & set(ALIKE)) <= 1


def _has_no_loose_mark(name: str) -> bool:
    """Whether each mark hangs on a letter or mark of its own script, as in Arabic or Bengali.

    What Latin, Greek and Cyrillic names need is one letter with its mark once it is composed: what is left over hangs
    there to be overlooked.
    """
    marked = (pair for pair in pairwise(f" {name}") if unicodedata.category(pair[1]) in ("Mn", "Me"))
    return all(_script(before) == _script(mark) for before, mark in marked)


def _is_optional(letter: str) -> bool:
    """Whether people write it or leave it out: the points of Arabic and Hebrew, and what draws a word out."""
    is_point = unicodedata.category(letter) == "Mn" and _script(letter) in ("ARABIC", "HEBREW")
    return is_point or letter == "\N{ARABIC TATWEEL}"


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


# What the journal calls, or a reader of it could take for, whoever typed a command: nobody is called so.
NOBODYS = (folded(COMMAND_LINE), folded("administrator"))
