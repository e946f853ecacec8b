"""Measures a phase may wait for. Only the score is kept: a clinic brings the questions it may use (handbook 5)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Scale:
    """`low` to `high`, in tenths at the finest. `sign`: 1 where more is better, -1 where less is."""

    name: Promise
    low: int
    high: int
    sign: int = 1

    def gain(self, first: float, last: float) -> float:
        """How much better `last` is than `first`; below 0 it is worse."""
        return self.sign * (last - first)


SCALES: Mapping[str, Scale] = {
    "PSFS": Scale(gettext_lazy("PSFS, own activities"), 0, 10),
    "LEFS": Scale(gettext_lazy("LEFS, leg function"), 0, 80),
    "VISA-H": Scale(gettext_lazy("VISA-H, hamstring tendon"), 0, 100),
    "ODI": Scale(gettext_lazy("ODI, low back"), 0, 100, -1),
}
