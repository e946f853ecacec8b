import django.db.models.deletion
import uuid6
from django.conf import settings
from django.db import migrations, models

from clinic.at_once import AtOnce


class Migration(migrations.Migration):

    replaces = [
        ('reminders', '0001_initial'),
        ('reminders', '0002_digests'),
        ('reminders', '0003_account_notices'),
        ('reminders', '0004_password_links'),
    ]

    initial = True

    dependencies = [
        ('clinic', '0001_tables'),
        ('patients', '0001_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce([
            migrations.CreateModel(
                name='Message',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('clinic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='clinic.clinic')),
                    ('patient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='patients.patient')),
                    ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to=settings.AUTH_USER_MODEL)),
                    ('flag', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='patients.painflag')),
                    ('trial_request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='patients.trialrequest')),
                    ('kind', models.CharField(choices=[('reminder', 'Daily reminder'), ('alert', 'Alert to staff'), ('digest', 'List for staff'), ('sign_in_code', 'Sign-in code'), ('trial_confirm', 'Confirm a trial request'), ('trial_step', 'Trial mail'), ('notice', 'Please open your portal'), ('invitation', 'Invitation'), ('password_link', 'Link to a new password'), ('account_notice', 'Notice about an account')], max_length=16)),
                    ('slot', models.CharField(max_length=80)),
                    ('local_date', models.DateField()),
                    ('due_at', models.DateTimeField()),
                    ('not_after', models.DateTimeField()),
                    ('state', models.CharField(choices=[('pending', 'Planned'), ('leased', 'Being sent'), ('retry', 'Will be tried again'), ('sent', 'Sent'), ('dead', 'Given up'), ('expired', 'Missed'), ('cancelled', 'Not sent')], default='pending', max_length=10)),
                    ('reason', models.CharField(blank=True, max_length=60)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('lease_owner', models.CharField(blank=True, max_length=64)),
                    ('planned_at', models.DateTimeField()),
                    ('sent_at', models.DateTimeField(blank=True, null=True)),
                    ('message_id', models.CharField(blank=True, max_length=120)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('state__in', ['pending', 'retry', 'leased'])), fields=['due_at'], name='reminders_message_due'), models.Index(fields=['clinic', 'planned_at'], name='reminders_message_by_clinic')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('patient__isnull', False)), fields=('patient', 'local_date', 'slot'), name='reminders_once_a_patient_day_and_slot'), models.UniqueConstraint(condition=models.Q(('patient__isnull', True)), fields=('slot',), name='reminders_once_a_slot')],
                },
            ),
            migrations.CreateModel(
                name='Schedule',
                fields=[
                    ('patient', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='schedule', serialize=False, to='patients.patient')),
                    ('next_due_at', models.DateTimeField(db_index=True)),
                    ('last_due_at', models.DateTimeField(blank=True, null=True)),
                ],
            ),
            migrations.CreateModel(
                name='Subscription',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='patients.patient')),
                    ('list_name', models.CharField(max_length=20)),
                    ('token', models.CharField(max_length=64, unique=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('patient', 'list_name'), name='reminders_one_token_a_list')],
                },
            ),
            migrations.CreateModel(
                name='Relay',
                fields=[
                    ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ('closed_until', models.DateTimeField(blank=True, null=True)),
                    ('failures', models.PositiveSmallIntegerField(default=0)),
                    ('last_error', models.CharField(blank=True, max_length=60)),
                ],
            ),
        ]),
    ]
