from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0008_absence'),
    ]

    operations = [
        migrations.AddField(
            model_name='clinic',
            name='password_words',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='words no password may hold'),
        ),
    ]
