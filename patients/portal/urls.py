from django.urls import URLPattern, URLResolver, path

from patients.portal.address import ConfirmAddress, OwnAddress
from patients.portal.calendar import OwnCalendar, calendar
from patients.portal.checks import Check
from patients.portal.consents import AskedAnew, ChangeConsent, ShowConsent
from patients.portal.corrections import CorrectSession, TakeBackSession
from patients.portal.equipment import HaveIt, MoreInstead, OwnEquipment, Swap
from patients.portal.messages import Messages
from patients.portal.my_data import MyData
from patients.portal.news import NewsRead
from patients.portal.page import Choose
from patients.portal.pain import ReportPain, ReportResult
from patients.portal.program import PrintProgram, ProgramPdf, ShowProgram
from patients.portal.progress import Progress
from patients.portal.sessions import LogSession, SessionResult
from patients.portal.settings import PauseMails, Settings
from patients.portal.today import ShowToday

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("today/", ShowToday.as_view(), name="today"),
    path("whose/", Choose.as_view(), name="choose"),
    path("session/", LogSession.as_view(), name="session"),
    path("session/<uuid:pk>/", SessionResult.as_view(), name="session_result"),
    path("session/<uuid:pk>/correct/", CorrectSession.as_view(), name="session_correct"),
    path("session/<uuid:pk>/take-back/", TakeBackSession.as_view(), name="session_take_back"),
    path("check/<uuid:pk>/", Check.as_view(), name="check"),
    path("pain/", ReportPain.as_view(), name="report_pain"),
    path("pain/<uuid:pk>/", ReportResult.as_view(), name="report_result"),
    path("progress/", Progress.as_view(), name="progress"),
    path("program/", ShowProgram.as_view(), name="program"),
    path("news/<uuid:pk>/", NewsRead.as_view(), name="news_read"),
    path("program/print/", PrintProgram.as_view(), name="print_program"),
    path("program/print/pdf/", ProgramPdf.as_view(), name="program_pdf"),
    path("messages/", Messages.as_view(), name="messages"),
    path("settings/data/", MyData.as_view(), name="my_data"),
    path("settings/calendar/", OwnCalendar.as_view(), name="own_calendar"),
    path("cal/<str:token>.ics", calendar, name="calendar"),
    path("settings/address/", OwnAddress.as_view(), name="address"),
    path("settings/address/code/", ConfirmAddress.as_view(), name="confirm_address"),
    path("settings/", Settings.as_view(), name="settings"),
    path("settings/equipment/", OwnEquipment.as_view(), name="equipment"),
    path("exercises/<uuid:pk>/swap/", Swap.as_view(), name="swap"),
    path("exercises/<uuid:pk>/have/", HaveIt.as_view(), name="have_it"),
    path("exercises/<uuid:pk>/more/", MoreInstead.as_view(), name="more_instead"),
    path("settings/pause/", PauseMails.as_view(), name="pause_mails"),
    path("settings/agreed/", AskedAnew.as_view(), name="asked_anew"),
    path("settings/agreed/<uuid:pk>/", ShowConsent.as_view(), name="consent"),
    path("settings/consent/", ChangeConsent.as_view(), name="change_consent"),
]
