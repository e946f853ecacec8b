from django.urls import path

from patients.intake_pages.request import AskForTrial, thanks

app_name = "intake"
urlpatterns = [
    path("<slug:slug>/", AskForTrial.as_view(), name="ask"),
    path("<slug:slug>/thanks/", thanks, name="thanks"),
]
