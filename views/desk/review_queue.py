"""The answers that are still to be looked at, in random order. In memory only; tells nobody whose they are."""

from __future__ import annotations

import hmac
import secrets
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from release.review.answers import Answer


@dataclass(frozen=True)
class Draft:
    """What was typed about an answer and not saved: the text, the proposals taken, those that it was made from."""

    text: str = field(default="", repr=False)
    taken: tuple[str, ...] = ()
    made: str = ""


@dataclass
class Queue:
    """What is to be looked at, the one in front first, by what names it on its page: that says nothing of it.

    `months`: how many wait of each month, so that a page need not count them; `over`: how many wait no longer.
    `drafts`: what was typed about answers and not saved.
    """

    waiting: OrderedDict[str, Answer] = field(repr=False)
    whole: int
    months: Counter[str]
    over: int = 0
    drafts: dict[str, Draft] = field(default_factory=dict, repr=False)
    saved: tuple[str, str] = field(default=("", ""), repr=False)

    @property
    def front(self) -> Answer | None:
        """The answer to look at now."""
        return next(iter(self.waiting.values()), None)

    @property
    def which(self) -> str:
        """What names it on its page."""
        return next(iter(self.waiting), "")

    @property
    def done(self) -> int:
        """How many are decided."""
        return self.whole - len(self.waiting)

    def bring(self, which: str) -> bool:
        """Put the answer that a page was about in front again; False where it waits no more."""
        if which not in self.waiting:
            return False
        self.waiting.move_to_end(which, last=False)
        return True

    def leave(self, text: str = "") -> None:
        """The answer in front is decided; `text`: as it was saved."""
        which, answer = self.waiting.popitem(last=False)
        self.months[answer.month] -= 1
        self.drafts.pop(which, None)
        self.saved = which, text

    def put_off(self, draft: Draft) -> None:
        """The answer in front comes again at the end, with what was typed."""
        self.drafts[self.which] = draft
        self.waiting.move_to_end(self.which)


def queue_of(waiting: Iterable[Answer], whole: int, secret: str, over: int = 0) -> Queue:
    """These answers in an order that tells nothing of when they came, or which belong together.

    Their names follow from the secret, so that a page still finds its answer after the desk forgot what was idle.
    """
    shuffled = list(waiting)
    secrets.SystemRandom().shuffle(shuffled)
    named = OrderedDict((_name(answer, secret), answer) for answer in shuffled)
    return Queue(named, whole, Counter(answer.month for answer in shuffled), over)


def _name(answer: Answer, secret: str) -> str:
    label, item, digest = answer.key
    told = b"\0".join((label, item.encode(), digest.encode()))
    return hmac.new(secret.encode(), told, "sha256").hexdigest()[:24]
