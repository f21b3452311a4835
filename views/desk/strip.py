"""The strip of steps to a release, and a page under it. Holds nothing."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from views.desk.common import Step, show

STRIP = (
    Step("source", lazy_pgettext("a step to a release", "Source"), "desk.source"),
    Step("unlock", _("Unlock"), "desk.unlock"),
    Step("specify", _("Specify"), "desk.specify"),
    Step("preview", _("Preview"), "desk.preview"),
    Step("build", lazy_pgettext("a step to a release", "Build"), "desk.build"),
)


def page(step: str, **words: Any) -> str:
    """The page of one step; `at`: the step that one is at, where the page is another's."""
    return show(step, STRIP, words.pop("at", "") or step, **words)
