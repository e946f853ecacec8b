"""The program on paper and as a PDF, with the way to the log on it."""

import io
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader
from pypdf.generic import NullObject

from clinic import qr
from patients import adjustments, people
from patients.plan import today
from patients.program_sheet import as_pdf, log_address
from tests.factories.people import make_patient
from tests.factories.programs import a_program, item_of
from tests.patients.test_record_summary import words_of


@pytest.fixture(autouse=True)
def the_clock(now, time_machine):
    time_machine.move_to(now, tick=False)


def test_the_address_names_nobody_and_opens_nothing():
    assert log_address() == "http://testserver/session/"


def test_who_follows_it_signs_in_and_goes_on_to_the_log(client):
    asked = client.get(log_address())
    assert asked.headers["Location"] == "/sign-in/?next=/session/"


def test_the_square_on_the_printed_page_is_the_address(client_of, ana, program):
    page = client_of(ana).get(reverse("portal:print_program")).content.decode()
    assert qr.as_svg("http://testserver/session/") in page
    assert "<strong>http://testserver/session/</strong>" in page


def test_the_sheet_of_staff_shows_it_where_there_is_a_portal(client_of, ravi, ana, program):
    assert "/session/" in client_of(ravi).get(reverse("workspace:sheet", args=[ana.pk])).content.decode()


def test_the_sheet_of_staff_has_none_where_nobody_signs_in(client_of, ravi, clinic, dana, library, now):
    bert = make_patient(clinic, "Bert Onpaper", owner=dana, email="")
    a_program(bert, library["BALL_PROGRESSION"], now=now)
    assert "/session/" not in client_of(ravi).get(reverse("workspace:sheet", args=[bert.pk])).content.decode()


def test_who_is_looked_after_has_it_too(client_of, ravi, dana, clinic, library, now):
    bert = make_patient(clinic, "Bert Onpaper", owner=dana, email="")
    a_program(bert, library["BALL_PROGRESSION"], now=now)
    carer = {"name": "Carla", "user_email": "carla@people.example", "relation": "daughter"}
    people.add_proxy(bert, **carer, actor=dana, now=now)
    assert "/session/" in client_of(ravi).get(reverse("workspace:sheet", args=[bert.pk])).content.decode()


def test_the_pdf_says_what_the_page_says(ana, program, now):
    text = words_of(as_pdf(today(program, now=now)))
    how = item_of(program, "BRG").ladder_version.content["how"][0]
    for words in ("Program of Ana", "Floor bridge", "2 × 8–15", how, "open http://testserver/session/", "call 999"):
        assert words in text


def test_the_pdf_has_a_picture_of_the_exercise_and_the_square_with_words(ana, program, now):
    pdf = as_pdf(today(program, now=now))
    assert b"pdfuaid" in root_of(pdf)["/Metadata"].get_object().get_data()
    assert texts_of_pictures(pdf) == [item_of(program, "BRG").level.name, "http://testserver/session/"]


def texts_of_pictures(pdf):
    """The words for who cannot see them, in the order of reading."""
    return list(alternatives(root_of(pdf)["/StructTreeRoot"]))


def root_of(pdf) -> Any:
    return PdfReader(io.BytesIO(pdf)).trailer["/Root"]


def alternatives(node):
    node = node.get_object()
    if isinstance(node, list):
        for kid in node:
            yield from alternatives(kid)
    elif isinstance(node, dict):
        if node.get("/S") == "/Figure":
            yield node["/Alt"]
        yield from alternatives(node.get("/K", NullObject()))


def test_the_pdf_says_why_an_exercise_is_on_hold(ana, program, dana, now):
    adjustments.hold(program, item=item_of(program, "BRG"), scope="item", reason="Swollen", actor=dana, now=now)
    assert "On hold until" in words_of(as_pdf(today(program, now=now)))


def test_ana_takes_it_as_a_file(client_of, ana, program):
    answer = client_of(ana).get(reverse("portal:program_pdf"))
    assert answer["Content-Disposition"] == 'attachment; filename="program.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert answer["Cache-Control"] == "no-store"
