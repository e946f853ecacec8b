"""The trials of a clinic as a board: in which state each one is, for how long, and what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Max, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.zones import local_date, zone
from patients.intake import red_flag_severity
from patients.models import Trial, TrialRequest
from patients.models.intake import Screening, TrialRequestQuerySet
from patients.models.patient import PatientOwnedQuerySet
from patients.red_flag_words import RED_FLAG_WORDS
from patients.screening import HISTORY_REASONS, RESTING_PAIN_TOP, age_on
from patients.trials import PAUSE_TOP

SHOWN_AFTER_END = timedelta(days=30)
MOST_CARDS = 50  # in a column: the board is for working, not for counting


@dataclass(frozen=True)
class Card:
    """One request or trial. `severity` is that of its warning signs, `since` when it came into its state."""

    pk: UUID
    name: str
    since: datetime | None
    next_step: str
    severity: int | None = None
    screening: str = ""
    needs_look: bool = False
    figures: str = ""


@dataclass(frozen=True)
class Column:
    name: str
    title: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Board:
    """`urgent` stands above everything, also before its mail is confirmed; `unconfirmed` are only counted."""

    urgent: tuple[Card, ...]
    columns: tuple[Column, ...]
    unconfirmed: int

    @property
    def is_empty(self) -> bool:
        return not self.urgent and not any(column.cards for column in self.columns)


def board(requests: TrialRequestQuerySet, trials: PatientOwnedQuerySet[Trial], *, now: datetime) -> Board:
    """Give what the reader may see of one clinic. Two queries, whatever the number of trials."""
    waiting = list(requests.undecided().order_by("submitted_at")[: 4 * MOST_CARDS])
    severities = {asked.pk: red_flag_severity(asked.red_flags) for asked in waiting}
    urgent = [asked for asked in waiting if severities[asked.pk] in (1, 2)]
    urgent.sort(key=lambda asked: (severities[asked.pk], asked.submitted_at))
    rest = [asked for asked in waiting if asked not in urgent]
    new = [_new(asked) for asked in rest if asked.state == TrialRequest.State.CONFIRMED]
    shown = trials.filter(Q(ended_at=None) | Q(ended_at__gt=now - SHOWN_AFTER_END))
    steps = ~Q(request__events__from_state=F("request__events__to_state"))
    rows = list(
        shown.select_related("request", "patient")
        .annotate(since=Max("request__events__at", filter=steps))
        .order_by("accepted_at")
    )
    ended = [row for row in rows if row.ended_at is not None]
    ended.sort(key=lambda row: row.ended_at or now, reverse=True)
    columns = [
        ("new", _("New"), new),
        *(
            (state, title, [_running(row, now=now) for row in rows if row.state == state])
            for state, title in (
                (Trial.State.ACCEPTED.value, _("Accepted")),
                (Trial.State.AUDIT_BOOKED.value, _("Audit booked")),
                (Trial.State.ACTIVE.value, _("Running")),
            )
        ),
        ("ended", _("Ended"), [_ended(row) for row in ended]),
    ]
    return Board(
        urgent=tuple(_urgent(asked, severities[asked.pk]) for asked in urgent),
        columns=tuple(Column(name, title, tuple(cards[:MOST_CARDS])) for name, title, cards in columns),
        unconfirmed=sum(asked.state == TrialRequest.State.SUBMITTED for asked in rest),
    )


def _urgent(asked: TrialRequest, severity: int | None) -> Card:
    step = _("Call now, then close it") if severity == 1 else _("Call today, then decide")
    return Card(
        pk=asked.pk,
        name=asked.name or asked.phone or asked.email,
        since=asked.submitted_at,
        next_step=step,
        severity=severity,
        screening=asked.get_screening_display(),
    )


def _new(asked: TrialRequest) -> Card:
    return Card(
        pk=asked.pk,
        name=asked.name,
        since=asked.confirmed_at,
        next_step=_("Accept or decline"),
        screening=asked.get_screening_display(),
        needs_look=asked.screening != Screening.ELIGIBLE,
    )


def _running(trial: Trial, *, now: datetime) -> Card:
    return Card(
        pk=trial.request_id,
        name=trial.request.name,
        since=trial.since,  # type: ignore[attr-defined]
        next_step=next_step(trial, now=now),
        figures=_days_left(trial, now=now),
    )


def _ended(trial: Trial) -> Card:
    return Card(
        pk=trial.request_id,
        name=trial.request.name,
        since=trial.ended_at,
        next_step="",
        screening=trial.get_state_display(),
    )


def next_step(trial: Trial, *, now: datetime) -> str:
    """What somebody has to do now for this trial to go on."""
    if trial.state == Trial.State.ACTIVE:
        days = days_left(trial, now=now)
        return _("Talk about what comes after") if days <= 3 else _("Look in: sessions and pain")
    if trial.state not in (Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED):
        return ""
    if trial.audited_at is not None:
        return _("Start the two weeks")
    if trial.audit_at is None:
        return _("Book the audit")
    if trial.audit_at <= now:
        return _("Record the audit")
    when = date_format(trial.audit_at.astimezone(zone(trial.patient.zone)), "D j M, H:i")
    return _("Audit on %(when)s") % {"when": when}


def days_left(trial: Trial, *, now: datetime) -> int:
    """Days with access, today included; none once it is over."""
    if trial.last_day is None or trial.state != Trial.State.ACTIVE:
        return 0
    return max(0, (trial.last_day - local_date(now, trial.patient.zone)).days + 1)


def _days_left(trial: Trial, *, now: datetime) -> str:
    if trial.state != Trial.State.ACTIVE:
        return ""
    days = days_left(trial, now=now)
    return ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}


# What somebody answered, and what it means


@dataclass(frozen=True)
class Answer:
    """`meaning` says why it matters here; `weighs` if it needs a second look."""

    question: str
    answer: str
    meaning: str = ""
    weighs: bool = False


def answers_of(asked: TrialRequest, *, now: datetime) -> list[Answer]:
    """The answers in the order of the form, each with what it means for the trial."""
    history = [code for code in HISTORY_REASONS if code in asked.answers.get("history", [])]
    return [
        *(_sign(code) for code in asked.red_flags),
        *([_age(asked, now=now)] if asked.birth_date else []),
        Answer(_("What brings them here"), asked.complaint),
        Answer(_("Side"), asked.get_side_display() or _("not said")),
        _rest(asked.pain_now),
        Answer(
            _("Usual pain"),
            _number(asked.pain_usual),
            _("Every limit is judged against it. Ask again at the audit.") if asked.pain_usual is None else "",
        ),
        _tingling(asked.answers.get("leg_tingling")),
        *(Answer(_("History"), HISTORY_REASONS[code](), _("A clinician decides."), weighs=True) for code in history),
        Answer(_("Wants to do again"), asked.answers.get("goals") or _("not said")),
    ]


def _sign(code: str) -> Answer:
    severity = red_flag_severity([code])
    meanings = {
        1: _("May be an emergency: they were told to call at once."),
        2: _("Needs a clinician today: they were told so."),
    }
    return Answer(_("Warning sign"), str(RED_FLAG_WORDS.get(code, code)), meanings.get(severity or 5, ""), weighs=True)


def _age(asked: TrialRequest, *, now: datetime) -> Answer:
    assert asked.birth_date is not None
    years = age_on(asked.birth_date, local_date(now, asked.clinic.zone))
    meaning = _("Under 18: a guardian must agree.") if years < 18 else ""
    return Answer(_("Age"), str(years), meaning, weighs=years < 18)


def _rest(pain: int | None) -> Answer:
    high = pain is not None and pain >= RESTING_PAIN_TOP
    meaning = _("8 or more needs a look first.") if high else ""
    return Answer(_("Pain now, at rest"), _number(pain), meaning, weighs=high)


def _tingling(answer: bool | None) -> Answer:
    words = {True: _("Yes"), False: _("No"), None: _("Not sure")}
    meanings = {
        True: _("Signs of an irritated nerve: slump at the audit; held stretches stay blocked."),
        None: _("Unknown counts as yes until somebody has looked."),
    }
    return Answer(_("Tingling below the knee"), words[answer], meanings.get(answer, ""), weighs=answer is True)


def _number(pain: int | None) -> str:
    return _("not said") if pain is None else str(pain)


def held_words(trial: Trial) -> str:
    """How the clock has moved, in words; empty if it has not."""
    parts: Iterable[str] = [
        *([_("extended once by seven days")] if trial.extended else []),
        *(
            [_("%(days)d held days added (at most %(top)d)") % {"days": trial.paused_days, "top": PAUSE_TOP}]
            if trial.paused_days
            else []
        ),
    ]
    return ", ".join(parts)
