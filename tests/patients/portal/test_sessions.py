"""The quick log: what is kept, what is refused by field, and what the patient reads afterwards."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.adjustments import adjust_dose
from patients.models import ExerciseLog, Hold, PainReport, Session
from tests.factories.programs import a_program, a_session, as_planned, item_of
from tests.patients.portal.forms import quick_log


def errors_of(answer):
    return {name: list(texts) for name, texts in answer.context["form"].errors.items()}


def test_a_log_as_planned_is_kept_with_its_sets(portal, program):
    portal.post("/session/", quick_log(program))

    log = ExerciseLog.objects.get()
    assert (log.sets, log.pain_before, log.pain_during) == ([{"side": "both", "reps": 8}] * 2, 1, 1)


def test_saving_leads_to_what_was_decided(portal, program):
    data = quick_log(program)
    answer = portal.post("/session/", data, follow=True)

    assert answer.redirect_chain == [(f"/session/{data['client_id']}/", 302)]
    assert "Saved. How it feels the next day decides what comes next." in answer.content.decode()


def test_the_form_comes_with_planned_numbers_and_no_pain(portal, program):
    item = item_of(program, "BRG")
    form = portal.get("/session/").context["form"]

    assert [form[f"{item.pk}-both-{number}"].value() for number in (1, 2)] == [8, 8]
    assert form[f"{item.pk}-pain_during"].value() is None


def test_four_thousand_repetitions_are_refused_and_everything_typed_stays(portal, program):
    item = item_of(program, "BRG")
    answer = portal.post("/session/", quick_log(program, amount=4000, note="the left side", pain_during=3))

    page = answer.content.decode()
    assert "4000 is more than one session can hold (300)" in page
    assert answer.context["form"][f"{item.pk}-both-1"].value() == "4000"
    assert "the left side" in page
    assert not Session.objects.exists()


def test_missing_pain_is_asked_for_at_its_field(portal, program):
    item = item_of(program, "BRG")
    answer = portal.post("/session/", quick_log(program, pain_during="", pain_before=""))

    text = ["Choose a number from 0 to 10."]
    assert errors_of(answer) == {f"{item.pk}-pain_during": text, "before-posterior_thigh_hip": text}


@pytest.mark.parametrize("pain", [1, 5, 6, 7])  # nothing, lighter, a level back, held
def test_the_same_form_sent_twice_is_one_session(portal, program, pain):
    data = quick_log(program, pain_during=pain)
    first = portal.post("/session/", data, follow=True)
    again = portal.post("/session/", data, follow=True)

    assert first.redirect_chain == again.redirect_chain
    assert Session.objects.count() == 1
    assert Hold.objects.count() == (pain == 7)


def test_other_numbers_under_the_same_id_are_told_apart(portal, program):
    data = quick_log(program)
    portal.post("/session/", data)
    answer = portal.post("/session/", data | {"effort": 5})

    assert "This session was saved before with other entries." in answer.content.decode()
    assert Session.objects.count() == 1


def test_pain_seven_shows_the_safety_message_on_top(portal, program):
    page = portal.post("/session/", quick_log(program, pain_during=7), follow=True).content.decode()

    assert page.index("Stop this exercise") < page.index("Floor bridge")
    assert "we aim to contact you by" in page


def test_an_exercise_that_hurts_needs_its_number(portal, program):
    item = item_of(program, "BRG")
    answer = portal.post("/session/", quick_log(program, skipped="hurts", pain_during=""))

    assert errors_of(answer) == {f"{item.pk}-pain_during": ["Say how much it hurt, from 0 to 10."]}


def test_an_exercise_left_for_later_is_not_logged(portal, library, ana, now, the_clock):
    program = a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)
    later = item_of(program, "HRS")
    portal.post("/session/", quick_log(program) | {f"{later.pk}-skipped": "later"})

    assert [log.item.ladder_version.code for log in ExerciseLog.objects.all()] == ["BRG"]


def test_pain_before_is_asked_once_for_the_area(portal, library, ana, now):
    program = a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)
    portal.post("/session/", quick_log(program, pain_before=4))

    assert [log.pain_before for log in ExerciseLog.objects.all()] == [4, 4]


def test_yesterday_is_a_day_one_may_log(portal, program, now, the_clock):
    the_clock.move_to(now + timedelta(days=1))
    portal.post("/session/", quick_log(program, on="2026-03-02", at="18:30"))

    assert Session.objects.get().performed_at.isoformat() == "2026-03-02T18:30:00+00:00"


def test_less_than_nothing_is_refused_with_the_number(portal, program):
    answer = portal.post("/session/", quick_log(program, amount=-5))

    assert "-5: what was done is 0 or more." in answer.content.decode()


def test_a_day_before_the_program_is_refused_at_the_day(portal, program):
    answer = portal.post("/session/", quick_log(program, on="2026-02-20", at="10:00"))

    assert errors_of(answer) == {"on": ["That is before your program began, on 2 Mar 2026."]}


def test_a_warning_sign_is_passed_on_although_the_form_is_wrong(portal, program):
    answer = portal.post("/session/", quick_log(program, pain_during="", red_flags=["bladder_change"]))

    assert "Call 999 now" in answer.content.decode()
    assert (Session.objects.count(), PainReport.objects.get().facts["red_flags"]) == (0, ["bladder_change"])


def test_words_about_the_bladder_ask_at_once(portal, program):
    page = portal.post("/session/", quick_log(program, note="I cannot pee since then"), follow=True).content.decode()

    assert "A question about what you wrote" in page


def test_a_held_exercise_is_not_on_the_form(portal, program):
    portal.post("/session/", quick_log(program, pain_during=7))

    assert portal.get("/session/").headers["Location"] == "/today/"


def test_a_side_that_is_short_is_told_with_figures(portal, nerve_program):
    data = quick_log(nerve_program)
    item = item_of(nerve_program, "NGL")
    page = portal.post("/session/", data | {f"{item.pk}-left-1": 9}, follow=True).content.decode()

    assert "15 on each side: left 9, right 15" in page


@pytest.mark.parametrize("path", ["/session/{}/", "/check/{}/", "/pain/{}/"])
def test_an_unknown_id_is_not_found(portal, program, path):
    assert portal.get(path.format(uuid4())).status_code == 404


def test_another_patients_session_is_not_found(portal, program, other_patient, client_of):
    data = quick_log(program)
    portal.post("/session/", data)

    assert client_of(other_patient).get(f"/session/{data['client_id']}/").status_code == 404


def test_an_exercise_on_its_rest_day_counts_once_it_is_scored(portal, program, now, the_clock):
    portal.post("/session/", quick_log(program))
    the_clock.move_to(now + timedelta(days=1))
    portal.post("/session/", quick_log(program, skipped="later"))

    assert [log.session.local_date.isoformat() for log in ExerciseLog.objects.order_by("pk")] == [
        "2026-03-02",
        "2026-03-03",
    ]


def test_the_summary_of_faults_names_the_exercise_and_leads_there(portal, program):
    item = item_of(program, "BRG")
    answer = portal.post("/session/", quick_log(program, amount=4000, pain_after=""))

    text = "Reps: 4000 is more than one session can hold (300)."
    assert answer.context["form"].faults() == [
        (f"id_{item.pk}-sets", "Floor bridge", text),
        (f"id_{item.pk}-pain_after", "Floor bridge: Pain after", "Choose a number from 0 to 10."),
    ]


def test_a_form_that_comes_back_keeps_the_order_of_its_exercises(portal, nerve_program, the_clock, now):
    the_clock.move_to(now + timedelta(days=1))
    first = [block["key"] for block in portal.get("/session/").context["blocks"]]

    answer = portal.post("/session/", quick_log(nerve_program, pain_during=""))

    assert len(first) > 1
    assert [block["key"] for block in answer.context["blocks"]] == first


def test_when_it_was_is_asked_first_only_of_who_logs_something_earlier(portal, program):
    when, how_hard = "It was not just now", "How hard was it?"
    page = portal.get("/session/").content.decode()
    assert page.index(when) > page.index(how_hard)

    page = portal.get("/session/?earlier=1").content.decode()
    assert page.index(when) < page.index(how_hard)


def test_on_a_rest_day_an_earlier_session_can_be_logged(client_of, ana, program, now, the_clock):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    the_clock.move_to(now + timedelta(days=1))
    browser = client_of(ana)
    assert 'href="/session/?earlier=1"' in browser.get("/today/").content.decode()

    (block,) = browser.get("/session/?earlier=1").context["blocks"]
    assert block["asked"]


def test_the_way_back_to_a_saved_form_leads_to_its_result(portal, program):
    form = quick_log(program)
    address = f"/session/?id={form['client_id']}"
    assert str(portal.get(address).context["form"]["client_id"].value()) == form["client_id"]

    portal.post(address, form)

    assert portal.get(address).url == f"/session/{form['client_id']}/"
    assert portal.get("/session/?id=nonsense").status_code == 200


def test_a_whole_session_takes_at_most_twelve_queries_from_click_to_answer(portal, program):
    """Beside transaction marks, and on PostgreSQL too, which locks the exercises in a query of its own."""
    item = item_of(program, "BRG")
    adjust_dose(item, changes={"sets": 15}, reason="Fifteen sets", actor=None, now=program.assigned_at)
    form = quick_log(program)
    portal.get("/settings/")  # the browser has been here before: its session is in the cache

    with CaptureQueriesContext(connection) as captured:
        assert portal.post("/session/", form).status_code == 302

    marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    real = [row["sql"] for row in captured.captured_queries if not row["sql"].startswith(marks)]
    assert len(real) <= 12, "\n".join(real)
