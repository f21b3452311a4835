"""The addresses of everything about keys at the desk. No address carries more than the name of a file."""

from __future__ import annotations

from flask import Blueprint

from views.desk import keys_alone, keys_begin, keys_done, keys_making, keys_typing

PAGES = {
    "new": keys_begin.new,
    "rotate": keys_begin.rotate,
    "recover": keys_begin.recover,
    "custodians": keys_begin.custodians,
    "turn": keys_begin.turn,
    "holders": keys_making.holders,
    "holder": keys_making.holder,
    "sheets": keys_making.sheets,
    "prove": keys_typing.prove,
    "finish": keys_making.finish,
    "passphrase": keys_alone.passphrase,
    "fingerprints": keys_alone.fingerprints,
}


def add_rules(made: Blueprint) -> None:
    """Add these pages to the desk's."""
    for name, view in PAGES.items():
        made.add_url_rule(f"/keys/{name}", f"keys_{name}", view, methods=["GET", "POST"])
    made.add_url_rule("/keys/done", "keys_done", keys_done.done)
    made.add_url_rule("/keys/print-again", "keys_print_again", keys_making.print_again, methods=["POST"])
    made.add_url_rule("/keys/carried", "keys_carried", keys_done.carried, methods=["POST"])
    made.add_url_rule("/keys/files/<name>", "keys_file", keys_done.file)
