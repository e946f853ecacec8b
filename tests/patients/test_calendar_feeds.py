"""Training days in somebody's own calendar: what is in it, who may read it, and when it ends."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from clinic import accounts
from clinic.limits import Limit
from clinic.models import AuditEntry, User
from clinic.refusals import Refused
from clinic.zones import zone
from patients import calendar_feeds, episodes, erasure, people, preferences, restriction
from patients.calendar_feeds import OF_ONE_ADDRESS, end_address, make_address, read_calendar
from patients.models import CalendarFeed
from tests.factories.people import make_user
from tests.factories.programs import a_program


@pytest.fixture(autouse=True)
def the_clock(now, time_machine):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def token(ana, program, now):
    return make_address(ana, actor=ana.user, now=now)


def read(token, now, visitor="203.0.113.7"):
    return read_calendar(token, visitor=visitor, now=now)


def events(token, now):
    return Calendar.from_ical(read(token, now)).walk("VEVENT")


def test_it_has_the_coming_training_days_at_the_hour_of_the_reminder(token, now):
    found = events(token, now)

    assert [one.start for one in found[:2]] == [datetime(2026, 3, day, 18, tzinfo=UTC) for day in (2, 4)]
    assert len(found) == 12


@pytest.mark.parametrize(("month", "day", "last", "hour"), [(3, 16, 30, 17), (10, 12, 26, 18)])
def test_the_hour_stays_where_the_clock_changes(ana, token, now, month, day, last, hour):
    starts = [one.start for one in events(token, now.replace(month=month, day=day))]

    assert {one.astimezone(zone(ana.zone)).time() for one in starts} == {time(18)}
    assert datetime(2026, month, last, hour, tzinfo=UTC) in starts


def test_each_weekday_has_its_own_hour_and_one_without_a_mail_has_none(ana, token, now):
    week = [None, time(9), time(7, 30), *[time(18)] * 4]
    preferences.set_preferences(ana, week=week, quiet_to=time(7), actor=ana.user, now=now)

    assert [one.start for one in events(token, now)[:2]] == [date(2026, 3, 2), datetime(2026, 3, 4, 7, 30, tzinfo=UTC)]


def test_it_says_nothing_of_who_or_what_or_where(ana, token, now):
    for event in events(token, now):
        assert str(event["SUMMARY"]) == "Your plan for today"
        assert set(event) == {"UID", "DTSTAMP", "SUMMARY", "CLASS", "TRANSP", "DTSTART", "DURATION"}
    text = read(token, now).decode()
    assert [
        word for word in ("Ana", "Silva", "Riverside", "ridge", "physio", "pain", str(ana.pk)) if word in text
    ] == []


def test_it_is_private_and_takes_up_no_time(token, now):
    assert {(str(one["CLASS"]), str(one["TRANSP"])) for one in events(token, now)} == {("PRIVATE", "TRANSPARENT")}


def test_it_asks_to_be_read_again_twice_a_day(token, now):
    lines = read(token, now).decode().split("\r\n")

    assert "REFRESH-INTERVAL;VALUE=DURATION:PT12H" in lines
    assert "X-PUBLISHED-TTL:PT12H" in lines


def test_a_day_keeps_its_id_however_often_it_is_read(token, now):
    ids = [{str(one["UID"]) for one in events(token, now + timedelta(hours=hours))} for hours in (0, 6)]

    assert ids[0] == ids[1]


# Who may read it


def test_an_unknown_secret_opens_nothing(token, now):
    assert read("x" * len(token), now) is None


def test_a_new_address_ends_the_old_one(ana, token, now):
    newer = make_address(ana, actor=ana.user, now=now)

    assert (read(token, now), bool(read(newer, now))) == (None, True)


def switched_off(ana, now):
    end_address(ana, actor=ana.user, now=now)


def discharged(ana, now):
    episodes.discharge(ana.episodes.get(), summary="Well again", actor=ana.owner, now=now)


def closed(ana, now):
    discharged(ana, now)
    erasure.close_account(ana, actor=ana.owner, now=now)


def restricted(ana, now):
    restriction.restrict(ana, reason="Asked for it", actor=ana.owner, now=now)


def erased(ana, now):
    closed(ana, now)
    erasure.erase_due(now=now + timedelta(days=365 * 40))


def signed_out_everywhere(ana, now):
    accounts.end_sessions(ana.user, now=now)


def disabled(ana, now):
    User.objects.filter(pk=ana.user_id).update(is_active=False)


@pytest.mark.parametrize(
    "happens", [switched_off, discharged, closed, restricted, erased, signed_out_everywhere, disabled]
)
def test_it_ends_when(ana, token, now, happens):
    happens(ana, now)

    assert read(token, now) is None


def test_a_carer_has_an_address_of_their_own_and_loses_it_with_the_portal(ana, token, now):
    carer = make_user("Carla")
    proxy = people.add_proxy(ana, user_email=carer.email, name="Carla", relation="sister", actor=ana.owner, now=now)
    theirs = make_address(ana, actor=carer, now=now)
    assert read(theirs, now) and read(token, now)

    people.revoke_proxy(proxy, actor=ana.owner, now=now)

    assert (read(theirs, now), bool(read(token, now))) == (None, True)


def test_it_is_counted_before_it_is_looked_up_whatever_the_secret(token, now):
    for secret in (token, "nobody has this"):
        for _time in range(OF_ONE_ADDRESS.most):
            read(secret, now)
        with pytest.raises(calendar_feeds.TooOften):
            read(secret, now)


def test_a_visitor_who_tries_many_secrets_is_stopped(db, now, monkeypatch):
    monkeypatch.setattr(calendar_feeds, "BY_ONE_VISITOR", Limit("few", 3, timedelta(minutes=15)))
    for number in range(3):
        read(f"guess {number}", now)
    with pytest.raises(calendar_feeds.TooOften):
        read("guess 4", now)


def test_addresses_are_not_made_without_end(ana, program, now):
    for _time in range(20):
        make_address(ana, actor=ana.user, now=now)
    with pytest.raises(Refused):
        make_address(ana, actor=ana.user, now=now)


# What is left of it


def test_the_secret_is_kept_nowhere(token, now):
    read(token, now)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert token not in repr(cursor.fetchall())


def test_making_and_ending_it_are_on_record(ana, token, now):
    end_address(ana, actor=ana.user, now=now)
    end_address(ana, actor=ana.user, now=now)

    mine = AuditEntry.objects.filter(label="patients.calendarfeed").order_by("pk")
    assert list(mine.values_list("verb", "actor", "patient_id")) == [
        ("issue", ana.user_id, ana.pk),
        ("revoke", ana.user_id, ana.pk),
    ]


def test_that_it_is_read_is_noted_once_an_hour(token, now):
    for minutes in (0, 30, 70):
        read(token, now + timedelta(minutes=minutes))
        noted = CalendarFeed.objects.get().read_at - now
        assert noted == timedelta(minutes=70 if minutes == 70 else 0)


# The pages


def test_settings_lead_there(client_of, ana, program):
    assert reverse("portal:own_calendar") in client_of(ana).get("/settings/").content.decode()


def test_the_address_is_shown_once_and_a_calendar_reads_it_without_a_session(client_of, client, ana, program):
    portal = client_of(ana)
    address = portal.post("/settings/calendar/").context["address"]
    assert address.startswith("http://testserver/cal/")

    answer = client.get(address)

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"] == "private, no-store"
    assert address not in portal.get("/settings/calendar/").content.decode()
    assert client.head(address).status_code == 200


def test_the_page_says_why_nothing_is_shown(client_of, ana, token, now):
    words = "Nothing is shown while no program is running."
    assert words not in client_of(ana).get("/settings/calendar/").content.decode()

    discharged(ana, now)

    assert words in client_of(ana).get("/settings/calendar/").content.decode()


def test_switched_off_it_is_not_found_like_any_other(client_of, client, ana, program):
    portal = client_of(ana)
    address = portal.post("/settings/calendar/").context["address"]
    assert portal.post("/settings/calendar/", {"end": "1"}, follow=True).context["feed"] is None

    gone, unknown = client.get(address), client.get("/cal/unknown.ics")

    assert (gone.status_code, gone.content, dict(gone.headers)) == (404, unknown.content, dict(unknown.headers))


def test_too_often_is_said_with_the_time_to_wait(client, token, now):
    for _time in range(OF_ONE_ADDRESS.most):
        client.get(f"/cal/{token}.ics")

    answer = client.get(f"/cal/{token}.ics")
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")


def test_one_exercise_or_more_cost_the_same(client, ana, other_patient, library, now, token):
    more = a_program(other_patient, library["HOME_HAMSTRING_FOUNDATION"], now=now)
    tokens = [token, make_address(other_patient, actor=other_patient.user, now=now)]

    def cost(secret):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/cal/{secret}.ics").status_code == 200
        return sum(not row["sql"].startswith(("SAVEPOINT", "RELEASE")) for row in queries)

    assert more.items.count() > 1
    assert cost(tokens[0]) == cost(tokens[1]) == 12
