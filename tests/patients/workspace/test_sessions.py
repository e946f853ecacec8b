"""The sessions of a patient as staff see them: all versions, corrected or taken back with a reason."""

from datetime import timedelta

import pytest
from django.urls import reverse

from patients.models import Session
from tests.factories.programs import a_session, as_planned, item_of


@pytest.fixture
def session(program, now):
    return a_session(program, as_planned(item_of(program, "BRG"), pain_during=3), now=now).session


@pytest.fixture
def correct_url(ana, session):
    return reverse("workspace:session_correct", args=[ana.pk, session.pk])


@pytest.fixture
def filled_in(client_of, dana, correct_url):
    form = client_of(dana).get(correct_url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    given = {name: value for name, value in values.items() if value not in (None, "", [], False)}
    return given | {"performed_at": given["performed_at"].strftime("%Y-%m-%dT%H:%M")}


def test_a_correction_needs_a_reason(client_of, dana, correct_url, filled_in):
    client_of(dana).post(correct_url, filled_in)
    assert Session.objects.count() == 1


def test_a_correction_days_later_is_kept_with_who_and_why(
    client_of, dana, ana, correct_url, filled_in, session, clock, now
):
    clock(now + timedelta(days=5))
    item = session.exercises.get().item_id
    client_of(dana).post(correct_url, filled_in | {f"{item}-pain_during": "1", "reason": "Read 3 for 1."})

    version = Session.objects.current().get()
    assert (version.logged_by, version.change_reason, version.source) == (dana, "Read 3 for 1.", session.source)
    assert version.performed_at == session.performed_at
    page = client_of(dana).get(reverse("workspace:sessions", args=[ana.pk])).content.decode()
    assert "Read 3 for 1." in page
    assert "1 earlier version" in page


def test_a_session_taken_back_stays_listed(client_of, dana, ana, session):
    url = reverse("workspace:session_take_back", args=[ana.pk, session.pk])
    client_of(dana).post(url, {"reason": "Logged for another patient."})

    page = client_of(dana).get(reverse("workspace:sessions", args=[ana.pk])).content.decode()
    assert "Logged for another patient." in page
    assert not Session.objects.current().exists()


def test_pain_raised_by_staff_holds_and_is_read_out(client_of, dana, correct_url, filled_in, session, flashes):
    item = session.exercises.get().item_id
    answer = client_of(dana).post(correct_url, filled_in | {f"{item}-pain_during": "8", "reason": "Told by phone."})

    assert session.exercises.get().item.program.patient.holds.get().scope == "item"
    assert len(flashes(answer)) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_with_one_session_and_three(client_of, dana, ana, program, now, queries_of, rows):
    for hours in range(rows):
        a_session(program, as_planned(item_of(program, "BRG")), now=now + timedelta(hours=hours))

    assert queries_of(client_of(dana), reverse("workspace:sessions", args=[ana.pk])) == LIST_COST


LIST_COST = 6
