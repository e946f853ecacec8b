"""What a row of the audit says in plain words: to owners what was done, to patients what for."""

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import AuditEntry

# Groups of verbs that an owner may ask for. What stands in none of them changed something.
EMERGENCY = ("open_in_emergency",)
LOOKED = (
    *("read", "list_patients", "find_patients", "list_flags", "list_trials", "list_mails", "list_audit"),
    *EMERGENCY,
)
EXPORTED = ("export", "export_figures")
SIGNED = ("sign_in", "sign_out", "sign_in_failed", "set_password", "accept", "switch", "issue")
REFUSED = ("not_allowed", "not_found", "sign_in_failed")

DEEDS: dict[str, str | Promise] = {
    "read": _("Opened the record"),
    "open_in_emergency": _("Opened somebody else’s patient in an emergency"),
    "list_patients": _("Saw the list of patients"),
    "find_patients": _("Searched for a patient"),
    "list_flags": _("Saw the list of flags"),
    "list_trials": _("Saw the list of trials"),
    "list_mails": _("Saw the list of mails"),
    "list_audit": _("Read this page"),
    "log": _("Logged a session"),
    "send": _("Wrote a message"),
    "report": _("Reported pain"),
    "answer": _("Answered how it was the day after"),
    "assign": _("Assigned a program"),
    "confirm": _("Showed once more who they are"),
    "change_address": _("Changed the e-mail address"),
    "address_changed": _("The e-mail address was changed"),
    "export": _("Took a copy of the record"),
    "export_figures": _("Took figures of the flags as a file"),
    "sign_in": _("Signed in"),
    "sign_out": _("Signed out"),
    "sign_in_failed": _("Somebody could not sign in"),
    "set_password": _("Set a password"),
    "switch": _("Changed to this clinic"),
    "merge": _("Merged two records of one person"),
    "close_account": _("Closed an account"),
    "restrict": _("Restricted a record"),
    "reopen": _("Opened a closed or restricted record again"),
    "accept": _("Accepted"),
    "set_absence": _("Set when somebody is away"),
    "end_absence": _("Ended somebody’s time away"),
    "not_allowed": _("Was turned away: not their work"),
    "not_found": _("Was turned away: not there, or not theirs"),
}

# What the row was about, as the patient knows it.
PURPOSES: dict[str, str | Promise] = {
    "patients.patient": _("wrote down how to reach you"),
    "patients.proxy": _("wrote down who else may open your portal"),
    "patients.consent": _("wrote down what you agreed to"),
    "patients.preferences": _("set when we write to you"),
    "patients.calendarfeed": _("set up training days for their calendar"),
    "patients.episode": _("wrote in your treatment record"),
    "patients.gaterecord": _("wrote down what you are cleared for"),
    "patients.program": _("worked on your program"),
    "patients.programitem": _("worked on your exercises"),
    "patients.session": _("logged a session with you"),
    "patients.nextdayquestion": _("noted how you were the day after"),
    "patients.painreport": _("noted a pain report"),
    "patients.painflag": _("followed up how you are doing"),
    "patients.patientmessage": _("wrote to you"),
    "patients.trialrequest": _("worked on your trial"),
    "patients.trial": _("worked on your trial"),
}
SEEN, COPIED, OTHER = _("opened your record"), _("took a copy of your record"), _("changed something in your record")
OPENED = _("opened your record in an emergency, as somebody who does not usually treat you")


def deed(entry: AuditEntry) -> str:
    """What was done: "Opened the record", or verb and kind of row where there is no sentence for it."""
    if entry.verb in DEEDS:
        return str(DEEDS[entry.verb])
    verb = entry.verb.replace("_", " ").capitalize()
    return f"{verb}: {_kind(entry.label)}"


def purpose(entry: AuditEntry) -> str:
    """What for, said to the patient: "followed up how you are doing"."""
    if entry.verb in EMERGENCY:
        return str(OPENED)
    if entry.verb in LOOKED:
        return str(SEEN)
    if entry.verb in EXPORTED:
        return str(COPIED)
    return str(PURPOSES.get(entry.label, OTHER))


def _kind(label: str) -> str:
    app, _dot, model = label.partition(".")
    try:
        return str(apps.get_model(app, model)._meta.verbose_name)
    except LookupError:
        return label
