"""What Ana reads about the gates on her way."""

from patients.gates import record_gate
from patients.portal.program import who_records
from patients.sides import go_own_ways
from tests.factories.programs import a_program, item_of


def test_the_program_says_what_opens_the_next_steps(portal, ana, library, dana, now):
    program = a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now)
    page = portal.get("/program/").content.decode()
    assert "Opens: Weight held in front" in page
    assert "Not yet. Recorded by the log and a therapist" in page

    record_gate(program.episode, "bw_squat_30_perfect", actor=dana, now=now)
    assert "Since 2 March, Dana Reed" in portal.get("/program/").content.decode()


def test_who_records_a_gate_is_said_to_the_patient():
    assert who_records("log") == "your own log"
    assert who_records("therapist_or_self") == "a therapist or you"
    assert who_records("therapist") == "a therapist"


def test_a_step_both_sides_wait_for_is_named_once(portal, ana, library, dana, now):
    program = a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now)
    go_own_ways(item_of(program, "SLD"), reason="The left is ahead", actor=dana, now=now)
    assert portal.get("/program/").content.decode().count("Weight held in front<br>") == 1
