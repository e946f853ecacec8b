"""The caseload: who stands first, who is in which view, and what it costs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.absence import set_absence
from clinic.models import Membership, User
from patients.caseload import case_rows, in_view
from patients.exceptions import allow
from patients.gates import go_without
from patients.models import PainReport, Patient
from tests.conftest import CANARY
from tests.factories import people
from tests.factories.programs import a_program, a_session, an_episode, as_planned, item_of


@pytest.fixture
def url():
    return reverse("workspace:caseload")


def rows(clinic, now):
    return case_rows(Patient.objects.of(clinic), viewer=User(), now=now)


def test_an_empty_clinic_says_what_to_do(client_of, dana, url):
    assert "No patients yet" in client_of(dana).get(url).content.decode()


def test_only_the_own_clinic_is_listed(client_of, dana, ana, canary_patient, url):
    text = client_of(dana).get(url).content.decode()
    assert "Ana Silva" in text
    assert CANARY not in text


def test_the_flagged_stand_before_the_silent(clinic, dana, library, now, flag_of):
    silent, quiet, flagged = (people.make_patient(clinic, name, owner=dana) for name in ("Bo", "Cy", "Di"))
    a_program(silent, library["BALL_PROGRESSION"], now=now - timedelta(days=9))
    a_program(flagged, library["BALL_PROGRESSION"], now=now)
    flag_of(flagged)
    assert [row.patient_id for row in rows(clinic, now)] == [flagged.pk, silent.pk, quiet.pk]


def test_a_week_says_how_many_of_the_asked_days_were_done(clinic, ana, library, now):
    started = now - timedelta(days=7)
    program = a_program(ana, library["BALL_PROGRESSION"], now=started)
    for days in (0, 2, 4):
        a_session(program, as_planned(item_of(program, "BRG")), now=started + timedelta(days=days + 1))
    row = rows(clinic, now)[0]
    assert (row.logged, row.scheduled, row.worst_pain) == (3, item_of(program, "BRG").level.content["per_week_low"], 1)


def test_each_view_holds_its_own(clinic, dana, ana, colleague, now):
    people.make_patient(clinic, "Bo", owner=colleague)
    assert [row.patient_id for row in in_view(rows(clinic, now), "mine", viewer=dana)] == [ana.pk]


def test_who_has_no_therapist_and_who_has_no_program_are_two_views(clinic, dana, ana, library, now):
    nobodys, idle = people.make_patient(clinic, "Bo", owner=None), people.make_patient(clinic, "Cy", owner=dana)
    for patient in (ana, nobodys):
        a_program(patient, library["BALL_PROGRESSION"], now=now)
    found = rows(clinic, now)
    shown = {view: [row.name for row in in_view(found, view, viewer=dana)] for view in ("no-therapist", "no-program")}
    assert shown == {"no-therapist": [nobodys.identity.name], "no-program": [idle.identity.name]}


def test_a_view_that_does_not_exist_is_all_of_them(client_of, dana, ana, url):
    text = client_of(dana).get(url, {"view": "unassigned"}).content.decode()
    assert '<a href="?view=all" aria-current="page">' in text
    assert "Ana Silva" in text


def test_the_search_knows_no_capitals(client_of, dana, ana, other_patient, url):
    text = client_of(dana).post(url, {"q": "SILVA"}).content.decode()
    assert "Ana Silva" in text
    assert "Other Patient" not in text


def test_the_command_box_finds_by_phone(client_of, dana, clinic):
    Patient.objects.get(pk=people.make_patient(clinic, "Bo Lin").pk)
    found = client_of(dana).post(reverse("workspace:find"), {"q": "bo l"}).content.decode()
    assert "Bo Lin" in found


def test_the_command_box_finds_nobody_elsewhere(client_of, dana, ana, canary_patient):
    found = client_of(dana).post(reverse("workspace:find"), {"q": CANARY.lower()}).content.decode()
    assert "Nobody found" in found


def test_ravi_reads_no_pain(client_of, ravi, ana, program, url, now):
    a_session(program, as_planned(item_of(program, "BRG"), pain_during=5, pain_after=4), now=now)
    text = client_of(ravi).get(url).content.decode()
    assert "Ana Silva" in text
    assert "Worst 7 d" not in text


def test_reports_that_wait_over_a_minute_are_said(client_of, dana, ana, program, url, clock, now):
    PainReport.objects.create(patient=ana, kind="now", ruleset="x", reported_at=now)
    clock(now + timedelta(minutes=4))
    assert "Reports are waiting to be judged" in client_of(dana).get(url).content.decode()


def test_an_emergency_nobody_took_is_shouted(client_of, ravi, ana, program, url, flag_of):
    flag_of(ana, red_flags=["saddle_numbness"])
    assert "An emergency report waits" in client_of(ravi).get(url).content.decode()


def test_three_patients_cost_what_one_costs(client_of, dana, clinic, library, now, url, queries_of, flag_of):
    counts = []
    for names in (["Bo"], ["Cy", "Di"]):
        for name in names:
            patient = people.make_patient(clinic, name, owner=dana)
            program = a_program(patient, library["BALL_PROGRESSION"], now=now)
            a_session(program, as_planned(item_of(program, "BRG")), now=now)
            flag_of(patient)
        counts.append(queries_of(client_of(dana), url))
    assert counts[0] == counts[1]
    assert counts[0] <= 6


def test_the_substitute_finds_the_patients_of_who_is_away_among_their_own(client_of, url, ana, dana, colleague):
    now = timezone.now()
    post = Membership.objects.get(user=dana)
    set_absence(post, first=now.date(), last=now.date(), substitute=colleague, actor=dana, now=now)
    text = client_of(colleague).get(url, {"view": "mine"}).content.decode()
    assert "You are covering for Dana Reed." in text
    assert "Dana Reed, away: you cover" in text
    assert "You are away" not in text


@pytest.mark.parametrize("covered", [True, False])
def test_who_works_although_away_is_told_where_their_flags_go(client_of, url, ana, dana, colleague, covered):
    now = timezone.now()
    post = Membership.objects.get(user=dana)
    set_absence(post, first=now.date(), last=now.date(), substitute=colleague if covered else None, actor=dana, now=now)
    text = client_of(dana).get(url).content.decode()
    assert ("Colleague gets your new flags" if covered else "everybody on duty gets your new flags") in text
    assert f'href="/team/{post.pk}/absence/"' in text


def test_a_review_of_an_exception_is_a_review_like_the_others(clinic, dana, ana, library, now):
    episode = an_episode(ana, now=now, contraindications=["poor_balance_without_support"])
    day = now.date() + timedelta(days=14)
    allow(episode, "SLD:poor_balance_without_support", reason="x", review_on=day, actor=dana, now=now)
    assert (rows(clinic, now)[0].review_on, rows(clinic, now)[0].needs_attention) == (day, False)

    sooner = day - timedelta(days=4)
    go_without(episode, "curl_full_range", reason="Short legs", review_on=sooner, actor=dana, now=now)
    [row] = rows(clinic, now + timedelta(days=11))
    assert (row.review_on, row.review_is_due, row.needs_attention) == (sooner, True, True)
