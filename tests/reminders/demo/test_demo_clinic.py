"""The demo clinic is real: its states come from the verbs, and a second start finds it."""

from datetime import UTC, datetime

import pytest

from clinic.models import Clinic, Membership, User
from patients.models import (
    Allowance,
    Decision,
    GateRecord,
    PainFlag,
    Patient,
    Program,
    ProgramEvent,
    Session,
    Trial,
    TrialRequest,
)
from patients.plan import today
from reminders.demo.seed import seed_demo_clinic
from reminders.models import Message

pytestmark = pytest.mark.once
SATURDAY = datetime(2026, 3, 7, 10, 30, tzinfo=UTC)


@pytest.fixture
def demo(db, settings, tmp_path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert seed_demo_clinic(now=SATURDAY)


def test_the_demo_clinic_shows_every_state_once_and_only_once(demo):
    assert set(PainFlag.objects.values_list("state", flat=True)) == set(PainFlag.State.values)
    assert {"accepted", "audit_booked", "active", "not_converted", "converted", "withdrawn"} == set(
        Trial.objects.values_list("state", flat=True)
    )
    assert {"submitted", "confirmed", "accepted", "declined"} == set(
        TrialRequest.objects.values_list("state", flat=True)
    )
    assert {"sent", "cancelled"} <= set(Message.objects.values_list("state", flat=True))
    assert Clinic.objects.count() == 2
    assert 15 <= Patient.objects.count() <= 24
    assert Patient.objects.filter(user=None).exists(), "one without e-mail"
    assert Patient.objects.filter(proxies__isnull=False).exists(), "one with a carer"
    assert any(len({item.episode_id for item in program.items.all()}) > 1 for program in Program.objects.active())
    assert Allowance.objects.standing().filter(review_on__gt=SATURDAY.date()).exists(), "an exception to look at again"
    assert GateRecord.objects.standing().filter(waiting_for="log").exists(), "a gate that is half met"
    assert ProgramEvent.objects.filter(kind="swap", data__own=True).exists(), "an exercise a patient swapped"
    assert Patient.objects.filter(equipment=[], equipment_asked_at__isnull=False).exists(), "one with nothing at home"
    assert Membership.objects.get(user__name="Miro Lind").substitute == User.objects.get(name="Dana Reed")
    assert Membership.objects.filter(therapist=True, licensed=False).count() == 1, "who may not close what is urgent"
    assert not Session.objects.filter(logged_at__gt=SATURDAY).exists(), "nothing lies ahead"
    ana = Program.objects.active().select_related("patient").get(patient__identity__name="Ana Silva")
    assert today(ana, now=SATURDAY).minutes > 0, "something to do for whoever looks at the demo"
    assert Decision.objects.filter(outcome="advance", level_to__gt="").count() > 20
    assert not seed_demo_clinic(now=SATURDAY), "a second start finds it"
