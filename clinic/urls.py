"""The URL map: which door answers where. Each door lists its own pages."""

from django.contrib import admin
from django.urls import include, path

from clinic import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("staff/", include("patients.workspace.urls")),
    path("api/v1/", include("patients.api.urls")),
    path("mail/", include("reminders.urls")),
    path("", include("patients.portal.urls")),
]
