"""What Ana agreed to: the words she read, taken back and given again, and asked anew when the clinic changes them."""

from datetime import timedelta

import pytest

from clinic.models import AuditEntry
from patients import consent_texts
from patients.intake_pages.forms import TrialForm
from patients.models import Consent, ConsentText
from patients.people import give_consent
from patients.record_copy import everything

OLD = "The clinic may write to me by e-mail. I know that plain e-mail can be read by others on its way."
NEW = "The clinic may write to me by e-mail, at most once a day."


@pytest.fixture
def agreed(ana, now):
    """Ana agrees to mails in the portal."""
    Consent.objects.filter(patient=ana, kind="email").delete()
    return give_consent(ana, "email", actor=ana.user, now=now - timedelta(days=1))


@pytest.fixture
def reworded(clinic, owner, agreed, now):
    consent_texts.change(clinic, {"email": NEW}, actor=owner, now=now)
    return agreed


def test_a_consent_keeps_the_words_that_were_shown(portal, agreed):
    page = portal.get(f"/settings/agreed/{agreed.pk}/").content.decode()
    assert agreed.text.text == OLD
    assert OLD in page
    assert "Given on 1 March 2026, version 1." in page


def test_settings_say_which_version_and_show_what_is_not_given(portal, agreed):
    page = portal.get("/settings/").content.decode()
    assert "Given on 1 March 2026, version 1" in page
    assert "Tell me about other offers of the clinic." in page


def test_taken_back_and_given_again_leaves_both_on_record(portal, ana, agreed):
    portal.post("/settings/consent/", {"kind": "email", "withdraw": "1"})
    between = Consent.objects.filter(patient=ana, kind="email").given().exists()
    portal.post("/settings/consent/", {"kind": "email"})
    assert not between
    assert Consent.objects.filter(patient=ana, kind="email").count() == 2
    assert Consent.objects.get(patient=ana, kind="email", revoked_at=None).given_by == ana.user


def test_of_a_paper_the_clinic_keeps_the_words(portal, ana, now):
    paper = give_consent(ana, "marketing", source="paper", actor=None, now=now)
    page = portal.get(f"/settings/agreed/{paper.pk}/").content.decode()
    assert "Given on 2 March 2026, on paper." in page
    assert "You signed this on paper: your clinic keeps it." in page


def test_other_words_are_another_version_and_the_earlier_consent_holds(ana, reworded):
    versions = ConsentText.objects.filter(kind="email").order_by("version").values_list("version", "text")
    reworded.refresh_from_db()
    assert list(versions) == [(1, OLD), (2, NEW)]
    assert (reworded.revoked_at, reworded.version, reworded.text.text) == (None, "1", OLD)


def test_ana_is_asked_anew_and_nothing_waits_for_her_answer(portal, program, reworded):
    today = portal.get("/today/").content.decode()
    asked = portal.get("/settings/agreed/").content.decode()
    assert "Some words have changed" in today
    assert NEW in asked
    assert portal.get("/pain/").status_code == 200
    assert portal.get("/session/").status_code == 200


def test_agreeing_anew_puts_the_new_words_in_place_of_the_old(portal, ana, reworded):
    answer = portal.post("/settings/consent/", {"kind": "email", "anew": "1"}, follow=True)
    given = Consent.objects.get(patient=ana, kind="email", revoked_at=None)
    reworded.refresh_from_db()
    assert (given.version, given.text.text) == ("2", NEW)
    assert reworded.revoked_at is not None
    assert answer.redirect_chain[-1][0] == "/settings/"
    assert "Some words have changed" not in portal.get("/today/").content.decode()


def test_not_any_more_is_an_answer_too(portal, ana, reworded):
    portal.post("/settings/consent/", {"kind": "email", "anew": "1", "withdraw": "1"})
    assert not Consent.objects.filter(patient=ana, kind="email").given().exists()


def test_a_paper_of_before_the_change_is_asked_anew_too(portal, clinic, owner, now):
    Consent.objects.update(given_at=now - timedelta(days=1))
    consent_texts.change(clinic, {"treatment": "I take part, and I stop when it hurts."}, actor=owner, now=now)
    assert "I take part, and I stop when it hurts." in portal.get("/settings/agreed/").content.decode()
    portal.post("/settings/consent/", {"kind": "treatment", "anew": "1"})
    assert portal.get("/settings/agreed/").headers["Location"] == "/settings/"


@pytest.mark.parametrize("given", [{"kind": "treatment"}, {"kind": "treatment", "withdraw": "1"}, {"kind": "other"}])
def test_what_is_part_of_being_treated_is_no_switch(portal, given):
    assert portal.post("/settings/consent/", given).status_code == 404


def test_another_notice_is_another_version_of_the_privacy_box(clinic, owner, ana, now):
    changed = consent_texts.change(clinic, {"privacy": "We keep what we need."}, actor=owner, now=now)
    clinic.refresh_from_db()
    newest = ConsentText.objects.latest("version")
    assert (changed, clinic.privacy_notice) == (["privacy"], "We keep what we need.")
    assert newest.text == "I have read the privacy notice.\n\nWe keep what we need."
    assert AuditEntry.objects.filter(verb="change_consent_text", object_id=newest.pk, actor=owner).exists()


def test_the_copy_of_the_record_holds_the_words(ana, agreed):
    rows = everything(ana)["patients.Consent"]
    assert next(row for row in rows if row["kind"] == "email")["text"] == OLD


def test_an_owner_changes_the_words_and_leaves_none_empty(client_of, owner, clinic):
    browser = client_of(owner)
    form = consent_texts.words_of(clinic) | {"privacy": ""}
    empty = browser.post("/staff/team/words/", form | {"email": ""})
    browser.post("/staff/team/words/", form)
    unchanged = ConsentText.objects.count()
    browser.post("/staff/team/words/", form | {"email": NEW})

    assert set(empty.context["form"].errors) == {"email"}
    assert unchanged == 0
    assert consent_texts.words_of(clinic)["email"] == NEW


def test_the_words_of_another_clinic_stay(clinic, other_clinic, owner, now):
    consent_texts.change(clinic, {"email": NEW}, actor=owner, now=now)
    assert consent_texts.words_of(other_clinic)["email"] == OLD


def test_the_trial_form_shows_the_clinics_words_and_notice(clinic, owner, now):
    consent_texts.change(clinic, {"email": NEW, "privacy": "We keep what we need."}, actor=owner, now=now)
    form = TrialForm(clinic=clinic)
    assert (form.fields["consent_email"].label, form.fields["consent_privacy"].label) == (
        NEW,
        "I have read the privacy notice.",
    )
