"""What the study page calls each text that is reviewed: a group by its title, a part by what people do in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from instruments.model import Instrument
from instruments.settings import StudySettings
from instruments.standing import RELEASE, STUDY, digests_of

# Parts of a visit that have a name of their own here; docs/languages.md says what each of these texts is.
TEXTS: Mapping[str, Any] = {
    "eligibility": _("Who can take part"),
    "information": _("Information sheet"),
    "easy_read": _("Easy read"),
    "understanding": _("Questions about the information sheet"),
    "consent": _("Statements of consent"),
    "demographics": _("Questions about the person"),
    "questionnaire": _("Questionnaire"),
    "contact": _("Contact details"),
    "support": _("People you can talk to"),
    STUDY: _("Titles and what is read during a legal hold"),
    RELEASE: _("Names of scales and categories, which only releases show"),
}


def texts_in_words(instrument: Instrument, settings: StudySettings, spoken: str, language: str) -> dict[str, str]:
    """Every text of a study that is reviewed in the language `spoken`, and its name in the page's language."""
    titles = {
        group.name: gettext("Questionnaire: %(group)s", group=group.title.in_language(language))
        for group in instrument.groups
    }
    # A group may be called as a part is: which of the two is meant, the standing of a text tells by its own rule.
    named = {name: str(words) for name, words in TEXTS.items()}
    return {name: named.get(name) or titles.get(name, name) for name in digests_of(instrument, settings, spoken)}
