"""Dana puts a program together for Ana: from programs and the library, within the guard-rails, in one act."""

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients import adjustments, assignments, drafts
from patients.adjustments import take_off
from patients.builder import ChangedMeanwhile, NotReady, assign_draft
from patients.contraindications import Contraindicated, record_of
from patients.draft_checks import judge, rows_as_seen
from patients.models import Decision, ExerciseLog, Program, ProgramDraft, ProgramEvent
from patients.models.hold import HoldScope
from patients.phases import leave_phase_if_done
from patients.version_moves import move
from programs.models import LadderVersion
from programs.publishing import draft_from
from tests.factories.programs import a_program, a_session, an_episode, as_planned, item_of
from tests.factories.story import Story
from tests.factories.versions import QUIET_NERVE, a_newer_version


@pytest.fixture
def thigh(ana, library, now):
    """The first problem: the back of the left thigh."""
    return an_episode(ana, now=now)


@pytest.fixture
def press(ana, dana, now):
    """`press("add", "BRG")`: what Dana does on the page, with what she typed before it."""

    def do(deed: str = "", about: object = "", **typed: str) -> ProgramDraft:
        if deed == "add":
            about = LadderVersion.objects.filter(clinic=ana.clinic, code=about).latest("number").pk
        order = typed.pop("order", "").split()
        return drafts.edit(ana, typed, order=order, deed=deed, about=str(about), actor=dana, now=now)

    return do


def codes(draft) -> list[str]:
    return [line.level for line in drafts.lines_of(draft)]


def assigned(draft, dana, now) -> Program:
    return assign_draft(draft, seen=judge(draft, now=now).seen, actor=dana, now=now)


def test_a_published_program_is_a_start(thigh, library, press):
    draft = press("take", library["HOME_HAMSTRING_FOUNDATION"].pk)

    assert codes(draft) == ["HRS-1", "BRG-1"]
    assert (draft.version, draft.episode) == (library["HOME_HAMSTRING_FOUNDATION"], thigh)


def test_two_problems_from_two_programs_are_assigned_in_one_act(ana, thigh, library, press, dana, now):
    back = an_episode(ana, now=now, reason="Low back", region="lumbar", side="both")
    press("take", library["BALL_PROGRESSION"].pk, **{"for": str(thigh.pk)})
    draft = press("take", library["HINGE_REEDUCATION"].pk, **{"for": str(back.pk)})
    program = assigned(draft, dana, now)

    assert (program.version, program.episode) == (library["BALL_PROGRESSION"], thigh)
    rows = program.items.order_by("position").values_list("ladder_version__code", "episode__reason", "by_hand")
    assert list(rows) == [
        ("BRG", "Back of the thigh", False),
        ("HNG", "Low back", True),
        ("DYN", "Low back", True),
    ]
    assert not ProgramDraft.objects.exists()


def test_a_program_without_a_template_has_no_version_and_no_phase(ana, thigh, press, dana, now):
    program = assigned(press("add", "BRG"), dana, now)

    assert (program.version, program.phase, program.title) == (None, None, "Put together by hand")
    assert item_of(program, "BRG").by_hand


def test_a_program_by_hand_is_trained_and_judged_like_any_other(ana, thigh, press, dana, now):
    story = Story.of(assigned(press("add", "BRG"), dana, now))
    for day in (0, 2, 4):
        story.trains(day, "BRG")
        story.answers(day + 1, pain=1)
        story.night(day + 1)

    assert story.level("BRG") == "BRG-2"


def test_numbers_side_and_level_are_those_that_were_typed(thigh, press, dana, now):
    key = drafts.lines_of(press("add", "BRG"))[0].key
    draft = press(**{f"sets-{key}": "4", f"side-{key}": "right", f"level-{key}": "BRG-2"})
    program = assigned(draft, dana, now)

    item = item_of(program, "BRG")
    assert (item.level.code, item.side, item.dose["sets"]) == ("BRG-2", "right", 4)
    assert item.dose["reps_low"] == item.level.content["reps_low"]


def test_a_number_that_is_none_is_kept_as_typed_and_named(thigh, press, now):
    key = drafts.lines_of(press("add", "BRG"))[0].key
    draft = press(**{f"sets-{key}": "many"})
    (line,) = judge(draft, now=now).lines

    assert line.draft.numbers["sets"] == "many"
    assert line.errors == {"sets": "“many” is not a number."}


def test_an_absurd_dose_is_not_assigned(thigh, press, dana, now):
    key = drafts.lines_of(press("add", "BRG"))[0].key
    draft = press(**{f"reps_high-{key}": "4000"})

    with pytest.raises(NotReady, match="4000"):
        assigned(draft, dana, now)
    assert not Program.objects.exists()


def test_a_weight_is_typed_in_kilograms(thigh, press, dana, now):
    draft = press("add", "SQT")
    key = drafts.lines_of(draft)[0].key
    draft = press(**{f"level-{key}": "SQT-5"})
    typed = drafts.lines_of(draft)[0].numbers
    assert typed["load"] == "5"
    draft = press(**{f"load-{key}": "12,5"})

    assert judge(draft, now=now).lines[0].item.dose["load_grams"] == 12_500


def test_a_held_stretch_is_blocked_with_its_reason_while_the_nerve_is_unknown(ana, library, press, dana, now, clinic):
    an_episode(ana, now=now, slump="not_done", leg_tingling=None)
    version = a_newer_version(library["BALL_PROGRESSION"], adds=("STA",), entry=QUIET_NERVE)
    draft = press("take", version.pk)
    reasons = {line.ladder.code: line.blocked for line in judge(draft, now=now).lines}

    assert reasons["BRG"] == []
    assert "unknown counts as positive" in reasons["STA"][0]
    with pytest.raises(Contraindicated):
        assigned(draft, dana, now)


def test_what_a_template_asks_at_its_entry_stops_the_draft(ana, library, press, dana, now):
    an_episode(ana, now=now, slump="not_done", leg_tingling=None)
    draft = press("take", library["HOME_HAMSTRING_FOUNDATION"].pk)

    with pytest.raises(NotReady, match="slump screen"):
        assigned(draft, dana, now)


def test_four_exercises_warn_and_seven_stop(thigh, press, now):
    for code in ("BRG", "HRS", "HNG"):
        draft = press("add", code)
    assert judge(draft, now=now).warnings == ()
    assert "4 exercises" in judge(press("add", "DYN"), now=now).warnings[0]
    for code in ("SQT", "SLS", "SLD"):
        draft = press("add", code)

    assert "too many" in judge(draft, now=now).stops[0]


def test_an_exercise_stands_once(thigh, press, now):
    press("add", "BRG")
    draft = press("add", "BRG")

    assert judge(draft, now=now).stops == ("BRG stands twice, or runs already.",)


def test_the_order_is_the_one_of_the_list(thigh, press, dana, now):
    press("add", "BRG")
    draft = press("add", "HNG")
    first, second = (line.key for line in drafts.lines_of(draft))
    assert codes(press("up", second)) == ["HNG-1", "BRG-1"]
    assert codes(press("down", second)) == ["BRG-1", "HNG-1"]
    draft = press(order=f"{second} {first}")

    assert list(assigned(draft, dana, now).items.order_by("position").values_list("level__code", flat=True)) == [
        "HNG-1",
        "BRG-1",
    ]


def test_a_second_tab_takes_nothing_away(thigh, press):
    first = drafts.lines_of(press("add", "BRG"))[0].key
    press("add", "HNG")
    draft = press(order=first, **{f"sets-{first}": "5"})

    assert codes(draft) == ["BRG-1", "HNG-1"]


def test_a_level_reached_before_is_where_it_starts(ana, library, thigh, press, dana, now):
    program = assigned(press("add", "BRG"), dana, now)
    adjustments.set_level(item_of(program, "BRG"), "BRG-3", reason="Audit", actor=dana, now=now)
    take_off(item_of(program, "BRG"), reason="Rest", actor=dana, now=now)

    assert codes(press("add", "BRG")) == ["BRG-3"]


def test_an_exercise_joins_the_program_that_runs(ana, library, press, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    draft = press("add", "HNG")

    assert assigned(draft, dana, now) == program
    assert item_of(program, "HNG").by_hand
    assert ProgramEvent.objects.filter(kind="join", program=program, actor=dana).exists()


def test_an_exercise_chosen_by_hand_outlives_the_phase(ana, library, press, dana, now):
    story = Story.of(a_program(ana, library["BALL_PROGRESSION"], now=now))
    assigned(press("add", "HNG"), dana, now)
    adjustments.set_level(story.item("BRG"), "BRG-5", reason="Audit", actor=dana, now=now)
    leave_phase_if_done(story.program, actor=None, now=story.at(1, 9))

    story.program.refresh_from_db()
    assert story.program.phase.name == "curl"
    assert story.level("HNG") == "HNG-1"


def test_an_exercise_taken_off_is_not_brought_back_by_the_next_phase(ana, library, press, dana, now):
    story = Story.of(a_program(ana, library["BALL_PROGRESSION"], now=now))
    assigned(press("add", "HNG"), dana, now)
    adjustments.set_level(story.item("BRG"), "BRG-5", reason="Audit", actor=dana, now=now)
    program = story.program
    take_off(story.item("BRG"), reason="Hurts the knee", actor=dana, now=now)
    record = record_of(program.episode)
    curl = program.version.phases.get(name="curl")
    assignments.enter_phase(
        program, program.episode, curl, version=program.version, record=record, today=program.started_on
    )

    assert not program.items.filter(ladder_version__code="BRG", ended_on=None).exists()


def test_an_exercise_chosen_by_hand_is_left_alone_by_a_newer_version(ana, library, press, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    assigned(press("add", "HNG"), dana, now)
    version = a_newer_version(library["BALL_PROGRESSION"], adds=("HNG",), levels={"HNG-1": {"sets": 5}})
    before = item_of(program, "HNG").level_id
    move(program, version, actor=dana, now=now)

    assert item_of(program, "HNG").level_id == before


def test_taking_off_keeps_every_log_and_says_who_and_why(ana, library, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    item = item_of(program, "BRG")
    a_session(program, as_planned(item), now=now)
    take_off(item, reason="Hurts the knee", actor=dana, now=now)

    assert ExerciseLog.objects.filter(item=item).count() == 1
    event = ProgramEvent.objects.get(kind="take_off")
    assert (event.actor, event.note, event.item) == (dana, "Hurts the knee", item)
    assert Decision.objects.filter(item=item, outcome="take_off").exists()
    assert AuditEntry.objects.filter(verb="take_off", object_id=item.pk).exists()


def test_taking_off_needs_a_word_why(ana, library, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)

    with pytest.raises(Refused) as refused:
        take_off(item_of(program, "BRG"), reason=" ", actor=dana, now=now)
    assert set(refused.value.errors) == {"reason"}


def test_a_held_exercise_leaves_by_lifting_its_hold(ana, library, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    item = item_of(program, "BRG")
    adjustments.hold(program, scope=HoldScope.ITEM, item=item, reason="Pain", actor=dana, now=now)

    with pytest.raises(Refused, match="on hold"):
        take_off(item, reason="Hurts", actor=dana, now=now)


def test_a_new_exercise_does_not_slip_out_from_under_a_hold(ana, library, press, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    adjustments.hold(program, scope=HoldScope.PLAN, reason="Wait", actor=dana, now=now)
    assigned(press("add", "HNG"), dana, now)

    assert item_of(program, "HNG").stopped_by is not None


def test_two_therapists_have_a_draft_each_and_the_second_act_is_refused(ana, thigh, press, colleague, dana, now):
    mine = press("add", "BRG")
    hers = LadderVersion.objects.filter(clinic=ana.clinic, code="HNG").latest("number")
    theirs = drafts.edit(ana, {}, deed="add", about=str(hers.pk), actor=colleague, now=now)
    seen = judge(mine, now=now).seen
    assigned(theirs, colleague, now)

    with pytest.raises(ChangedMeanwhile):
        assign_draft(mine, seen=seen, actor=dana, now=now)
    assert codes(drafts.draft_of(ana, dana, now=now)) == ["BRG-1"]
    assert list(Program.objects.get().items.values_list("level__code", flat=True)) == ["HNG-1"]


def test_a_draft_of_a_program_is_no_program_to_take(thigh, library, press, theo, now):
    unfinished = draft_from(library["BALL_PROGRESSION"], actor=theo, now=now)

    with pytest.raises(Refused, match="Choose a program"):
        press("take", unfinished.pk)


def test_what_was_typed_is_kept_even_where_the_button_is_refused(thigh, press, ana, dana, now):
    key = drafts.lines_of(press("add", "BRG"))[0].key
    with pytest.raises(Refused):
        press("take", "", **{f"sets-{key}": "4"})

    assert drafts.lines_of(drafts.draft_of(ana, dana, now=now))[0].numbers["sets"] == "4"


def test_the_preview_shows_what_runs_and_what_comes(ana, library, press, now):
    a_program(ana, library["BALL_PROGRESSION"], now=now)
    draft = press("add", "HNG")

    assert [row.level_code for row in rows_as_seen(judge(draft, now=now), now=now)] == ["BRG-1", "HNG-1"]
