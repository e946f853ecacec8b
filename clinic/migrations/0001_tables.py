import clinic.models.clinic
import clinic.zones
import django.core.validators
import django.db.models.deletion
import uuid6
from django.conf import settings
from django.db import migrations, models

from clinic.at_once import AtOnce


TABLES = ("clinic_auditentry", "clinic_auditseal")
TEXT = "The audit trail is append-only."


def guard(apps, schema_editor):
    """The database itself refuses to change or delete a row, whoever asks."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION clinic_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{TEXT}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        for table in TABLES:
            run = "EXECUTE FUNCTION clinic_append_only()"
            schema_editor.execute(
                f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {run}"
            )
            schema_editor.execute(f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run}")
    else:
        for table in TABLES:
            for deed in ("update", "delete"):
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_{deed} BEFORE {deed} ON {table} BEGIN SELECT RAISE(ABORT, '{TEXT}'); END"
                )


def lift(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"DROP TRIGGER {table}_rows ON {table}")
            schema_editor.execute(f"DROP TRIGGER {table}_whole ON {table}")
        schema_editor.execute("DROP FUNCTION clinic_append_only()")
    else:
        for table in TABLES:
            for deed in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER {table}_{deed}")


class Migration(migrations.Migration):

    replaces = [
        ('clinic', '0001_initial'),
        ('clinic', '0002_audit_seals'),
        ('clinic', '0003_account_events'),
        ('clinic', '0004_mailed_links'),
        ('clinic', '0005_retention'),
        ('clinic', '0006_caseload_only'),
        ('clinic', '0007_step_up'),
        ('clinic', '0008_absence'),
        ('clinic', '0009_password_words'),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        AtOnce([
            migrations.CreateModel(
                name='Clinic',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('short_name', models.CharField(help_text='Shown as the sender of mails: neutral, no treatment words.', max_length=40, verbose_name='sender name')),
                    ('slug', models.SlugField(unique=True, verbose_name='address word')),
                    ('zone', models.CharField(default='Europe/London', max_length=64, validators=[clinic.zones.validate_zone], verbose_name='time zone')),
                    ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                    ('emergency_number', models.CharField(blank=True, max_length=20, verbose_name='emergency number')),
                    ('urgent_care', models.CharField(blank=True, max_length=120, verbose_name='urgent care out of hours')),
                    ('email', models.EmailField(blank=True, max_length=254, verbose_name='reply address')),
                    ('staffed_hours', models.JSONField(default=clinic.models.clinic.weekday_hours, verbose_name='staffed hours')),
                    ('mail_detail', models.BooleanField(default=False, help_text='Only for patients who agreed to it in writing.', verbose_name='exercise names in mails')),
                    ('trial_open', models.BooleanField(default=False, verbose_name='trial open')),
                    ('service_area', models.JSONField(blank=True, default=list, verbose_name='trial postcodes')),
                    ('band_colours', models.JSONField(blank=True, default=list, verbose_name='band colours, lightest first')),
                    ('accent_hue', models.PositiveSmallIntegerField(default=195, verbose_name='accent colour')),
                    ('privacy_notice', models.TextField(blank=True, verbose_name='privacy notice')),
                    ('retention_years', models.PositiveSmallIntegerField(db_default=8, default=8, help_text='After them name and contact are erased. What the law of your country asks for may differ.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)], verbose_name='years a closed record is kept')),
                    ('password_words', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='words no password may hold')),
                    ('looks_name_staff', models.BooleanField(db_default=True, default=True, help_text='Without it they read roles: Therapist, Front desk.', verbose_name='patients read the names of who looked')),
                    ('caseload_only', models.BooleanField(db_default=False, default=False, help_text='They open others in an emergency, with a reason. Urgent flags reach everybody on duty all the same.', verbose_name='therapists see only their own patients')),
                ],
            ),
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                    ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                    ('is_active', models.BooleanField(default=True, verbose_name='active')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('session_round', models.PositiveIntegerField(default=0, editable=False)),
                ],
            ),
            migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='clinic.clinic')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                    ('therapist', models.BooleanField(default=False, verbose_name='therapist')),
                    ('trainer', models.BooleanField(default=False, verbose_name='trainer')),
                    ('desk', models.BooleanField(default=False, verbose_name='front desk')),
                    ('owner', models.BooleanField(default=False, verbose_name='owner')),
                    ('licensed', models.BooleanField(default=False, verbose_name='licensed clinician')),
                    ('joined_at', models.DateTimeField()),
                    ('left_at', models.DateTimeField(blank=True, null=True)),
                    ('away_from', models.DateTimeField(blank=True, null=True)),
                    ('away_until', models.DateTimeField(blank=True, null=True)),
                    ('substitute', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'user'), name='clinic_membership_once'), models.CheckConstraint(condition=models.Q(('therapist', True), ('trainer', True), ('desk', True), ('owner', True), _connector='OR'), name='clinic_membership_has_a_role'), models.CheckConstraint(condition=models.Q(models.Q(('away_from', None), ('away_until', None), ('substitute', None)), models.Q(('away_from__isnull', False), ('away_until__gt', models.F('away_from')), ('away_until__isnull', False)), _connector='OR'), name='clinic_membership_absence_has_both_ends')],
                },
            ),
            migrations.CreateModel(
                name='AuditEntry',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('clinic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                    ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('verb', models.CharField(max_length=60)),
                    ('label', models.CharField(max_length=60)),
                    ('object_id', models.UUIDField(null=True)),
                    ('patient_id', models.UUIDField(null=True)),
                    ('at', models.DateTimeField()),
                    ('request_id', models.CharField(blank=True, max_length=64)),
                ],
                options={
                    'indexes': [models.Index(fields=['patient_id', 'at'], name='clinic_audit_patient'), models.Index(fields=['clinic', 'at'], name='clinic_audit_clinic')],
                },
            ),
            migrations.CreateModel(
                name='AuditSeal',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='seal', to='clinic.auditentry')),
                    ('chain', models.UUIDField()),
                    ('sequence', models.PositiveBigIntegerField()),
                    ('digest', models.CharField(max_length=64)),
                    ('sealed_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('chain', 'sequence'), name='clinic_auditseal_no_fork')],
                },
            ),
            migrations.CreateModel(
                name='Heartbeat',
                fields=[
                    ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                    ('at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='SignInCode',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('purpose', models.CharField(choices=[('sign_in', 'Signing in'), ('confirm', 'Showing again who is there'), ('address', 'Showing that a new address is theirs')], db_default='sign_in', default='sign_in', max_length=10)),
                    ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('address', models.EmailField(blank=True, db_default='', max_length=254)),
                    ('sealed', models.TextField(blank=True)),
                    ('digest', models.CharField(default='', editable=False, max_length=64)),
                    ('tries', models.PositiveSmallIntegerField(default=0)),
                    ('requested_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField(db_index=True)),
                    ('used_at', models.DateTimeField(blank=True, null=True)),
                ],
            ),
            migrations.CreateModel(
                name='MailedLink',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('purpose', models.CharField(choices=[('sign_in', 'Signing in'), ('password', 'A new password')], max_length=10)),
                    ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('code', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='link', to='clinic.signincode')),
                    ('sealed', models.TextField(blank=True)),
                    ('digest', models.CharField(max_length=64, unique=True)),
                    ('requested_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField(db_index=True)),
                    ('used_at', models.DateTimeField(blank=True, null=True)),
                ],
            ),
            migrations.CreateModel(
                name='DeviceToken',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='device_tokens', to=settings.AUTH_USER_MODEL)),
                    ('name', models.CharField(max_length=60, verbose_name='device')),
                    ('digest', models.CharField(max_length=64, unique=True)),
                    ('created_at', models.DateTimeField()),
                    ('last_used_at', models.DateTimeField(blank=True, null=True)),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ],
            ),
            migrations.CreateModel(
                name='AccountEvent',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('kind', models.CharField(max_length=40)),
                    ('from_state', models.CharField(blank=True, max_length=40)),
                    ('to_state', models.CharField(blank=True, max_length=40)),
                    ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('at', models.DateTimeField()),
                    ('note', models.TextField(blank=True)),
                    ('data', models.JSONField(blank=True, default=dict)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='account_events', to=settings.AUTH_USER_MODEL)),
                    ('clinic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ],
                options={
                    'indexes': [models.Index(fields=['at'], name='clinic_account_event_at')],
                },
            ),
            migrations.CreateModel(
                name='Spent',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('key', models.CharField(max_length=64)),
                    ('at', models.DateTimeField(db_index=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['key', 'at'], name='clinic_spent_key')],
                },
            ),
        ]),
        migrations.RunPython(guard, lift),
    ]
