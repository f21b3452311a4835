"""Which kinds of pages the public way has, and exactly what each loads and sends. A signed manifest carries this table.

A line says how and what: `script visit.js`, `stylesheet amanah.css`, `form post /withdraw/choices`. A form that goes to
the address of its own page goes `here`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

STYLE = ("stylesheet amanah.css",)
WORKER = ("worker worker.js",)
FIELD = (*STYLE, *WORKER, "script field.js", "script leave.js")
PRINTED = "stylesheet print.css"
SIGN_IN = (*STYLE, "stylesheet staff.css", PRINTED, "form post here")
TYPED = "form dialog"  # a visit's form: it sends nothing anywhere, its script seals and delivers
PLAIN = "form post here"  # the same form where the study has chosen the plain path
CHANGED = "form post /withdraw/choices"  # the same for what somebody changes later, between <noscript> tags
# What each kind of page can send unsealed where the study has chosen the plain path.
UNSEALED = {"visit": PLAIN, "withdraw": CHANGED}
# What a page that can be listened to loads besides, where a study has recordings: all of it, or nothing.
LISTENING = frozenset(("stylesheet listen.css", "modulepreload sounds.js", "script listen.js"))
LISTENED = ("visit", "easy-read")
PAGES: Mapping[str, tuple[str, ...]] = {
    "start": FIELD,
    "visit": (
        *FIELD, "script visit.js", "modulepreload answers.js", "modulepreload expressions.js", "modulepreload form.js",
        "modulepreload steps.js", TYPED,
    ),
    "done": FIELD,
    "agreed": FIELD,
    "withdraw": (
        *FIELD, "script changing.js", "modulepreload changes.js", "modulepreload codes.js", "form post here", TYPED,
    ),
    "support": (*FIELD, PRINTED),
    "easy-read": (*FIELD, PRINTED, "script easy.js"),
    "sheet": (*FIELD, PRINTED, "script print.js"),
    "cards": (*FIELD, PRINTED, "script print.js", "form get here"),
    "away": STYLE,
    "tablet": (*STYLE, "stylesheet tablet.css", *WORKER, "script field.js", "script tablet.js", "form dialog"),
    "sign-in": (*SIGN_IN, "script passkey.js", "form post /office/sign-in/passkey"),
    "sign-in by number": SIGN_IN,  # passkeys need a name
}  # fmt: skip
# The first that fits counts.
KINDS = (
    (re.compile(r"/"), "start"),
    (re.compile(r"/visit/done"), "done"),
    (re.compile(r"/visit/agreed"), "agreed"),
    (re.compile(r"/visit/[^/]+"), "visit"),
    (re.compile(r"/easy-read/[^/]+"), "easy-read"),
    (re.compile(r"/sheet/[^/]+"), "sheet"),
    (re.compile(r"/cards/[^/]+"), "cards"),
    (re.compile(r"/(withdraw|support|away|tablet)"), ""),
    (re.compile(r"/office/sign-in"), "sign-in"),
)


def kind_of(path: str, has_name: bool = True) -> str:
    """The kind of the page at this address; empty where it is none of the public way."""
    bare = path.split("?")[0]
    kind = next((name or bare[1:] for way, name in KINDS if way.fullmatch(bare)), "")
    return "sign-in by number" if kind == "sign-in" and not has_name else kind
