"""Dry runs: asked for on a page, done part by part by whichever worker holds the lease, cancelled at any time.

The row is the work. A worker that dies leaves its lease behind: when that runs out another goes on after the last part
that was counted, and comes to the same figures, because every part follows from the row alone.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Clinic, User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import ledger
from patients.models import DryRun
from patients.simulation.attempt import Attempt
from patients.simulation.book import plain_book
from patients.simulation.counts import added
from patients.simulation.rehearse import Setting
from programs.clinical_numbers import changed_rules
from programs.models import ProgramVersion
from programs.rulebook import current_rules
from programs.rules import RuleSet

log = logging.getLogger(__name__)

MOST_EACH, MOST_WEEKS, MOST_SEED = 20, 26, 999_999
MOST_WAITING = 3  # of one clinic
LEASE = timedelta(minutes=2)
TURN = timedelta(seconds=40)  # then the worker lets others have their turn
MOST_TRIES = 3
MOST_CASES = 200
KEPT = timedelta(days=90)

Clock = Callable[[], datetime]


@transaction.atomic
def ask(
    clinic: Clinic,
    *,
    kind: str,
    version: ProgramVersion | None,
    path: str = "",
    numbers: Mapping[str, float],
    weeks: int,
    seed: int = 1,
    each: int = 4,
    actor: User | None,
    now: datetime,
) -> DryRun:
    """Put a dry run in line. `numbers`: changed clinical numbers by name; `version` may be a draft.

    Raises Refused naming the field: an impossible number, a program nobody could start, nothing to try, or three runs
    waiting already.
    """
    rules = changed_rules(numbers) if numbers else current_rules()
    attempt = attempt_at(
        clinic, kind=kind, version=version, path=path, rules=rules, weeks=weeks, seed=seed, each=each, now=now
    )
    if DryRun.objects.of(clinic).unfinished().count() >= MOST_WAITING:
        raise Refused(_("Three dry runs are waiting already: let them finish, or cancel one."))
    run = DryRun.objects.create(
        clinic=clinic,
        kind=kind,
        version=version,
        title=f"{version.title} ({version.number})" if version else "",
        path=path,
        numbers=dict(numbers),
        book_now=attempt.current.book,
        book=attempt.candidate.book,
        ruleset=ledger.ruleset(),
        weeks=weeks,
        seed=seed,
        each=each,
        since=attempt.since,
        total=attempt.total,
        asked_by=actor,
        asked_at=now,
    )
    audit.note("dry_run", run, clinic=clinic, actor=actor, now=now)
    return run


def attempt_at(
    clinic: Clinic,
    *,
    kind: str,
    version: ProgramVersion | None,
    path: str = "",
    rules: RuleSet,
    weeks: int,
    seed: int,
    each: int,
    now: datetime,
) -> Attempt:
    """What a dry run asked for now would compare: today's rules and the published version with the candidates.

    Raises Refused as `ask` does.
    """
    _refuse_impossible(kind, version, rules, weeks=weeks, seed=seed, each=each)
    book: dict[str, Any] = {}
    book_now: dict[str, Any] = {}
    if version is not None:
        book = plain_book(version)
        published = _published(version)
        book_now = plain_book(published) if published and published != version else book
        _refuse_unstartable(book, path)
    return Attempt(
        kind=kind,
        clinic=clinic,
        current=Setting(current_rules(), book_now, path),
        candidate=Setting(rules, book, path),
        weeks=weeks,
        seed=seed,
        each=each,
        since=local_date(now, clinic.zone) - timedelta(weeks=weeks),
        template_code=book.get("code", ""),
    )


def _published(version: ProgramVersion) -> ProgramVersion | None:
    return ProgramVersion.objects.published().filter(template=version.template_id).order_by("-number").first()


def _refuse_impossible(
    kind: str, version: ProgramVersion | None, rules: RuleSet, *, weeks: int, seed: int, each: int
) -> None:
    text = _("%(value)s: goes from %(low)s to %(high)s.")
    given = {"weeks": (weeks, 1, MOST_WEEKS), "seed": (seed, 0, MOST_SEED), "each": (each, 1, MOST_EACH)}
    errors = {
        name: text % {"value": value, "low": low, "high": high}
        for name, (value, low, high) in given.items()
        if not low <= value <= high
    }
    if kind == DryRun.Kind.PEOPLE and version is None:
        errors["version"] = _("Choose the program that the made-up patients get.")
    if kind == DryRun.Kind.HISTORIES and version is None and rules == current_rules():
        errors["version"] = _("Change a number or choose a program: else there is nothing to try.")
    if errors:
        raise Refused(_("The dry run was not started."), errors)


def _refuse_unstartable(book: Mapping[str, Any], path: str) -> None:
    """A draft may be tried long before it can be published, but its exercises must have levels to be on."""
    if path and path not in book["paths"]:
        text = _("This program has no path “%(path)s”.")
        raise Refused(_("The dry run was not started."), {"version": text % {"path": path}})
    if not any(phase["path"] in ("", path or next(iter(book["paths"]), "")) for phase in book["phases"]):
        raise Refused(_("The dry run was not started."), {"version": _("This program has no phase yet.")})
    for phase in book["phases"]:
        for item in phase["items"]:
            codes = {level["code"] for level in book["ladders"][item["ladder"]]["levels"]}
            for code in {item["start"], item["cap"]} - {""} - codes:
                text = _("“%(phase)s”: %(ladder)s has no level %(code)s.")
                found = text % {"phase": phase["name"], "ladder": item["ladder"], "code": code}
                raise Refused(_("The dry run was not started."), {"version": found})


def attempt_of(run: DryRun) -> Attempt:
    rules = current_rules()
    return Attempt(
        kind=run.kind,
        clinic=run.clinic,
        current=Setting(rules, run.book_now, run.path),
        candidate=Setting(changed_rules(run.numbers) if run.numbers else rules, run.book, run.path),
        weeks=run.weeks,
        seed=run.seed,
        each=run.each,
        since=run.since,
        template_code=run.book.get("code", ""),
    )


def cancel(run: DryRun, *, actor: User | None, now: datetime) -> DryRun:
    """Stop a run; the worker notices at its next part. Raises Refused where it has ended already."""
    with transaction.atomic():
        stopped = (
            DryRun.objects.filter(pk=run.pk)
            .unfinished()
            .update(state=DryRun.State.CANCELLED, finished_at=now, lease=None, lease_until=None)
        )
        run.refresh_from_db()
        if not stopped:
            raise Refused(_("This dry run has ended already: %(state)s.") % {"state": run.get_state_display()})
        audit.note("cancel_dry_run", run, clinic=run.clinic_id, actor=actor, now=now)
    return run


# The work


def work(*, clock: Clock) -> bool:
    """Take one run and do parts of it, for at most a turn; False if none waits. May run twice and at once."""
    started = clock()
    run = _take(now=started)
    if run is None:
        return False
    try:
        _do(run, until=started + TURN, clock=clock)
    except Exception as fault:  # whatever it is, the run says so instead of waiting for ever
        log.error("dry run %s failed: %s", run.pk, type(fault).__name__)
        _mine(run).update(state=DryRun.State.FAILED, fault=type(fault).__name__, finished_at=clock(), lease_until=None)
    return True


def _take(*, now: datetime) -> DryRun | None:
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    waiting = DryRun.objects.unfinished().filter(free).order_by("asked_at", "pk")
    for pk in list(waiting.values_list("pk", flat=True)[:5]):
        lease = uuid4()
        taken = (
            DryRun.objects.unfinished()
            .filter(free, pk=pk)
            .update(state=DryRun.State.RUNNING, lease=lease, lease_until=now + LEASE, tries=F("tries") + 1)
        )
        if taken:
            run = DryRun.objects.select_related("clinic").get(pk=pk)
            run.lease = lease
            return run
    return None


def _mine(run: DryRun) -> Any:
    """The row while this worker's word counts: not cancelled, and not taken over by another."""
    return DryRun.objects.filter(pk=run.pk, lease=run.lease, state=DryRun.State.RUNNING)


def _do(run: DryRun, *, until: datetime, clock: Clock) -> None:
    if run.tries > MOST_TRIES:
        _mine(run).update(state=DryRun.State.FAILED, fault="Stopped", finished_at=clock(), lease_until=None)
        return
    if run.ruleset != ledger.ruleset():  # parts of two rule sets do not add up
        run.ruleset, run.done, run.counts = ledger.ruleset(), 0, {}
    attempt = attempt_of(run)
    while run.done < run.total:
        run.counts = added(run.counts, attempt.part(run.done))
        if "cases" in run.counts:
            run.counts["cases"] = run.counts["cases"][:MOST_CASES]
        run.done = min(run.done + attempt.step, run.total)
        now = clock()
        over = now >= until and run.done < run.total
        values = {"done": run.done, "counts": run.counts, "ruleset": run.ruleset, "tries": 0}
        if not _mine(run).update(lease_until=None if over else now + LEASE, **values) or over:
            return
    _mine(run).update(state=DryRun.State.DONE, finished_at=clock(), lease_until=None)


def forget_old(*, now: datetime) -> int:
    """Delete what ended long ago: a dry run is read while its question is open, and cases name patients by id."""
    return DryRun.objects.filter(finished_at__lt=now - KEPT).delete()[0]
