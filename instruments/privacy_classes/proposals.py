"""Propose how private each question of a form is, from its words, its kind and its choices, with a reason.

A proposal decides nothing: a person reads it and decides. Where two readings are possible it takes the stricter one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from instruments.model import Kept, Privacy
from instruments.privacy_classes import naming_words as naming
from instruments.privacy_classes import private_words as private
from instruments.privacy_classes import view_words as views
from instruments.privacy_classes.classes import Decision
from instruments.privacy_classes.questions import Question, questions_in
from instruments.privacy_classes.wording import Spoken, Words
from instruments.reading.references import REFERENCE
from instruments.reading.sheets import Sheet

STRICTEST: tuple[Privacy, ...] = ("direct", "open", "quasi", "sensitive", "ordinary")
MANY = 12  # choices; of more, some are given by few people
FEWEST_NEEDS = 3  # choices; a yes or no about a need may be plain to others
ON_A_SCALE = 11  # numbers of a rating at most
MOST_NAMED = 3  # names in a reason
NUMBERS = {"integer", "decimal"}


@dataclass(frozen=True)
class Proposal:
    """What is proposed for one question or calculation. `label`: its words in the form's first language."""

    name: str
    label: str
    kind: str
    privacy: Privacy
    stored: Kept
    special: bool
    reason: str

    @property
    def decision(self) -> Decision:
        """The proposal as a decision of the team's."""
        return Decision(self.name, self.privacy, self.stored, self.special, reason=self.reason)


@dataclass(frozen=True)
class Finding:
    """What one rule found: a class, why, and whether it is special category data."""

    privacy: Privacy
    reason: str
    special: bool = False


Rule = Callable[[Question], Finding | None]
# By which words a question asks for what leads to one person, for which kinds, and how that is said.
DIRECT: tuple[tuple[Words, set[str], str], ...] = (
    (naming.EMAIL, {"text"}, "Asks for an e-mail address."),
    (naming.PHONE, {"text", *NUMBERS}, "Asks for a telephone number."),
    (naming.ONLINE, {"text"}, "Asks for an account on the internet."),
    (naming.SIGNATURE, {"text"}, "Asks for a signature."),
    (naming.NUMBERS, {"text", *NUMBERS}, "Asks for a number or a document that only one person has."),
    (
        naming.BIRTH,
        {"text", "date", *NUMBERS},
        "Asks for a date of birth, by which a person can be found in other lists; an age in years says less.",
    ),
    (naming.ADDRESS, {"text", *NUMBERS}, "Asks for an address."),
)
# Special categories: whether others could know it, and how it is said.
SPECIAL: tuple[tuple[Words, bool, str], ...] = (
    (private.ETHNIC, True, "May tell of ethnic origin, which is special category data and which others could know."),
    (private.RELIGION, True, "May tell of religion or belief, which is special category data and others could know."),
    (private.DISABILITY, True, "May tell of a disability, which is special category data and which others could know."),
    (private.HEALTH, False, "May tell of health, which is special category data."),
    (private.SEXUAL, False, "May tell of sex life or sexual orientation, which is special category data."),
    (private.POLITICAL, False, "May tell of political opinion, which is special category data."),
    (private.UNION, False, "May tell of membership of a trade union, which is special category data."),
    (private.GENETIC, False, "May tell of the body of one person, which is special category data."),
    (private.IMMIGRATION, False, "May tell of immigration status, which is guarded like special category data."),
    (private.OFFENCES, False, "May tell of an offence, which is guarded like special category data."),
)
# What somebody close to a person, or at their work, could know.
KNOWN: tuple[tuple[Words, str], ...] = (
    (private.AGE, "Asks for an age, which others could know."),
    (private.SEX, "Asks for sex or gender, which others could know."),
    (private.PLACES, "Asks about a place, which others could know."),
    (private.SCHOOL, "Asks about school or education, which others could know."),
    (private.WORK, "Asks about work, which others could know."),
    (private.HOME, "Asks about home or family, which others could know."),
    (private.MONEY, "Asks about income, which others could know."),
    (private.ORIGIN, "Asks where somebody comes from, which others could know."),
)
NAMED_THINGS = (naming.THINGS, private.PLACES, private.SCHOOL, private.WORK)
ANYHOW = {
    "date": "Asks for a day, which others could know.",
    "integer": "Asks for a number, which others could know.",
    "decimal": "Asks for a number, which others could know.",
    "range": "Asks for a number, which others could know.",
}
OTHERS_COULD_KNOW = "Others could know the answer."


def propose(sheets: Mapping[str, Sheet]) -> tuple[Proposal, ...]:
    """A proposal for each question and calculation of a form, in order; one for all rounds of a repeat."""
    made: dict[str, Proposal] = {}
    for question in questions_in(sheets):
        sources = _sources(question, made) if question.kind == "calculate" else []
        found = _calculated(question, sources) if question.kind == "calculate" else _asked(question)
        stored: Kept = "nowhere" if found.privacy == "direct" else "research"
        about = (question.name, question.label, question.kind)
        made[question.name] = Proposal(*about, found.privacy, stored, found.special, found.reason)
    return tuple(made.values())


def _asked(question: Question) -> Finding:
    found = (found for rule in RULES if (found := rule(question)) is not None)
    return next(found, Finding("quasi", ANYHOW.get(question.kind, OTHERS_COULD_KNOW)))


def _sources(question: Question, made: Mapping[str, Proposal]) -> list[Proposal]:
    names = dict.fromkeys(REFERENCE.findall(question.cells.get("calculation", "")))
    # A repeat or a question of another form: of that nothing is known here.
    return [made.get(name) or Proposal(name, "", "", "quasi", "research", False, "") for name in names]


def _calculated(question: Question, sources: Sequence[Proposal]) -> Finding:
    own = _special(question)
    if not sources:
        return own or Finding("quasi", "Worked out from no answer, such as the day of the visit.")
    classes = [one.privacy for one in sources] + ([own.privacy] if own else [])
    names = ", ".join(one.name for one in sources[:MOST_NAMED]) + (" …" if len(sources) > MOST_NAMED else "")
    reason = f"Worked out from {names}: as private as the most private of these."
    is_special = any(one.special for one in sources) or own is not None
    return Finding(min(classes, key=STRICTEST.index), reason, is_special)


def _direct(question: Question) -> Finding | None:
    if question.kind == "text" and _asks_for_a_view(question):
        return None
    if question.kind in NUMBERS and naming.COUNTED.are_in(question.words):
        return None
    found = (reason for words, kinds, reason in DIRECT if question.kind in kinds and words.are_in(question.wanted))
    reason = next(found, None) or ("Asks for a name." if _asks_for_a_name(question) else None)
    return Finding("direct", reason) if reason else None


def _asks_for_a_name(question: Question) -> bool:
    # A list to choose from names people too, such as the interviewers.
    may = question.kind == "text" or (question.is_closed and len(question.choices) > 2 and not _is_rated(question))
    return may and any(_names_somebody(said) for said in question.wanted)


def _names_somebody(said: Spoken) -> bool:
    places, words = naming.NAME.places_in(said), said.words.split()
    if not places or naming.PEOPLE.places_in(said):
        return bool(places)
    things = [place for table in NAMED_THINGS for place in table.places_in(said)]
    return any(not any(_is_its_name(words, place, thing) for thing in things) for place in places)


def _is_its_name(words: Sequence[str], name: tuple[int, int], thing: tuple[int, int]) -> bool:
    """Whether a name is that of a thing: school name, name of your school, and in Arabic the school behind it."""
    is_latin, follows = words[name[1]].isascii(), words[name[1] + 1 : name[1] + 2]
    reach = 5 if follows == ["of"] else 0 if is_latin else 1
    return 0 < thing[0] - name[1] <= reach or 0 < name[0] - thing[1] <= (1 if is_latin else 2)


def _asks_for_a_view(question: Question) -> bool:
    # In English a question for a view begins with that; elsewhere it may end with it.
    found = [(said, first) for said in question.words[1:] for first, _ in naming.VIEW.places_in(said)]
    return any(first <= 2 or not said.words.isascii() for said, first in found)


def _postcode(question: Question) -> Finding | None:
    if question.kind not in {"text", *NUMBERS} or not naming.POSTCODE.are_in(question.wanted):
        return None
    if not naming.FIRST_PART.are_in(question.words):
        return Finding("direct", "Asks for a whole postcode, which can lead to one home; its first half says less.")
    if "regex(" not in question.cells.get("constraint", ""):
        return None
    return Finding("quasi", "Asks for the first part of a postcode, which others could know.")


def _own_words(question: Question) -> Finding | None:
    if question.kind != "text":
        return None
    if special := _special(question):
        return Finding("open", f"People write in their own words. {special.reason}", special=True)
    if private.PLACES.are_in(question.words):
        return Finding("open", "Asks about a place, in people's own words.")
    return Finding("open", "People write in their own words, and may write who they are.")


def _special(question: Question) -> Finding | None:
    said = (*question.words, *question.headings)
    found = [
        ((is_known or _known(question) is not None) and not _is_rated(question), reason)
        for words, is_known, reason in SPECIAL
        if words.are_in(said) or sum(words.are_in(choice) for choice in question.choices) > 1
    ]
    if not found:
        return None
    is_known, reason = max(found, key=lambda one: one[0])
    return Finding("quasi" if is_known or question.kind == "date" else "sensitive", reason, special=True)


def _rating(question: Question) -> Finding | None:
    is_rating = _is_rated(question) and _few(question) is None
    return Finding("ordinary", "Asks for a view on a scale.") if is_rating else None


def _harm(question: Question) -> Finding | None:
    is_told = private.HARM.are_in(question.words)
    return Finding("sensitive", "May tell what a person would not want others to know.") if is_told else None


def _frequency(question: Question) -> Finding | None:
    is_often = question.is_closed and _most_say(private.OFTEN, question) and _known(question) is None
    return Finding("ordinary", "Asks how often something happens.") if is_often else None


def _known(question: Question) -> Finding | None:
    return next((Finding("quasi", reason) for words, reason in KNOWN if words.are_in(question.words)), None)


def _few(question: Question) -> Finding | None:
    if len(question.choices) > MANY:
        return Finding("quasi", f"Has {len(question.choices)} choices, of which some are given by few people.")
    return Finding("quasi", "Has choices that few people give.") if _are_rare(question) else None


def _view(question: Question) -> Finding | None:
    if question.kind == "acknowledge":
        return Finding("ordinary", "Is a box to tick that everybody ticks.")
    is_view = question.kind not in ("text", "date") and private.OPINION.are_in(question.words)
    return Finding("ordinary", "Asks for a view.") if is_view else None


def _needs(question: Question) -> Finding | None:
    """Needs, barriers, preferences, an order: what others do not see, but for what a choice may give away."""
    if not question.is_closed or len(question.choices) < FEWEST_NEEDS:
        return None
    if not (question.kind == "rank" or views.NEEDS.are_in(question.words) or _most_say(views.GIVEN, question)):
        return None
    told = (reason for words, _, reason in SPECIAL for choice in question.choices if words.are_in(choice))
    if special := next(told, None):
        return Finding("sensitive", f"A choice of it: {special[0].lower()}{special[1:]}", special=True)
    if any(private.HARM.are_in(choice) for choice in question.choices):
        return Finding("sensitive", "A choice of it may tell what a person would not want others to know.")
    if question.kind == "rank":
        return Finding("ordinary", "Asks to put things in an order of one's own.")
    return Finding("ordinary", "Asks what somebody thinks, needs or prefers, or what stands in the way.")


def _are_rare(question: Question) -> bool:
    return any(private.RARE.are_in(choice) for choice in question.choices)


def _is_rated(question: Question) -> bool:
    """Whether it is answered on a scale of what somebody thinks."""
    if question.is_closed and (
        "likert" in question.cells.get("appearance", "").split() or _most_say(private.RATED, question)
    ):
        return True
    is_plain = _known(question) is None and not naming.COUNTED.are_in(question.words)
    return _are_numbers(question) and (is_plain or private.OPINION.are_in(question.words))


def _are_numbers(question: Question) -> bool:
    count = question.steps or len(question.choices)
    labels: Iterator[str] = (said.words.replace(" ", "") for choice in question.choices for said in choice)
    return 2 < count <= ON_A_SCALE and all(label.isdecimal() for label in labels)


def _most_say(words: Words, question: Question) -> bool:
    count = sum(words.are_in(choice) for choice in question.choices)
    return len(question.choices) > 1 and 2 * count >= len(question.choices)


# The first that finds something decides.
RULES: tuple[Rule, ...] = (
    _direct, _postcode, _own_words, _special, _rating, _harm, _frequency, _known, _few, _needs, _view,
)  # fmt: skip
