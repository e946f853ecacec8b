"""What a finding is about, in plain words: the headline of a flag."""

from django.utils.translation import gettext as _

from patients.models import PainReport
from patients.models.triage import FlagGroup
from programs.rules import Finding


def headline(report: PainReport, finding: Finding) -> str:
    """The finding in plain words with its figures: "pain 8, usual 3, ball curl"."""
    facts = report.facts
    if report.late_flag:
        return f"{report.note}: {report.late_flag.headline}"[:240]
    parts = [finding_words(finding.code)]
    if facts:
        worst = max(facts["pain_during"], facts["pain_after"], facts["next_day"] or 0)
        if finding.group == FlagGroup.PAIN:
            parts = [_("pain %(pain)s, usual %(usual)s") % {"pain": worst, "usual": facts["usual"]}, *parts]
    if report.log:
        parts.append(report.log.level.name)
    elif report.item:
        parts.append(report.item.name)
    return ", ".join(parts)[:240]


def finding_words(code: str) -> str:
    """What a rule has found, without figures."""
    names = {
        "FL-RED-CES": _("sign of pressure on the nerves of bladder and bowel"),
        "FL-RED-PE": _("chest pain or breathlessness"),
        "FL-RED-DVT": _("swollen, warm calf or leg"),
        "FL-RED-INF": _("fever, unwell"),
        "FL-RED-TRAUMA": _("fall, or cannot take weight"),
        "FL-RED-NEURO": _("new weakness or foot drop"),
        "FL-RED-ACUTE": _("sudden injury"),
        "FL-RED-SENS": _("new numbness or tingling"),
        "FL-RED-SYS": _("night pain, weight loss or past cancer with new pain"),
        "FL-WEAK": _("new weakness"),
        "FL-SENS": _("new numbness or tingling"),
        "FL-POP": _("pop with pain or lost strength"),
        "FL-PAIN9": _("severe pain"),
        "FL-PAIN7": _("pain at the stop level"),
        "FL-PAIN6": _("pain above what the exercise may cause"),
        "FL-SHARP": _("sharp pain"),
        "FL-SHARP-LOW": _("mild sharp pain"),
        "FL-JUMP": _("pain jumped by 3 or more"),
        "FL-JUMP2": _("pain jumped by 3 or more again"),
        "FL-24H": _("worse the next day"),
        "FL-24H2": _("worse the next day again"),
        "FL-TREND": _("pain rising over two sessions"),
        "FL-NERVE": _("nerve glide hurts"),
        "FL-NERVE-RETRY": _("nerve glide hurts with corrected technique"),
        "FL-CRAMP": _("third cramp session"),
        "FL-GAP": _("more than 28 days off"),
        "FL-OVER": _("far more work than prescribed"),
        "FL-STRICT": _("the exercise brings on pain"),
        "FL-NOLOG": _("nothing logged for 5 days"),
        "FL-NOLOG10": _("nothing logged for 10 days"),
        "FL-NOCHECK": _("three next-day questions unanswered"),
        "FL-ADH50": _("less than half of the sessions in 14 days"),
        "FL-BASE-UP": _("usual pain up by 2"),
        "FL-SIDES": _("one side does clearly less than the other"),
        "FL-STALL": _("no level change for 21 days"),
        "FL-FREETEXT-URGENT": _("words that may mean an emergency: read them"),
        "FL-FREETEXT": _("words a person should read"),
        "FL-SLA": _("nobody has followed up in time"),
    }
    return names.get(code, code)
