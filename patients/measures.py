"""What was measured: scores a phase may wait for, and the usual pain that all limits are judged against."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import ledger
from patients.models import Episode, Measure, Program
from patients.models.measure import USUAL_PAIN
from patients.phases import gain, leave_phase_if_done
from patients.program_items import locked_items, need_reason, save_items
from programs.measures import SCALES


@transaction.atomic
def record_measure(
    episode: Episode,
    code: str,
    *,
    value: Decimal,
    measured_on: date | None = None,
    note: str = "",
    actor: User | None,
    now: datetime,
) -> Measure:
    """Keep a score of `code` (programs.measures), measured today if no day is given; the phase goes on if it waited.

    Raises Refused naming the field: an unknown measure, a score off its scale, a day before the episode or to come.
    """
    today = local_date(now, episode.patient.zone)
    measured_on = measured_on or today
    errors = {}
    scale = SCALES.get(code)
    if scale is None:
        errors["code"] = _("%(code)s is not a measure on the list.") % {"code": code}
    elif not scale.low <= value <= scale.high or value != round(value, 1):
        words = {"value": value, "low": scale.low, "high": scale.high}
        errors["value"] = _("%(value)s: this score goes from %(low)s to %(high)s, in tenths.") % words
    if not episode.started_on <= measured_on <= today:
        errors["measured_on"] = _("Choose a day from the start of the episode up to today.")
    if errors:
        raise Refused(_("The measure was not recorded."), errors)
    _refuse_closed(episode)
    made = _keep(episode, code, value, measured_on=measured_on, note=note, actor=actor, now=now)
    _go_on(episode, actor=actor, now=now)
    return made


@transaction.atomic
def set_usual_pain(episode: Episode, usual: int, *, reason: str, actor: User | None, now: datetime) -> Measure:
    """Re-baseline: what this person lives with has changed, and every limit is judged against it from now on (E20).

    Days judged before stay as they are. Raises Refused naming the field.
    """
    need_reason(reason)
    if not 0 <= usual <= 10:
        text = _("Usual pain %(pain)s: pain goes from 0 to 10.") % {"pain": usual}
        raise Refused(_("Nothing was changed."), {"usual_pain": text})
    program = _running(episode)
    items = [item for item in locked_items(program) if item.episode_id == episode.pk] if program else []
    _refuse_closed(episode)
    before = Episode.objects.values_list("usual_pain", flat=True).get(pk=episode.pk)
    if usual == before:
        raise Refused(_("Nothing was changed."), {"usual_pain": _("It is %(pain)s already.") % {"pain": usual}})
    Episode.objects.filter(pk=episode.pk).update(usual_pain=usual)
    episode.usual_pain = usual
    for item in items:
        assert program is not None
        item.program = program
        ledger.record_person(item, USUAL_PAIN, "", "", reason=reason, actor=actor, now=now)
    save_items(items)
    today = local_date(now, episode.patient.zone)
    return _keep(episode, USUAL_PAIN, usual, before=before, measured_on=today, note=reason, actor=actor, now=now)


@transaction.atomic
def revoke_measure(measure: Measure, *, actor: User | None, now: datetime) -> None:
    """Take back a score that was entered in error. A usual pain is set anew instead."""
    if measure.code == USUAL_PAIN:
        raise Refused(_("A usual pain is not taken back: set the right one."))
    if Measure.objects.filter(pk=measure.pk, revoked_at=None).update(revoked_at=now):
        _note("revoke", measure, actor=actor, now=now)


def latest_of(measures: Iterable[Measure]) -> list[tuple[Measure, float | None]]:
    """The last of each kind in each episode, with how much better it is than the first. Give the oldest first."""
    series: dict[tuple[UUID, str], list[Measure]] = {}
    for one in measures:
        series.setdefault((one.episode_id, one.code), []).append(one)
    return [(rows[-1], gain(rows, code)) for (_episode, code), rows in series.items()]


def _refuse_closed(episode: Episode) -> None:
    if episode.ended_on is not None:
        raise Refused(_("This episode is closed: open a new one for a return."))


def _running(episode: Episode) -> Program | None:
    mine = Program.objects.filter(patient=episode.patient_id, ended_on=None)
    return mine.select_related("patient__clinic", "phase", "version", "episode").first()


def _keep(
    episode: Episode,
    code: str,
    value: Decimal | int,
    *,
    before: int | None = None,
    measured_on: date,
    note: str,
    actor: User | None,
    now: datetime,
) -> Measure:
    made = Measure.objects.create(
        patient=episode.patient,
        episode=episode,
        code=code,
        value=Decimal(value),
        before=before,
        measured_on=measured_on,
        note=note.strip(),
        recorded_at=now,
        recorded_by=actor,
    )
    _note("record", made, actor=actor, now=now)
    return made


def _note(verb: str, measure: Measure, *, actor: User | None, now: datetime) -> None:
    patient = measure.patient
    audit.note(verb, measure, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)


def _go_on(episode: Episode, *, actor: User | None, now: datetime) -> None:
    program = _running(episode)
    if program is not None and program.episode_id == episode.pk:
        leave_phase_if_done(program, actor=actor, now=now)
