"""Which language a page speaks: a participant's one of the study's, staff's pages the one that they chose.

Staff choose among those of translations/status.toml, and before they do their browser says.
The choice is kept in the cookie that staff have anyway, as a language and nothing else; a visit has no cookie.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from flask import current_app, g, has_request_context, request, session

from forms.locales import locale_of
from views.languages import asked_language, direction_of, own_name

SOURCE = "en"
CHOSEN = "language"  # its name in the cookie
# Their `lang` is the language of the form that is looked at.
LOOKING = ("office.preview", "office.previewed")


@dataclass(frozen=True)
class Tongue:
    """A language that staff may choose: where that leads to, and whether it is spoken now."""

    code: str
    name: str
    address: str
    is_spoken: bool


def locale() -> str:
    """The locale of this request's sentences and dates: the page's own language. British English is our source."""
    return locale_of(language_here())


def language_here() -> str:
    """The language of this request's page. A command at a shell has no request, and speaks the source."""
    if not has_request_context():
        return SOURCE
    if is_for_staff():
        return staff_language()
    return asked_language(offered_here() or [SOURCE])


def offered_here() -> tuple[str, ...]:
    """The languages that this request may ask for. What was begun in one is finished in it."""
    study = g.get("study") or current_app.extensions.get("amanah")
    if study is None:
        return ()
    return cast(tuple[str, ...], study.instrument.languages if request.method == "POST" else study.languages)


def speak_here() -> dict[str, str]:
    """What every template is told of its language. A page that names another one itself is heard."""
    spoken = language_here()
    return {"language": spoken, "direction": direction_of(spoken)}


def is_for_staff() -> bool:
    """Whether this request is for a page of the staff's: the office's, or any of the desk's."""
    return "amanah_desk" in current_app.extensions or f"{request.path}/".startswith("/office/")


def staff_language() -> str:
    """What was chosen, else what the browser asks for, else the source."""
    offered = staff_languages()
    asked = "" if request.endpoint in LOOKING else request.args.get("lang", "")
    chosen = asked if asked in offered else session.get(CHOSEN, "")
    # In the order of the browser's wishes, whatever the region: who asks for ar-EG before en reads Arabic.
    wanted = (tag.lower().split("-")[0] for tag in request.accept_languages.values())
    return chosen if chosen in offered else next((one for one in wanted if one in offered), SOURCE)


def staff_languages() -> tuple[str, ...]:
    """The languages of the interface, in the order of translations/status.toml."""
    return _spoken(Path(current_app.root_path) / "translations" / "status.toml")


@cache
def _spoken(path: Path) -> tuple[str, ...]:
    return tuple(tomllib.loads(path.read_text("utf-8")))


def keep_choice() -> None:
    """Before a page of the staff's: remember the language that its address asks for."""
    spoken = staff_language()
    if request.args.get("lang") == spoken and request.endpoint not in LOOKING and session.get(CHOSEN) != spoken:
        session[CHOSEN] = spoken


def forget_session() -> None:
    """Empty the cookie, and leave the language: whoever signs out still reads the page that says so."""
    chosen = session.get(CHOSEN)
    session.clear()
    if chosen is not None:
        session[CHOSEN] = chosen


def tongues() -> list[Tongue]:
    """The choice of languages on this page; none where following a link would lose what was just made or typed."""
    if request.method not in {"GET", "HEAD"} or request.endpoint is None or request.endpoint in LOOKING:
        return []
    spoken = staff_language()
    return [Tongue(code, own_name(code), _here_in(code), code == spoken) for code in staff_languages()]


def _here_in(code: str) -> str:
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return "?" + urlencode([*asked, ("lang", code)])
