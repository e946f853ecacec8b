from django.urls import path

from patients.intake_pages.confirm import Confirm
from patients.intake_pages.request import AskForTrial, thanks

app_name = "intake"
urlpatterns = [
    path("confirm/<str:token>/", Confirm.as_view(), name="confirm"),
    path("<slug:slug>/", AskForTrial.as_view(), name="ask"),
    path("<slug:slug>/thanks/", thanks, name="thanks"),
]
