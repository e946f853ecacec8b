"""Theo publishes version 2, and Dana decides who moves to it: what changes, what stays, and the way back."""

from datetime import timedelta

import pytest

from clinic.models import AuditEntry
from patients import adjustments, ledger, program_items
from patients.models import Decision, Program, ProgramEvent, ProgramItem
from patients.models.hold import HoldScope
from patients.program_news import mark_read, unread_news
from patients.version_changes import Fate
from patients.version_moves import CannotMove, CannotUndo, move, move_all, preview, undo
from programs.models import Phase
from programs.publishing import draft_from
from tests.factories.people import make_patient
from tests.factories.programs import a_program, a_session, as_planned, item_of
from tests.factories.story import Story
from tests.factories.versions import NOTE, QUIET_NERVE, a_newer_version

SHORTER = {"BRG-1": {"reps_low": 5, "reps_high": 6}}


@pytest.fixture
def second(library):
    """Fewer repetitions in the first bridge."""
    return a_newer_version(library["BALL_PROGRESSION"], levels=SHORTER)


def fates(program, version, now) -> list[tuple[str, Fate]]:
    return [(line.ladder.code, line.fate) for line in preview(program, version, now=now).lines]


def test_a_preview_says_the_dose_before_and_after_and_moves_nothing(program, second, now):
    (line,) = preview(program, second, now=now).lines

    assert line.fate is Fate.CHANGED
    assert [line.dose_before and line.dose_before["reps_high"], line.dose and line.dose["reps_high"]] == [15, 6]
    assert item_of(program, "BRG").dose["reps_high"] == 15


def test_a_moved_patient_trains_by_the_new_numbers(program, second, dana, now):
    move(program, second, actor=dana, now=now)

    program.refresh_from_db()
    assert (program.version, item_of(program, "BRG").dose["reps_high"]) == (second, 6)
    assert program.phase == second.phases.get(name="bridge")


def test_streaks_and_the_days_at_a_level_stay(ana, library, dana, now):
    story = Story.of(a_program(ana, library["BALL_PROGRESSION"], now=now))
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    before = story.item("BRG")
    version = a_newer_version(library["BALL_PROGRESSION"], levels=SHORTER)
    move(story.program, version, actor=dana, now=story.at(1, 15))

    after = story.item("BRG")
    assert ledger.memory(after).successes == ledger.memory(before).successes == 1
    assert after.level_since == before.level_since


def test_a_level_reached_is_not_taken_back_by_a_lower_cap(program, library, dana, now):
    adjustments.set_level(item_of(program, "BRG"), "BRG-5", reason="Audit", actor=dana, now=now)
    version = a_newer_version(library["BALL_PROGRESSION"], caps={"BRG": "BRG-2"})
    move(program, version, actor=dana, now=now)

    item = item_of(program, "BRG")
    assert (item.level.code, item.cap.code) == ("BRG-5", "BRG-2")


def test_numbers_a_person_prescribed_stay_and_the_preview_says_so(program, second, dana, now):
    adjustments.adjust_dose(item_of(program, "BRG"), changes={"sets": 1}, reason="Tired", actor=dana, now=now)
    (line,) = preview(program, second, now=now).lines
    move(program, second, actor=dana, now=now)

    dose = item_of(program, "BRG").dose
    assert (dose["sets"], dose["reps_high"]) == (1, 6)
    assert "own" in " ".join(line.stays)


def test_a_dose_made_lighter_is_restored_to_the_new_versions_full_dose(program, second, dana, now):
    item = item_of(program, "BRG")
    program_items.make_lighter(item)
    item.save()
    lighter = item.dose
    move(program, second, actor=dana, now=now)

    after = item_of(program, "BRG")
    assert after.dose["rom_pct"] == lighter["rom_pct"] < 100
    assert (after.state["full_dose"]["reps_high"], after.state["full_dose"]["rom_pct"]) == (6, 100)


def test_a_lock_outlives_the_move(program, second, dana, now):
    adjustments.lock(item_of(program, "BRG"), reason="Form first", actor=dana, now=now)
    move(program, second, actor=dana, now=now)

    assert item_of(program, "BRG").override == "lock"


def test_a_locked_exercise_that_the_new_version_drops_is_refused(program, library, dana, now):
    adjustments.lock(item_of(program, "BRG"), reason="Form first", actor=dana, now=now)
    version = a_newer_version(library["BALL_PROGRESSION"], adds=("HNG",), drops=("BRG",))

    with pytest.raises(CannotMove, match="locked"):
        move(program, version, actor=dana, now=now)


def test_exercises_come_and_go_with_the_version(program, library, dana, now):
    version = a_newer_version(library["BALL_PROGRESSION"], adds=("HNG",), drops=("BRG",))
    assert fates(program, version, now) == [("HNG", Fate.ADDED), ("BRG", Fate.ENDED)]
    move(program, version, actor=dana, now=now)

    assert item_of(program, "HNG").level.code == "HNG-1"
    assert program.items.get(ladder_version__code="BRG").ended_on == program.started_on


def test_an_exercise_taken_off_by_a_person_is_not_brought_back(ana, library, dana, now):
    program = a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)
    ProgramItem.objects.filter(pk=item_of(program, "HRS").pk).update(ended_on=now.date(), ended_reason="stop")
    version = a_newer_version(library["HOME_HAMSTRING_FOUNDATION"], levels=SHORTER)

    assert fates(program, version, now) == [("HRS", Fate.LEFT_OFF), ("BRG", Fate.CHANGED)]
    move(program, version, actor=dana, now=now)
    assert program.items.filter(ended_on=None).count() == 1


def test_the_exercises_of_a_second_problem_are_left_alone(ana, program, library, second, dana, now):
    a_program(ana, library["HINGE_REEDUCATION"], now=now, reason="Low back", region="lumbar", side="both")
    before = item_of(program, "HNG").level_id
    move(program, second, actor=dana, now=now)

    assert item_of(program, "HNG").level_id == before


def test_what_the_nerve_screen_forbids_is_not_brought_by_a_new_version(ana, library, dana, now):
    program = a_program(
        ana, library["NERVE_FIRST_HINGE"], now=now, slump="eases_looking_up", gates=("nerve_glide_cleared",)
    )
    version = a_newer_version(library["BALL_PROGRESSION"], adds=("STA",), entry=QUIET_NERVE)
    Program.objects.filter(pk=program.pk).update(
        version=library["BALL_PROGRESSION"], phase=Phase.objects.get(version=library["BALL_PROGRESSION"], position=1)
    )

    with pytest.raises(CannotMove, match="no held stretch"):
        move(program, version, actor=dana, now=now)
    assert not ProgramItem.objects.filter(ladder_version__code="STA").exists()


def test_who_is_on_hold_stays_with_the_reason_and_the_others_move(clinic, dana, library, now):
    patients = [make_patient(clinic, name, owner=dana) for name in ("Bo", "Cy", "Di")]
    programs = [a_program(one, library["BALL_PROGRESSION"], now=now) for one in patients]
    held = programs[1]
    adjustments.hold(held, scope=HoldScope.ITEM, item=item_of(held, "BRG"), reason="Pain", actor=dana, now=now)
    version = a_newer_version(library["BALL_PROGRESSION"], levels=SHORTER)

    outcomes = move_all(programs, version, actor=dana, now=now)
    assert [bool(one.why_not) for one in outcomes] == [False, True, False]
    assert "on hold" in outcomes[1].why_not
    assert list(Program.objects.order_by("pk").values_list("version__number", flat=True)) == [2, 1, 2]


def test_a_paused_program_waits(program, second, dana, now):
    adjustments.pause(program, until=None, reason="Holiday", actor=dana, now=now)

    with pytest.raises(CannotMove, match="paused"):
        move(program, second, actor=dana, now=now)


def test_a_draft_is_nothing_to_move_to(program, library, dana, now):
    draft = draft_from(library["BALL_PROGRESSION"], actor=None, now=now)

    with pytest.raises(CannotMove, match="published"):
        move(program, draft, actor=dana, now=now)


def test_moving_twice_is_moving_once(program, second, dana, now):
    move(program, second, actor=dana, now=now)

    assert move(program, second, actor=dana, now=now) is None
    assert ProgramEvent.objects.filter(kind="version").count() == 1


def test_a_move_leaves_an_event_an_audit_row_and_a_line_of_the_ledger(program, second, dana, now):
    event = move(program, second, actor=dana, now=now)

    assert (event.from_state, event.to_state, event.note, event.actor) == ("1", "2", NOTE, dana)
    assert AuditEntry.objects.filter(verb="move_version", object_id=program.pk, actor=dana).exists()
    assert Decision.objects.get().outcome == "version"


def test_a_session_logged_after_the_move_is_judged_by_the_new_version(program, second, dana, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    move(program, second, actor=dana, now=now + timedelta(hours=1))
    story = Story.of(program)
    story.answers(1, pain=1)
    for day in (2, 4):
        story.trains(day, "BRG")
        story.answers(day + 1, pain=1)

    assert item_of(program, "BRG").level.ladder_version.levels.get(code="BRG-1").content["reps_high"] == 6
    assert item_of(program, "BRG").level.code == "BRG-2"


def test_undo_brings_back_version_dose_and_what_had_ended(program, library, dana, now):
    before = list(program.items.values("level", "dose", "cap", "position", "state"))
    version = a_newer_version(library["BALL_PROGRESSION"], adds=("HNG",), drops=("BRG",))
    move(program, version, actor=dana, now=now)
    undo(program, actor=dana, now=now + timedelta(minutes=5))

    program.refresh_from_db()
    assert (program.version, program.phase.version) == (library["BALL_PROGRESSION"],) * 2
    assert list(program.items.filter(ended_on=None).values("level", "dose", "cap", "position", "state")) == before


def test_undo_is_refused_once_a_session_was_logged(program, second, dana, now):
    move(program, second, actor=dana, now=now)
    a_session(program, as_planned(item_of(program, "BRG")), now=now + timedelta(hours=1))

    with pytest.raises(CannotUndo, match="session has been logged"):
        undo(program, actor=dana, now=now + timedelta(hours=2))
    assert Program.objects.get().version == second


def test_undo_is_refused_once_a_person_has_set_a_level(program, second, dana, now):
    move(program, second, actor=dana, now=now)
    later = now + timedelta(hours=1)
    adjustments.set_level(item_of(program, "BRG"), "BRG-2", reason="Audit", actor=dana, now=later)

    with pytest.raises(CannotUndo, match="decided on since"):
        undo(program, actor=dana, now=later)


def test_undo_twice_is_refused(program, second, dana, now):
    move(program, second, actor=dana, now=now)
    undo(program, actor=dana, now=now + timedelta(minutes=1))

    with pytest.raises(CannotUndo, match="no move"):
        undo(program, actor=dana, now=now + timedelta(minutes=2))


def news(program):
    return unread_news(Program.objects.with_news().get(pk=program.pk))


def test_the_patient_is_told_once_what_changed_and_why(program, second, ana, dana, now):
    event = move(program, second, actor=dana, now=now)
    told = news(program)

    assert (told, told.note) == (event, NOTE)
    assert "2 × 5–6" in told.data["told"][0]
    assert "2 × 8–15" in told.data["told"][0]
    mark_read(event, actor=ana.user, now=now)
    mark_read(event, actor=ana.user, now=now)
    assert news(program) is None
    assert ProgramEvent.objects.filter(kind="news_read").count() == 1


def test_a_move_taken_back_before_it_was_read_is_never_told(program, second, dana, now):
    move(program, second, actor=dana, now=now)
    undo(program, actor=dana, now=now + timedelta(minutes=1))

    assert news(program) is None


def test_a_move_taken_back_after_it_was_read_is_told_too(program, second, ana, dana, now):
    event = move(program, second, actor=dana, now=now)
    mark_read(event, actor=ana.user, now=now + timedelta(minutes=1))
    undo(program, actor=dana, now=now + timedelta(minutes=2))

    assert "as it was before" in news(program).data["told"][0]


def test_a_patient_two_versions_behind_reads_both_reasons(program, library, dana, now):
    a_newer_version(library["BALL_PROGRESSION"], levels=SHORTER)
    third = a_newer_version(
        library["BALL_PROGRESSION"].template.versions.get(number=2), caps={"BRG": "BRG-4"}, note="A lower top."
    )
    event = move(program, third, actor=dana, now=now)

    assert event.note == f"{NOTE}\nA lower top."
