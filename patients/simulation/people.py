"""Made-up patients of five characters. What they do on a day follows from a seed alone, never from what was decided.

So two runs of the same seed meet the same people with the same nights, and differ by the rules only. The numbers
here are assumptions [default], chosen to make each character plain; they are no claim about real patients.
"""

from dataclasses import dataclass
from enum import nonmember
from functools import cached_property
from random import Random
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.episode import BodySide
from programs.rules import Dose


class Character(models.TextChoices):
    STEADY = "steady", _("Steady")
    FLARING = "flaring", _("Flaring")
    FORGETFUL = "forgetful", _("Forgetful")
    EAGER = "eager", _("Eager")
    ONE_SIDED = "one_sided", _("One-sided")

    words = nonmember(
        {
            "steady": _("Trains as planned, little pain, answers every morning."),
            "flaring": _("A flare of four days about every three weeks, and trains through half of it."),
            "forgetful": _("Misses four days of ten, half of the answers, and now and then a week or two."),
            "eager": _("Every third day far too much, and pays for it the next morning."),
            "one_sided": _("One leg finishes less of every new dose until it has caught up."),
        }
    )


FLARE_DAYS, FLARE_WEEKS = 4, 3
LONG_BREAKS = (9, 12, 16)  # days off, one after the other: past the gap rules of 8 and 15 days


@dataclass(frozen=True, slots=True)
class Work:
    """What one exercise of one day was like: shares of the low end of the dose, pain 0 to 10."""

    left: float
    right: float
    before: int
    during: int
    after: int
    form: str = "ok"
    cramp: str = ""


@dataclass(frozen=True)
class Person:
    character: Character
    number: int
    seed: int

    def luck(self, *about: object) -> Random:
        """The same for the same question, on any machine."""
        return Random(":".join(map(str, (self.seed, self.character.value, self.number, *about))))  # noqa: S311

    @cached_property
    def usual(self) -> int:
        return self.luck("usual").choice((1, 1, 2, 2, 3))

    @cached_property
    def side(self) -> str:
        """The side that hurts, and is the weaker one."""
        return self.luck("side").choice((BodySide.LEFT, BodySide.RIGHT))

    @property
    def words(self) -> Any:
        return Character.words[self.character.value]

    def trains(self, day: int, per_week: int) -> bool:
        """Whether `day` (0 is the first) is a training day of somebody asked to train `per_week` days a week."""
        planned = (day % 7) * per_week // 7 != (day % 7 + 1) * per_week // 7
        match self.character:
            case Character.FORGETFUL:
                return planned and not self.away(day) and self.luck("misses", day).random() >= 0.4
            case Character.FLARING if self.flares(day):
                return planned and self.luck("rests", day).random() < 0.5
            case Character.EAGER:
                return planned or self.luck("extra", day).random() < 0.3
        return planned

    def away(self, day: int) -> bool:
        """A longer break in every fifth week."""
        start = self.luck("away", day // 35).randrange(7, 20)
        return start <= day % 35 < start + LONG_BREAKS[day // 35 % len(LONG_BREAKS)]

    def flares(self, day: int) -> bool:
        if self.character != Character.FLARING:
            return False
        block = 7 * FLARE_WEEKS
        start = self.luck("flare", day // block).randrange(3, block - FLARE_DAYS)
        return start <= day % block < start + FLARE_DAYS

    def overdoes(self, day: int) -> bool:
        return self.character == Character.EAGER and self.luck("overdoes", day).random() < 0.33

    def hours_late(self, day: int) -> int:
        late = self.character == Character.FORGETFUL and self.luck("late", day).random() < 0.15
        return 80 if late else 0

    def pain_before(self, day: int) -> int:
        noise = self.luck("before", day).choice((-1, 0, 0, 0, 0 if self.character == Character.STEADY else 1))
        return _score(self.usual + noise + (2 if self.flares(day) else 0))

    def works(self, day: int, ladder: str, times_here: int, dose: Dose) -> Work:
        """One day's work at an exercise, for the `times_here`-th time (from 0) on its level."""
        luck = self.luck("works", day, ladder)
        before = self.pain_before(day)
        new = luck.random() < (0.4, 0.2)[times_here] if times_here < 2 else False
        during = before - luck.choice((0, 0, 1)) + new
        if self.flares(day):
            during += luck.choice((1, 2, 3, 4))
        left, right = self._shares(day, times_here, dose, luck)
        if self.overdoes(day):
            during += luck.choice((0, 1, 2))
        form = "partly" if times_here == 0 and luck.random() < 0.15 else "ok"
        cramp = "resolved" if luck.random() < 0.02 else ""
        return Work(left, right, before, _score(during), _score(during - luck.choice((0, 0, 1))), form, cramp)

    def _shares(self, day: int, times_here: int, dose: Dose, luck: Random) -> tuple[float, float]:
        low, high = dose.reps_low or dose.seconds_low or 1, dose.reps_high or dose.seconds_high or 1
        # A quarter of the range more each time, and two over the top in the end: what the next weight may ask for.
        share = min(1 + times_here * (high / low - 1) / 4, (high + 2) / low)
        match self.character:
            case Character.EAGER if self.overdoes(day):
                share = 1.8 * dose.high_end / dose.low_end
            case Character.FORGETFUL if luck.random() < 0.1:
                share = luck.choice((0.4, 0.8))
            case Character.ONE_SIDED:
                weaker = min(share, 0.7 + 0.1 * times_here)
                return (weaker, share) if self.side == BodySide.LEFT else (share, weaker)
        return share, share

    def answers(self, day: int, worst: int) -> tuple[int, str] | None:
        """The next morning's pain and word about `day`, whose worst pain was `worst`; None: no answer."""
        luck = self.luck("answers", day)
        if self.character == Character.FORGETFUL and luck.random() < 0.5:
            return None
        pain = self.pain_before(day + 1)
        if self.flares(day):
            pain = max(pain, worst - luck.choice((0, 1, 2)))
        elif self.overdoes(day):
            pain += luck.choice((0, 1, 2))
        return _score(pain), "worse" if pain > self.usual + 2 else "same"


def _score(pain: int) -> int:
    return max(0, min(10, pain))


def crowd(seed: int, each: int) -> list[Person]:
    """`each` people of every character, taken in turn."""
    return [Person(character, number, seed) for number in range(each) for character in Character]
