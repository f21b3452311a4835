"""After the end: the record, files to carry away, their removal here once a copy is elsewhere. No secret is left."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from pathlib import Path

from flask import Response, abort
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from forms.desk_keys import CopyForm
from release.custody import LARGEST_KEY_FILE, key_file
from views.desk.common import Page
from views.desk.keys_common import onward, show_stage, the_task
from views.desk.keys_making import stage
from views.desk.keys_state import KeysTask
from views.desk.keys_words import DONE, KEYS, RECORDS, next_steps


@dataclass(frozen=True)
class File:
    """A file that stands in the folder, and whose it is."""

    name: str
    told: str


@stage
def done(task: KeysTask) -> Page:
    """What was made."""
    return _show(task)


def _show(task: KeysTask, refused: str = "") -> Page:
    files = _files(task)
    return show_stage(
        "done",
        task,
        refused=refused,
        record=task.record,
        folder=task.folder,
        files=files,
        carried=[one for one in files if one.name.startswith("identity")],
        copy=CopyForm(),
        title=DONE[task.kind],
        names=KEYS,
        titles=RECORDS,
        next=next_steps(task.kind, any(seat.holder.custodian for seat in task.seats)),
    )


def carried() -> Page:
    """Remove a custodian's file here, once its copy was shown and is the same."""
    task, form = the_task(), CopyForm()
    if task is None or task.record is None or not form.validate_on_submit() or not form.copy.data:
        return onward(task)
    shown = form.copy.data.read(LARGEST_KEY_FILE + 1)
    for path in _custodians_files(task):
        if hmac.compare_digest(key_file(path), shown):
            path.unlink()
            task.said = gettext("%(file)s is no longer here. Its copy is the file now.", file=path.name)
            return onward(task)
    return _show(task, gettext("This is not the same as any custodian's file here. Nothing was removed."))


def file(name: str) -> AnyResponse:
    """One of the files that were written."""
    task = the_task()
    if task is None or task.folder is None or name not in [one.name for one in _files(task)]:
        abort(404)
    answer = Response((task.folder / name).read_bytes(), mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _files(task: KeysTask) -> list[File]:
    if task.record is None or task.folder is None:
        return []
    told = [(seat.holder.file, gettext("for %(name)s alone", name=seat.name)) for seat in task.seats]
    told += [("keyring.json", gettext("public, for the field app")), ("ceremony.txt", gettext("the record as text"))]
    return [File(name, words) for name, words in told if (task.folder / name).is_file()]


def _custodians_files(task: KeysTask) -> list[Path]:
    names = [seat.holder.file for seat in task.seats if seat.holder.custodian]
    return [task.folder / name for name in names if task.folder is not None and (task.folder / name).is_file()]
