"""What the desk holds in memory while people's own words are looked at: decisions, codings, who waits in which order.

Nothing in it is ever written down but decisions, sealed, and that there were any, in the journal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext

from release.dataset import Dataset
from release.journal import write_words_reviewed
from release.making import Opened
from release.review.answers import Answer, answers
from release.review.deciding import Decisions, Signed, state_of
from release.review.life import Waiting, may_be_seen, months_of, waiting_in
from release.review.themes import CODERS, TOGETHER, Codings
from views.desk.common import the_desk
from views.desk.review_queue import Queue, queue_of

TASK, QUOTES = "review", "quotes"
PATIENCE = 1800.0  # seconds
# What the journal calls what is done with words.
ACTS = {
    QUOTES: "quotes",
    "first": "themes, first coder",
    "second": "themes, second coder",
    TOGETHER: "themes, together",
}


@dataclass
class Typed:
    """Words that were typed and have no answer to go to: shown to be copied, forgotten soon, in memory only."""

    text: str = field(repr=False)
    patience: float = 600.0
    farewell: str = ""

    def forget(self) -> None:
        """Let go of the words."""
        self.text = ""


@dataclass
class Room:
    """Everything that was opened of people's own words. `queues`: by what is done: quotes, a coder, or together.

    `said` and `asks`: of the form that was sent last, for the next page."""

    opened: Opened = field(repr=False)
    decisions: Decisions = field(repr=False)
    codings: Codings = field(repr=False)
    queues: dict[str, Queue] = field(default_factory=dict, repr=False)
    names: dict[str, str] = field(default_factory=dict, repr=False)
    noted: set[tuple[str, date]] = field(default_factory=set)
    said: str = ""
    asks: bool = False
    patience: float = PATIENCE

    @property
    def farewell(self) -> str:
        """What was typed and put off is gone with it."""
        is_lost = any(draft.text for queue in self.queues.values() for draft in queue.drafts.values())
        return gettext("What you had typed about people's own words and not saved is forgotten.") if is_lost else ""

    def forget(self) -> None:
        """Let go of every answer."""
        self.queues.clear()
        self.names.clear()

    def take_said(self) -> tuple[str, bool]:
        """What the next page says of the form before it, and whether it asks; once."""
        told = self.said, self.asks
        self.said, self.asks = "", False
        return told

    def queue(self, what: str) -> Queue:
        """Who waits for this, in random order. Raises ReleaseError for a note that does not open."""
        if what not in self.queues:
            told = {QUOTES: self._quotes, TOGETHER: self._differing}.get(what, lambda: self._uncoded(what))
            waiting, done = told()
            months, today = months_of(self.opened.source), the_desk().today()
            seen = [one for one in waiting if may_be_seen(one, months, today)]
            made = queue_of(seen, done + len(seen), the_desk().cookie, len(waiting) - len(seen))
            self.queues[what] = made
        return self.queues[what]

    def waiting(self, what: str) -> Waiting:
        """How many answers wait for this, and until when."""
        queue = self.queue(what)
        return waiting_in(queue.months, months_of(self.opened.source), queue.over)

    def signed(self, what: str, name: str) -> Signed:
        """Who decides, remembered for the next page; written into the journal once a day, before it is done."""
        day = the_desk().today()
        made = Signed(name, f"{day:%Y-%m}")
        self.names[what] = made.told()["by"]
        if (what, day) not in self.noted:
            write_words_reviewed(the_desk().home / "releases", ACTS[what], len(self.queue(what).waiting), day)
            self.noted.add((what, day))
        return made

    def _quotes(self) -> tuple[list[Answer], int]:
        # What must never be quoted needs no review: it is withheld whatever it says.
        decided = self.decisions.known()
        quotable = [one for one in answers(self.opened.source, self.opened.dataset) if one.may_be_quoted]
        waiting = [one for one in quotable if state_of(one, decided) == "unreviewed"]
        return waiting, len(quotable) - len(waiting)

    def _uncoded(self, coder: str) -> tuple[list[Answer], int]:
        coding = self.codings.now()
        given = list(answers(self.opened.source, self.opened.dataset))
        waiting = [one for one in given if not coding.has_coded(coder, one.key)]
        return waiting, len(given) - len(waiting)

    def _differing(self) -> tuple[list[Answer], int]:
        coding = self.codings.now()
        given = list(answers(self.opened.source, self.opened.dataset))
        return [one for one in given if coding.differing(one.key)], sum(one.key in coding.by[TOGETHER] for one in given)


def keep_typed(text: str) -> None:
    """Keep what was typed for the next page."""
    if text.strip():
        the_desk().held["typed"] = Typed(text)


def typed_before() -> str:
    """What was typed and has no answer to go to."""
    held = the_desk().held.get("typed")
    return held.text if isinstance(held, Typed) else ""


def room_of(opened: Opened) -> Room:
    """The room over these records; another one where others were opened since."""
    desk = the_desk()
    held = desk.held.get(TASK)
    if isinstance(held, Room) and _dataset(held) is opened.dataset:
        return held
    told = (desk.home / "releases", opened.keys, opened.source.study)
    desk.held[TASK] = made = Room(opened, Decisions(*told), Codings(*told))
    return made


def codings_changed(room: Room) -> None:
    """The code book is another one: who waits for a coder is found anew."""
    for what in (*CODERS, TOGETHER):
        room.queues.pop(what, None)


def _dataset(room: Room) -> Dataset:
    return room.opened.dataset
