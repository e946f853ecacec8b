"""What the library keeps as entries, as sentences: conditions of an exit, who may begin, equipment, prerequisites."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

SLUMP_WORDS: Mapping[str, Promise] = {
    "eases_looking_up": gettext_lazy("symptoms ease when looking up"),
    "unchanged": gettext_lazy("unchanged when looking up"),
    "not_reproduced": gettext_lazy("symptoms not brought on"),
    "unchanged_or_not_done_and_no_leg_tingling": gettext_lazy("unchanged, or not done and no tingling in the leg"),
}
RECORDERS: Mapping[str, Promise] = {
    "log": gettext_lazy("the patient's log"),
    "log_plus_therapist": gettext_lazy("the log and a therapist"),
    "therapist": gettext_lazy("a therapist"),
    "therapist_or_self": gettext_lazy("a therapist or the patient"),
    "therapist_or_video": gettext_lazy("a therapist, also from a video"),
}
ADVANCE_WORDS: Mapping[str, Promise] = {
    "within_cap": gettext_lazy("by the rules, up to the cap"),
    "therapist": gettext_lazy("by a therapist"),
}


def plain(code: str) -> str:
    """A code of the library as words: `exercise_ball` is an exercise ball."""
    return code.replace("_", " ")


def condition_words(condition: Mapping[str, Any], gates: Mapping[str, str] | None = None) -> str:
    """One condition of an exit; what has no known shape is shown as it stands. `gates`: code → what a gate says."""
    match dict(condition):
        case {"level": level}:
            return _("level %(level)s is reached") % {"level": level}
        case {"gate": gate}:
            return _("gate “%(gate)s” is recorded") % {"gate": (gates or {}).get(gate, gate)}
        case {"green_days": int(days)}:
            return ngettext("%(days)s quiet day", "%(days)s quiet days in a row", days) % {"days": days}
        case {"measure": measure, "change": change}:
            return _("%(measure)s is better by %(change)s") % {"measure": measure, "change": change}
        case {"reps_per_set": reps, "ladder": ladder}:
            return _("%(reps)s repetitions in every set of %(ladder)s") % {"reps": reps, "ladder": ladder}
        case {"therapist": True}:
            return _("a therapist signs it off")
    return str(condition)


def exit_words(exit: Mapping[str, Any]) -> list[str]:
    """What ends a phase, a line for each: all that must hold, then those of which one is enough."""
    lines = [condition_words(one) for one in exit.get("all", [])]
    if some := exit.get("any", []):
        lines.append(_("one of: %(which)s") % {"which": "; ".join(condition_words(one) for one in some)})
    return lines


def when_words(when: Mapping[str, Any]) -> list[str]:
    """Who may begin: for a whole program or for one of its paths."""
    lines = []
    if slump := when.get("screen", {}).get("SLUMP"):
        lines.append(_("slump screen: %(result)s") % {"result": SLUMP_WORDS.get(slump, slump)})
    for key, text in (
        ("gates", _("recorded before: %(what)s")),
        ("exclude", _("not with: %(what)s")),
        ("equipment", _("needs: %(what)s")),
    ):
        if when.get(key):
            lines.append(text % {"what": _listed(when[key])})
    if trial := when.get("trial"):
        lines.append(_("trial: %(state)s") % {"state": plain(trial)})
    return lines


def path_words(paths: Mapping[str, Any]) -> list[str]:
    """The paths of a program, a line for each."""
    lines = []
    for name, path in paths.items():
        advance = path.get("auto_advance", "within_cap")
        moves = _("moves on %(how)s") % {"how": ADVANCE_WORDS.get(advance, advance)}
        lines.append(f"{name}: {'; '.join([*when_words(path.get('when', {})), moves])}")
    return lines


def requires_words(requires: Mapping[str, Any]) -> list[str]:
    """What comes before a ladder."""
    gates = requires.get("gates") or [gate for gate in [requires.get("gate")] if gate]
    lines = [_("gate “%(gate)s” is recorded") % {"gate": gate} for gate in gates]
    lines += _level_words(requires)
    if options := requires.get("any_of"):
        ways = "; ".join(_(" with ").join(_level_words(option)) for option in options)
        lines.append(_("one of: %(which)s") % {"which": ways})
    return lines


def _level_words(requires: Mapping[str, Any]) -> list[str]:
    level, thing = requires.get("ladder_level"), requires.get("equipment")
    reached = [_("level %(level)s is reached") % {"level": level}] if level else []
    return reached + ([plain(thing)] if thing else [])


def equipment_words(equipment: Mapping[str, Any]) -> list[str]:
    """What an exercise needs, in a line for each way of needing it."""
    lines = []
    for key, text in (
        ("all", _("needs: %(what)s")),
        ("any_of", _("one of: %(what)s")),
        ("optional", _("good to have: %(what)s")),
    ):
        if equipment.get(key):
            lines.append(text % {"what": _listed(equipment[key])})
    if sets := equipment.get("options"):
        ways = _(" or ").join(_(" with ").join(plain(thing) for thing in row) for row in sets)
        lines.append(_("needs: %(what)s") % {"what": ways})
    others = equipment.get("alternatives")
    if isinstance(others, Mapping):
        lines += [
            _("instead of %(thing)s: %(what)s") % {"thing": plain(thing), "what": _listed(found)}
            for thing, found in others.items()
        ]
    elif others:
        lines.append(_("instead: %(what)s") % {"what": _listed(others)})
    return lines


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(plain(code) for code in codes)


def recorder_words(code: str) -> str:
    """Who may record a gate."""
    return str(RECORDERS.get(code, code.replace("_", " ")))
