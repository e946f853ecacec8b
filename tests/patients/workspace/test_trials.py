"""The trial board: what each role sees, and the way from a request to its outcome through the pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import AuditEntry
from patients.intake_pages.forms import started_at
from patients.models import Program, Trial, TrialRequest
from patients.trial_confirmation import confirm_token
from tests.factories.programs import a_session, as_planned, item_of
from tests.factories.trials import a_request, a_running_trial, a_trial, ask


@pytest.fixture
def board():
    return reverse("workspace:trials")


def of(name, request):
    return reverse(f"workspace:{name}", args=[request.pk])


def columns(answer):
    return {column.name: [card.name for card in column.cards] for column in answer.context["board"].columns}


def test_the_way_from_a_request_to_its_outcome(client, client_of, clinic, dana, ravi, library, now):
    clinic.trial_open = True
    clinic.save()
    form = reverse("intake:ask", args=[clinic.slug])
    assert client.post(form, {"red_flags": "none"}).status_code == 200
    client.post(
        form,
        {
            "started": started_at(now - timedelta(minutes=1)),
            "name": "Ana Silva",
            "email": "ana@people.example",
            "birth_date": "1985-05-17",
            "postcode": "M1 4BT",
            "complaint": "Tight behind the thigh.",
            "consent_trial_terms": "on",
            "consent_treatment": "on",
            "consent_health_data": "on",
            "consent_privacy": "on",
            "consent_email": "on",
            "send": "1",
        },
    )
    asked = TrialRequest.objects.get()
    client.post(reverse("reminders:confirm", args=[confirm_token(asked)]))
    therapist = client_of(dana)
    therapist.post(of("trial_accept", asked), {"side": "left", "usual_pain": "2"})
    client_of(ravi).post(of("trial_book", asked), {"at": "2026-03-03T10:00"})
    findings = {"BRIDGE-met": "yes", "HINGE_DOWEL-met": "no", "HINGE_DOWEL-pain": "1", "SLUMP-value": "unchanged"}
    therapist.post(of("trial_audit", asked), findings | {"leg_tingling": "no", "path": "muscle", "summary": "Fine."})
    therapist.post(of("trial_start", asked), {"path": "muscle"})

    trial = Trial.objects.get()
    assert (trial.state, trial.entry_levels) == ("active", {"BRG": "BRG-2", "HNG": "HNG-1"})
    program = Program.objects.get(patient=trial.patient)
    assert a_session(program, as_planned(item_of(program, "BRG")), now=now + timedelta(hours=3)).safety is None

    therapist.post(of("trial_extend", asked))
    therapist.post(of("trial_convert", asked), {"note": "Goes on twice a week."})
    trial.refresh_from_db()
    assert (trial.state, trial.extended) == ("converted", True)


def test_every_state_has_its_column(client_of, clinic, dana, library, board, now):
    a_request(clinic, now=now, name="New One", email="new@people.example", phone="")
    a_trial(clinic, dana, now=now, name="Accepted One", email="accepted@people.example", phone="")
    a_running_trial(clinic, dana, now=now, name="Running One", email="running@people.example", phone="")

    assert columns(client_of(dana).get(board)) == {
        "new": ["New One"],
        "accepted": ["Accepted One"],
        "audit_booked": [],
        "active": ["Running One"],
        "ended": [],
    }


def test_warning_signs_stand_on_top_before_their_mail_is_confirmed(client_of, clinic, dana, board, now):
    ask(clinic, now=now, red_flags=["fever_unwell"], name="Urgent", email="urgent@people.example")
    ask(clinic, now=now, red_flags=["chest_pain"], name="Emergency", email="emergency@people.example")

    urgent = client_of(dana).get(board).context["board"].urgent
    assert [(card.name, card.severity) for card in urgent] == [("Emergency", 1), ("Urgent", 2)]


def test_unconfirmed_requests_are_counted_and_not_named(client_of, clinic, dana, board, now):
    ask(clinic, now=now, name="Nobody Yet")
    answer = client_of(dana).get(board)

    assert answer.context["board"].unconfirmed == 1
    assert "Nobody Yet" not in answer.content.decode()


def test_the_board_asks_the_same_number_of_questions_for_one_and_three(client_of, clinic, dana, board, now):
    browser = client_of(dana)
    counts = []
    for number in (1, 2, 3):
        a_request(clinic, now=now, email=f"new{number}@people.example", phone="")
        a_trial(clinic, dana, now=now, email=f"on{number}@people.example", phone="")
        with CaptureQueriesContext(connection) as asked:
            browser.get(board)
        counts.append(len(asked))
    assert counts[0] == counts[2]


def test_the_page_says_what_the_answers_mean(client_of, clinic, dana, now):
    asked = a_request(clinic, now=now, pain_now=9, leg_tingling=True)
    answers = client_of(dana).get(of("trial", asked)).context["answers"]

    assert [one.question for one in answers if one.weighs] == ["Pain now, at rest", "Tingling below the knee"]


def test_who_may_not_accept_reads_who_does(client_of, clinic, ravi, dana, now):
    asked = a_request(clinic, now=now)
    said = "a licensed therapist decides about it"
    pages = [client_of(user).get(of("trial", asked)).content.decode() for user in (ravi, dana)]
    assert [said in page for page in pages] == [True, False]


def test_the_desk_reads_no_clinical_detail(client_of, clinic, ravi, now):
    asked = a_request(clinic, now=now, complaint="A private pain.", pain_now=9)
    page = client_of(ravi).get(of("trial", asked)).content.decode()

    assert "A private pain." not in page
    assert "Pain at rest is 9" not in page


def test_opening_a_request_leaves_a_row_in_the_audit(client_of, clinic, dana, now):
    asked = a_request(clinic, now=now)
    client_of(dana).get(of("trial", asked))

    assert AuditEntry.objects.filter(verb="read", object_id=asked.pk, actor=dana).count() == 1


def test_a_request_of_another_clinic_is_not_found(client_of, clinic, olga, now):
    assert client_of(olga).get(of("trial", a_request(clinic, now=now))).status_code == 404


def test_what_needs_a_reason_says_so_at_its_field(client_of, clinic, dana, now):
    asked = a_request(clinic, now=now, pain_now=9)
    answer = client_of(dana).post(of("trial_accept", asked), {"side": "both", "usual_pain": "2"})

    assert set(answer.context["form"].errors) == {"reason"}
    assert not Trial.objects.exists()


def test_the_audit_keeps_what_was_ticked_when_the_summary_is_missing(client_of, clinic, dana, library, now):
    trial = a_trial(clinic, dana, now=now)
    answer = client_of(dana).post(of("trial_audit", trial.request), {"BRIDGE-met": "no", "BRIDGE-pain": "4"})

    assert set(answer.context["form"].errors) == {"summary"}
    assert answer.context["form"]["BRIDGE-pain"].value() == "4"


def test_the_faults_to_tick_come_from_the_library(client_of, clinic, dana, library, now):
    trial = a_trial(clinic, dana, now=now)
    form = client_of(dana).get(of("trial_audit", trial.request)).context["form"]

    assert ("pushing from the toes", "pushing from the toes") in form.fields["BRIDGE-faults"].choices


def test_a_request_without_a_trial_has_no_audit_page(client_of, clinic, dana, now):
    assert client_of(dana).get(of("trial_audit", a_request(clinic, now=now))).status_code == 404


def test_a_trial_is_ended_with_a_coded_reason(client_of, clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    client_of(dana).post(of("trial_end", trial.request), {"outcome": "withdrawn", "reason": "time", "note": "Moves."})

    trial.refresh_from_db()
    assert (trial.state, trial.outcome_reason) == ("withdrawn", "time")
