"""The URL map: which door answers where. Each door lists its own pages."""

from django.urls import include, path

from clinic import absence_pages, admin, sign_in_pages, team_pages, views
from clinic import second_factor_pages as second
from clinic.second_factor import before_second_factor
from clinic.step_up_pages import ConfirmByMail

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", sign_in_pages.landing, name="landing"),
    # The names with account_ are those by which allauth finds its way back.
    path("sign-in/", sign_in_pages.AskForCode.as_view(), name="account_login"),
    path("sign-in/code/", sign_in_pages.TypeCode.as_view(), name="sign_in_code"),
    path("sign-in/staff/", sign_in_pages.TypePassword.as_view(), name="sign_in_staff"),
    path("sign-in/link/<str:token>/", sign_in_pages.OpenLink.as_view(), name="sign_in_link"),
    path("sign-in/forgotten/", sign_in_pages.ForgottenPassword.as_view(), name="password_forgotten"),
    path("sign-in/password/<str:token>/", sign_in_pages.NewPassword.as_view(), name="password_link"),
    path("sign-in/second-step/", second.SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-in/as/<uuid:pk>/", sign_in_pages.sign_in_as, name="sign_in_as"),
    path("sign-out/", sign_in_pages.sign_out, name="account_logout"),
    path("invitation/<uuid:pk>/<str:token>/", sign_in_pages.AcceptInvitation.as_view(), name="invitation"),
    path("account/", sign_in_pages.Account.as_view(), name="account"),
    path("account/sessions/<int:pk>/end/", sign_in_pages.end_session, name="end_session"),
    # The names with mfa_ too are allauth's.
    path("account/second-step/", before_second_factor(second.Overview.as_view()), name="mfa_index"),
    path("account/second-step/app/", before_second_factor(second.SetUpApp.as_view()), name="mfa_activate_totp"),
    path("account/second-step/app/remove/", second.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("account/second-step/passkey/", before_second_factor(second.AddPasskey.as_view()), name="mfa_add_webauthn"),
    path("account/second-step/passkey/<int:pk>/remove/", second.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("account/second-step/codes/", second.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("account/second-step/codes/new/", second.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("account/confirm/", before_second_factor(second.PasswordAgain.as_view()), name="account_reauthenticate"),
    path("account/confirm/mail/", ConfirmByMail.as_view(), name="confirm_by_mail"),
    path("account/confirm/code/", second.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", second.PasskeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("clinic/switch/", sign_in_pages.switch_clinic, name="switch_clinic"),
    path("team/", team_pages.Team.as_view(), name="team"),
    path("team/clinic/", team_pages.ClinicSettings.as_view(), name="team_clinic"),
    path("team/<uuid:pk>/second-step/", team_pages.ResetSecondFactor.as_view(), name="team_second_factor"),
    path("team/<uuid:pk>/absence/", absence_pages.Absence.as_view(), name="absence"),
    path("admin/", admin.site.urls),
    path("pictures/", include("programs.urls")),
    path("staff/", include("patients.workspace.urls")),
    path("api/v1/", include("patients.api.urls")),
    path("mail/", include("reminders.urls")),
    path("trial/", include("patients.intake_pages.urls")),
    path("", include("patients.portal.urls")),
]
