"""The demo's free trials: asked for in the evening, decided in the morning, each stopped where its story is."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from clinic.demo_cast import DOMAIN
from clinic.models import Clinic, User
from patients import admissions, exercise_audits, intake, trials
from patients.audit_checks import Finding
from patients.models import Patient, Program, Trial, TrialRequest
from patients.trial_confirmation import confirm_request
from patients.trial_terms import REQUIRED
from reminders.demo.cast import Asker

# Days after the request on which each step is taken, unless the story has stopped before.
ACCEPTED, BOOKED, STARTED = 1, 2, 3
WITHDRAWN, CONVERTED = 8, 15
STEPS = {"accepted": ACCEPTED, "booked": BOOKED}
RUNS = ("active", "over", "converted", "withdrawn")
FINDINGS = (
    Finding("BRIDGE", met=True, pain=1),
    Finding("SLUMP", met=True, value="unchanged"),
    Finding("HINGE_DOWEL", met=False, faults=("losing one of the three dowel contacts",), pain=1),
)


class Trials:
    def __init__(self, clinic: Clinic, askers: tuple[Asker, ...], *, therapist: User) -> None:
        self.clinic, self.askers, self.therapist = clinic, askers, therapist
        self.requests: dict[str, TrialRequest] = {}
        self.trials: dict[str, Trial] = {}

    def evening(self, days_ago: int, *, now: datetime) -> None:
        """People ask in the evening, and most confirm at once."""
        for asker in self.askers:
            if asker.asked != days_ago:
                continue
            asked = intake.request_trial(
                self.clinic,
                name=asker.name,
                email=f"{asker.address}@{DOMAIN}",
                birth_date=date(asker.birth_year, 5, 17),
                postcode=asker.postcode,
                complaint=asker.complaint,
                side="left",
                pain_now=2,
                pain_usual=2,
                leg_tingling=False,
                red_flags=asker.red_flags,
                consents=[*REQUIRED, "reminders"],
                now=now,
            ).request
            if asked is not None and asker.state != "submitted":
                asked = confirm_request(asked, now=now + timedelta(minutes=5))
            if asked is not None:
                self.requests[asker.address] = asked

    def morning(self, days_ago: int, *, now: datetime) -> Iterator[tuple[Asker, Patient, Program]]:
        """What the clinic does about them; gives the programs that begin today."""
        for asker in self.askers:
            day = asker.asked - days_ago
            asked = self.requests.get(asker.address)
            if asked is None or day < ACCEPTED:
                continue
            if asker.state == "declined" and day == ACCEPTED:
                admissions.decline_request(asked, reason=asker.reason, actor=self.therapist, now=now)
            if asker.state in (*STEPS, *RUNS) and day == ACCEPTED:
                self.trials[asker.address] = admissions.accept_request(asked, actor=self.therapist, now=now)
            if asker.state in ("booked", *RUNS) and day == BOOKED:
                self._change(asker, exercise_audits.book_audit, at=_when(asker, now), now=now)
            if asker.state in RUNS and day == STARTED:
                yield self._begin(asker, now=now)
            if asker.state == "withdrawn" and day == WITHDRAWN:
                self._change(
                    asker,
                    trials.end_trial,
                    outcome=Trial.State.WITHDRAWN,
                    reason=asker.reason,
                    note="No time just now.",
                    now=now,
                )
            if asker.state == "converted" and day == CONVERTED:
                self._change(asker, trials.convert, note="Wants to go on with the ball.", now=now)

    def _begin(self, asker: Asker, *, now: datetime) -> tuple[Asker, Patient, Program]:
        summary = "Moves well. The hinge loses one contact; begins low."
        self._change(asker, exercise_audits.record_audit, findings=FINDINGS, path="muscle", summary=summary, now=now)
        trial = self._change(asker, trials.start_trial, now=now + timedelta(minutes=20))
        return asker, trial.patient, Program.objects.get(patient=trial.patient, ended_on=None)

    def _change(self, asker: Asker, verb: Callable[..., Trial], *, now: datetime, **given: object) -> Trial:
        trial = verb(self.trials[asker.address], actor=self.therapist, now=now, **given)
        self.trials[asker.address] = trial
        return trial


def _when(asker: Asker, now: datetime) -> datetime:
    """Those who run were looked at on the day they began; the next audit is ahead, and never at a weekend."""
    if asker.state in RUNS:
        return now + timedelta(days=STARTED - BOOKED)
    ahead = now + timedelta(days=4)
    return ahead + timedelta(days=8 - ahead.isoweekday() if ahead.isoweekday() > 5 else 0)
