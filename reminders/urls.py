from django.urls import URLPattern, URLResolver, path

from patients.intake_pages.confirm import Confirm
from reminders import views

app_name = "reminders"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.outbox, name="outbox"),
    path("status/", views.status, name="status"),
    path("local/", views.local_mails, name="local"),
    # The page of the trial, under an address that does not say trial: mail is an open card.
    path("confirm/<str:token>/", Confirm.as_view(), name="confirm"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
