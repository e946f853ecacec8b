"""The whole thread with a patient. Opening it marks what they wrote as read."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from clinic.requests import ClinicRequest
from patients import messages
from patients.models import PatientMessage
from patients.workspace.forms import MessageForm
from patients.workspace.page import FormPage

MOST = 200


class Messages(FormPage):
    template = "workspace/messages.html"
    done = gettext_lazy("Sent.")

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        messages.mark_read(self.patient, by_clinic=True, actor=request.user, now=request.now)
        return super().get(request, **ids)

    def form(self, data: Any = None) -> MessageForm:
        return MessageForm(data)

    def carry_out(self, form: MessageForm) -> None:
        body = form.cleaned_data["body"]
        messages.send_message(self.patient, body, from_clinic=True, actor=self.request.user, now=self.request.now)

    def back(self) -> str:
        return reverse("workspace:messages", args=[self.patient.pk])

    def page(self, form: Any) -> HttpResponse:
        mine = PatientMessage.objects.visible_to(self.request.user).filter(patient=self.patient)
        thread = list(mine.select_related("author").order_by("-sent_at")[:MOST])[::-1]
        return self.draw(self.template, form=form, thread=thread, back=super().back())
