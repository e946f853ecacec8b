"""When the ticks last did their round."""

from datetime import datetime

from django.db import models


class Heartbeat(models.Model):
    """When a tick last did its round: liveness is progress, not a process that exists."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, *, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now})
