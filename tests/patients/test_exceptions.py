"""An exception: what a recorded answer rules out, allowed by a licensed therapist where the library lets them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients.contraindications import Contraindicated
from patients.examinations import examine
from patients.exceptions import allow, possible, withdraw
from patients.models import Allowance
from patients.plan import today
from programs.entries import BadLibrary
from programs.library_file import read_library
from tests.factories.people import make_member
from tests.factories.programs import a_program, an_episode
from tests.factories.stretches import stretch_program

BALANCE = "SLD:poor_balance_without_support"


@pytest.fixture
def shaky(ana, library, now):
    return an_episode(ana, now=now, contraindications=["poor_balance_without_support", "cannot_take_full_weight"])


@pytest.fixture
def review(now):
    return now.date() + timedelta(days=14)


def allowed(episode, dana, now, review, key=BALANCE):
    return allow(episode, key, reason="Always beside the table", review_on=review, actor=dana, now=now)


def test_only_what_the_library_lets_and_what_is_recorded_can_be_excepted(shaky):
    assert [one.key for one in possible(shaky)] == [BALANCE]


def test_an_exception_lets_the_exercise_run_and_its_withdrawal_rules_it_out_again(ana, library, dana, now, review):
    program = a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now)
    found = {"slump": "unchanged", "leg_tingling": False, "contraindications": ["poor_balance_without_support"]}
    examine(program.episode, **found, actor=dana, now=now)

    def row():
        return next(row for row in today(program, now=now).items if row.item.ladder_version.code == "SLD")

    assert row().ruled_out == ("poor_balance_without_support",)
    made = allowed(program.episode, dana, now, review)
    assert (row().ruled_out, row().excepted) == ((), ("poor_balance_without_support",))

    withdraw(made, actor=dana, now=now + timedelta(days=1))
    assert row().ruled_out == ("poor_balance_without_support",)
    made.refresh_from_db()
    assert (made.granted_by, made.withdrawn_by) == (dana, dana)
    assert set(AuditEntry.objects.filter(object_id=made.pk).values_list("verb", flat=True)) == {"except", "withdraw"}


def test_two_presses_make_one_exception(shaky, dana, now, review):
    assert allowed(shaky, dana, now, review) == allowed(shaky, dana, now, review)
    assert Allowance.objects.count() == 1


def test_an_exception_is_for_one_ladder_and_one_answer(shaky, ana, library, dana, now, review):
    allowed(shaky, dana, now, review)
    shaky.refresh_from_db()

    with pytest.raises(Contraindicated, match="cannot take full weight"):
        a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now, contraindications=["cannot_take_full_weight"])


@pytest.mark.parametrize("key", ["STA:nerve_screen_positive", "SQT:cannot_take_full_weight", "XXX:red_flag", ""])
def test_nobody_overrules_a_nerve_sign_or_what_the_library_keeps(shaky, dana, now, review, key):
    with pytest.raises(Refused) as refused:
        allowed(shaky, dana, now, review, key=key)
    assert set(refused.value.errors) == {"what"}
    assert not Allowance.objects.exists()


def test_a_stretch_stays_ruled_out_by_the_nerve_whatever_stands_on_the_episode(ana, clinic, library, dana, now):
    program = a_program(ana, stretch_program(clinic), now=now)
    program.episode.exempt = ["STA:nerve_screen_positive"]
    program.episode.save()
    examine(program.episode, slump="eases_looking_up", leg_tingling=False, actor=dana, now=now)

    assert any(row.ruled_out == ("nerve_screen_positive",) for row in today(program, now=now).items)


def test_a_library_that_would_overrule_the_nerve_is_refused(tmp_path):
    file = tmp_path / "stretch.yaml"
    file.write_text(
        "ladders: {STA: {title: Stretch, kind: static_stretch, overridable: [nerve_screen_positive],"
        " contraindications: [nerve_screen_positive], levels: [{id: STA-1, name: hold, reps: [1, 2]}]}}"
    )
    with pytest.raises(BadLibrary, match="nobody may overrule nerve_screen_positive"):
        read_library([file])


def test_only_a_licensed_therapist_makes_one(shaky, clinic, now, review):
    newcomer = make_member(clinic, "Newcomer", "therapist")
    with pytest.raises(Refused, match="licensed"):
        allowed(shaky, newcomer, now, review)


def test_the_page_makes_shows_and_ends_an_exception(client_of, dana, ana, shaky, review):
    url = reverse("workspace:exceptions", args=[ana.pk, shaky.pk])
    page = client_of(dana)
    answer = page.post(url, {"what": BALANCE, "reason": "", "review_on": review.isoformat()})
    assert "This cannot stay empty" in answer.content.decode()

    review = "2999-01-01"
    text = page.post(
        url, {"what": BALANCE, "reason": "At the table", "review_on": review}, follow=True
    ).content.decode()
    assert "Single-leg deadlift: Poor balance without support" in text
    assert "At the table · Dana Reed" in text

    made = Allowance.objects.get()
    page.post(reverse("workspace:exception_end", args=[ana.pk, shaky.pk, made.pk]))
    made.refresh_from_db()
    assert made.withdrawn_by == dana
