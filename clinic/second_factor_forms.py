"""allauth's forms of the second factor with our words and limits: a try is counted in the database, then checked."""

from typing import Any

from allauth.account.forms import ReauthenticateForm as StockPasswordAgain
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm
from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic import audit, second_factor
from clinic.limits import spend
from clinic.models import User
from clinic.sign_in import PASSWORD_LIMIT

LONGEST_CODE = 20


def code_field(label: Any) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code-input", "autofocus": True}
    return forms.CharField(label=label, max_length=LONGEST_CODE, widget=forms.TextInput(attrs=attrs))


def too_many() -> forms.ValidationError:
    return forms.ValidationError(gettext("Too many tries. Please wait 15 minutes and try again."))


class CodeOnce:
    """Finds the factor a code belongs to; refused tries are on record."""

    user: User
    cleaned_data: dict[str, Any]
    authenticator: Authenticator

    def clean_code(self) -> str:
        now = timezone.now()
        if not second_factor.may_try(self.user, now=now):
            raise too_many()
        code: str = self.cleaned_data["code"]
        factor = second_factor.factor_of_code(self.user, code, now=now)
        if factor is None:
            audit.note("second_factor_refused", self.user, clinic=None, actor=self.user, now=now)
            raise forms.ValidationError(
                gettext("That is not the right code. Each code works once: type the newest one from your app.")
            )
        factor.user = self.user
        self.authenticator = factor
        return code


class SecondStepForm(CodeOnce, AuthenticateForm):  # type: ignore[misc]
    code = code_field(_("Code from your app, or a recovery code"))


class SecondStepAgainForm(CodeOnce, ReauthenticateForm):  # type: ignore[misc]
    code = code_field(_("Code from your app, or a recovery code"))


class PasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The browser fills it in: passkeys need a script."""

    credential = forms.JSONField(widget=forms.HiddenInput)


class SetUpAppForm(ActivateTOTPForm):  # type: ignore[misc]
    code = code_field(_("Code the app shows now"))

    def clean_code(self) -> str:
        if not second_factor.may_try(self.user, now=timezone.now()):
            raise too_many()
        code: str = super().clean_code()
        return code


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(
        label=_("Name"), max_length=60, required=False, help_text=_("So that you know it again: “My laptop”.")
    )


class PasswordAgainForm(StockPasswordAgain):  # type: ignore[misc]
    password = forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_password(self) -> str:
        if not spend(PASSWORD_LIMIT, self.user.email, now=timezone.now()):
            raise too_many()
        if not self.user.check_password(self.cleaned_data["password"]):
            audit.note("password_refused", self.user, clinic=None, actor=self.user, now=timezone.now())
            raise forms.ValidationError(gettext("That is not your password."))
        return str(self.cleaned_data["password"])
