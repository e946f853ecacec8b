from django.urls import URLPattern, URLResolver, path

from reminders import views

app_name = "reminders"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.outbox, name="outbox"),
    path("status/", views.status, name="status"),
    path("local/", views.local_mails, name="local"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
