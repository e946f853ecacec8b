"""The patient puts a saved session right, or takes it back: within a day, from the page that shows it."""

from datetime import timedelta

import pytest

from patients.models import ExerciseLog, Session
from tests.factories.programs import a_session, as_planned, item_of


@pytest.fixture
def saved(program, now):
    return a_session(program, as_planned(item_of(program, "BRG"), pain_during=3), effort=4, note="At home.", now=now)


@pytest.fixture
def session(saved):
    return saved.session


@pytest.fixture
def filled_in(portal, session):
    """What the browser would send back untouched."""
    form = portal.get(f"/session/{session.pk}/correct/").context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, "", [], False)}


def test_the_form_comes_as_it_was_saved(portal, session, filled_in):
    item = session.exercises.get().item_id

    assert (filled_in[f"{item}-pain_during"], filled_in[f"{item}-both-1"], filled_in["effort"]) == (3, 8, 4)
    assert filled_in["note"] == "At home."
    assert str(filled_in["at"]) == "09:00:00"


def test_sent_back_with_one_number_changed_it_is_a_new_version(portal, session, filled_in):
    item = session.exercises.get().item_id
    answer = portal.post(f"/session/{session.pk}/correct/", filled_in | {f"{item}-pain_during": 1})

    version = Session.objects.current().get()
    assert answer.url == f"/session/{version.pk}/"
    assert (version.corrects, version.performed_at, version.note) == (session, session.performed_at, "At home.")
    assert version.exercises.get().pain_during == 1
    assert version.exercises.get().sets == session.exercises.get().sets


def test_the_old_version_leads_to_the_one_that_counts(portal, session, filled_in):
    portal.post(f"/session/{session.pk}/correct/", filled_in)
    page = portal.get(f"/session/{session.pk}/").content.decode()

    assert "An earlier version" in page
    assert f"/session/{Session.objects.current().get().pk}/" in page
    assert "/correct/" not in page


def test_a_fault_keeps_what_was_typed(portal, session, filled_in):
    item = session.exercises.get().item_id
    answer = portal.post(f"/session/{session.pk}/correct/", filled_in | {f"{item}-both-1": 4000, "note": "the left"})

    page = answer.content.decode()
    assert "4000 is more than one session can hold (300)" in page
    assert "the left" in page
    assert Session.objects.count() == 1


def test_a_warning_sign_beside_a_fault_is_kept_all_the_same(portal, session, filled_in, ana):
    item = session.exercises.get().item_id
    given = filled_in | {f"{item}-both-1": 4000, "red_flags": ["saddle_numbness"]}
    portal.post(f"/session/{session.pk}/correct/", given)

    assert ana.holds.get().scope == "plan"


def test_taking_back_is_asked_once_more_and_then_said(portal, session):
    assert "Take this session back?" in portal.get(f"/session/{session.pk}/take-back/").content.decode()
    page = portal.post(f"/session/{session.pk}/take-back/", follow=True).content.decode()

    assert "does not count any more" in page
    assert not Session.objects.current().exists()
    assert ExerciseLog.objects.count() == 1


def test_after_a_day_the_page_no_longer_offers_it(portal, session, the_clock, now):
    assert f"/session/{session.pk}/correct/" in portal.get(f"/session/{session.pk}/").content.decode()
    the_clock.move_to(now + timedelta(hours=24, minutes=1))

    assert f"/session/{session.pk}/correct/" not in portal.get(f"/session/{session.pk}/").content.decode()
    for deed in ("correct", "take-back"):
        assert portal.post(f"/session/{session.pk}/{deed}/").url == f"/session/{session.pk}/"
    assert Session.objects.current().exists()


def test_another_patients_session_is_not_found(client_of, other_patient, session):
    for deed in ("correct", "take-back"):
        assert client_of(other_patient).post(f"/session/{session.pk}/{deed}/").status_code == 404


def test_progress_lists_the_sessions_that_count(portal, session, program, now):
    other = a_session(program, as_planned(item_of(program, "BRG")), now=now).session
    portal.post(f"/session/{other.pk}/take-back/")

    listed = portal.get("/progress/").context["sessions"]
    assert list(listed) == [session]


def test_told_sixteen_days_later_it_is_kept_as_a_note(client_of, ana, program, now, the_clock):
    later = now + timedelta(days=16)
    the_clock.move_to(later)
    made = a_session(program, as_planned(item_of(program, "BRG")), performed_at=now, now=later)

    assert "kept as a note" in client_of(ana).get(f"/session/{made.session.pk}/").content.decode()
