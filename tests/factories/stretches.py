"""A program with the held stretch on it, which no shipped template has: for whom the slump screen said "unchanged"."""

from clinic.models import Clinic
from programs.models import Ladder, Phase, PhaseItem, ProgramTemplate, ProgramVersion
from programs.publishing import publish_version
from tests.factories.people import NOW


def stretch_draft(clinic: Clinic, *, slump: str = "unchanged", **fields: object) -> ProgramVersion:
    """A draft of one phase: hold the stretch (STA) beside the floor bridge (BRG)."""
    template = ProgramTemplate.objects.create(clinic=clinic, code="STRETCH", title="Stretch")
    entry = {"screen": {"SLUMP": slump}} if slump else {}
    draft = ProgramVersion.objects.create(template=template, number=1, title="Stretch", entry=entry, **fields)
    phase = Phase.objects.create(
        version=draft, position=1, name="hold", day_from=1, day_to=28, exit={"all": [{"therapist": True}]}
    )
    for position, (code, level) in enumerate((("STA", "STA-1"), ("BRG", "BRG-1")), start=1):
        ladder = Ladder.objects.get(clinic=clinic, code=code)
        PhaseItem.objects.create(phase=phase, position=position, ladder=ladder, start_code=level)
    return draft


def stretch_program(clinic: Clinic) -> ProgramVersion:
    return publish_version(stretch_draft(clinic), change_note="First version", actor=None, now=NOW)
