"""The page of what waits for a decision."""

from datetime import timedelta

import pytest
from django.urls import reverse

from patients import adjustments
from patients.models import Proposal
from tests.factories import people
from tests.factories.programs import a_program, item_of


@pytest.fixture
def url():
    return reverse("workspace:worklist")


def proposed(program, now) -> Proposal:
    item = item_of(program, "BRG")
    due = now.date() + timedelta(days=14)
    return Proposal.objects.create(patient=program.patient, item=item, kind="advance", opened_at=now, due_on=due)


def test_an_empty_list_says_what_would_stand_there(client_of, dana, url):
    assert "Nothing waits for you" in client_of(dana).get(url).content.decode()


def test_each_line_can_be_decided_from_the_list_and_leads_back_to_it(client_of, dana, ana, program, now, url):
    proposal = proposed(program, now)
    text = client_of(dana).get(url).content.decode()
    assert "BRG-1 → BRG-2" in text

    approve = reverse("workspace:proposal_approve", args=[ana.pk, proposal.pk]) + "?to-decide"
    assert f'action="{approve}"' in text
    assert client_of(dana).post(approve).url == url
    assert item_of(program, "BRG").level.code == "BRG-2"


def test_deciding_otherwise_starts_from_what_was_proposed(client_of, dana, ana, program, now, url):
    proposal = proposed(program, now)
    page = reverse("workspace:proposal_change", args=[ana.pk, proposal.pk])
    assert client_of(dana).get(page).context["form"]["level"].value() == "BRG-2"

    given = {"level": "BRG-3", "reps_high": "12", "reps_low": "10", "reason": "Stronger than it looks"}
    assert client_of(dana).post(f"{page}?to-decide", given).url == url
    item = item_of(program, "BRG")
    assert (item.level.code, item.dose["reps_low"], item.dose["reps_high"]) == ("BRG-3", 10, 12)


def test_a_number_out_of_bounds_is_said_and_nothing_is_decided(client_of, dana, ana, program, now):
    proposal = proposed(program, now)
    page = reverse("workspace:proposal_change", args=[ana.pk, proposal.pk])
    text = client_of(dana).post(page, {"level": "BRG-2", "sets": "21", "reason": "x"}).content.decode()

    proposal.refresh_from_db()
    assert "“Sets” 21: goes from 1 to 20." in text
    assert (proposal.state, item_of(program, "BRG").level.code) == ("open", "BRG-1")


def test_every_kind_of_line_is_told_in_words(client_of, dana, ana, program, now, url, clock):
    adjustments.lock(item_of(program, "BRG"), reason="Form first", actor=dana, now=now)
    clock(now + timedelta(days=22))
    text = client_of(dana).get(url).content.decode()
    assert "Floor bridge: the level is locked" in text
    assert "Phase “bridge” takes longer than planned" in text
    assert "with everybody on duty" in text

    adjustments.pause(program, until=now.date(), reason="Holiday", actor=dana, now=now)
    assert "The program is paused" in client_of(dana).get(url).content.decode()


def test_the_rail_counts_what_waits_for_this_therapist(client_of, dana, ravi, program, now):
    proposed(program, now)
    beside = reverse("workspace:banners")

    assert client_of(dana).get(beside).context["to_decide"] == 1
    assert client_of(ravi).get(beside).context["to_decide"] == 0
    assert "To decide" not in client_of(ravi).get(reverse("workspace:caseload")).content.decode()


def test_the_queries_do_not_grow_with_the_lines(client_of, clinic, dana, program, library, now, url, queries_of, clock):
    proposed(program, now)
    adjustments.lock(item_of(program, "BRG"), reason="x", actor=dana, now=now)
    clock(now + timedelta(days=22))
    with_one = queries_of(client_of(dana), url)
    for name in ("Bo", "Cy"):
        other = a_program(people.make_patient(clinic, name, owner=dana), library["BALL_PROGRESSION"], now=now)
        proposed(other, now)
        adjustments.lock(item_of(other, "BRG"), reason="x", actor=dana, now=now)

    assert (with_one, queries_of(client_of(dana), url)) == (9, 9)
