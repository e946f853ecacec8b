"""Messages between the patient and the clinic."""

from datetime import timedelta

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from clinic.forms import VerbForm
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients.messages import LONGEST, asks_at_once, mark_read, send_message
from patients.models import PatientMessage
from patients.portal.page import PortalPage

SHOWN = 100
OPEN = 10  # the latest, and what was not read yet: older ones are folded, so that the field to write is near
STILL_ASKED = timedelta(hours=24)  # how long the question about warning signs stands over the thread


class MessageForm(VerbForm):
    body = forms.CharField(
        label=_("Write to your clinic"),
        max_length=LONGEST,
        error_messages={"required": _("Write something first.")},
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Somebody reads this in working hours, not at once."),
    )


class Messages(PortalPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page(MessageForm())

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = MessageForm(request.POST)
        if not form.is_valid():
            return self.page(form)
        try:
            send_message(
                self.patient, form.cleaned_data["body"], from_clinic=False, actor=request.user, now=request.now
            )
        except Refused as refusal:
            form.show(refusal)
            return self.page(form)
        return redirect("portal:messages")

    def page(self, form: MessageForm) -> HttpResponse:
        mine = PatientMessage.objects.visible_to(self.request.user).filter(patient=self.patient)
        thread = list(mine.select_related("author").order_by("-sent_at", "-pk")[:SHOWN])[::-1]
        unread = [place for place, one in enumerate(thread) if one.from_clinic and one.read_at is None]
        if unread:
            mark_read(self.patient, by_clinic=False, actor=self.request.user, now=self.request.now)
        first = min([max(len(thread) - OPEN, 0), *unread])
        return self.draw(
            "portal/messages.html",
            form=form,
            earlier=thread[:first],
            latest=thread[first:],
            urgent=self.is_urgent(thread),
        )

    def is_urgent(self, thread: list[PatientMessage]) -> bool:
        """Whether the patient's latest words still want the question about warning signs."""
        own = [one for one in thread if not one.from_clinic]
        return bool(own) and self.request.now - own[-1].sent_at < STILL_ASKED and asks_at_once(own[-1])
