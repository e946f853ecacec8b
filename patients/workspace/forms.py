"""What the forms of the workspace share. They read what was typed; what it may mean is the verbs' business."""

from django import forms
from django.utils.translation import gettext_lazy

from clinic.forms import LONG, VerbForm


class ReasonForm(VerbForm):
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=240, help_text=gettext_lazy("The next person will ask.")
    )


class MessageForm(VerbForm):
    body = forms.CharField(
        label=gettext_lazy("Message"),
        widget=LONG,
        help_text=gettext_lazy("The mail about it carries no text of it, only the way to the portal."),
    )
