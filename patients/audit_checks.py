"""The exercise audit (handbook 4.5) as a table: what is looked at, which gate it sets, where each ladder begins."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic
from patients.models.episode import Slump
from programs.models import Ladder

PAIN_ABOVE_USUAL = 3  # more than this above the usual pain during a check: begin at the easier level


@dataclass(frozen=True)
class Check:
    """One line of the audit. `met` and `not_met` are the levels its ladder begins at; the last line counts."""

    code: str
    title: str | Promise
    look_for: str | Promise
    ladder: str = ""
    gate: str = ""
    met: str = ""
    not_met: str = ""
    values: tuple[tuple[str, str | Promise], ...] = ()
    faults: tuple[str | Promise, ...] = ()  # beside the ladder's own mistakes


CHECKS: tuple[Check, ...] = (
    Check(
        "BRIDGE",
        _("Floor bridge"),
        _("Four points of the foot press evenly, the pelvis stays level, the way down is slow."),
        ladder="BRG",
        met="BRG-2",
        not_met="BRG-1",
    ),
    Check(
        "HINGE_DOWEL",
        _("Hip hinge with the dowel"),
        _("The dowel keeps contact with tailbone, mid-back and head for a whole set."),
        ladder="HNG",
        gate="hinge_3_points",
        met="HNG-3",
        not_met="HNG-1",
        faults=(_("losing one of the three dowel contacts"),),
    ),
    Check(
        "CURL_RANGE",
        _("Heel curl range"),
        _("The ball travels from legs almost straight to heels at the buttocks, hips level."),
        ladder="CRL",
        gate="curl_full_range",
        met="CRL-2",
        not_met="CRL-1",
    ),
    Check(
        "SQUAT_DEPTH",
        _("Squat: knees and depth"),
        _("Knees in line with the toes, below 90 degrees where it is comfortable."),
        ladder="SQT",
        met="SQT-3",
        not_met="SQT-1",
    ),
    Check(
        "SQUAT_30",
        _("Thirty body-weight squats"),
        _("Thirty without a fault. Stop at the first one."),
        ladder="SQT",
        gate="bw_squat_30_perfect",
        met="SQT-4",
    ),
    Check(
        "SLD_PLANK",
        _("Single-leg deadlift: plank and pelvis"),
        _("Leg, pelvis and trunk move as one; both hip bones face the floor."),
        ladder="SLD",
        met="SLD-2",
        not_met="SLD-1",
    ),
    Check(
        "SLUMP",
        _("Slump"),
        _("Seated slump, then look up: do the leg symptoms ease? A screen, never a diagnosis."),
        gate="slump_screen_done",
        values=tuple((value, label) for value, label in Slump.choices if value != Slump.NOT_DONE),
    ),
    Check(
        "NERVE_GLIDE",
        _("Nerve glide cleared"),
        _("One slow slider, no pain. Only a clinician decides that glides are safe for this person."),
        ladder="NGL",
        gate="nerve_glide_cleared",
        met="NGL-1",
        not_met="NGL-1",
    ),
    Check(
        "STAIRS_LUNGE",
        _("Two stairs at a time, and a lunge"),
        _("How much the back of the thigh takes part. Watch only: nothing depends on it."),
        faults=(_("trunk drops forward"), _("pushes off with the back leg"), _("knee falls in")),
    ),
)
BY_CODE = {check.code: check for check in CHECKS}


@dataclass(frozen=True)
class Finding:
    """What was seen at one check. `value` is the result of a check that has several (slump)."""

    check_code: str
    met: bool
    faults: tuple[str, ...] = field(default=())
    pain: int | None = None
    value: str = ""


def faults_of(clinic: Clinic) -> dict[str, list[str]]:
    """The faults to tick at each check: the mistakes the clinic's library names for its ladder, then its own."""
    ladders = Ladder.objects.of(clinic).filter(code__in=[check.ladder for check in CHECKS if check.ladder])
    mistakes = {ladder.code: [str(one) for one in ladder.mistakes] for ladder in ladders}
    return {check.code: [*mistakes.get(check.ladder, []), *map(str, check.faults)] for check in CHECKS}


def entry_levels(findings: Iterable[Finding], *, usual_pain: int) -> dict[str, str]:
    """Ladder to the level it begins at. A check that hurt well above the usual pain counts as not met here."""
    levels: dict[str, str] = {}
    for finding in findings:
        check = BY_CODE[finding.check_code]
        hurt = finding.pain is not None and finding.pain > usual_pain + PAIN_ABOVE_USUAL
        level = check.met if finding.met and not hurt else check.not_met
        if check.ladder and level:
            levels[check.ladder] = level
    return levels


def path_for(findings: Mapping[str, Finding]) -> str:
    """The path of the starter template that the slump result speaks for; empty where a clinician has to decide."""
    slump = findings.get("SLUMP")
    if slump is None or not slump.value:
        return ""
    if slump.value == Slump.EASES:
        cleared = findings.get("NERVE_GLIDE")
        return "nerve" if cleared and cleared.met else ""
    return "muscle" if slump.value == Slump.UNCHANGED else ""
