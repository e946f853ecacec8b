"""Finding an exercise in the clinic's library: by words, by kind, by body region, by equipment."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from programs.models import LadderVersion, LevelVersion
from programs.models.exercise import Kind, Region

AT_HOME = "home"  # what the patient has, instead of one thing
MOST_SHOWN = 20


@dataclass(frozen=True)
class Wanted:
    """What the filters of the page say; empty is anything."""

    q: str = ""
    kind: str = ""
    region: str = ""
    equipment: str = ""


@dataclass(frozen=True)
class Found:
    """One ladder of the library, in its newest published form."""

    ladder: LadderVersion
    levels: tuple[LevelVersion, ...]
    equipment: tuple[str, ...]

    @property
    def equipment_words(self) -> str:
        return ", ".join(code.replace("_", " ") for code in self.equipment)


def newest(ladders: QuerySet[LadderVersion]) -> list[Found]:
    """The last frozen copy of each ladder that is not retired: what was published, not a trainer's work of today."""
    last = LadderVersion.objects.filter(ladder=OuterRef("ladder")).order_by("-number").values("number")[:1]
    current = ladders.filter(ladder__retired_at=None, number=Subquery(last)).prefetch_related("levels")
    return [_found(ladder) for ladder in current.order_by("title", "pk")]


def _found(ladder: LadderVersion) -> Found:
    levels = tuple(sorted(ladder.levels.all(), key=lambda level: level.position))
    return Found(ladder, levels, tuple(sorted(_mentioned(ladder, levels))))


def _mentioned(ladder: LadderVersion, levels: Iterable[LevelVersion]) -> set[str]:
    """Everything any level may need."""
    listed = ladder.content["equipment"]
    options = [code for option in listed.get("options", []) for code in option]
    named = {*listed.get("all", []), *listed.get("any_of", []), *options}
    return named | {code for level in levels for code in level.content["equipment"]}


def find(library: Sequence[Found], wanted: Wanted, *, at_home: Collection[str] = ()) -> list[Found]:
    """Those of `library` that fit every filter. Words are looked for in titles, levels and what is trained."""
    return [one for one in library if _fits(one, wanted, at_home)]


def _fits(one: Found, wanted: Wanted, at_home: Collection[str]) -> bool:
    ladder = one.ladder
    text = " ".join([ladder.code, ladder.title, ladder.content["target"], *(level.name for level in one.levels)])
    return (
        all(word in text.casefold() for word in wanted.q.casefold().split())
        and wanted.kind in ("", ladder.kind)
        and wanted.region in ("", ladder.region)
        and (not wanted.equipment or _equipped(one, wanted.equipment, at_home))
    )


def _equipped(one: Found, wanted: str, at_home: Collection[str]) -> bool:
    if wanted != AT_HOME:
        return wanted in one.equipment
    listed, home = one.ladder.content["equipment"], set(at_home)
    choices = [{code} for code in listed.get("any_of", [])] + [set(option) for option in listed.get("options", [])]
    first = set(one.levels[0].content["equipment"]) if one.levels else set()
    return first <= home if not choices else any(choice <= home for choice in choices)


def filters(library: Sequence[Found]) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: only what some exercise of the library has."""
    kinds, regions = {one.ladder.kind for one in library}, {one.ladder.region for one in library}
    codes = sorted({code for one in library for code in one.equipment})
    return {
        "kind": [(value, str(label)) for value, label in Kind.choices if value in kinds],
        "region": [(value, str(label)) for value, label in Region.choices if value in regions],
        "equipment": [(code, code.replace("_", " ")) for code in codes],
    }
