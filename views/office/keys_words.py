"""What the keys page and `flask keys show` call a key: the same words, so that both can be laid side by side."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

PURPOSES: Mapping[str, LazyString] = {
    "research": _("Research key: answers"),
    "identity": _("Identity key: consent and contact details"),
}
SUITES: Mapping[int, LazyString] = {
    1: _("X25519: for devices without a quantum-safe browser"),
    2: _("X-Wing: ML-KEM-768 with X25519, quantum-safe"),
}
STATUSES: Mapping[str, LazyString] = {
    "active": _("in use"),
    "retired": _("retired: still opens, no longer seals"),
}
