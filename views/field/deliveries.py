"""What devices ask for: to deliver sealed visits, to be enrolled, whether they are still admitted. No cookie, ever.

A bearer token says who asks. It is read from the header, never from the address, so that no log can hold it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import cast

from flask import Response, jsonify, request
from flask_babel import gettext

from errors import AmanahError, DeliveryRefused, NotAdmitted, SettingsError
from fieldwork.admissions import admitted, enrol_tablet, may_start, walk_in
from fieldwork.deliveries import Delivery, read_deliveries, read_delivery, take_in, take_in_all
from fieldwork.ending import refuse_late
from fieldwork.visits import count_outcome
from views.errors import status_of
from views.field.common import study, tag_of

BEARER = "Bearer "
KEPT = b'{"kept":true}'


def deliver() -> Response:
    """Take one sealed visit: 201 when it is new, 200 when it was here already."""
    # Before anybody is asked who they are: whose token has run out is to let go of the visit as well.
    refuse_late(study().ending, date.today())
    token = _bearer()
    admission = admitted(study(), token, date.today())
    is_new = take_in(study(), read_delivery(request.get_data()), admission, date.today())
    return Response(KEPT, 201 if is_new else 200, mimetype="application/json")


def deliver_several() -> Response:
    """Take several sealed visits. Of each the status and the sentence that it would have been answered alone."""
    refuse_late(study().ending, date.today())
    admission = admitted(study(), _bearer(), date.today())
    read = read_deliveries(request.get_data())
    came = iter(take_in_all(study(), [one for one in read if isinstance(one, Delivery)], admission, date.today()))
    return jsonify(deliveries=[_told(next(came) if isinstance(one, Delivery) else one) for one in read])


def _told(came: bool | AmanahError) -> dict[str, object]:
    if isinstance(came, AmanahError):
        return {"status": status_of(came), "sentence": gettext(str(came))}
    return {"status": 201 if came else 200, "kept": True}


def admission() -> Response:
    """Whether a visit may be begun with this token, and for which group and site."""
    found = may_start(study(), _bearer(), date.today())
    return jsonify(kind=found.kind, group=found.group, site=found.site)


def let_in() -> Response:
    """A token for whoever asks, where the study turned the plain path on."""
    return jsonify(token=walk_in(study(), date.today()))


def outcome() -> Response:
    """Count a visit that ended without answers."""
    told = request.get_json(silent=True)
    admitted(study(), _bearer(), date.today())
    groups = tuple(group.name for group in study().instrument.groups)
    if not isinstance(told, dict) or told.get("group") not in groups:
        raise DeliveryRefused("This is not an outcome that this study counts.")
    if told.get("outcome") not in ("refused", "not_eligible"):
        raise DeliveryRefused("This is not an outcome that this study counts.")
    count_outcome(study(), told["outcome"], told["group"])
    return jsonify(counted=True)


def enrolment() -> Response:
    """Swap an enrolment code for a tablet's token; tells which keyring to pin."""
    token, tablet = enrol_tablet(study(), _bearer(), datetime.now(UTC))
    return jsonify(token=token, name=tablet.name, site=tablet.site)


def keyring() -> Response:
    """The public keyring, byte for byte as its fingerprint was taken."""
    ring = study().keyring
    if ring is None:
        raise SettingsError("This study has no public keys yet.")
    response = Response(ring.to_json(), mimetype="application/json")
    response.headers["Cache-Control"] = "public, no-cache"
    response.set_etag(tag_of(response.get_data()))
    return cast(Response, response.make_conditional(request))


def _bearer() -> str:
    given = request.headers.get("Authorization", "")
    if not given.startswith(BEARER):
        raise NotAdmitted("This tablet or invitation is not, or no longer, known to the study.")
    return given.removeprefix(BEARER).strip()
