"""Triage: who sees what, who takes it, who may close it, and what each step leaves behind."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from patients.models import FlagEvent, PainFlag, PatientMessage
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
    """Figures, counts and banners are swapped by their ids: a place that is missing can never fill."""
    text = client_of(dana).get(reverse("workspace:triage")).content.decode()
    asked = re.search(r'hx-select-oob="([^"]+)"', text)
    assert asked
    assert [place for place in asked[1].split(",") if f'id="{place.removeprefix("#")}"' not in text] == []
    assert "#desk-banners" in asked[1]
