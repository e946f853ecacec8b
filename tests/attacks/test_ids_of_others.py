"""Tries with ids of others in what is sent, where it takes a page under way. The rest: tests/architecture."""

import json
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.test import Client

from clinic import sign_in
from clinic.models import SignInCode
from patients import builder, draft_checks, drafts
from patients.models import ProgramItem, Session
from programs.models import Ladder, PhaseItem, ProgramVersion
from tests.factories import people
from tests.factories.browsers import signed_in
from tests.factories.library import published_library
from tests.factories.programs import a_program, a_session, an_episode, as_planned, item_of
from tests.programs.admin_pages import filled_in, page


@pytest.fixture
def program(ana, now):
    return a_program(ana, published_library(ana.clinic)["BALL_PROGRESSION"], now=now)


@pytest.fixture
def foreign(canary_patient, program, now):
    """A program of the other clinic with a session."""
    found = a_program(canary_patient, published_library(canary_patient.clinic)["BALL_PROGRESSION"], now=now)
    a_session(found, as_planned(item_of(found, "BRG")), now=now, note="Canary said so")
    return found


def send(ana, **body):
    return signed_in(ana.user).post("/api/v1/sessions/", json.dumps(body), content_type="application/json")


def done(item: ProgramItem) -> dict:
    sets = [{"side": "both", "reps": 10}]
    return {"item": str(item.pk), "sets": sets, "pain_before": 1, "pain_during": 1, "pain_after": 1}


def test_a_session_under_the_id_of_a_foreign_one_shows_and_changes_nothing_of_it(ana, program, foreign):
    taken = Session.objects.get(patient=foreign.patient)
    answer = send(ana, id=str(taken.pk), exercises=[done(item_of(program, "BRG"))])
    assert (answer.status_code, b"Canary" in answer.content) == (409, False)
    assert not Session.objects.filter(patient=ana).exists()


def test_a_session_of_a_foreign_exercise_is_not_kept(ana, program, foreign):
    answer = send(ana, id=str(uuid4()), exercises=[done(item_of(foreign, "BRG"))])
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (422, "exercises.0")
    assert not Session.objects.filter(patient=ana).exists()


def test_a_session_with_one_own_and_one_foreign_exercise_is_not_kept_either(ana, program, foreign):
    both = [done(item_of(program, "BRG")), done(item_of(foreign, "BRG"))]
    assert send(ana, id=str(uuid4()), exercises=both).status_code == 422
    assert not Session.objects.filter(patient=ana).exists()


def test_a_draft_cannot_be_for_a_foreign_episode(ana, dana, foreign, now):
    an_episode(ana, now=now)
    ladder = str(Ladder.objects.get(clinic=ana.clinic, code="HRS").versions.latest("pk").pk)
    draft = drafts.edit(ana, {}, deed="add", about=ladder, actor=dana, now=now)
    (line,) = drafts.lines_of(draft)
    typed = {f"episode-{line.key}": str(foreign.episode_id)}
    draft = drafts.edit(ana, typed, actor=dana, now=now)
    with pytest.raises(builder.NotReady):
        builder.assign_draft(draft, seen=draft_checks.judge(draft, now=now).seen, actor=dana, now=now)
    assert not ProgramItem.objects.filter(episode=foreign.episode).exclude(program=foreign).exists()


def test_a_phase_takes_no_ladder_of_another_clinic(client_of, theo, program, foreign):
    trainer = client_of(theo)
    trainer.post(page(program.version, "draft"))
    draft = ProgramVersion.objects.get(template=program.version.template, state="draft")
    phase = draft.phases.first()
    ladder = Ladder.objects.get(clinic=foreign.patient.clinic, code="BRG")
    form = filled_in(trainer.get(page(phase))) | {"items-0-ladder": str(ladder.pk)}
    answer = trainer.post(page(phase), form)
    (rows,) = answer.context["inline_admin_formsets"]
    assert "ladder" in rows.formset.errors[0]
    assert not PhaseItem.objects.filter(phase=phase, ladder=ladder).exists()


@pytest.mark.parametrize("move", ["up", "down"])
def test_a_row_of_another_clinic_is_not_moved(move, client_of, theo, program, foreign):
    ladder = Ladder.objects.get(clinic=theo.memberships.get().clinic, code="BRG")
    theirs = Ladder.objects.get(clinic=foreign.patient.clinic, code="BRG")
    before = list(theirs.levels.order_by("pk").values_list("pk", "position"))
    trainer = client_of(theo)
    form = filled_in(trainer.get(page(ladder))) | {"_move": f"{before[1][0]} {move}"}
    trainer.post(page(ladder), form)
    assert list(theirs.levels.order_by("pk").values_list("pk", "position")) == before


def test_nobody_removes_the_passkey_of_another(dana, colleague):
    passkey = Authenticator.objects.create(user=dana, type=Authenticator.Type.WEBAUTHN, data={"name": "Key"})
    thief = signed_in(colleague)
    thief.post("/account/confirm/", {"password": people.PASSWORD})
    thief.post(f"/account/second-step/passkey/{passkey.pk}/remove/")
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_the_code_of_one_does_not_open_the_page_of_another(ana, other_patient):
    """The row a browser waits for is in its session, not in what it sends."""
    Client().post("/sign-in/", {"email": ana.identity.email})
    asked = SignInCode.objects.get()
    thief = Client()
    thief.post("/sign-in/", {"email": other_patient.identity.email})
    thief.post("/sign-in/code/", {"code": sign_in.open_code(asked), "id": str(asked.pk), "user": str(ana.user_id)})
    assert not get_user(thief).is_authenticated
