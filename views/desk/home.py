"""The desk's home page: what can be done here, and which keys are in the folder. Opens nothing."""

from __future__ import annotations

from views.desk.common import Page, show, the_desk
from views.desk.tasks import GROUPS


def home() -> Page:
    """The tasks, and what was forgotten since the last look."""
    desk = the_desk()
    said, desk.farewell = desk.farewell, ""
    return show("home", groups=GROUPS, said=said)
