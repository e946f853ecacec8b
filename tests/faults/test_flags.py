"""A report of pain reaches the therapist whatever dies on its way, and reaches her once."""

import time

import pytest
from django.utils import timezone

from clinic.models import Heartbeat
from patients.models import FlagEvent, PainFlag, PainReport
from patients.reports import report_pain
from tests.factories.programs import a_program, a_session, as_planned, item_of
from tests.faults.conftest import LONG
from tests.faults.processes import Machine, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

# The claim of a report and its flag are one transaction: these are just before, inside, and just after it.
BEFORE = "patients.flagging.assess_report:before"
INSIDE = "patients.flagging._merge:after"
AFTER = "patients.flagging.assess_report:after"


@pytest.fixture
def pain_eight(ana, library):
    """Ana has logged a ball bridge with pain 8: held at once, and waiting to become a flag."""
    now = timezone.now()
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    a_session(program, as_planned(item_of(program, "BRG"), pain_during=8), now=now)
    assert item_of(program, "BRG").stopped_by is not None
    return PainReport.objects.waiting().get()


def flags_and_repeats() -> tuple[int, int]:
    """How many flags there are, and how many of their findings stand there twice."""
    findings = list(FlagEvent.objects.filter(kind="finding").values_list("flag", "report", "code"))
    return PainFlag.objects.count(), len(findings) - len(set(findings))


def halted_and_killed(machine: Machine, place: str) -> None:
    """A worker takes the ring, comes as far as `place`, and is killed there."""
    halted = machine.var / "halted"
    halted.unlink(missing_ok=True)
    worker = machine.start_worker(app="tests.faults.halting", HALT_AT=place, HALTED=str(halted))
    machine.ring()
    wait_for(halted.exists)
    machine.kill(worker)


def test_workers_killed_between_log_and_flag(machine, pain_eight, tell):
    halted_and_killed(machine, INSIDE)
    assert (PainFlag.objects.count(), PainReport.objects.waiting().count()) == (0, 1)

    halted_and_killed(machine, AFTER)
    assert (PainFlag.objects.count(), PainReport.objects.waiting().count()) == (1, 0)

    machine.start_worker()
    machine.ring()
    wait_for(Heartbeat.objects.filter(name="raise_flags").exists)
    assert (PainFlag.objects.get().severity, *flags_and_repeats()) == (3, 1, 0)
    tell("0 flags after the first, 1 after the second, 1 after the third had done its work")


@pytest.mark.skipif(not LONG, reason="bin/faults")
@pytest.mark.parametrize("place", [BEFORE, INSIDE, AFTER], ids=["before", "inside", "after"])
def test_workers_killed_again_and_again(machine, ana, library, tell, place, rounds):
    program = a_program(ana, library["BALL_PROGRESSION"], now=timezone.now())
    kills = rounds // 3 + 1
    for number in range(kills):
        report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=timezone.now())
        halted_and_killed(machine, place)
        assert PainFlag.objects.count() == (1 if number or place == AFTER else 0), f"round {number}"
        machine.start_worker()
        machine.ring()
        wait_for(lambda: not PainReport.objects.waiting().exists())
        machine.kill(machine.running[-1])

    assert flags_and_repeats() == (1, 0)
    tell(f"{kills} kills, 1 flag with every finding once")


def test_redis_flushed_between_ring_and_work(machine, pain_eight, tell):
    """No worker heard the ring, and then the ring itself was gone. Only the timetable knows, every 15 seconds."""
    machine.ring()
    machine.flush()
    machine.start_worker()
    assert PainFlag.objects.count() == 0

    machine.start_timetable()
    took = wait_for(PainFlag.objects.exists, seconds=40)

    assert flags_and_repeats() == (1, 0)
    tell(f"1 flag, {took:.1f} s after the timetable started")


@pytest.mark.skipif(not LONG, reason="bin/faults")
def test_redis_killed_and_started_again(machine, pain_eight, tell):
    machine.start_worker()
    machine.start_timetable()
    machine.kill(machine.running[0])
    time.sleep(5)
    machine.start_redis()
    took = wait_for(PainFlag.objects.exists, seconds=90)

    assert flags_and_repeats() == (1, 0)
    tell(f"1 flag, {took:.1f} s after Redis was back")


@pytest.mark.skipif(not LONG, reason="bin/faults")
def test_two_timetables_and_two_workers(machine, pain_eight, tell):
    for _ in range(2):
        machine.start_worker()
    machine.start_timetable()
    machine.python(
        "timetable", "-m", "celery", "--quiet", "--app", "clinic", "beat", "--pidfile=", "-s", str(machine.var / "two")
    )
    wait_for(PainFlag.objects.exists, seconds=40)
    time.sleep(16)

    assert flags_and_repeats() == (1, 0)
    tell("1 flag")
