"""The part of Stata's grammar that scoring.do keeps to, read statement by statement: for want of Stata itself.

From its manuals ([U] 11 language, 13 expressions; [P] syntax, program, macro, foreach, if, return; [D] import
delimited, destring, egen, generate). What is not written here is refused, though Stata may know it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

NAME, MACRO = r"[A-Za-z_]\w{0,31}", r"(?:`\w+'|\$\w+|\$\{\w+`\w+'\})"
NAMES = rf"(?:{NAME}|{MACRO})(?: (?:{NAME}|{MACRO}))*"
TOKEN = re.compile(
    rf'\s*(?:(?P<number>\d+(?:\.\d+)?(?:e-?\d+)?|\.)|(?P<string>"(?:[^"`]|{MACRO})*")|(?P<macro>{MACRO})'
    rf"|(?P<call>{NAME})\(|(?P<name>{NAME})|(?P<operator>==|!=|>=|<=|[-+*/<>&|!(),]))"
)
FUNCTIONS = {"floor": 1, "string": 2, "missing": 1, "cond": 3, "r": 1}
RESULTS = {"N", "sum", "mean", "sd", "Var", "rho", "told"}
OPTIONS = {
    "import delimited": {"varnames(1)", "case(preserve)", 'encoding("UTF-8")', "bindquotes(strict)", "clear",
                         "maxquotedrows(unlimited)", "stringcols(_all)"},
    "destring": {"replace"},
}  # fmt: skip
IF = r"(?: if (?P<exp>.+?))?"
# Each statement as a whole. `exp` is an expression; `uses` names what must be a macro or a variable.
STATEMENTS = (
    r"version 14", r"clear all", r"end", r"\}",
    rf"program define (?P<program>{NAME})(?:, rclass)?",
    r"syntax (?P<syntax>.+)",
    rf"global {NAME}(?:{MACRO})? (?:\d+|{MACRO})",
    r'import delimited using "data\.csv", (?P<import>.+)',
    rf"destring (?P<variables>{NAMES}) ?, (?P<destring>\w+)",
    rf"(?:tempvar|tempname) (?P<defines>{NAME}(?: {NAME})*)",
    rf"(?:generate (?:byte|double)|replace) {MACRO} = (?P<exp2>.+?){IF}",
    rf"egen {MACRO} = anycount\({MACRO}\){IF}, values\({MACRO}\)",
    rf"egen (?:double )?{MACRO} = (?:rownonmiss|rowmean|rowtotal)\({MACRO}\)",
    rf"count{IF}", rf"(?:summarize|correlate) {MACRO}{IF}",
    rf"(?:return )?local (?P<set>{NAME}) = (?P<exp>.+)", rf'(?:return )?local (?P<text>{NAME})(?: "[^"]*")?',
    rf"local (?P<word>{NAME}) : word count {MACRO}", rf"local (?P<list>{NAME}) : list {NAME} in {NAME}",
    rf"local (?P<more>{NAME}) {MACRO} {MACRO}",
    rf"scalar {MACRO} = (?P<exp>.+)",
    rf"foreach (?P<each>{NAME}) of local {NAME} \{{", rf"foreach (?P<any>{NAME}) in {NAME}(?: {NAME})* \{{",
    rf'local {MACRO} "\w+"', r"if (?P<exp>.+) \{",
    rf'display as text "(?:[^"`]|{MACRO})*"(?: _tab "(?:[^"`]|{MACRO})*")*',
)  # fmt: skip
READ = [re.compile(one) for one in STATEMENTS]
DEFINE = ("set", "text", "word", "list", "more", "each", "any", "defines")


def faults_in(text: str) -> list[str]:
    """Each statement that is not of this grammar, and why. None where all is well."""
    faults, known, declared, blocks = list[str](), set[str](), dict[str, str](), list[str]()
    program = ""
    for statement in statements_of(text):
        told = _plain(statement)
        called = told.split(" ", 1)[0]
        found = _called(told, declared) if called in declared else _read(told)
        if isinstance(found, str):
            faults.append(f"{found}: {statement}")
            continue
        faults += [f"{one}: {statement}" for one in _expressions(found) if one]
        if "program" in found:
            program, known = found["program"], set()
            blocks.append("program")
        if "syntax" in found:
            declared[program] = found["syntax"]
            known |= {"varlist", *re.findall(rf"({NAME})\(", found["syntax"].split(",", 1)[1])}
        used = set(re.findall(r"`(\w+)'", statement))
        known |= {name for key in DEFINE if key in found for name in found[key].split()}
        faults += [f"{name} is not defined: {statement}" for name in sorted(used - known)]
        blocks += ["{"] * told.endswith("{")
        if told in ("}", "end") and (not blocks or blocks.pop() != {"}": "{", "end": "program"}[told]):
            faults.append(f"nothing to close: {statement}")
    return [*faults, *(f"{one} is not closed" for one in blocks)]


def statements_of(text: str) -> Iterator[str]:
    """The statements, lines that go on with /// put together, without comments."""
    for line in re.sub(r" ///\n\s*", " ", text).split("\n"):
        if line.strip() and not line.startswith("*"):
            yield re.sub(r" +", " ", line.strip())


def _plain(statement: str) -> str:
    """The statement that an `if` before it, or quietly, lets run; the condition is looked at as one of its own."""
    bare = re.fullmatch(r"if (.+?) ((?:quietly|scalar|local) .+)", statement)
    if bare and _fault(bare[1]):
        return f"if {bare[1]}"  # refused as a statement
    return (bare[2] if bare else statement).removeprefix("quietly ")


def _read(told: str) -> Mapping[str, str] | str:
    for form in READ:
        if found := form.fullmatch(told):
            return {name: value for name, value in found.groupdict().items() if value}
    return "no known statement"


def _expressions(found: Mapping[str, str]) -> Iterator[str]:
    yield from (_fault(found[name]) for name in ("exp", "exp2") if name in found)
    for name, key in (("import", "import delimited"), ("destring", "destring")):
        if name in found and set(found[name].split()) - OPTIONS[key]:
            yield "an option that is not known"
    if "syntax" in found and not re.fullmatch(
        rf"varlist\(numeric\), ((?:{NAME}\((?:integer|string|varname)\) ?)+)"
        rf"(\[(?:{NAME}\((?:integer -?\d+|string|varlist numeric)\) ?)+\])?",
        found["syntax"],
    ):
        yield "no known syntax"


def _called(told: str, declared: Mapping[str, str]) -> Mapping[str, str] | str:
    """A call of a program of this file: each required option is there, and none that it does not declare."""
    call = re.fullmatch(rf"(?P<program>{NAME}) {NAMES}, (?P<options>(?:{NAME}\([^()]*\) ?)+)", told)
    if not call:
        return "no known call"
    needed, _, free = declared[call["program"]].split(",", 1)[1].partition("[")
    given, required = (set(re.findall(rf"({NAME})\(", one)) for one in (call["options"], needed))
    allowed = required | set(re.findall(rf"({NAME})\(", free))
    return {} if required <= given <= allowed else "its options are not those of its syntax"


def _fault(expression: str) -> str:
    """What is wrong with an expression; empty where nothing is."""
    tokens, at = list[tuple[str, str]](), 0
    while at < len(expression.rstrip()):
        found = TOKEN.match(expression, at)
        if not found or not found.lastgroup:
            return "no expression"
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    try:
        left = _sum(tokens)
    except (IndexError, ValueError):
        return "no expression"
    return "no expression" if left else ""


def _sum(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    left = _one(tokens)
    while left and left[0][0] == "operator" and left[0][1] not in ("!", "(", ")", ","):
        left = _one(left[1:])
    return left


def _one(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    (kind, told), left = tokens[0], tokens[1:]
    if (kind, told) in (("operator", "-"), ("operator", "!")):
        return _one(left)
    if (kind, told) == ("operator", "("):
        return _closed(_sum(left))
    if kind == "call":
        return _arguments(told, left)
    if kind == "operator":
        raise ValueError(told)
    return left


def _arguments(name: str, tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if name == "r" and tokens[0][1] not in RESULTS:
        raise ValueError(name)
    left = _sum(tokens)
    for _ in range(FUNCTIONS.get(name, 0) - 1):
        if left[0][1] != ",":
            raise ValueError(name)
        left = _sum(left[1:])
    if name not in FUNCTIONS:
        raise ValueError(name)
    return _closed(left)


def _closed(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if tokens[0][1] != ")":
        raise ValueError("not closed")
    return tokens[1:]
