import django.db.models.deletion
import uuid6
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0007_step_up'),
        ('patients', '0012_sides_apart'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentText',
            fields=[
                ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('treatment', 'Taking part in exercise'), ('privacy', 'Privacy notice read'), ('health_data', 'Keeping health information'), ('email', 'Plain e-mail, which others might read'), ('reminders', 'Daily reminders'), ('mail_detail', 'Exercise names in mails'), ('marketing', 'Offers from the clinic'), ('trial_terms', 'Trial terms: free, ends by itself, no card')], max_length=20)),
                ('version', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consent_texts', to='clinic.clinic')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='consent',
            name='text',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.consenttext'),
        ),
        migrations.AddConstraint(
            model_name='consenttext',
            constraint=models.UniqueConstraint(fields=('clinic', 'kind', 'version'), name='patients_consent_text_version'),
        ),
    ]
