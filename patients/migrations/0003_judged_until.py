from django.db import migrations, models
from django.db.models import Max


def fill(apps, schema_editor):
    """What the ledger says: the last day of a log or of an answer, exercise by exercise."""
    judged = apps.get_model("patients", "Decision").objects.filter(trigger__in=("log", "check"))
    items = apps.get_model("patients", "ProgramItem").objects
    for item, last in judged.values_list("item").annotate(Max("local_date")).iterator():
        items.filter(pk=item).update(judged_until=last)


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_weekday_times")]

    operations = [
        migrations.AddField("programitem", "judged_until", models.DateField(null=True, blank=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
