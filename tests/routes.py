"""The app's own map of its addresses, with something in the place of every argument."""

from __future__ import annotations

import re

from werkzeug.routing import Rule

VALUES = {"group": "young_person", "filename": "amanah.css", "name": "no-such-recording"}


def address(rule: Rule) -> str:
    """An address of this rule. A new argument needs a row in VALUES."""
    unknown = rule.arguments - VALUES.keys() - set(rule.defaults or {})
    assert not unknown, f"{rule.rule} has an argument that VALUES does not know: {', '.join(sorted(unknown))}"
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: VALUES[found.group(1)], rule.rule)
