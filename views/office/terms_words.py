"""The cut-off and each retention in words, as proposals and the journal name them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

TERMS: Mapping[str, LazyString] = {
    "cut_off_days": _("Cut-off of withdrawal, in days"),
    "contact_results_months": _("Contact details for results, in months"),
    "contact_recontact_months": _("Contact details for another visit, in months"),
    "unreviewed_text_months": _("Own words that nobody has reviewed, in months"),
    "consent_records_years": _("Consent records, in years"),
    "research_records_years": _("Research records, in years"),
    "audio_months": _("Recordings of interviews, in months"),
    "backup_days": _("Backups, in days"),
}
