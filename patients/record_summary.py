"""A record as a person reads it: who, problems, programs, sessions, pain and what was done, words, consents, looks.

The readable half of the copy (patients/record_copy.py), as a tagged PDF. It tells what matters and says that the other
files hold all of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic import typesetting
from clinic.models import User
from clinic.zones import local_date, zone
from patients.finding_words import finding_words
from patients.looked import looks_at
from patients.models import (
    Consent,
    Episode,
    ExerciseLog,
    NextDayQuestion,
    PainFlag,
    PainReport,
    Patient,
    PatientMessage,
    Program,
    ProgramItem,
    Session,
)
from programs.templatetags.dose import dose_line, frequency_words, load_words

TEMPLATE = Path(__file__).with_suffix(".typ")


@dataclass(frozen=True)
class Entry:
    head: str
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    title: str
    entries: list[Entry]
    empty: str = ""


def as_pdf(patient: Patient, *, now: datetime) -> bytes:
    return typesetting.as_pdf(TEMPLATE, _record(patient, now=now))


def _record(patient: Patient, *, now: datetime) -> dict[str, Any]:
    words = {"name": patient.identity.name, "clinic": patient.clinic.name}
    words["day"] = _day(local_date(now, patient.zone))
    return {
        "title": _("Record of %(name)s") % words,
        "lang": translation.get_language() or "en",
        "lead": [
            _("%(clinic)s, %(day)s.") % words,
            _("This is the part that is easy to read. The other files beside it hold everything, row by row."),
        ],
        "sections": [asdict(section) for section in sections(patient)],
    }


def sections(patient: Patient) -> list[Section]:
    """What the summary tells, in the order of reading; of what was corrected, only what holds now."""
    return [
        Section(_("Who"), [_who(patient)]),
        Section(_("Problems"), _episodes(patient), _("None was opened.")),
        Section(_("Programs"), _programs(patient), _("None was assigned.")),
        Section(_("Sessions"), _sessions(patient), _("None was logged.")),
        Section(_("The days after"), _answers(patient), _("No question was answered.")),
        Section(_("Pain reported"), _reports(patient), _("None was reported.")),
        Section(_("What was followed up"), _flags(patient), _("There was nothing to follow up.")),
        Section(_("Messages"), _messages(patient), _("None was written.")),
        Section(_("What was agreed to"), _consents(patient), _("Nothing was agreed to.")),
        Section(_("Who looked"), _looks(patient), _("Nobody yet.")),
    ]


def _who(patient: Patient) -> Entry:
    who = patient.identity
    lines = [
        _fact(_("Born"), _day(who.birth_date)),
        _fact(_("E-mail"), who.email),
        _fact(_("Phone"), who.phone),
        _fact(_("Postcode"), who.postcode),
        _fact(_("Emergency contact"), who.emergency_contact),
        _fact(_("Time zone"), patient.zone),
        _fact(_("Patient since"), _day(local_date(patient.created_at, patient.zone))),
    ]
    return Entry(who.name, _said(lines))


def _episodes(patient: Patient) -> list[Entry]:
    return [
        Entry(
            f"{one.reason} ({_span(one.started_on, one.ended_on)})",
            _said(
                [
                    _fact(_("Where"), f"{one.get_region_display()}, {one.get_side_display()}"),
                    _fact(_("Usual pain, 0 to 10"), one.usual_pain),
                    _fact(_("Nerve screen"), one.get_slump_display()),
                    _fact(_("Summary"), one.summary),
                ]
            ),
        )
        for one in Episode.objects.filter(patient=patient).order_by("started_on", "pk")
    ]


def _programs(patient: Patient) -> list[Entry]:
    items: dict[Any, list[str]] = {}
    of_patient = ProgramItem.objects.filter(program__patient=patient).select_related("level", "ladder_version")
    for item in of_patient.order_by("position", "starts_on", "pk"):
        dose = [dose_line(item.dose, item), load_words(item.dose, patient.clinic), frequency_words(item.dose)]
        line = f"{item.name} ({item.level.code}, {_span(item.starts_on, item.ended_on)}): {_listed(dose)}"
        items.setdefault(item.program_id, []).append(line)
    programs = Program.objects.filter(patient=patient).select_related("version").order_by("started_on", "pk")
    return [Entry(f"{one.title} ({_span(one.started_on, one.ended_on)})", items.get(one.pk, [])) for one in programs]


def _sessions(patient: Patient) -> list[Entry]:
    logs: dict[Any, list[str]] = {}
    of_patient = ExerciseLog.objects.filter(session__patient=patient).current().select_related("level")
    for log in of_patient.order_by("pk"):
        logs.setdefault(log.session_id, []).append(f"{log.level.name}: {_listed([_done(log), *_felt(log), log.note])}")
    sessions = Session.objects.filter(patient=patient).current().order_by("local_date", "performed_at", "pk")
    return [Entry(_day(one.local_date), _said([*logs.get(one.pk, []), one.note])) for one in sessions]


def _done(log: ExerciseLog) -> str:
    if log.skipped or not log.sets:
        return _("not done")
    return ", ".join(_set(one) for one in log.sets)


def _set(one: Mapping[str, Any]) -> str:
    amount = f"{one['reps']}" if one.get("reps") is not None else _("%(n)s s") % {"n": one.get("seconds")}
    side = {"left": _("left"), "right": _("right")}.get(one.get("side", ""), "")
    return f"{side} {amount}".strip()


def _felt(log: ExerciseLog) -> list[str]:
    scores = ((_("pain before"), log.pain_before), (_("during"), log.pain_during), (_("after"), log.pain_after))
    return [f"{when} {score}" for when, score in scores if score is not None]


def _answers(patient: Patient) -> list[Entry]:
    answered = NextDayQuestion.objects.filter(patient=patient, answered_at__isnull=False)
    return [
        Entry(_day(one.local_date), [_listed([_("pain %(pain)s of 10") % {"pain": one.pain}, one.compared])])
        for one in answered.order_by("local_date", "pk")
    ]


def _reports(patient: Patient) -> list[Entry]:
    """Pain told by itself; what sessions and next-day answers told stands there."""
    reports = PainReport.objects.filter(patient=patient, kind=PainReport.Kind.NOW).select_related(
        "item__ladder_version"
    )
    return [
        Entry(
            _when(one.reported_at, patient),
            _said(
                [
                    _fact(_("Pain, 0 to 10"), one.facts.get("pain_during")),
                    _fact(_("Exercise"), one.item.ladder_version.title if one.item else ""),
                    one.note,
                ]
            ),
        )
        for one in reports.order_by("reported_at", "pk")
    ]


def _flags(patient: Patient) -> list[Entry]:
    flags = PainFlag.objects.filter(patient=patient).select_related("owner").order_by("opened_at", "pk")
    return [
        Entry(
            f"{_when(one.opened_at, patient)}: {one.headline or finding_words(one.code)}",
            _said(
                [
                    _fact(_("Severity, 1 is the most urgent"), one.severity),
                    _fact(_("State"), one.get_state_display()),
                    _fact(_("Taken by"), person(one.owner, patient)),
                    _fact(_("Reached you"), _when(one.contacted_at, patient)),
                    _fact(_("Closed"), _when(one.resolved_at, patient)),
                    _fact(_("Outcome"), one.get_resolution_display()),
                    _fact(_("What changed"), one.get_effect_display()),
                    _fact(_("Note"), one.note),
                ]
            ),
        )
        for one in flags
    ]


def _messages(patient: Patient) -> list[Entry]:
    messages = PatientMessage.objects.filter(patient=patient).select_related("author").order_by("sent_at", "pk")
    return [
        Entry(
            _("%(when)s, %(who)s") % {"when": _when(one.sent_at, patient), "who": person(one.author, patient)},
            one.body.splitlines(),
        )
        for one in messages
    ]


def _consents(patient: Patient) -> list[Entry]:
    consents = Consent.objects.filter(patient=patient).select_related("text").order_by("given_at", "kind")
    return [
        Entry(
            one.get_kind_display(),
            _said(
                [
                    _fact(_("Given"), _listed([_when(one.given_at, patient), _version(one)])),
                    _fact(_("Taken back"), _when(one.revoked_at, patient)),
                    *(one.text.text.splitlines() if one.text else []),
                ]
            ),
        )
        for one in consents
    ]


def _version(consent: Consent) -> str:
    return _("version %(number)s") % {"number": consent.version} if consent.text else _("on paper")


def _looks(patient: Patient) -> list[Entry]:
    return [
        Entry(_("%(day)s, %(who)s") % {"day": _day(look.at.date()), "who": look.who}, [look.what_for])
        for look in looks_at(patient, most=None)
    ]


def person(user: User | None, patient: Patient) -> str:
    """Who somebody is to the patient: by name, where the clinic names its staff."""
    if user is None:
        return ""
    named = user.pk == patient.user_id or patient.clinic.looks_name_staff
    return user.name if named else _("a person of the clinic")


def _fact(name: str, value: object) -> str:
    return "" if value in (None, "") else f"{name}: {value}"


def _said(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.strip()]


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)


def _day(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""


def _when(at: datetime | None, patient: Patient) -> str:
    """Day and time where the patient lives."""
    return date_format(at.astimezone(zone(patient.zone)), "j F Y, H:i") if at else ""


def _span(start: date, end: date | None) -> str:
    return f"{_day(start)} – {_day(end)}" if end else _("since %(day)s") % {"day": _day(start)}
