"""What lint says: a place, a rule, a sentence."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Weight(StrEnum):
    ERROR = "error"  # stops publication
    WARNING = "warning"


class Rule(models.TextChoices):
    EMPTY = "empty", _("Something is missing")
    NOT_THERE = "not_there", _("It names what is not there")
    ORDER = "order", _("Order of days and levels")
    EXIT = "exit", _("End of a phase")
    BLOCKED = "blocked", _("Blocked or retired")
    NUMBERS = "numbers", _("Numbers of a dose")
    STOP_RULE = "stop_rule", _("Stop rule")
    GATE_SOURCE = "gate_source", _("Gate without a source")
    UNREACHABLE = "unreachable", _("Unreachable level")
    CYCLE = "cycle", _("Circle")
    PAIR = "pair", _("Ladders that exclude each other")
    NERVE = "nerve", _("Held stretch and nerve signs")
    MANY = "many", _("Exercises at a time")
    MINUTES = "minutes", _("Minutes a day")
    PICTURE = "picture", _("Words for a picture")
    SIDES = "sides", _("Sides on levels of their own")
    READING_AGE = "reading_age", _("Reading age")


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: `where` names the phase, the exercise or the level, `text` says in plain words what is wrong."""

    weight: Weight
    rule: Rule
    where: str
    text: str

    @property
    def is_error(self) -> bool:
        return self.weight is Weight.ERROR

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


def error(rule: Rule, where: object, text: str) -> Finding:
    return Finding(Weight.ERROR, rule, str(where), text)


def warning(rule: Rule, where: object, text: str) -> Finding:
    return Finding(Weight.WARNING, rule, str(where), text)
