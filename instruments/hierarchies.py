"""Make a value coarser along its variable's hierarchy. Missing codes stay as they are until all is suppressed."""

from __future__ import annotations

from instruments.model import MISSING_CODES, REMOVED, Answers, Hierarchy, Level, Value, as_value


def coarsen(hierarchy: Hierarchy, level: int, value: Value, answers: Answers) -> Value:
    """The value at this level (0: as it is). `answers` serves levels that copy another variable.

    A value that was stored at a coarser level already is left there. Raises IndexError for a level that is not there.
    """
    if level == 0:
        return value
    step = hierarchy.levels[level - 1]
    if step.rule == "suppressed":
        return REMOVED
    if value in MISSING_CODES or _is_lone_missing(value):
        return value
    return _coarser(step, value, answers)


def _coarser(step: Level, value: Value, answers: Answers) -> Value:
    match step.rule:
        case "copy":
            return answers.get(str(step.source), REMOVED)
        case "first_word":
            return str(value).split(" ")[0]
        case "year":
            return str(value)[:4]
        case "quarter":
            return f"{str(value)[:4]}-Q{(int(str(value)[5:7]) + 2) // 3}" if "Q" not in str(value) else value
    return _category(step, value)


def _category(step: Level, value: Value) -> Value:
    codes = {str(one) for one in value} if isinstance(value, tuple) else {str(value)}
    for category in step.categories:
        if codes & {*category.members, category.code} or "*" in category.members:
            return as_value(category.code)
    return REMOVED


def _is_lone_missing(value: Value) -> bool:
    return isinstance(value, tuple) and len(value) == 1 and value[0] in MISSING_CODES
