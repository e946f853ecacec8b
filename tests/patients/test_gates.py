"""Gates: who may record which, by whom and how it was, what two parts mean, and going on without one."""

from datetime import timedelta

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients.gates import How, NotTheirs, go_without, record_gate, revoke_gate
from patients.models import Decision, GateRecord, Proposal
from patients.proposals import approve
from programs.models import Gate
from programs.unlocks import unlocked_by
from tests.factories.people import make_member
from tests.factories.programs import a_program, a_session, an_answer, an_episode, as_planned, item_of, next_morning
from tests.factories.versions import a_newer_version


@pytest.fixture
def episode(ana, library, now):
    return an_episode(ana, now=now)


def met(episode):
    return set(GateRecord.objects.met().filter(episode=episode).values_list("code", flat=True)) - {"slump_screen_done"}


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("nerve_glide_cleared", How.PERSON),
        ("slump_screen_done", How.SELF),
        ("bw_squat_30_perfect", How.VIDEO),
        ("curl_full_range", How.LOG),
        ("curl_full_range", How.AUDIT),
    ],
)
def test_a_gate_is_recorded_by_whom_the_library_lets(ana, library, dana, now, code, how):
    unscreened = an_episode(ana, now=now, slump="not_done")

    record = record_gate(unscreened, code, how=how, actor=dana, now=now)
    assert (record.how, record.recorded_by, record.recorded_at, record.waiting_for) == (how, dana, now, "")


@pytest.mark.parametrize(
    ("code", "how", "who"),
    [
        ("nerve_glide_cleared", How.SELF, "a therapist"),
        ("nerve_glide_cleared", How.LOG, "a therapist"),
        ("bw_squat_30_perfect", How.LOG, "a therapist, also from a video"),
        ("curl_30_both_legs", How.PERSON, "the patient's log"),
        ("sld_30_each_slow", How.VIDEO, "the log and a therapist"),
    ],
)
def test_a_gate_is_recorded_by_nobody_else(episode, dana, now, code, how, who):
    with pytest.raises(NotTheirs, match=f"is recorded by {who}"):
        record_gate(episode, code, how=how, actor=dana, now=now)
    assert not met(episode)


@pytest.mark.parametrize("order", [(How.LOG, How.PERSON), (How.PERSON, How.LOG)])
def test_a_log_and_a_therapist_in_any_order_make_one_gate(episode, dana, now, order):
    first, second = order
    record = record_gate(episode, "sld_30_each_slow", how=first, actor=dana if first == How.PERSON else None, now=now)
    assert record.waiting_for == ("therapist" if first == How.LOG else "log")
    record_gate(episode, "sld_30_each_slow", how=first, actor=dana, now=now)
    assert not met(episode)

    later = now + timedelta(days=1)
    record = record_gate(episode, "sld_30_each_slow", how=second, actor=dana, now=later)
    assert (record.waiting_for, record.recorded_by, record.completed_at) == ("", dana, later)
    assert met(episode) == {"sld_30_each_slow"}


def clean_thirty(ana, program, now):
    """Thirty slow single-leg deadlifts on each leg, the last clean day that SLD-3 asks for."""
    item = item_of(program, "SLD")
    item.level = item.ladder_version.levels.get(code="SLD-3")
    item.cap, item.level_since = None, now.date() - timedelta(days=9)
    item.state = {"memory": {"successes": 1}}
    item.dose = item.dose | {"reps_low": 30, "reps_high": 30, "sets": 1}
    item.save()
    a_session(program, as_planned(item), now=now)
    an_answer(ana, now=next_morning(now))
    return item


def test_thirty_on_each_leg_records_its_part_and_waits_for_the_therapist(ana, library, dana, now):
    program = a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now)
    item = clean_thirty(ana, program, now)

    record = GateRecord.objects.get(code="sld_30_each_slow")
    assert (record.how, record.waiting_for, record.recorded_by) == ("log", "therapist", None)
    assert record.session == Decision.objects.filter(item=item).latest("sequence").session

    approve(Proposal.objects.get(item=item), actor=dana, now=now + timedelta(days=2))
    assert item_of(program, "SLD").level.code == "SLD-4"
    record.refresh_from_db()
    assert (record.waiting_for, record.recorded_by) == ("", dana)


def test_thirty_on_each_leg_moves_on_alone_where_the_therapist_has_seen_it_before(ana, library, dana, now):
    program = a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now)
    record_gate(program.episode, "sld_30_each_slow", actor=dana, now=now)
    clean_thirty(ana, program, now)

    assert item_of(program, "SLD").level.code == "SLD-4"


def test_a_gate_by_log_appears_without_a_person(ana, library, now):
    sets = {"BRG-1": {"sets_gate": "band_step_tolerated"}}
    program = a_program(ana, a_newer_version(library["BALL_PROGRESSION"], levels=sets), now=now)
    item = item_of(program, "BRG")
    item.state, item.level_since = {"memory": {"successes": 1}}, now.date() - timedelta(days=9)
    item.save()
    a_session(program, as_planned(item), now=now)
    an_answer(ana, now=next_morning(now))

    record = GateRecord.objects.get(code="band_step_tolerated")
    assert (record.how, record.recorded_by, record.waiting_for) == ("log", None, "")
    assert AuditEntry.objects.filter(verb="record", object_id=record.pk, actor=None).exists()


def test_what_is_taken_back_stays_with_who_did_it(episode, dana, colleague, now):
    record = record_gate(episode, "nerve_glide_cleared", actor=dana, now=now)
    revoke_gate(episode, "nerve_glide_cleared", actor=colleague, now=now + timedelta(days=1))

    record.refresh_from_db()
    assert (record.recorded_by, record.revoked_by) == (dana, colleague)
    assert not met(episode)


def test_a_licensed_therapist_lets_go_on_without_a_gate_where_the_library_says_so(episode, dana, now):
    day = now.date() + timedelta(days=14)
    record = go_without(episode, "curl_full_range", reason="Short legs", review_on=day, actor=dana, now=now)

    assert (record.how, record.reason, record.review_on) == ("exception", "Short legs", day)
    assert met(episode) == {"curl_full_range"}
    revoke_gate(episode, "curl_full_range", actor=dana, now=now)
    assert not met(episode)


def test_nobody_goes_on_without_the_clearance_for_nerve_glides(episode, dana, now):
    assert not Gate.objects.get(code="nerve_glide_cleared").overridable
    with pytest.raises(Refused, match="does not let anybody go without"):
        go_without(
            episode, "nerve_glide_cleared", reason="x", review_on=now.date() + timedelta(days=9), actor=dana, now=now
        )


def test_an_exception_wants_a_licence_a_reason_and_a_day_to_come(episode, clinic, dana, now):
    newcomer = make_member(clinic, "Newcomer", "therapist")
    with pytest.raises(Refused, match="licensed"):
        go_without(episode, "curl_full_range", reason="x", review_on=None, actor=newcomer, now=now)
    with pytest.raises(Refused) as refused:
        go_without(episode, "curl_full_range", reason=" ", review_on=now.date(), actor=dana, now=now)
    assert set(refused.value.errors) == {"reason", "review_on"}


def test_what_a_gate_unlocks_is_said(clinic, library):
    opens = unlocked_by(clinic)

    assert opens["sld_30_each_slow"] == ["SLD-4 weight held in front"]
    assert opens["hinge_3_points"] == ["Stiff-leg deadlift"]
    assert "the program “Nerve-first hip hinge”" in opens["nerve_glide_cleared"]
