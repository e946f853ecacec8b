from django.contrib.auth.decorators import login_required
from django.urls import path

from patients.api.caseload import Caseload
from patients.api.devices import Devices, OneDevice
from patients.api.documentation import Docs, Schema
from patients.api.flags import ContactFlag, Flags, OneFlag, ResolveFlag, TakeFlag
from patients.api.pain_reports import PainReports
from patients.api.proposals import ApproveProposal, ChangeProposal, DeclineProposal, Proposals
from patients.api.questions import Answer, Questions
from patients.api.sessions import CorrectSession, OneSession, Sessions, TakeBackSession
from patients.api.today import Today

app_name = "api"
urlpatterns = [
    path("today/", Today.as_view(), name="today"),
    path("sessions/", Sessions.as_view(), name="sessions"),
    path("sessions/<uuid:pk>/", OneSession.as_view(), name="session"),
    path("sessions/<uuid:pk>/correct/", CorrectSession.as_view(), name="session_correct"),
    path("sessions/<uuid:pk>/take-back/", TakeBackSession.as_view(), name="session_take_back"),
    path("pain-reports/", PainReports.as_view(), name="pain_reports"),
    path("questions/", Questions.as_view(), name="questions"),
    path("questions/<uuid:pk>/answer/", Answer.as_view(), name="answer"),
    path("flags/", Flags.as_view(), name="flags"),
    path("flags/<uuid:pk>/", OneFlag.as_view(), name="flag"),
    path("flags/<uuid:pk>/take/", TakeFlag.as_view(), name="flag_take"),
    path("flags/<uuid:pk>/contact/", ContactFlag.as_view(), name="flag_contact"),
    path("flags/<uuid:pk>/resolve/", ResolveFlag.as_view(), name="flag_resolve"),
    path("proposals/", Proposals.as_view(), name="proposals"),
    path("proposals/<uuid:pk>/approve/", ApproveProposal.as_view(), name="proposal_approve"),
    path("proposals/<uuid:pk>/change/", ChangeProposal.as_view(), name="proposal_change"),
    path("proposals/<uuid:pk>/decline/", DeclineProposal.as_view(), name="proposal_decline"),
    path("caseload/", Caseload.as_view(), name="caseload"),
    path("devices/", Devices.as_view(), name="devices"),
    path("devices/<uuid:pk>/", OneDevice.as_view(), name="device"),
    path("schema/", Schema.as_view(), name="schema"),
    # A page for people: who is not signed in is shown the way there.
    path("docs/", login_required(Docs.as_view()), name="docs"),
]
