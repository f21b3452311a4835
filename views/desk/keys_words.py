"""What the desk's pages about keys call things: keys, steps, how long a passphrase withstands, what comes next."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, gettext, lazy_pgettext, ngettext
from flask_babel import lazy_gettext as _

from release.passphrases import Strength
from release.retyping import MOST_NAMED, Reading
from views.desk.common import Step
from views.wording import listed

KEYS: Mapping[str, LazyString] = {"research": _("Research key"), "identity": _("Identity key")}
CHOICES: tuple[tuple[str, LazyString], ...] = (
    ("research", _("The research key, which opens the answers")),
    ("identity", _("The identity key, which opens names and ways of contact")),
)
OPENS: Mapping[str, LazyString] = {
    "research": _("Your passphrase locks the research key. With it the answers can be read, and no names."),
    "identity": _(
        "Your passphrase locks your part of the identity key. It opens nothing without the part of another custodian."
    ),
}
TYPE_FIRST: Mapping[str, LazyString] = {
    "research": _("Type a sheet of the research key"),
    "identity": _("Type a sheet of the identity key"),
}
TYPE_SECOND: Mapping[str, LazyString] = {
    "research": _("Type another sheet of the research key"),
    "identity": _("Type another sheet of the identity key"),
}
PROVEN: Mapping[str, LazyString] = {
    "research": _("The research key was rebuilt from these two sheets."),
    "identity": _("The identity key was rebuilt from these two sheets."),
}
DONE: Mapping[str, LazyString] = {
    "new": _("The study has its keys"),
    "rotate": _("The new key is made"),
    "recover": _("The key is recovered"),
    "custodians": _("The identity key has its custodians"),
}
RECORDS: Mapping[str, LazyString] = {
    "new": _("The study's keys were made"),
    "rotate": _("A new key was made"),
    "recover": _("A key was recovered from two sheets"),
    "custodians": _("The identity key was divided anew"),
}
WILL_WRITE: Mapping[str, LazyString] = {
    "new": _("Both keys were rebuilt from paper. These files will be written:"),
    "rotate": _("The new key was rebuilt from paper. These files will be written:"),
    "recover": _("The key is whole again. These files will be written:"),
    "custodians": _("The key is divided anew. These files will be written:"),
}
_WHO = Step("desk.keys_holders", lazy_pgettext("a step of a ceremony", "Who"))
_PASSPHRASES = Step("desk.keys_holder", _("Passphrases"))
_PRINT = Step("desk.keys_sheets", lazy_pgettext("a step of a ceremony", "Print"))
_TYPE = Step("desk.keys_prove", _("Type back"))
_WRITE = Step("desk.keys_finish", lazy_pgettext("a step of a ceremony", "Write"))
_DONE = Step("desk.keys_done", lazy_pgettext("a step of a ceremony", "Record"))
STRIPS: Mapping[str, tuple[Step, ...]] = {
    "new": (_WHO, _PASSPHRASES, _PRINT, _TYPE, _WRITE, _DONE),
    "rotate": (Step("start", _("Which key")), _WHO, _PASSPHRASES, _PRINT, _TYPE, _WRITE, _DONE),
    "recover": (Step("start", _("Keyring")), Step("desk.keys_prove", _("Sheets")), _WHO, _PASSPHRASES, _WRITE, _DONE),
    "custodians": (Step("start", _("Keyring")), Step("desk.keys_turn", _("Unlock")), _WHO, _PASSPHRASES, _WRITE, _DONE),
}
DAY = 1 / 365.25  # of a year


def time_in_words(years: float) -> str:
    """How long somebody would look for a passphrase, no finer than such a figure can be told."""
    if years < DAY:
        return str(gettext("less than a day"))
    if years < 1:
        return str(ngettext("about %(num)s day", "about %(num)s days", round(years / DAY)))
    if years < 1_000_000:
        return str(ngettext("about %(num)s year", "about %(num)s years", _rounded(years)))
    return str(gettext("more than a million years"))


def taken_in_words(name: str, strength: Strength) -> str:
    """What the room may read once a passphrase was taken."""
    return str(
        gettext(
            "The passphrase of %(name)s is taken. Somebody with the stolen key file and a thousand graphics cards "
            "would look for it for %(time)s, as far as can be told.",
            name=name,
            time=time_in_words(strength.years),
        )
    )


def weak_in_words(refusal: str, strength: Strength) -> str:
    """Why a passphrase was not taken, with the same figure."""
    told = gettext(
        "Somebody with the stolen key file and a thousand graphics cards would look for this one for %(time)s.",
        time=time_in_words(strength.years),
    )
    return f"{refusal} {told}"


def turn_in_words(unlocked: int) -> str:
    """Whose turn it is to unlock a part of the identity key."""
    return str(gettext("The second custodian, please")) if unlocked else gettext("The first custodian, please")


def unlocked_in_words(name: str) -> str:
    """What the room may read once a part was unlocked."""
    return str(gettext("The part of %(name)s is unlocked.", name=name))


def next_steps(kind: str, is_shared: bool) -> tuple[str, ...]:
    """What people do now that the files are written. `is_shared`: whether custodians hold files of them."""
    sheets = gettext("Hand each sheet to its trustee today. Two sheets of one key never travel together.")
    carry = gettext("Each custodian takes their own file away, and it is removed here. Keep one more copy elsewhere.")
    backup = gettext("The data manager keeps a copy of research.key on a stick, in another building.")
    first = gettext(
        "Take keyring.json to the field app: flask keys add keyring.json. It counts at once, so two people compare the "
        "twelve words that the page Keys then shows with this record, before the first visit. Any later keyring waits "
        "until two administrators have confirmed it."
    )
    ring = gettext(
        "Take keyring.json to the field app: flask keys add keyring.json. Two administrators compare the twelve words "
        "with this record before they confirm it."
    )
    tablets = gettext("Tablets show both fingerprints, the old and the new, before they take the new keyring.")
    old = gettext("Keep the old key file and its sheets: what was sealed before opens with nothing else.")
    again = gettext(
        "Destroy the key file that this one replaces, one folder above or wherever it was kept, and every copy of it."
    )
    sheets_back = gettext("Put the sheets back into their envelopes, and back to their trustees.")
    destroy = gettext("Destroy every copy of the custodians' files of before: they still fit together with each other.")
    told = {
        "new": (sheets, carry, backup, first),
        "rotate": (sheets, carry if is_shared else backup, ring, tablets, old),
        "recover": (sheets_back, again, carry if is_shared else backup),
        "custodians": (carry, destroy),
    }
    return told[kind]


def _rounded(years: float) -> int:
    whole = round(years)
    step = int(10 ** max(len(str(whole)) - 2, 0))
    return max(round(whole / step) * step, 1)


def mistake_in_words(reading: Reading) -> str:
    """What is not right about a sheet that was typed back; of many words their number and the first few."""
    number = len(reading.places)
    if not number:
        return str(gettext(reading.mistake))
    if reading.blanks == number:
        return str(ngettext("%(num)s word is missing.", "%(num)s words are missing.", number))
    told = listed(reading.places[:MOST_NAMED])
    if number > MOST_NAMED:
        return str(
            ngettext(
                "%(num)s word is not right, the first of them %(places)s. Please look at the sheet again.",
                "%(num)s words are not right, the first of them %(places)s. Please look at the sheet again.",
                number,
                places=told,
            )
        )
    return str(
        ngettext(
            "Word %(places)s is not right. Please look at the sheet again.",
            "Words %(places)s are not right. Please look at the sheet again.",
            number,
            places=told,
        )
    )
