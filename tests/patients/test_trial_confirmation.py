"""A request is confirmed by its mailed link, or forgotten."""

from datetime import timedelta

import pytest

from patients import ticks, trial_confirmation
from patients.models import TrialEvent
from tests.factories.trials import ask


def kinds(request):
    return list(TrialEvent.objects.filter(request=request).order_by("pk").values_list("kind", flat=True))


def test_confirming_puts_the_request_on_the_board_once(clinic, now):
    asked = ask(clinic, now=now).request
    for _time in range(2):
        found = trial_confirmation.request_of(trial_confirmation.confirm_token(asked), now=now + timedelta(hours=1))
        trial_confirmation.confirm_request(found, now=now + timedelta(hours=1))

    asked.refresh_from_db()
    assert (asked.state, kinds(asked)) == ("confirmed", ["submit", "confirm"])


def test_a_link_is_over_after_two_days(clinic, now):
    asked = ask(clinic, now=now).request
    with pytest.raises(trial_confirmation.LinkIsOver):
        trial_confirmation.request_of(trial_confirmation.confirm_token(asked), now=now + timedelta(hours=48))
    with pytest.raises(trial_confirmation.LinkIsOver):
        trial_confirmation.confirm_request(asked, now=now + timedelta(hours=48))


@pytest.mark.parametrize("token", ["", "x", "IjEi:1abc:def"])
def test_a_made_up_link_is_over(db, now, token):
    with pytest.raises(trial_confirmation.LinkIsOver):
        trial_confirmation.request_of(token, now=now)


def test_who_was_sent_to_emergency_care_cannot_confirm(clinic, now):
    asked = ask(clinic, now=now, red_flags=["chest_pain"]).request
    with pytest.raises(trial_confirmation.LinkIsOver):
        trial_confirmation.request_of(trial_confirmation.confirm_token(asked), now=now)


def test_what_nobody_confirms_expires_and_is_forgotten_after_a_month(clinic, now):
    asked = ask(clinic, now=now).request
    ticks.tick(now=now + timedelta(days=2))
    asked.refresh_from_db()
    assert (asked.state, asked.name) == ("expired", "Ana Silva")

    assert ticks.tick(now=now + timedelta(days=30)) == 1
    asked.refresh_from_db()
    assert (asked.name, asked.email, asked.complaint, asked.person_key) == ("", "", "", "")
    assert ticks.tick(now=now + timedelta(days=30)) == 0


def test_a_warning_nobody_confirms_stays_until_somebody_has_dealt_with_it(clinic, now):
    asked = ask(clinic, now=now, red_flags=["fever_unwell"]).request
    ticks.tick(now=now + timedelta(days=5))
    asked.refresh_from_db()
    assert asked.state == "submitted"
