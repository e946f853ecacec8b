"""manage.py simulate: try rules or a program on made-up patients, or on what was really logged. Changes nothing."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.models import Clinic
from clinic.refusals import Refused
from patients import dry_runs, ledger
from patients.models import DryRun
from patients.simulation import figures
from patients.simulation.attempt import Attempt
from patients.simulation.counts import Counts, added
from programs.clinical_numbers import rules_from
from programs.models import ProgramVersion
from programs.rulebook import current_rules
from programs.rules import RuleSet


class Command(BaseCommand):
    help = (
        "Compares today's rules and a published program with a candidate: who would have moved on, been held or "
        "stopped, flags per 100 logs, days to each level. Stores nothing. What cannot be tried ends it with status 2."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clinic", required=True, help="address word of the clinic")
        parser.add_argument(
            "--template", default="", help="CODE, CODE@3 or CODE@draft; CODE alone is the published one"
        )
        parser.add_argument("--path", default="", help="path through the program, where it has several")
        parser.add_argument("--rules", type=Path, help="YAML: params with changed numbers, or a whole rules file")
        parser.add_argument("--weeks", type=int, default=12)
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people")
        parser.add_argument("--patients", type=int, default=4, help="made-up patients of each of the five characters")
        parser.add_argument("--histories", action="store_true", help="ask the clinic's own decisions again instead")
        parser.add_argument("--cases", action="store_true", help="with --histories: name every changed decision by ids")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            attempt = self._attempt(options)
        except Refused as refusal:
            faults = [f"{name}: {text}" for name, text in refusal.errors.items()]
            raise CommandError(" ".join([str(refusal), *faults]), returncode=2) from None
        counts = self._done(attempt, quiet=not sys.stderr.isatty())
        made_up = attempt.kind == DryRun.Kind.PEOPLE
        if options["json"]:
            book = attempt.candidate.book
            found = figures.plain(counts, book, made_up=made_up, cases=options["cases"])
            self.stdout.write(json.dumps(self._about(attempt, options) | found, indent=1, default=str))
            return
        for line in self._lines(counts, attempt, made_up=made_up):
            self.stdout.write(line)

    def _attempt(self, options: dict[str, Any]) -> Attempt:
        clinic = Clinic.objects.filter(slug=options["clinic"]).first()
        if clinic is None:
            raise Refused(f"No clinic has the address word {options['clinic']}.")
        return dry_runs.attempt_at(
            clinic,
            kind=DryRun.Kind.HISTORIES if options["histories"] else DryRun.Kind.PEOPLE,
            version=_version(clinic, options["template"]) if options["template"] else None,
            path=options["path"],
            rules=_rules(options["rules"]) if options["rules"] else current_rules(),
            weeks=options["weeks"],
            seed=options["seed"],
            each=options["patients"],
            now=timezone.now(),
        )

    def _done(self, attempt: Attempt, *, quiet: bool) -> Counts:
        counts: Counts = {}
        for start in range(0, attempt.total, attempt.step):
            counts = added(counts, attempt.part(start))
            if not quiet:
                self.stderr.write(f"\r{min(start + attempt.step, attempt.total)} of {attempt.total}", ending="")
        if not quiet:
            self.stderr.write("")
        return counts

    def _about(self, attempt: Attempt, options: dict[str, Any]) -> dict[str, Any]:
        book = attempt.candidate.book
        now, then = attempt.current.rules.params, attempt.candidate.rules.params
        changed = {name: getattr(then, name) for name in now.__slots__ if getattr(now, name) != getattr(then, name)}
        return {
            "kind": str(attempt.kind),
            "template": book.get("code", ""),
            "version": book.get("number"),
            "weeks": attempt.weeks,
            "seed": attempt.seed,
            "ruleset": ledger.ruleset(),
            "candidate_digest": attempt.candidate.rules.digest[:12],
            "numbers": changed,
        }

    def _lines(self, counts: Counts, attempt: Attempt, *, made_up: bool) -> list[str]:
        lines = [*figures.verdict(counts, made_up=made_up), "", f"{'of 100 decisions':28} {'today':>8} {'tried':>8}"]
        lines += [f"{pair.label:28} {pair.now:8} {pair.then:8}" for pair in figures.outcomes(counts)]
        lines += [f"{pair.label:28} {pair.now:8} {pair.then:8}" for pair in figures.flags(counts)]
        if made_up:
            lines += ["", f"{'level':8} {'reached':>12} {'median day':>14} {'stalled':>9}  why"]
            for one in figures.levels(counts, attempt.candidate.book):
                reached, days = f"{one.reached_now} > {one.reached_then}", f"{one.days_now} > {one.days_then}"
                stalled = f"{one.stalled_now} > {one.stalled_then}"
                lines.append(f"{one.code:8} {reached:>12} {days:>14} {stalled:>9}  {one.why}")
        return lines


def _version(clinic: Clinic, wanted: str) -> ProgramVersion:
    code, _at, which = wanted.partition("@")
    mine = ProgramVersion.objects.of(clinic).filter(template__code=code)
    if not mine.exists():
        raise Refused(f"No program of this clinic has the code {code}.")
    if which == "draft":
        found = mine.filter(state=ProgramVersion.State.DRAFT).first()
    elif which.isdigit():
        found = mine.filter(number=int(which)).first()
    else:
        found = None if which else mine.published().order_by("-number").first()
    if found is None:
        raise Refused(f"{code} has no version “{which or 'published'}”: take @draft or a number.")
    return found


def _rules(file: Path) -> RuleSet:
    try:
        return rules_from(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise Refused(f"{file} cannot be read: {type(fault).__name__}.") from None
