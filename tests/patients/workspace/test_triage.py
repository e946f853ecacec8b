"""Triage: who sees what, who takes it, who may close it, and what each step leaves behind."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse, reverse_lazy

from clinic.models import User
from patients import escalation, flagging
from patients.models import FlagEvent, Identity, PainFlag, PatientMessage
from tests.factories import people
from tests.factories.programs import a_program, item_of


@pytest.fixture
def flag(ana, program, flag_of):
    """Pain 8 during the ball bridge, usual 2."""
    return flag_of(ana, item=item_of(program, "BRG"))


def at(flag, verb=""):
    return reverse(f"workspace:flag{'_' if verb else ''}{verb}", args=[flag.pk])


def kinds(flag):
    return [event.kind for event in FlagEvent.objects.filter(flag=flag).order_by("at", "pk")]


def test_dana_reads_the_rule_in_plain_words(client_of, dana, flag):
    text = client_of(dana).get(reverse("workspace:triage")).content.decode()
    assert "Ana Silva" in text
    assert "Pain 8, usual 2" in text


def test_ravi_sees_whom_to_call_and_nothing_clinical(client_of, ravi, flag):
    for url in (reverse("workspace:triage"), at(flag)):
        text = client_of(ravi).get(url).content.decode()
        assert "Ana Silva" in text
        assert "020 7946 0200" in text
        assert [word for word in ("ain 8", "usual 2", "FL-PAIN", "bridge") if word in text] == []


def test_olga_finds_no_flag_of_ana(client_of, olga, flag):
    assert client_of(olga).get(at(flag)).status_code == 404
    assert client_of(olga).post(at(flag, "take")).status_code == 404
    assert "Ana Silva" not in client_of(olga).get(reverse("workspace:triage")).content.decode()


def test_theo_has_no_queue(client_of, theo, flag):
    assert client_of(theo).get(reverse("workspace:triage")).status_code == 403


def test_two_people_press_take_and_one_has_it(client_of, dana, colleague, flag, flashes):
    client_of(dana).post(at(flag, "take"))
    second = client_of(colleague).post(at(flag, "take"))
    flag.refresh_from_db()
    assert flag.owner == dana
    assert flashes(second) == ["Dana Reed has taken this already."]


def test_danas_day(client_of, dana, ana, flag):
    """Take, call without an answer, reach her, resume lighter: each step an event, and the exercise runs again."""
    browser = client_of(dana)
    browser.post(at(flag, "take"))
    browser.post(at(flag, "contact"), {"channel": "phone", "outcome": "no_answer"})
    browser.post(at(flag, "contact"), {"channel": "phone", "outcome": "reached", "note": "Slept on it, easier now."})
    browser.post(
        at(flag, "resolve"), {"code": "dose_reduced", "effect": "lighter", "note": "Half the range for a week."}
    )
    flag.refresh_from_db()
    assert flag.state == PainFlag.State.RESOLVED
    assert kinds(flag)[-4:] == ["take", "contact", "contact", "resolve"]
    assert not ana.holds.filter(released_at=None).exists()


def test_an_unfinished_resolution_keeps_what_was_typed(client_of, dana, flag):
    text = client_of(dana).post(at(flag, "resolve"), {"effect": "none", "note": "Spoke with her."}).content.decode()
    assert "Spoke with her." in text
    assert "Please look at this again" in text
    flag.refresh_from_db()
    assert flag.state == PainFlag.State.OPEN


def test_ravi_may_call_and_may_not_close(client_of, ravi, flag):
    page = client_of(ravi).get(at(flag)).content.decode()
    assert "may close this flag" in page
    client_of(ravi).post(at(flag, "contact"), {"channel": "phone", "outcome": "left_message"})
    client_of(ravi).post(at(flag, "resolve"), {"code": "visit_booked", "effect": "none", "note": "Friday"})
    flag.refresh_from_db()
    assert flag.state == PainFlag.State.ACKNOWLEDGED


def test_dana_puts_a_flag_aside_until_tomorrow(client_of, dana, ana, program, flag_of, now):
    flag = flag_of(ana, pain=6, item=item_of(program, "BRG"))
    until = (now + timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M")
    client_of(dana).post(at(flag, "snooze"), {"until": until, "reason": "Seen tomorrow anyway"})
    text = client_of(dana).get(reverse("workspace:triage"), {"tab": "snoozed"}).content.decode()
    assert flag.severity >= 3
    assert "Ana Silva" in text


def test_dana_writes_to_ana_from_the_flag(client_of, dana, flag):
    client_of(dana).post(at(flag, "message"), {"body": "Please rest today."})
    assert PatientMessage.objects.get().from_clinic


def test_the_pane_alone_answers_htmx(client_of, dana, flag):
    headers = {"HX-Request": "true", "HX-Target": "pane"}
    text = client_of(dana).get(at(flag), headers=headers).content.decode()
    assert text.lstrip().startswith("<article")


def test_three_flags_cost_what_one_costs(client_of, dana, clinic, library, now, flag_of, queries_of):
    counts = []
    for names in (["Bo"], ["Cy", "Di"]):
        for name in names:
            patient = people.make_patient(clinic, name, owner=dana)
            a_program(patient, library["BALL_PROGRESSION"], now=now)
            flag_of(patient)
        counts.append(queries_of(client_of(dana), reverse("workspace:triage")))
    assert counts[0] == counts[1]
    assert counts[0] <= 5


def test_what_is_refreshed_by_itself_is_on_the_page_before_it_is_needed(client_of, dana):
    """Figures, counts and the numbers of the rail are swapped by their ids: a place that is missing can never fill."""
    text = client_of(dana).get(reverse("workspace:triage")).content.decode()
    asked = [place for places in re.findall(r'hx-select-oob="([^"]+)"', text) for place in places.split(",")]
    assert {"#rail-flags", "#rail-to-decide", "#triage-tabs"} <= set(asked)
    assert [place for place in asked if f'id="{place.removeprefix("#")}"' not in text] == []


# One row a patient, and the views


def tab(client, name):
    return client.get(reverse("workspace:triage"), {"tab": name}).content.decode()


def test_a_patient_with_two_flags_is_one_row_led_by_the_worse(client_of, dana, ana, flag, flag_of):
    flag_of(ana, pain=3, red_flags=["chest_pain"])

    text = tab(client_of(dana), "new")

    assert text.count('id="flag-') == 1
    assert "and 1 more" in text
    assert "chest pain" in text.partition('class="why"')[2][:80].casefold()


def test_on_monday_danas_view_is_since_friday(client_of, dana, ana, program, flag_of, now):
    """The clinic closed on Friday at six: Ana reported on Saturday, another on Friday morning."""
    for name, opened in (("Bo", now - timedelta(days=3)), ("Cy", now - timedelta(days=2))):
        patient = people.make_patient(ana.clinic, name, owner=dana)
        open_flag(patient, opened)

    text = tab(client_of(dana), "since")

    assert "Since Friday" in text
    assert (">Cy<" in text, ">Bo<" in text) == (True, False)


def open_flag(patient, opened, severity=4, **given):
    fields = {"group": "adherence", "code": "FL-NOLOG10", "headline": "nothing logged for 10 days"} | given
    return PainFlag.objects.create(
        clinic=patient.clinic, patient=patient, severity=severity, opened_at=opened, last_event_at=opened, **fields
    )


def test_a_flag_left_too_long_says_so_on_the_patients_one_row(client_of, dana, ana, flag, now):
    escalation.escalate_late(now=now + timedelta(hours=5))
    flagging.assess_waiting_reports(now=now + timedelta(hours=5))

    text = tab(client_of(dana), "new")

    assert text.count('id="flag-') == 1
    assert "nobody has followed up in time" in text
    assert "pain 8, usual 2" in text.casefold()


# Several at once


ROUTINE = reverse_lazy("workspace:flags_routine")


def close(client, *flags, code="expected_soreness", note="Told at the visit."):
    return client.post(ROUTINE, {"flags": [flag.pk for flag in flags], "code": code, "note": note})


def test_ravi_closes_three_routine_flags_at_one_word(client_of, ravi, ana, other_patient, now):
    flags = [open_flag(ana, now), open_flag(other_patient, now), open_flag(ana, now, 5, group="tolerance")]

    close(client_of(ravi), *flags)

    assert set(PainFlag.objects.values_list("state", "note")) == {("resolved", "Told at the visit.")}
    assert FlagEvent.objects.filter(kind="resolve", actor=ravi).count() == 3


def test_a_flag_that_holds_an_exercise_stays_and_says_why(client_of, dana, ana, other_patient, program, flag_of, now):
    held, plain = flag_of(ana, item=item_of(program, "BRG")), open_flag(other_patient, now)
    PainFlag.objects.filter(pk=held.pk).update(severity=4)
    ana.holds.update(severity=4)

    text = close(client_of(dana), held, plain).content.decode()

    assert "It holds an exercise" in text
    assert set(PainFlag.objects.waiting()) == {held}


def test_nothing_more_severe_is_closed_in_bulk(client_of, dana, flag):
    close(client_of(dana), flag)

    flag.refresh_from_db()
    assert (flag.severity, flag.state) == (3, "open")


def test_closing_several_needs_a_note_and_keeps_the_ticks(client_of, dana, ana, now):
    flag = open_flag(ana, now)

    text = close(client_of(dana), flag, note="").content.decode()

    assert "Please look at this again" in text
    assert f'value="{flag.pk}" checked' in text


def test_another_clinics_flag_is_not_closed(client_of, dana, canary_patient, now):
    flag = open_flag(canary_patient, now)

    text = close(client_of(dana), flag).content.decode()

    flag.refresh_from_db()
    assert flag.state == "open"
    assert "Canary" not in text


def test_three_routine_flags_cost_what_one_costs(client_of, dana, clinic, now, queries_of):
    counts = []
    for names in (["Bo"], ["Cy", "Di"]):
        for name in names:
            open_flag(people.make_patient(clinic, name, owner=dana), now)
        counts.append(queries_of(client_of(dana), ROUTINE))
    assert counts[0] == counts[1] <= 2


def test_an_emergency_reaches_whoever_reads_another_page(client_of, ravi, ana, program, flag_of):
    flag_of(ana, red_flags=["saddle_numbness"])
    browser = client_of(ravi)

    page = browser.get(reverse("workspace:patient", args=[ana.pk])).content.decode()
    asked = re.search(r'id="desk-banners" hx-get="([^"]+)"', page)

    assert asked
    assert "An emergency report waits" in browser.get(asked[1]).content.decode()


def test_dana_swaps_the_bridge_for_the_squat_as_she_closes_the_flag(client_of, dana, program, flag):
    browser = client_of(dana)
    given = {"code": "exercise_swapped", "effect": "swap", "note": "Bridge is too much."}
    kept = browser.post(at(flag, "resolve"), given).content.decode()
    assert "Choose the exercise that takes its place." in kept

    browser.post(at(flag, "resolve"), given | {"substitute": "SQT"})

    flag.refresh_from_db()
    assert flag.state == PainFlag.State.RESOLVED
    assert item_of(program, "SQT").level.code == "SQT-1"


def test_a_flag_about_no_exercise_offers_no_swap(client_of, dana, ana, flag_of, program):
    text = client_of(dana).get(at(flag_of(ana))).content.decode()

    assert 'value="lighter"' in text
    assert 'value="swap"' not in text


@pytest.mark.parametrize(
    ("reader", "typed"), [("dana", ["Ana", "Owner", "Headline"]), ("ravi", ["Ana", "Owner", "Phone"])]
)
def test_what_people_typed_stays_text_in_the_queue(client_of, ana, colleague, flag, request, reader, typed):
    Identity.objects.filter(patient=ana).update(name="<i>Ana", phone="<i>Phone")
    User.objects.filter(pk=colleague.pk).update(name="<i>Owner")
    PainFlag.objects.filter(pk=flag.pk).update(owner=colleague, headline="<i>Headline")
    text = client_of(request.getfixturevalue(reader)).get(reverse("workspace:triage")).content.decode()
    assert [words for words in ("Ana", "Owner", "Headline", "Phone") if f"&lt;i&gt;{words}" in text] == typed
    assert "<i>" not in text
