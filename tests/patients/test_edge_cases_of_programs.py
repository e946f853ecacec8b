"""The situations of handbook 2.4 about programs and people: E23 to E32 (E17 to E22 stand with doses and gates)."""

from dataclasses import replace
from uuid import uuid4

import pytest

from patients import adjustments, flagging, ledger, proposals
from patients.corrections import correct
from patients.episodes import discharge
from patients.models import Decision, NextDayQuestion, PainFlag, Proposal, Session
from patients.phases import sign_off_phase
from patients.reports import report_pain
from patients.sessions import NothingSaved, log_session
from programs.rulebook import current_rules
from tests.factories.programs import a_program, a_session, as_planned, item_of
from tests.factories.story import Story


@pytest.fixture
def two(ana, library, now):
    """Straight-leg raise and bridge side by side."""
    return Story.of(a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now))


def clean(story, *days, ladders=("BRG",)):
    """Days at the high end of the dose: what is done until tired moves on with no less."""
    for day in days:
        story.trains(day, *ladders, low=False)
        story.answers(day + 1, pain=1)


# E23: two a day


def test_e23_what_has_to_wait_keeps_its_success_and_steps_up_on_its_next_clean_day(two, monkeypatch):
    monkeypatch.setattr("patients.judging.MOST_ADVANCES_A_DAY", 1)
    clean(two, 0, 3, ladders=("HRS", "BRG"))
    levels = {two.level("HRS"), two.level("BRG")}
    assert levels in ({"HRS-2", "BRG-1"}, {"HRS-1", "BRG-2"})

    waiting = "BRG" if two.level("BRG") == "BRG-1" else "HRS"
    assert ledger.memory(two.item(waiting)).successes == 2
    clean(two, 6, ladders=(waiting,))
    assert {two.level("HRS"), two.level("BRG")} == {"HRS-2", "BRG-2"}


def test_e23_the_one_that_has_waited_longest_goes_first(two, monkeypatch):
    monkeypatch.setattr("patients.judging.MOST_ADVANCES_A_DAY", 1)
    clean(two, 0, 3, ladders=("HRS", "BRG"))
    first, waiting = ("HRS", "BRG") if two.level("HRS") == "HRS-2" else ("BRG", "HRS")
    clean(two, 6, ladders=(first,))
    clean(two, 9, ladders=("HRS", "BRG"))

    assert (two.level(first), two.level(waiting)) == (f"{first}-2", f"{waiting}-2")


# E24: new rules


def test_e24_old_decisions_keep_the_rules_they_were_made_by(story, monkeypatch):
    clean(story, 0)
    before = set(Decision.objects.values_list("ruleset", flat=True))
    newer = replace(current_rules(), version=99)
    monkeypatch.setattr("patients.ledger.current_rules", lambda: newer)
    story.trains(2, "BRG")

    assert set(Decision.objects.filter(local_date=story.started).values_list("ruleset", flat=True)) == before
    assert Decision.objects.latest("sequence").ruleset.startswith("99-")


# E25: another zone


def test_e25_who_moves_keeps_the_days_of_old_sessions(story, ana):
    session = story.trains(0, "BRG").session
    ana.zone = "Pacific/Auckland"
    ana.save()
    session = Session.objects.get(pk=session.pk)
    entry = as_planned(story.item("BRG"), pain_during=2)
    version = correct(session, client_id=uuid4(), entries=[entry], actor=None, now=story.at(0, 20)).session

    assert (version.local_date, version.zone) == (story.started, "Europe/London")
    assert NextDayQuestion.objects.get().local_date == story.started


# E26: twice at once (really at once: tests/patients/test_races.py)


def test_e26_the_same_request_again_decides_nothing_again(story):
    entry, key = as_planned(story.item("BRG")), uuid4()
    for _time in range(2):
        log_session(story.program, client_id=key, entries=[entry], actor=None, now=story.at(0, 19))

    assert (Session.objects.count(), Decision.objects.count()) == (1, 1)


# E27: the end


def test_e27_after_the_end_sessions_are_refused(story, dana):
    item = story.item("BRG")
    discharge(story.program.episode, summary="Fit.", actor=dana, now=story.at(2, 9))
    story.program.refresh_from_db()

    with pytest.raises(NothingSaved) as refused:
        a_session(story.program, as_planned(item), now=story.at(2, 10))
    assert "This program has ended: call the clinic instead." in refused.value.errors[""]


@pytest.mark.parametrize(("days", "read"), [(29, True), (31, False)])
def test_e27_reports_of_symptoms_are_read_for_thirty_days(story, ana, dana, days, read):
    discharge(story.program.episode, summary="Fit.", actor=dana, now=story.at(2, 9))
    told = report_pain(ana, pain=9, actor=None, now=story.at(2 + days, 10))
    flagging.assess_waiting_reports(now=story.at(2 + days, 10))

    assert (told.still_read, PainFlag.objects.exists()) == (read, read)


# E28, E29: a bad night, a lighter dose


def test_e28_after_a_bad_night_the_exercise_that_changed_last_steps_back_and_the_other_holds(two, dana):
    for ladder, hour in (("HRS", 9), ("BRG", 8)):
        adjustments.set_level(
            item_of(two.program, ladder), f"{ladder}-2", reason="Fit.", actor=dana, now=two.at(0, hour)
        )
    two.trains(0, "HRS", "BRG")
    two.answers(1, pain=5, compared="worse")

    assert (two.item("HRS").dose["rom_pct"], two.item("BRG").dose["rom_pct"]) == (75, 100)


def test_e29_a_lighter_dose_stays_until_the_first_success_gives_it_back(story):
    story.trains(0, "BRG", cramp="unresolved")
    story.answers(1, pain=1)
    assert story.item("BRG").dose["rom_pct"] == 75
    story.trains(2, "BRG", form="partly")
    story.answers(3, pain=1)
    assert story.item("BRG").dose["rom_pct"] == 75
    clean(story, 4)

    assert (story.item("BRG").dose["rom_pct"], ledger.memory(story.item("BRG")).successes) == (100, 0)


def test_e29_a_shortened_range_counts_as_the_whole(story):
    story.trains(0, "BRG", cramp="unresolved")
    story.answers(1, pain=1)
    clean(story, 2)

    assert Decision.objects.latest("sequence").facts["full_rom"] is True


# E31: what waits for a therapist


def waiting_for_approval(story):
    story.program.items.update(approval="therapist")
    clean(story, 0, 3)
    return Proposal.objects.get()


def test_e31_there_is_one_open_proposal_an_exercise_and_it_never_lapses_into_a_change(story):
    proposal = waiting_for_approval(story)
    clean(story, 6)
    for day in range(6, 12):
        story.night(day)
    clean(story, 12)
    for day in range(12, 18):
        story.night(day)
    clean(story, 18)
    for day in range(18, 23):
        story.night(day)

    proposal.refresh_from_db()
    assert proposal.due_on < story.at(22, 9).date()
    assert (Proposal.objects.count(), proposal.state, story.level("BRG")) == (1, "open", "BRG-1")


def test_e31_a_proposal_whose_day_is_corrected_is_withdrawn(story):
    proposal = waiting_for_approval(story)
    session = Session.objects.latest("performed_at")
    entry = as_planned(story.item("BRG"), pain_during=4)
    correct(session, client_id=uuid4(), entries=[entry], actor=None, now=story.at(4, 15))

    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"


def test_e31_an_approved_proposal_is_the_step(story, dana):
    proposals.approve(waiting_for_approval(story), actor=dana, now=story.at(5, 9))

    assert story.level("BRG") == "BRG-2"


# E32: a new phase


def test_e32_a_level_reached_carries_over_and_a_lower_cap_never_demotes(story, dana):
    adjustments.set_level(story.item("BRG"), "BRG-6", reason="Fit.", actor=dana, now=story.at(0, 9))
    sign_off_phase(story.program, actor=dana, now=story.at(1, 9))
    carried = story.program.items.filter(ended_on=None, ladder_version__code="BRG").first()

    assert carried is None or carried.level.code == "BRG-6"
    story.program.refresh_from_db()
    assert story.program.phase.position > 0
