"""Staff show a second step before any page; a patient is never asked for one."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic import accounts, limits, second_factor
from clinic.demo_cast import DOMAIN
from clinic.models import AccountEvent, AuditEntry, Membership, Spent
from clinic.refusals import Refused
from reminders import delivery, outbox
from reminders.models import Message
from tests.factories import people
from tests.factories.browsers import signed_in

SECRET = "JBSWY3DPEHPK3PXP"


def code_now(secret: str = SECRET, *, step: int = 1) -> str:
    """The code the app shows: `step` 0 is the one before, 1 today's, 2 the next."""
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[step]))


def wrong_code() -> str:
    right = {code_now(step=step) for step in range(3)}
    return next(f"{n:06d}" for n in range(4) if f"{n:06d}" not in right)


@pytest.fixture
def dana_with_app(dana):
    TOTP.activate(dana, SECRET)
    return dana


def type_password(email="dana@people.example") -> Client:
    browser = Client()
    browser.post("/sign-in/staff/", {"email": email, "password": people.PASSWORD})
    return browser


def second_step(browser, code):
    return browser.post("/sign-in/second-step/", {"code": code})


def test_a_password_alone_opens_nothing(dana_with_app):
    browser = type_password()
    assert not get_user(browser).is_authenticated
    assert browser.get("/staff/").headers["Location"].startswith("/sign-in/")


def test_the_code_of_the_app_lets_dana_in(dana_with_app):
    browser = type_password()
    assert second_step(browser, code_now()).headers["Location"] == "/"
    assert get_user(browser) == dana_with_app
    assert browser.get("/staff/").status_code == 200


def test_a_code_may_be_typed_with_a_space(dana_with_app):
    browser = type_password()
    code = code_now()
    second_step(browser, f"{code[:3]} {code[3:]}")
    assert get_user(browser) == dana_with_app


def test_a_code_of_the_app_works_once(dana_with_app):
    code = code_now()
    second_step(type_password(), code)
    again = type_password()
    assert second_step(again, code).status_code == 200
    assert not get_user(again).is_authenticated


def test_a_wrong_code_is_refused_and_on_record(dana_with_app):
    browser = type_password()
    answer = second_step(browser, wrong_code())
    assert "That is not the right code." in answer.content.decode()
    assert AuditEntry.objects.filter(verb="second_factor_refused", actor=dana_with_app).count() == 1


def test_after_five_tries_even_the_right_code_must_wait(dana_with_app):
    browser = type_password()
    for _try in range(5):
        second_step(browser, wrong_code())
    assert "Too many tries." in second_step(browser, code_now()).content.decode()
    assert not get_user(browser).is_authenticated


def test_the_limit_and_the_single_use_need_no_cache(dana_with_app, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    code = code_now()
    now = timezone.now()
    assert second_factor.factor_of_code(dana_with_app, code, now=now) is not None
    assert second_factor.factor_of_code(dana_with_app, code, now=now) is None
    assert Spent.objects.exists()


def test_a_recovery_code_works_once(dana_with_app):
    code = RecoveryCodes.activate(dana_with_app).generate_codes()[0]
    first, again = type_password(), type_password()
    second_step(first, code)
    second_step(again, code)
    assert [get_user(browser).is_authenticated for browser in (first, again)] == [True, False]


@pytest.mark.parametrize("role", ["therapist", "trainer", "desk", "owner"])
@pytest.mark.parametrize("page", ["/", "/staff/", "/admin/", "/team/", "/account/", "/mail/", "/today/"])
def test_staff_without_a_second_step_are_led_to_set_one_up(role, page, clinic):
    browser = signed_in(people.make_member(clinic, "New", role), second_step=False)
    assert browser.get(page, follow=False).headers.get("Location") == "/account/second-step/"


def test_the_api_is_no_way_around(dana):
    answer = signed_in(dana, second_step=False).get("/api/v1/flags/")
    assert answer.status_code == 401
    assert "second step" in answer.content.decode()


def test_setting_up_an_app_leads_on(dana):
    browser = type_password()
    assert browser.get("/").headers["Location"] == "/account/second-step/"
    page = browser.get("/account/second-step/app/")
    secret = page.context["form"].secret
    answer = browser.post("/account/second-step/app/", {"code": code_now(secret)})

    assert answer.headers["Location"] == "/account/second-step/codes/"
    assert len(browser.get(answer.headers["Location"]).context["unused_codes"]) == 10
    assert browser.get("/staff/").status_code == 200
    assert AccountEvent.objects.get().kind == AccountEvent.Kind.SECOND_FACTOR_ADDED


def test_recovery_codes_are_shown_once(dana):
    browser = type_password()
    secret = browser.get("/account/second-step/app/").context["form"].secret
    browser.post("/account/second-step/app/", {"code": code_now(secret)})
    shown = [browser.get("/account/second-step/codes/").context["unused_codes"] for _time in range(2)]
    assert (shown[0] == shown[1], set(shown[1])) == (False, {"****"})


def test_the_key_of_the_app_is_kept_sealed(dana):
    browser = type_password()
    secret = browser.get("/account/second-step/app/").context["form"].secret
    browser.post("/account/second-step/app/", {"code": code_now(secret)})
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept


def test_a_session_older_than_the_factor_is_ended_and_may_not_add_another(dana_with_app):
    for page in ("/staff/", "/account/second-step/", "/account/second-step/app/"):
        browser = signed_in(dana_with_app, second_step=False)
        assert browser.get(page).headers["Location"] == "/sign-in/staff/"
        assert not get_user(browser).is_authenticated


def test_another_persons_second_step_does_not_count(dana, ravi):
    browser = signed_in(dana)
    browser.force_login(ravi, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    session[second_factor.SESSION_KEY] = {"user": str(dana.pk), "by": "totp"}
    session.save()
    assert browser.get("/staff/").headers["Location"] == "/account/second-step/"


def test_changing_a_factor_asks_again_who_is_there(dana_with_app):
    browser = signed_in(dana_with_app)
    answer = browser.get("/account/second-step/app/remove/")
    assert answer.headers["Location"] == "/account/confirm/?next=%2Faccount%2Fsecond-step%2Fapp%2Fremove%2F"


def test_the_last_factor_stays(dana_with_app):
    browser = type_password()
    second_step(browser, code_now())
    answer = browser.post("/account/second-step/app/remove/")
    assert "This is your only second step." in answer.content.decode()
    assert second_factor.is_set_up(dana_with_app)


def test_a_patient_is_not_asked_and_pays_no_query_for_it(ana, django_assert_num_queries):
    browser = signed_in(ana.user, second_step=False)
    browser.get("/account/")
    assert browser.session[second_factor.SESSION_KEY] == {"user": str(ana.user_id), "by": second_factor.NOT_STAFF}
    assert browser.get("/account/second-step/").status_code == 403


def test_who_joins_the_staff_is_signed_out_first(ana, clinic, owner, now):
    browser = signed_in(ana.user, second_step=False)
    browser.get("/today/")
    accounts.invite_member(clinic, name="Ana", email=ana.user.email, roles=["desk"], actor=owner, now=now)
    assert browser.get("/staff/").headers["Location"].startswith("/sign-in/")


def test_a_change_of_roles_ends_every_session(client_of, ravi, owner, now):
    browser = client_of(ravi)
    member = Membership.objects.get(user=ravi)
    accounts.change_role(member, roles=["trainer"], licensed=False, actor=owner, now=now)
    assert browser.get("/account/").headers["Location"].startswith("/sign-in/")


@pytest.fixture
def membership(dana_with_app):
    RecoveryCodes.activate(dana_with_app)
    return Membership.objects.get(user=dana_with_app)


def test_an_owner_resets_it_with_a_reason(client_of, owner, membership):
    hers = signed_in(membership.user)
    answer = client_of(owner).post(f"/team/{membership.pk}/second-step/", {"reason": "Met her at the desk."})

    assert answer.headers["Location"] == "/team/"
    assert not Authenticator.objects.filter(user=membership.user).exists()
    assert not get_user(hers).is_authenticated
    event = AccountEvent.objects.get()
    assert (event.kind, event.actor, event.note) == ("second_factor_reset", owner, "Met her at the desk.")
    assert AuditEntry.objects.filter(verb="reset_second_factor", object_id=membership.pk, actor=owner).count() == 1


def test_without_a_reason_nothing_is_reset(owner, membership, now):
    with pytest.raises(Refused) as refusal:
        accounts.reset_second_factor(membership, reason="  ", actor=owner, now=now)
    assert list(refusal.value.errors) == ["reason"]
    assert second_factor.is_set_up(membership.user)


def test_nobody_resets_their_own(clinic, now):
    boss = people.make_member(clinic, "Boss", "owner")
    TOTP.activate(boss, SECRET)
    with pytest.raises(Refused, match="Nobody resets their own"):
        accounts.reset_second_factor(Membership.objects.get(user=boss), reason="Lost", actor=boss, now=now)


def test_the_person_gets_a_mail_about_it(owner, membership, mailoutbox, now):
    accounts.reset_second_factor(membership, reason="Met her.", actor=owner, now=now)
    outbox.plan_messages(now=now)
    delivery.send_messages(now=now)
    (mail,) = mailoutbox
    assert (mail.to, "reset the second step" in mail.body) == ([membership.user.email], True)
    assert Message.objects.get(kind="account_notice").state == "sent"


def test_who_leaves_every_clinic_is_not_asked_as_a_patient(membership, owner, now):
    accounts.deactivate(membership, actor=owner, now=now)
    assert not second_factor.is_set_up(membership.user)


def test_the_demo_cast_comes_in_with_one_tap_even_with_an_app(clinic, settings):
    settings.LOCAL_MODE = True
    dana = people.make_member(clinic, "Dana", "therapist", email=f"dana@{DOMAIN}")
    TOTP.activate(dana, SECRET)
    browser = Client()
    assert browser.post(f"/sign-in/as/{dana.pk}/").headers["Location"] == "/"
    assert browser.get("/staff/").status_code == 200


def test_the_try_limits_leave_a_thief_little(now):
    most = {limit.name: limit.most for limit in second_factor.LIMITS}
    assert most == {"second factor": 5, "second factor a day": 30}
    assert max(limit.within for limit in second_factor.LIMITS) <= limits.LONGEST == timedelta(days=1)


def test_every_page_of_the_second_step_is_ours(dana_with_app):
    browser = type_password()
    assert "registration/base.html" in {part.name for part in browser.get(reverse("mfa_authenticate")).templates}
