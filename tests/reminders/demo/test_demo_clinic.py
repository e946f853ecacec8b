"""The demo clinic is real: its states come from the verbs, and a second start finds it."""

from datetime import UTC, datetime

import pytest

from clinic.models import Clinic
from patients.models import Decision, PainFlag, Patient, Program, Session, Trial, TrialRequest
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
    assert not Session.objects.filter(logged_at__gt=SATURDAY).exists(), "nothing lies ahead"
    assert Decision.objects.filter(outcome="advance", level_to__gt="").count() > 20
    assert not seed_demo_clinic(now=SATURDAY), "a second start finds it"
