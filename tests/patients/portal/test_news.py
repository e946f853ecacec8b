"""Ana reads once what changed in her program, and why."""

import pytest
from django.urls import reverse

from patients.models import Program
from patients.version_moves import move
from tests.factories.people import make_proxy, make_user
from tests.factories.versions import NOTE, a_newer_version


@pytest.fixture
def moved(program, library, dana, now):
    version = a_newer_version(library["BALL_PROGRESSION"], levels={"BRG-1": {"reps_low": 5, "reps_high": 6}})
    return move(program, version, actor=dana, now=now)


@pytest.mark.parametrize("path", ["/today/", "/program/"])
def test_what_changed_and_why_stands_on_top(portal, moved, path):
    text = portal.get(path).content.decode()
    assert "Your program has changed" in text
    assert "now 2 × 5–6" in text
    assert NOTE in text


def test_once_read_it_is_gone(portal, moved):
    answer = portal.post(reverse("portal:news_read", args=[moved.pk]), {"from": "program"})
    assert answer.url == reverse("portal:program")
    assert "Your program has changed" not in portal.get("/today/").content.decode()


def test_whoever_looks_after_ana_may_read_it_for_her(client_of, ana, moved):
    daughter = make_user("Carer")
    make_proxy(ana, daughter)
    client_of(daughter).post(reverse("portal:news_read", args=[moved.pk]))
    assert Program.objects.with_news().values_list("news", flat=True).get() == "news_read"
