"""What a gate opens: the levels, exercises and programs of a clinic that ask for it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from clinic.models import Clinic
from programs.models import Ladder, Level, ProgramVersion


def unlocked_by(clinic: Clinic) -> dict[str, list[str]]:
    """Gate code → what it opens, in words. Three queries, whatever the size of the library."""
    opens: dict[str, list[str]] = defaultdict(list)
    ladders = Ladder.objects.of(clinic).filter(retired_at=None)
    for level in Level.objects.filter(ladder__in=ladders).order_by("ladder__title", "position"):
        for code in level.requires_gates:
            opens[code].append(f"{level.code} {level.name}")
    for ladder in ladders.order_by("title"):
        for code in gates_of(ladder.requires):
            opens[code].append(ladder.title)
    published = ProgramVersion.objects.of(clinic).published().filter(template__retired_at=None)
    for version in published.order_by("title", "-number"):
        for code in _asked_at_the_entry(version):
            words = _("the program “%(title)s”") % {"title": version.title}
            opens[code] += [] if words in opens[code] else [words]
    return dict(opens)


def gates_of(requires: Mapping[str, Any]) -> list[str]:
    """Codes of the gates that a ladder asks for."""
    return list(requires.get("gates") or ([requires["gate"]] if "gate" in requires else []))


def _asked_at_the_entry(version: ProgramVersion) -> Iterator[str]:
    yield from version.entry.get("gates", [])
    for path in version.paths.values():
        yield from path.get("when", {}).get("gates", [])
