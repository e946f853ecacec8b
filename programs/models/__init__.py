from programs.models.exercise import Gate, Ladder, LadderVersion, Level, LevelVersion, Picture
from programs.models.template import Phase, PhaseItem, ProgramTemplate, ProgramVersion

__all__ = [
    "Gate",
    "Ladder",
    "LadderVersion",
    "Level",
    "LevelVersion",
    "Phase",
    "PhaseItem",
    "Picture",
    "ProgramTemplate",
    "ProgramVersion",
]
