"""The rail says on every page where one is."""

import re

import pytest
from django.urls import reverse

from clinic.models import Membership

MARKED = re.compile(r'<li><a href="[^"]*" aria-current="(?:page|true)">.*?</svg>\s*(\w[\w ]*)', re.DOTALL)


@pytest.mark.parametrize(
    ("name", "marked"),
    [
        ("workspace:caseload", "Caseload"),
        ("workspace:patient_new", "Caseload"),
        ("workspace:flag_report", "Triage"),
        ("workspace:trials", "Trials"),
        ("team", "Team"),
        ("team_clinic", "Team"),
        ("workspace:consent_texts", "Team"),
        ("workspace:closed", "Team"),
        ("workspace:access_log", "Team"),
    ],
)
def test_each_page_marks_the_place_it_belongs_to(client_of, owner, name, marked):
    assert MARKED.findall(client_of(owner).get(reverse(name)).content.decode()) == [marked]


def test_a_patients_page_belongs_to_the_caseload_and_a_members_to_the_team(client_of, owner, dana, ana):
    post = Membership.objects.get(user=dana)
    pages = [reverse("workspace:patient", args=[ana.pk]), reverse("workspace:member", args=[post.pk])]
    assert [MARKED.findall(client_of(owner).get(url).content.decode()) for url in pages] == [["Caseload"], ["Team"]]
