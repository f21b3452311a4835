"""What a page with script sends of somebody who changes their mind: proofs, sealed parcels. No cookie, no token, ever.

Whoever sends both proofs is let in: they come from the code alone, and only their hashes, the tags, are kept
(docs/delivery.md). The answer is the same whether or not they were known, so that nobody can find out by asking whether
somebody took part.
"""

from __future__ import annotations

from datetime import date

from flask import Response, jsonify, request

from fieldwork.changes import read_changes, read_withdrawal, take_changes
from fieldwork.withdrawal import take_out
from views.field.common import study
from views.field.held import paragraphs


def take() -> Response:
    """Take sealed changes."""
    take_changes(study(), read_changes(request.get_data()), date.today())
    return jsonify(received=True)


def withdraw() -> Response:
    """Erase what two proofs stand for. While a legal hold is on, the answer carries what is read then."""
    hold = take_out(study(), *read_withdrawal(request.get_data()), date.today())
    return jsonify(received=True, held=paragraphs(hold)) if hold else jsonify(received=True)
