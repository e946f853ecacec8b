"""The record as a PDF: what a person reads in it, and words that stay words."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from patients import flagging
from patients.messages import send_message
from patients.people import give_consent
from patients.record_summary import as_pdf, sections
from patients.reports import report_pain
from tests.factories import people
from tests.factories.programs import a_program, a_session, as_planned, item_of

# Each of these means something in typst: a heading, code that reads a file, emphasis, maths, a reference, a raw block.
HOSTILE = '= Title #read("/etc/passwd") *bold* $x^2$ @ref `raw` #{panic("x")} \\u{41} <label> // note'


def words_of(pdf: bytes) -> str:
    """The text of a PDF, as a screen reader meets it; line breaks are blanks."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture
def lived(ana, dana, program, now):
    """A session, pain of 8 after it, and two messages."""
    a_session(program, as_planned(item_of(program, "BRG")), now=now, note="Felt easy.")
    report_pain(ana, item=item_of(program, "BRG"), pain=8, note="It pulls.", actor=ana.user, now=now)
    flagging.assess_waiting_reports(now=now)
    send_message(ana, "May I cycle?", from_clinic=False, actor=ana.user, now=now)
    send_message(ana, "Yes, gently.", from_clinic=True, actor=dana, now=now)
    return ana


@pytest.fixture
def program(ana, library, now):
    return a_program(ana, library["BALL_PROGRESSION"], now=now, reason="Tight left thigh")


def test_it_tells_the_record_in_plain_words(lived, now):
    text = words_of(as_pdf(lived, now=now))
    for words in (
        "Record of Ana Silva",
        "The other files beside it hold everything",
        "Tight left thigh",
        "2 × 8–15",
        "Felt easy.",
        "It pulls.",
        "pain 8, usual",
        "May I cycle?",
        "Dana Reed",
        "Yes, gently.",
        "Keeping health information",
    ):
        assert words in text


def test_pain_is_reported_where_nobody_logged_it(lived):
    """A session and its pain stand among the sessions, and nowhere else."""
    told = next(part for part in sections(lived) if part.title == "Pain reported").entries
    assert [one.lines for one in told] == [
        ["Pain, 0 to 10: 8", "Exercise: Bridge, floor to ball to single leg", "It pulls."]
    ]


def test_it_is_tagged_for_screen_readers(ana, now):
    root: Any = PdfReader(io.BytesIO(as_pdf(ana, now=now))).trailer["/Root"]
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "en")
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_every_part_says_so_where_there_is_nothing(ana):
    assert [part.title for part in sections(ana) if not part.entries and not part.empty] == []


def test_marks_of_the_typesetter_in_a_patients_words_are_words(clinic, dana, now):
    ana = people.make_patient(clinic, HOSTILE[:100], owner=dana, email="x@people.example")
    send_message(ana, HOSTILE, from_clinic=False, actor=ana.user, now=now)
    text = words_of(as_pdf(ana, now=now))
    assert f"Record of {HOSTILE[:100]}" in text
    assert HOSTILE in text
    assert "root:" not in text


@pytest.mark.parametrize("words", ["It hurts 😣", "痛い", "\ue000", "\u202eback", "tab\there", "مرحبا"])
def test_signs_no_font_knows_are_no_reason_to_give_nothing(ana, words, now):
    send_message(ana, words, from_clinic=False, actor=ana.user, now=now)
    assert as_pdf(ana, now=now).startswith(b"%PDF-")


def test_where_staff_are_not_named_they_are_not_here(lived, clinic, now):
    clinic.looks_name_staff = False
    clinic.save()
    assert "Dana Reed" not in words_of(as_pdf(lived, now=now))


def test_the_words_that_were_agreed_to_are_in_it(ana, now):
    give_consent(ana, "marketing", actor=ana.user, now=now)
    assert "Tell me about other offers of the clinic." in words_of(as_pdf(ana, now=now))
