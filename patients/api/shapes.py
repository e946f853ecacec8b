"""What several answers hold: exercises, doses, holds, what must stop, and what the rules said."""

from typing import Any

from rest_framework import serializers

from programs.models.exercise import Region


class Dose(serializers.Serializer[Any]):
    sets = serializers.IntegerField()
    sets_max = serializers.IntegerField(allow_null=True)
    reps_low = serializers.IntegerField(allow_null=True)
    reps_high = serializers.IntegerField(allow_null=True)
    seconds_low = serializers.IntegerField(allow_null=True)
    seconds_high = serializers.IntegerField(allow_null=True)
    per_day_low = serializers.IntegerField()
    per_day_high = serializers.IntegerField()
    load_grams = serializers.IntegerField(allow_null=True)
    band_step = serializers.IntegerField(allow_null=True)
    rom_pct = serializers.IntegerField(help_text="Share of the full range of movement, in percent.")


class Hold(serializers.Serializer[Any]):
    scope = serializers.CharField(help_text="item, region or plan")
    item = serializers.UUIDField(source="item_id", allow_null=True)
    region = serializers.CharField()
    severity = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    contact_due = serializers.DateTimeField(allow_null=True)


class Safety(serializers.Serializer[Any]):
    """What the person must read now. Show it before anything else."""

    kind = serializers.CharField(help_text="emergency, plan, region or item")
    severity = serializers.IntegerField()
    heading = serializers.CharField()
    text = serializers.CharField()
    urgent = serializers.CharField()
    call = serializers.CharField(help_text="The number behind the button.")


class Result(serializers.Serializer[Any]):
    item = serializers.UUIDField(source="item.pk")
    name = serializers.CharField(source="item.name")
    outcome = serializers.CharField()
    reason = serializers.CharField()
    rule_id = serializers.CharField()
    provisional = serializers.BooleanField(help_text="True while the next-day answer is still to come.")


class Question(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    region = serializers.ChoiceField(choices=Region.choices)
    date = serializers.DateField(source="local_date", help_text="The day it asks about.")
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    pain = serializers.IntegerField(allow_null=True)
    compared = serializers.CharField()
