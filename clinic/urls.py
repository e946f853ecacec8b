"""The URL map: which door answers where. Each door lists its own pages."""

from django.urls import include, path

from clinic import admin, sign_in_pages, team_pages, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", sign_in_pages.landing, name="landing"),
    # The names with account_ are those by which allauth finds its way back.
    path("sign-in/", sign_in_pages.AskForCode.as_view(), name="account_login"),
    path("sign-in/code/", sign_in_pages.TypeCode.as_view(), name="sign_in_code"),
    path("sign-in/staff/", sign_in_pages.TypePassword.as_view(), name="sign_in_staff"),
    path("sign-in/as/<uuid:pk>/", sign_in_pages.sign_in_as, name="sign_in_as"),
    path("sign-out/", sign_in_pages.sign_out, name="account_logout"),
    path("invitation/<uuid:pk>/<str:token>/", sign_in_pages.AcceptInvitation.as_view(), name="invitation"),
    path("account/", sign_in_pages.Account.as_view(), name="account"),
    path("clinic/switch/", sign_in_pages.switch_clinic, name="switch_clinic"),
    path("team/", team_pages.Team.as_view(), name="team"),
    path("team/clinic/", team_pages.ClinicSettings.as_view(), name="team_clinic"),
    path("team/<uuid:pk>/", team_pages.Member.as_view(), name="team_member"),
    path("team/<uuid:pk>/deactivate/", team_pages.DeactivateMember.as_view(), name="team_deactivate"),
    path("admin/", admin.site.urls),
    path("staff/", include("patients.workspace.urls")),
    path("api/v1/", include("patients.api.urls")),
    path("mail/", include("reminders.urls")),
    path("trial/", include("patients.intake_pages.urls")),
    path("", include("patients.portal.urls")),
]
