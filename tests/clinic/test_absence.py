"""A therapist goes away: for which days, who stands in, and who may say so."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from clinic import absence
from clinic.models import AuditEntry, Membership
from clinic.refusals import Refused
from tests.factories import people

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


def post_of(user) -> Membership:
    return Membership.objects.get(user=user)


def goes_away(user, substitute=None, *, first=MONDAY, last=FRIDAY, now=people.NOW):
    return absence.set_absence(post_of(user), first=first, last=last, substitute=substitute, actor=user, now=now)


def test_the_days_are_the_clinics_own_the_last_one_included(clinic, dana, colleague, now):
    clinic.zone = "America/New_York"
    clinic.save()
    away = goes_away(dana, colleague)
    days = [away.is_away(now + timedelta(hours=hours)) for hours in (-5, 0, 24 * 4 + 19, 24 * 4 + 20)]
    assert (days, away.last_day_away) == ([False, True, True, False], FRIDAY)


def test_it_is_on_record(dana, colleague, now):
    goes_away(dana, colleague)
    assert AuditEntry.objects.get(verb="set_absence").actor == dana


def test_back_is_back(dana, colleague, now):
    absence.end_absence(goes_away(dana, colleague), actor=dana, now=now)
    assert not Membership.objects.away(now).exists()


@pytest.mark.parametrize(
    ("days", "field"),
    [({"first": FRIDAY, "last": MONDAY}, "last"), ({"first": date(2026, 2, 2), "last": date(2026, 2, 6)}, "last")],
)
def test_days_the_wrong_way_round_or_over_are_refused(days, field, dana):
    with pytest.raises(Refused) as refusal:
        goes_away(dana, **days)
    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize("who", ["dana", "ravi", "olga", "unlicensed", "gone"])
def test_only_a_therapist_of_the_clinic_stands_in_for_licensed_work_a_licensed_one(who, request, clinic, dana, now):
    people.make_member(clinic, "Gone", "therapist", licensed=True, left_at=now)
    people.make_member(clinic, "Unlicensed", "therapist")
    known = {"gone": "Gone", "unlicensed": "Unlicensed"}
    user = Membership.objects.get(user__name=known[who]).user if who in known else request.getfixturevalue(who)
    with pytest.raises(Refused) as refusal:
        goes_away(dana, user)
    assert list(refusal.value.errors) == ["substitute"]


@pytest.mark.parametrize(("first", "last"), [(2, 2), (1, 4), (6, 9)])
def test_who_is_away_on_one_of_the_days_does_not_stand_in(first, last, dana, colleague):
    goes_away(colleague, first=MONDAY, last=FRIDAY)
    with pytest.raises(Refused) as refusal:
        goes_away(dana, colleague, first=date(2026, 3, first), last=date(2026, 3, last))
    said = "Colleague is away too, from 2 Mar to 6 Mar 2026: choose somebody else, or everybody on duty."
    assert refusal.value.errors == {"substitute": said}


def test_who_is_back_by_then_does(dana, colleague):
    goes_away(colleague, first=MONDAY, last=FRIDAY)
    away = goes_away(dana, colleague, first=FRIDAY + timedelta(days=1), last=FRIDAY + timedelta(days=3))
    assert away.substitute == colleague


def test_an_absence_has_two_ends(dana, now):
    with pytest.raises(IntegrityError):
        Membership.objects.filter(user=dana).update(away_from=now)


# Who answers for whom


def test_the_substitute_covers_while_they_are_here(clinic, dana, colleague, now):
    goes_away(dana, colleague)
    covered = [list(Membership.objects.covered_by(colleague, at)) for at in (now, now + timedelta(days=7))]
    assert covered == [[post_of(dana)], []]


def test_a_substitute_who_is_away_too_or_treats_no_more_covers_nobody(clinic, dana, colleague, now):
    goes_away(dana, colleague)
    goes_away(colleague)
    away = Membership.objects.covered_by(colleague, now).exists()
    absence.end_absence(post_of(colleague), actor=colleague, now=now)
    Membership.objects.filter(user=colleague).update(therapist=False, desk=True)
    assert [away, Membership.objects.covered_by(colleague, now).exists()] == [False, False]
    assert not Membership.objects.answering(now).filter(user=dana).exists()


# The page


def given(**changes):
    today = timezone.now().date()
    return {"first": today, "last": today + timedelta(days=7), "substitute": ""} | changes


def test_a_therapist_says_so_themselves(client_of, dana, colleague):
    browser, page = client_of(dana), f"/team/{post_of(dana).pk}/absence/"
    assert browser.post(page, given(substitute=str(colleague.pk))).url == "/account/"
    assert post_of(dana).substitute == colleague
    assert "Colleague stands in" in browser.get("/account/").content.decode()


def test_an_owner_says_so_for_them_and_takes_it_back(client_of, owner, dana, colleague):
    browser, page = client_of(owner), f"/team/{post_of(dana).pk}/absence/"
    assert browser.post(page, given(substitute=str(colleague.pk))).url == "/team/"
    assert "Colleague stands in" in browser.get("/team/").content.decode()
    browser.post(page, {"back": "1"})
    assert post_of(dana).away_until is None


def test_whoever_stands_in_for_somebody_and_goes_away_too_is_told_whom_it_leaves(client_of, dana, colleague):
    today = timezone.now().date()
    goes_away(dana, colleague, first=today, last=today, now=timezone.now())
    said = client_of(colleague).post(f"/team/{post_of(colleague).pk}/absence/", given(), follow=True).content.decode()
    assert "Dana Reed is away too, from" in said
    assert "has Colleague as substitute" in said


def test_a_colleague_does_not(client_of, dana, colleague):
    page = f"/team/{post_of(dana).pk}/absence/"
    assert client_of(colleague).post(page, given()).status_code == 403


def test_what_was_typed_stays_when_it_is_refused(client_of, dana):
    day = timezone.now().date() - timedelta(days=3)
    answer = client_of(dana).post(f"/team/{post_of(dana).pk}/absence/", given(last=day, first=day))
    form = answer.context["form"]
    assert (form.errors["last"], form["last"].value()) == (["This day is over."], str(day))
