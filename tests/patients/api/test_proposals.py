"""proposals/: what waits for a therapist, and deciding it from a device."""

from datetime import timedelta

import pytest

from clinic.models import AuditEntry
from patients.models import Proposal
from tests.factories.programs import item_of
from tests.patients.api.conftest import faults


@pytest.fixture
def proposal(program, now) -> Proposal:
    due = now.date() + timedelta(days=14)
    return Proposal.objects.create(
        patient=program.patient, item=item_of(program, "BRG"), kind="advance", opened_at=now, due_on=due
    )


def test_the_list_says_who_and_what_and_is_audited(device, dana, proposal):
    row = device(dana).get("proposals").json()["results"][0]

    assert (row["patient"]["name"], row["level"], row["kind"]) == ("Ana Silva", "BRG-1", "advance")
    assert AuditEntry.objects.filter(verb="list_proposals", actor=dana).exists()


def test_only_my_own_patients_where_i_ask_for_mine(device, colleague, dana, proposal):
    found = [len(device(who).get("proposals", mine="true").json()["results"]) for who in (dana, colleague)]
    assert found == [1, 0]


def test_an_approval_moves_the_level_once(device, dana, program, proposal):
    answer = device(dana).post("proposal_approve", None, proposal.pk)
    assert (answer.status_code, answer.json()["state"], answer.json()["level"]) == (200, "approved", "BRG-2")

    again = device(dana).post("proposal_approve", None, proposal.pk)
    assert again.status_code == 409
    assert faults(again) == {None: "Somebody has decided this already: Approved."}
    assert item_of(program, "BRG").level.code == "BRG-2"


def test_deciding_otherwise_takes_a_level_numbers_and_a_reason(device, dana, program, proposal):
    body = {"level": "BRG-3", "sets": 2, "reason": "Strong"}
    assert device(dana).post("proposal_change", body, proposal.pk).status_code == 200

    item = item_of(program, "BRG")
    assert (item.level.code, item.dose["sets"]) == ("BRG-3", 2)


def test_a_refusal_names_the_field_and_leaves_it_open(device, dana, program, proposal):
    answer = device(dana).post("proposal_change", {"level": "BRG-9", "reason": "x"}, proposal.pk)
    assert answer.status_code == 422
    assert faults(answer) == {"level": "BRG-9 is not a level of this ladder."}

    proposal.refresh_from_db()
    assert proposal.state == "open"


def test_declining_needs_a_word(device, dana, proposal):
    assert device(dana).post("proposal_decline", {}, proposal.pk).status_code == 400
    assert device(dana).post("proposal_decline", {"note": "Not yet"}, proposal.pk).json()["state"] == "declined"


@pytest.mark.parametrize("who", ["ravi", "theo", "owner"])
def test_only_therapists_decide(device, request, proposal, who):
    person = request.getfixturevalue(who)
    answers = [device(person).get("proposals"), device(person).post("proposal_approve", None, proposal.pk)]
    assert [answer.status_code for answer in answers] == [403, 403]
