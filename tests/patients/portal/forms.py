"""What a browser would send for the quick log."""

from uuid import uuid4

from patients.models import Program
from programs.dose import from_json


def quick_log(program: Program, **changes: object) -> dict[str, object]:
    """Every exercise as planned, with pain 1; `changes` replace a field of each, by its short name, or of the form."""
    data: dict[str, object] = {"client_id": str(uuid4())}
    own = {"skipped": "", "pain_during": 1, "pain_after": 1, "form": "ok", "cramp": ""}
    own |= {name: value for name, value in changes.items() if name in own or name in ("words", "painful", "note_of")}
    for item in program.items.filter(ended_on=None).select_related("level"):
        dose = from_json(item.dose)
        data[f"before-{item.region}"] = changes.get("pain_before", 1)
        sides = {"both": ("both",), "each": ("left", "right")}.get(item.level.content["sides"], ("left", "right"))
        for number in range(1, dose.sets + 1):
            data |= {f"{item.pk}-{side}-{number}": changes.get("amount", dose.reps_low) for side in sides}
        data |= {f"{item.pk}-{name}": value for name, value in own.items()}
    form = ("client_id", "note", "effort", "red_flags", "neuro", "on", "at")
    return data | {name: value for name, value in changes.items() if name in form}
