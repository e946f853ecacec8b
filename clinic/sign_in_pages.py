"""The way in and out: sign-in by code or password, invitations, the own account, the choice of clinic."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from clinic import accounts, audit, demo_cast, mailed_links, sealing, second_factor, sessions, sign_in, step_up
from clinic.access import CLINIC_KEY, can_open_patients, is_staff
from clinic.forms import AddressForm, ChangePasswordForm, CodeForm, NewPasswordForm, PasswordForm
from clinic.headers import forget_this_site
from clinic.mailed_links import Purpose
from clinic.models import Clinic, Membership, User
from clinic.refusals import Refused
from clinic.requests import ClinicRequest, VisitorRequest

# What a browser that asked for a code remembers: the row, where to go afterwards, and the address as typed. That is
# sealed: sessions stand in Redis, where nothing personal belongs.
CODE_KEY = "code_asked"
ADDRESS = "address typed"


def landing(request: ClinicRequest) -> HttpResponse:
    """The door that fits the person: staff to their work, patients and carers to the portal."""
    if is_staff(request.membership):
        return redirect("workspace:caseload" if can_open_patients(request.membership) else "admin:index")
    if has_a_plan(request.user):
        return redirect("portal:today")
    return render(request, "registration/nobody.html")


def has_a_plan(user: User) -> bool:
    """Whether somebody is a patient, or looks after one."""
    return user.patients.exists() or user.proxied.filter(revoked_at=None).exists()


@method_decorator(login_not_required, name="dispatch")
class AskForCode(View):
    """Takes an address; answers the same whether or not it is known."""

    def get(self, request: VisitorRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(next_page(request))
        return self.page(request, AddressForm())

    def post(self, request: VisitorRequest) -> HttpResponse:
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        email = form.cleaned_data["email"]
        try:
            row = sign_in.send_code(email, visitor=visitor(request), now=request.now)
        except sign_in.TooManyTries as refusal:
            form.add_error(None, str(refusal))
            return self.page(request, form, status=429)
        address = sealing.seal(email, purpose=ADDRESS)
        request.session[CODE_KEY] = {"id": str(row.pk), "address": address, "next": next_page(request)}
        return redirect("sign_in_code")

    def page(self, request: VisitorRequest, form: AddressForm, status: int = 200) -> HttpResponse:
        cast = demo_cast.people() if settings.LOCAL_MODE else []
        context = {"form": form, "next": asked_for(request), "cast": cast}
        return render(request, "registration/sign_in.html", context, status=status)


@method_decorator(login_not_required, name="dispatch")
class TypeCode(View):
    def get(self, request: VisitorRequest) -> HttpResponse:
        if CODE_KEY not in request.session:
            return redirect("account_login")
        return self.page(request, CodeForm())

    def post(self, request: VisitorRequest) -> HttpResponse:
        asked = request.session.get(CODE_KEY)
        if not asked:
            return redirect("account_login")
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        try:
            user = sign_in.redeem_code(asked["id"], form.cleaned_data["code"], now=request.now)
        except sign_in.WrongCode as refusal:
            form.add_error("code", str(refusal))
            return self.page(request, form)
        except sign_in.CodeIsOver as refusal:
            del request.session[CODE_KEY]
            messages.error(request, str(refusal))
            return redirect("account_login")
        del request.session[CODE_KEY]
        step_up.note_shown(request, user, by="code")
        return let_in(request, user, asked["next"])

    def page(self, request: VisitorRequest, form: CodeForm) -> HttpResponse:
        address = request.session[CODE_KEY]["address"]
        context = {"form": form, "email": sealing.unseal(address, purpose=ADDRESS)}
        return render(request, "registration/sign_in_code.html", context)


@method_decorator(login_not_required, name="dispatch")
class OpenLink(View):
    """GET shows a button: a mail scanner that opens the link spends nothing. POST comes in."""

    def get(self, request: VisitorRequest, token: str) -> HttpResponse:
        return self.page(request, works=mailed_links.works(Purpose.SIGN_IN, token, now=request.now))

    def post(self, request: VisitorRequest, token: str) -> HttpResponse:
        try:
            user = sign_in.redeem_link(token, now=request.now)
        except mailed_links.LinkIsOver:
            return self.page(request, works=False)
        logout(request)
        step_up.note_shown(request, user, by="link")
        return let_in(request, user, reverse("landing"))

    def page(self, request: VisitorRequest, *, works: bool) -> HttpResponse:
        return render(request, "registration/sign_in_link.html", {"works": works}, status=200 if works else 404)


@method_decorator(login_not_required, name="dispatch")
class ForgottenPassword(View):
    """Takes an address of staff; answers the same whether or not it is known."""

    def get(self, request: VisitorRequest) -> HttpResponse:
        return self.page(request, AddressForm())

    def post(self, request: VisitorRequest) -> HttpResponse:
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        try:
            sign_in.ask_for_password(form.cleaned_data["email"], visitor=visitor(request), now=request.now)
        except sign_in.TooManyTries as refusal:
            form.add_error(None, str(refusal))
            return self.page(request, form, status=429)
        messages.success(request, _("If this address belongs to our staff, a link to a new password is on its way."))
        return redirect("sign_in_staff")

    def page(self, request: VisitorRequest, form: AddressForm, status: int = 200) -> HttpResponse:
        return render(request, "registration/password_forgotten.html", {"form": form}, status=status)


@method_decorator(login_not_required, name="dispatch")
@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class NewPassword(View):
    """Behind a mailed link. GET shows the form only, POST spends the link."""

    def get(self, request: VisitorRequest, token: str) -> HttpResponse:
        return self.page(request, token, NewPasswordForm())

    def post(self, request: VisitorRequest, token: str) -> HttpResponse:
        form = NewPasswordForm(request.POST)
        if form.is_valid():
            try:
                accounts.choose_new_password(token, password=form.cleaned_data["password"], now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, _("Your password is set. Please sign in with it."))
                return redirect("sign_in_staff")
        return self.page(request, token, form)

    def page(self, request: VisitorRequest, token: str, form: NewPasswordForm) -> HttpResponse:
        works = mailed_links.works(Purpose.PASSWORD, token, now=request.now)
        context = {"form": form, "works": works}
        return render(request, "registration/password_new.html", context, status=200 if works else 404)


@method_decorator(login_not_required, name="dispatch")
@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class TypePassword(View):
    def get(self, request: VisitorRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(next_page(request))
        return self.page(request, PasswordForm())

    def post(self, request: VisitorRequest) -> HttpResponse:
        form = PasswordForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        given = form.cleaned_data
        try:
            user = sign_in.with_password(
                request, given["email"], given["password"], visitor=visitor(request), now=request.now
            )
        except sign_in.TooManyTries as refusal:
            form.add_error(None, str(refusal))
            return self.page(request, form, status=429)
        except sign_in.WrongPassword as refusal:
            form.add_error(None, str(refusal))
            return self.page(request, form)
        step_up.note_shown(request, user, by="password")
        return let_in(request, user, next_page(request))

    def page(self, request: VisitorRequest, form: PasswordForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "next": asked_for(request)}
        return render(request, "registration/sign_in_staff.html", context, status=status)


@login_not_required
@require_POST
def sign_in_as(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Local mode only: come in as a member of the demo cast, with one tap."""
    if not settings.LOCAL_MODE:
        raise Http404
    user = get_object_or_404(demo_cast.users(), pk=pk)
    page = next_page(request)
    logout(request)
    second_factor.settle(request, user, by=second_factor.DEMO)
    # So that the pages of the second step can be walked through: the cast has no passwords to type again.
    step_up.note_shown(request, user, by="demo")
    return let_in(request, user, page)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return forget_this_site(redirect("account_login"))


@method_decorator(login_not_required, name="dispatch")
@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class AcceptInvitation(View):
    """GET shows the form only: a mail scanner that opens the link changes nothing."""

    def get(self, request: VisitorRequest, pk: UUID, token: str) -> HttpResponse:
        return self.page(request, NewPasswordForm(), self.membership(pk, token))

    def post(self, request: VisitorRequest, pk: UUID, token: str) -> HttpResponse:
        membership = self.membership(pk, token)
        form = NewPasswordForm(request.POST)
        if membership and form.is_valid():
            try:
                accounts.accept_invitation(membership, token, password=form.cleaned_data["password"], now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, _("Your password is set. Please sign in with it."))
                return redirect("sign_in_staff")
        return self.page(request, form, membership)

    def membership(self, pk: UUID, token: str) -> Membership | None:
        # Nobody is signed in here: the token is the proof.
        membership = Membership.objects.select_related("user", "clinic").filter(pk=pk).first()
        return membership if membership and accounts.may_accept(membership, token) else None

    def page(self, request: VisitorRequest, form: NewPasswordForm, membership: Membership | None) -> HttpResponse:
        context = {"form": form, "membership": membership}
        return render(request, "registration/invitation.html", context, status=200 if membership else 404)


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class Account(View):
    """Who I am here; staff may change their password."""

    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page(request, ChangePasswordForm())

    def post(self, request: ClinicRequest) -> HttpResponse:
        if not is_staff(request.membership):
            raise Http404
        form = ChangePasswordForm(request.POST)
        if form.is_valid():
            try:
                accounts.change_password(request.user, **form.cleaned_data, now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                UserSession.objects.filter(user=request.user).delete()
                sessions.go_on(request)
                messages.success(request, _("Your password is changed. You are signed out everywhere else."))
                return redirect("account")
        return self.page(request, form)

    def page(self, request: ClinicRequest, form: ChangePasswordForm) -> HttpResponse:
        # Staff may be patients too: the way to their own plan stands here, off the busy pages.
        context = {"form": form, "has_a_plan": has_a_plan(request.user), "sessions": sessions.own(request)}
        return render(request, "registration/account.html", context)


@require_POST
def end_session(request: ClinicRequest, pk: int) -> HttpResponse:
    """Sign out another browser of one's own: the lost phone, the computer at the desk."""
    if not sessions.end_one(request.user, pk):
        raise Http404
    audit.note("end_session", request.user, clinic=None, actor=request.user, now=request.now)
    messages.success(request, _("That browser is signed out."))
    return redirect("account")


@require_POST
def switch_clinic(request: ClinicRequest) -> HttpResponse:
    """Work in another of one's clinics. A clinic one does not work in is not there."""
    clinic = get_object_or_404(Clinic.objects.visible_to(request.user), pk=chosen_clinic(request))
    request.session[CLINIC_KEY] = str(clinic.pk)
    audit.note("switch", clinic, clinic=clinic, actor=request.user, now=request.now)
    return redirect("landing")


def chosen_clinic(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("clinic", ""))
    except ValueError:
        raise Http404 from None


def let_in(request: HttpRequest, user: User, page: str) -> HttpResponse:
    """Go through the steps of a sign-in (for staff a second one), then to the page."""
    response: HttpResponse = perform_login(request, user, redirect_url=page)
    return response


def visitor(request: HttpRequest) -> str:
    """The network address limits are counted by; allauth knows how many proxies to believe."""
    address: str = get_adapter(request).get_client_ip(request)
    return address


def asked_for(request: HttpRequest) -> str:
    """The page of ours a visitor was sent here from, or nothing: never another site's."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""


def next_page(request: HttpRequest) -> str:
    return asked_for(request) or reverse("landing")
