"""The headings of an XLSForm: every spelling that pyxform takes becomes one. Says nothing of what is supported."""

from __future__ import annotations

from collections.abc import Mapping

# Sheet → the spelling of a heading, in small letters with _ for spaces → the one name it has with us.
BOTH = {
    "caption": "label",
    "value": "name",
    "media::image": "image",
    "media::big-image": "big-image",
    "media::audio": "audio",
    "media::video": "video",
}
ALIASES: Mapping[str, Mapping[str, str]] = {
    "survey": BOTH | {
        "command": "type",
        "tag": "name",
        "relevance": "relevant",
        "bind::relevant": "relevant",
        "bind::required": "required",
        "bind::constraint": "constraint",
        "constraining_message": "constraint_message",
        "jr:constraintmsg": "constraint_message",
        "bind::jr:constraintmsg": "constraint_message",
        "requiredmsg": "required_message",
        "jr:requiredmsg": "required_message",
        "bind::jr:requiredmsg": "required_message",
        "calculate": "calculation",
        "bind::calculate": "calculation",
        "readonly": "read_only",
        "bind::readonly": "read_only",
        "control::appearance": "appearance",
        "body::appearance": "appearance",
        "count": "repeat_count",
        "jr:count": "repeat_count",
        "control::jr:count": "repeat_count",
        "control::autoplay": "autoplay",
        "control::rows": "rows",
        "noapperrorstring": "no_app_error_string",
        "bind::jr:noapperrorstring": "no_app_error_string",
        "instance::odk:tag": "compact_tag",
    },
    "choices": BOTH,
    "settings": {
        "title": "form_title",
        "set_form_title": "form_title",
        "id_string": "form_id",
        "set_form_id": "form_id",
    },
}  # fmt: skip
MEDIA = {"image", "big-image", "audio", "video"}
WORDS = {"label", "hint", "guidance_hint", "constraint_message", "required_message"} | MEDIA
# The names of columns, which may be written in capitals and with spaces.
NAMES: Mapping[str, frozenset[str]] = {
    "survey": frozenset(
        WORDS | {
            "type", "name", "required", "relevant", "constraint", "appearance", "calculation", "read_only", "default",
            "choice_filter", "parameters", "trigger", "repeat_count", "autoplay", "rows", "no_app_error_string",
            "compact_tag", "query", "disabled", "save_to", "sms_field", "sms_option", "sms_separator",
            "sms_allow_media", "sms_date_format", "sms_datetime_format", "sms_response",
        }
    ),
    "choices": frozenset({"list_name", "name", "label", *MEDIA}),
    "settings": frozenset({
        "form_title", "form_id", "version", "default_language", "style", "public_key", "submission_url", "auto_send",
        "auto_delete", "instance_name", "instance_xmlns", "allow_choice_duplicates", "namespaces", "sms_keyword",
        "name", "prefix", "delimiter", "client_editable", "clean_text_values", "omit_instanceid", "attribute",
    }),
}  # fmt: skip
# What may stand before a single colon, as older forms write it, besides a name with words in a language.
BEFORE_COLON = {"bind", "control", "body", "media", "instance"}


def canonical(sheet: str, heading: str) -> str:
    """The one name of a column. A heading that is not known stays as it is."""
    if sheet not in ALIASES:
        return heading
    heading = " ".join(heading.split())
    parts = [part.strip() for part in _two_colons(sheet, heading).split("::")]
    # The longest spelling counts: bind::relevant is a column of its own, and so is bind::amanah:groups.
    for many in range(len(parts), 0, -1):
        known = _known(sheet, "::".join(parts[:many]))
        if known:
            return "::".join([known, *parts[many:]])
    return "::".join(["_".join(parts[0].split()).lower(), *parts[1:]]) if len(parts) > 1 else heading


def _known(sheet: str, spelling: str) -> str | None:
    name = "_".join(spelling.split()).lower()
    found = ALIASES[sheet].get(name, name)
    return found if found in NAMES[sheet] else None


def _two_colons(sheet: str, heading: str) -> str:
    before, colon, after = heading.partition(":")
    if "::" in heading or not colon or _known(sheet, heading):
        return heading
    first = _known(sheet, before) or before.strip().lower()
    if first not in WORDS | BEFORE_COLON:
        return heading
    image, colon, language = after.partition(":")
    media = colon and first == "media" and not language.startswith(":")
    return f"{before}::{image}::{language}" if media else f"{before}::{after}"
