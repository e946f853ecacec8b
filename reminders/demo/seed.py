"""Makes the demo clinics, once: a second start finds what the first one left."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from clinic.demo_cast import DOMAIN
from clinic.models import Clinic, Membership, User
from programs.loading import load_library, publish_new
from reminders.demo.cast import ASKERS, CASES, HILLTOP, HILLTOP_CASES, HILLTOP_TEAM, RIVERSIDE, RIVERSIDE_TEAM, Worker
from reminders.demo.history import History

PASSWORD = "thirty reps on each leg"  # noqa: S105 - known to everybody, for the demo clinic only


def is_seeded() -> bool:
    return Clinic.objects.filter(slug=RIVERSIDE["slug"]).exists()


@transaction.atomic
def seed_demo_clinic(*, now: datetime) -> bool:
    """Make both clinics with their people and their past up to `now`; False if they are there already."""
    if is_seeded():
        return False
    past = now - timedelta(days=70)
    hashed = make_password(PASSWORD)  # once: it is slow, as it should be
    clinics = ((RIVERSIDE, RIVERSIDE_TEAM, CASES, ASKERS), (HILLTOP, HILLTOP_TEAM, HILLTOP_CASES, ()))
    for about, workers, cases, askers in clinics:
        clinic = Clinic.objects.create(**about)
        team = {worker.address: _join(clinic, worker, hashed, now=past) for worker in workers}
        load_library(clinic, actor=None, now=past)
        publish_new(clinic, actor=team.get("theo") or team[workers[0].address], now=past)
        History(clinic, team, cases, askers, now=now).play()
    return True


def _join(clinic: Clinic, worker: Worker, hashed: str, *, now: datetime) -> User:
    user = User.objects.create(email=f"{worker.address}@{DOMAIN}", password=hashed, name=worker.name)
    roles = dict.fromkeys(worker.roles, True)
    Membership.objects.create(clinic=clinic, user=user, licensed=worker.licensed, joined_at=now, **roles)
    return user
