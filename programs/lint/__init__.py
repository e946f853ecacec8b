"""What is wrong, or worth a second look, in a program version before it is published."""

from django.db.models import Prefetch

from programs.lint.book import book_of
from programs.lint.findings import Finding, Rule, Weight
from programs.lint.ladders import lint_ladder
from programs.lint.phases import MANY_ITEMS, TOO_MANY_ITEMS, lint_phase, lint_version
from programs.lint.reach import lint_reach
from programs.models import Ladder, PhaseItem, ProgramVersion

__all__ = ["MANY_ITEMS", "TOO_MANY_ITEMS", "Finding", "Rule", "Weight", "lint", "lint_alone"]


def lint_alone(ladder: Ladder) -> list[Finding]:
    """What speaks against `ladder` as it is edited, whatever program it stands in; errors first."""
    book = book_of(ladder.clinic_id)
    found = [*lint_ladder(ladder, book), *lint_reach(book, [ladder])]
    return sorted(found, key=lambda finding: not finding.is_error)


def lint(version: ProgramVersion) -> list[Finding]:
    """All findings for `version` as it stands, errors first. A frozen version is judged by its ladders of today."""
    items = PhaseItem.objects.order_by("position", "pk").select_related("ladder")
    phases = list(version.phases.order_by("position", "pk").prefetch_related(Prefetch("items", items)))
    book = book_of(version.template.clinic_id)
    used = {item.ladder.code: item.ladder for phase in phases for item in phase.items.all()}
    found = [*lint_version(version, phases, book)]
    for phase in phases:
        found += lint_phase(phase, version, book)
    for ladder in used.values():
        found += lint_ladder(ladder, book)
    found += lint_reach(book, used.values())
    return sorted(found, key=lambda finding: not finding.is_error)
