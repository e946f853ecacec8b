"""What rows have in common: an id that may be shown outside, and one shape for every change of state."""

from django.db import models
from uuid6 import uuid7


class Record(models.Model):
    """A row with an id that may be shown outside: sortable by time, and no counter to guess from."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class Event(Record):
    """One shape for every change of state: who did what, when, from where to where. A null actor is the system."""

    kind = models.CharField(max_length=40)
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40, blank=True)
    actor = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True
