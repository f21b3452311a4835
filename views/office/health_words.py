"""The words of the health page: one or two sentences for each case of fieldwork/health.py, with what to do.

They name files and settings, never a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

STATES: Mapping[str, Any] = {
    "ok": lazy_pgettext("how an instance is", "In order"),
    "attention": lazy_pgettext("how an instance is", "Attention"),
    "stop": lazy_pgettext("how an instance is", "Stop"),
}
SUBJECTS: Mapping[str, Any] = {
    "hold": _("Legal hold"),
    "disk": _("Disk"),
    "stores": _("Stores"),
    "backup": _("Backup"),
    "upkeep": _("Nightly upkeep"),
    "kept": _("Links and contact details"),
    "tasks": _("Tasks of people"),
    "end": _("End of the study"),
    "certificate": _("Certificate"),
    "clock": _("Clock"),
    "journal": _("Journal"),
    "files": _("Files"),
    "keys": _("Keys"),
    "sheet": _("Information sheet"),
    "plain path": _("Plain path"),
    "demo": _("Kind of instance"),
    "cookies": _("Cookies"),
    "hosts": _("Names of this site"),
    "contact": _("Contact for security"),
}
# What stands on a disk.
HOLDS: Mapping[object, Any] = {"instance": _("the instance"), "tombstones": _("the tombstones")}
WORDS: Mapping[str, Any] = {
    "hold_off": _("None is on: what is withdrawn is erased at once."),
    "hold_on": _(
        "A legal hold is on since %(day)s: nothing of a participant is erased. Whoever withdraws reads the words on "
        "the page Study. Reason: %(reason)s. Two people lift it on the page Proposals."
    ),
    "hold_cut": _(
        "A legal hold was confirmed here, and the journal knows nothing of it: entries were cut off its end, and what "
        "the hold keeps may be erased. Stop the server, run flask journal verify with the last checkpoint, and restore "
        "the office store from a backup."
    ),
    "hold_words_open": _(
        "What people read during a legal hold is not ready, so none can be proposed on the day on which it is needed: "
        "flask hold show says what is missing in study.toml."
    ),
    "hold_unvouched": _(
        "The journal cannot be relied on, and what is left here speaks of a legal hold, so nothing of a participant is "
        "erased. Put the journal right: restore the office store or journal.key from a backup. Reason: %(reason)s"
    ),
    "disk_free": _("The disk of %(holds)s has %(free)s free, %(share)s percent."),
    "disk_low": _("The disk of %(holds)s has only %(free)s free, %(share)s percent. Make room or give it more."),
    "disk_full": _(
        "The disk of %(holds)s has %(free)s free: soon visits can no longer be kept. Make room now; tablets keep "
        "what they cannot send."
    ),
    "store_sizes": _("%(sizes)s. Their tables have version %(schema)s."),
    "schema_older": _(
        "The tables of the %(store)s store have version %(found)s, and this Amanah needs %(wanted)s. Stop the field "
        "app, make a backup with the Amanah that made them, and run flask migrate."
    ),
    "schema_other": _(
        "The tables of the %(store)s store have version %(found)s, and this Amanah needs %(wanted)s. Use the Amanah "
        "that made them."
    ),
    "backup_fresh": _("The newest backup is of %(day)s."),
    "backup_old": _("The newest backup is of %(day)s. Find out why none was made since, and make one."),
    "backup_kept": _(
        "The oldest backup is of %(day)s. Days for which people are promised that a backup lives: %(days)s. Destroy it."
    ),
    "backup_held": _(
        "The oldest backup is of %(day)s, older than people are promised. A legal hold is on: ask your legal office "
        "before you destroy it."
    ),
    "backup_none": _("The folder of backups is not there or is empty. Make a backup, or correct the setting backups."),
    "backup_broken": _(
        "The newest backup, of %(day)s, is not as it was written: run flask backup DIR --verify, find out who changed "
        "it or which disk fails, and make another one now."
    ),
    "rehearsed_never": _(
        "Nobody has tried yet whether a backup can be put back. Run flask restore DIR --rehearse: it changes nothing."
    ),
    "rehearsed_old": _(
        "That a backup can be put back was last tried on %(day)s. Run flask restore DIR --rehearse, which changes "
        "nothing."
    ),
    "rehearsed_fresh": _("That a backup can be put back was last tried on %(day)s."),
    "backup_untold": _(
        "Nobody told this instance where its backups go, so it cannot say how old they are. Write the folder into the "
        "setting backups."
    ),
    "upkeep_fresh": _("flask maintain ran on %(day)s."),
    "upkeep_old": _(
        "flask maintain ran last on %(day)s. Until it runs, tags outlive their day, the order of rows shows, and "
        "progress stands still. Have it run every night."
    ),
    "upkeep_never": _(
        "flask maintain has never run here. Until it runs, tags outlive their day, the order of rows shows, and "
        "progress stands still. Have it run every night."
    ),
    "kept_none_late": _(
        "None is past its last day. Kept as of the last count, in fives: links between the two vaults, each gone after "
        "the cut-off of its week: %(links)s. Records of contact details, given or empty: %(contact)s."
    ),
    "kept_late": _(
        "A tag, a link or contact details are kept past their last day, and people were promised that they are gone. "
        "Run flask maintain now, and have it run every night."
    ),
    "tasks_none": _("No task of keeping and deleting is due that people do themselves."),
    "tasks_due": _(
        "People themselves must do what is due: %(tasks)s. flask retention show says what that is; once it is done, "
        "write it down with flask retention done."
    ),
    "study_goes_on": _("The study goes on."),
    "study_over": _("The study ended on %(day)s. flask retention show says what is kept, and how long."),
    "study_destroyed": _(
        "The study ended on %(day)s, and what it kept was destroyed on %(destroyed)s. The certificate is the file "
        "destruction.json in the instance's folder."
    ),
    "destruction_interrupted": _(
        "The study's destruction was begun and did not come to its end. Run flask end-study again, with the same "
        "words as before."
    ),
    "kept_held": _(
        "A tag, a link or contact details are past their last day: the legal hold keeps them. They go when it is "
        "lifted."
    ),
    "certificate_holds": _("It holds until %(day)s. Days left: %(days)s."),
    "certificate_ends": _("It ends on %(day)s. Days left: %(days)s. Renew it: without it no device can seal."),
    "certificate_ended": _("It ended on %(day)s: no device can seal. Renew it now."),
    "certificate_unreadable": _("Its file cannot be read. Correct the setting certificate, or its file's rights."),
    "certificate_untold": _(
        "Nobody told this instance which certificate the web server shows. Write its path into the setting certificate."
    ),
    "certificate_here": _("None: staff can sign in on this machine only, as secure_cookies is off."),
    "clock_holds": _("It is not behind the journal or the files."),
    "clock_back": _(
        "The clock went back: something here is of %(day)s. Set the clock right before anything else, as the last day "
        "of receipts and invitations hangs on it."
    ),
    "journal_readable": _(
        "Every entry can be read. Whether the chain holds was not checked here: press Check the whole journal on the "
        "page Journal."
    ),
    "journal_checked": _("Every entry can be read, and the whole chain holds."),
    "journal_broken": _(
        "An entry cannot be read, or the chain does not hold. Run flask journal verify, and find out who changed it."
    ),
    "modes_tight": _("Only their owner may read them."),
    "modes_loose": _("Others on this machine may read: %(files)s. Set files to 0600 and folders to 0700."),
    "modes_unknown": _(
        "This system has no file modes that could be checked. Let nobody else have an account on this machine."
    ),
    "keys_there": _(
        "The study has public keys, each with the day since when it seals: %(active)s. Compare them with the desk's, "
        "on the page Keys."
    ),
    "keys_rotated": _(
        "The study has public keys, each with the day since when it seals: %(active)s. Retired on the day beside them, "
        "and still opening at the desk: %(retired)s. Compare them with the desk's, on the page Keys."
    ),
    "keys_unvouched": _(
        "The signed journal does not say that the newest public keys here were added: somebody put them into the "
        "database, or the journal or its key is not as it was. Run flask journal verify, and compare the page Keys "
        "with the desk's."
    ),
    "keys_missing": _("The study has no public keys, so no visit can be taken. Bring keyring.json from the desk."),
    "brackets_filled": _("The version that is asked now has no bracket left to fill in."),
    "brackets_open": _(
        "The version that is asked now still shows brackets: %(brackets)s Fill them in under fill_in in study.toml, "
        "then write another version in study.toml and run flask study add FOLDER."
    ),
    "plain_off": _("Off: answers are sealed on the device, or not taken."),
    "plain_on": _(
        "On: anyone who reaches the page can take part, and where script is off, answers pass through this server's "
        "memory. Turn it off in study.toml for a real study."
    ),
    "demo_off": _("A real instance: no invented people are let in."),
    "demo_on": _("A demo, for invented people. Begin a real study with flask init."),
    "cookies_secure": _("Staff sign in over https only."),
    "cookies_plain": _(
        "secure_cookies is off: right for this machine alone. Turn it on before anyone signs in from another."
    ),
    "hosts_told": _("It answers to: %(hosts)s."),
    "hosts_here": _("It answers on this machine only."),
    "hosts_untold": _(
        "Nobody told this instance its name, so it answers on this machine only. Write the name under which staff and "
        "participants reach it into the setting hosts."
    ),
    "contact_told": _("Whoever finds a weakness is told to write to: %(contact)s."),
    "contact_untold": _(
        "Whoever finds a weakness is not told whom to write to. Write an address into the setting security_contact."
    ),
}
