"""Names that every form of a release can hold, or a refusal before anything is written: by name, with what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from errors import ReleaseError

LONGEST_SPSS, LONGEST_STATA = 64, 32  # bytes; letters
SPSS = re.compile(r"[^\W\d_][\w.$#@]*(?<![.])")
STATA = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
R = re.compile(r"(?:[A-Za-z]|\.(?![0-9]))[A-Za-z0-9._]*")
PLAIN = re.compile(r"[^\x00-\x1f\x7f\"',;]+")
RESERVED_SPSS = frozenset("all and by eq ge gt le lt ne not or to with".split())
RESERVED_STATA = frozenset(
    "_all _b _coef _cons _n _N _pi _pred _rc _skip _weight _merge _uniqrc alias byte double float if in int long "
    "str strL using with".split()
)
RESERVED_R = frozenset(
    "if else repeat while function for next break TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ NA_character_ "
    "NA_complex_ T F c".split()
)
TITLES = {"sav": "SPSS", "dta": "Stata", "scoring": "the scoring syntax", "csv": "CSV", "parquet": "Parquet"}


def refuse_names(names: Sequence[str], formats: Iterable[str]) -> None:
    """Raise ReleaseError where a name cannot stand in a form that was asked for."""
    wanted = tuple(formats)
    told = [f"{name} ({why})" for name in names for why in _why_not(name, wanted)]
    told += [f"{' and '.join(pair)} (the same name to SPSS and Stata)" for pair in _alike(names, wanted)]
    if told:
        raise ReleaseError(
            f"These names cannot stand in the formats asked for: {'; '.join(told)}. Nothing was written. Rename the "
            "variable in the study, leave it out with variables, or leave out that format."
        )


def in_stata(name: str) -> bool:
    """Whether Stata takes this name."""
    lawful = len(name) <= LONGEST_STATA and STATA.fullmatch(name) and not re.fullmatch(r"str[0-9]+", name)
    return bool(lawful) and name not in RESERVED_STATA


def in_spss(name: str) -> bool:
    """Whether SPSS takes this name."""
    lawful = len(name.encode()) <= LONGEST_SPSS and SPSS.fullmatch(name)
    return bool(lawful) and name.lower() not in RESERVED_SPSS


def _why_not(name: str, formats: tuple[str, ...]) -> Iterator[str]:
    spss = f"SPSS takes up to {LONGEST_SPSS} bytes, first a letter, and none of its own words"
    stata = f"Stata takes up to {LONGEST_STATA} letters a to z, digits and _, first no digit, and none of its own words"
    if not PLAIN.fullmatch(name) or name != name.strip():
        yield "a name has no quotation marks, commas, line breaks or spaces around it"
    if "sav" in formats and not in_spss(name):
        yield spss
    if "dta" in formats and not in_stata(name):
        yield stata
    if "scoring" in formats and not _in_every_syntax(name):
        yield f"scoring syntax is for SPSS, Stata and R alike: {stata}"


def _in_every_syntax(name: str) -> bool:
    return in_spss(name) and in_stata(name) and bool(R.fullmatch(name)) and name not in RESERVED_R


def _alike(names: Sequence[str], formats: tuple[str, ...]) -> list[tuple[str, ...]]:
    # SPSS never tells capitals apart. Stata does, and its users on Windows do not. The same name twice is no file's.
    folded = Counter(name.lower() for name in names)
    ours = {"sav", "dta", "scoring"} & set(formats)
    doubled = [one for one, count in folded.items() if count > 1]
    found = [tuple(name for name in names if name.lower() == one) for one in doubled]
    return [pair for pair in found if ours or len(set(pair)) < len(pair)]
