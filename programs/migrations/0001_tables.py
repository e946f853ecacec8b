import django.db.models.deletion
import programs.models.exercise
import uuid6
from django.conf import settings
from django.db import migrations, models

from clinic.at_once import AtOnce


class Migration(migrations.Migration):

    replaces = [
        ('programs', '0001_initial'),
        ('programs', '0002_gate_overridable'),
        ('programs', '0003_pictures'),
    ]

    initial = True

    dependencies = [
        ('clinic', '0001_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce([
            migrations.CreateModel(
                name='Gate',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gates', to='clinic.clinic')),
                    ('code', models.SlugField(max_length=60, verbose_name='code')),
                    ('text', models.CharField(max_length=240, verbose_name='what it says')),
                    ('recorded_by', models.CharField(max_length=40, verbose_name='who may record it')),
                    ('values', models.JSONField(blank=True, default=list, verbose_name='values')),
                    ('source', models.CharField(blank=True, max_length=40, verbose_name='source')),
                    ('overridable', models.BooleanField(db_default=False, default=False, verbose_name='a licensed therapist may go without it')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'code'), name='programs_gate_code_once_a_clinic')],
                },
            ),
            migrations.CreateModel(
                name='Ladder',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ladders', to='clinic.clinic')),
                    ('code', models.CharField(max_length=12, verbose_name='code')),
                    ('title', models.CharField(max_length=120, verbose_name='title')),
                    ('kind', models.CharField(choices=[('strength', 'Strength'), ('motor_control', 'Movement control'), ('nerve', 'Nerve glide'), ('soft_tissue', 'Soft tissue'), ('mobility_dynamic', 'Moving stretch'), ('static_stretch', 'Held stretch')], max_length=20, verbose_name='kind')),
                    ('region', models.CharField(choices=[('lumbar', 'Low back'), ('posterior_thigh_hip', 'Back of thigh and hip'), ('knee', 'Knee'), ('foot', 'Foot')], default='posterior_thigh_hip', max_length=40, verbose_name='region')),
                    ('target', models.CharField(blank=True, max_length=200, verbose_name='what it trains')),
                    ('setup', models.TextField(blank=True, verbose_name='set-up')),
                    ('movement', models.TextField(blank=True, verbose_name='movement')),
                    ('how', models.JSONField(blank=True, default=list, verbose_name='how to do it, step by step')),
                    ('cues', models.JSONField(blank=True, default=list, verbose_name='cues')),
                    ('mistakes', models.JSONField(blank=True, default=list, verbose_name='common mistakes')),
                    ('precautions', models.JSONField(blank=True, default=list, verbose_name='precautions')),
                    ('contraindications', models.JSONField(blank=True, default=list, verbose_name='contraindications')),
                    ('adjustments', models.JSONField(blank=True, default=list, verbose_name='adjustments')),
                    ('equipment', models.JSONField(blank=True, default=dict, verbose_name='equipment')),
                    ('requires', models.JSONField(blank=True, default=dict, verbose_name='requires')),
                    ('blocks', models.JSONField(blank=True, default=list, verbose_name='blocks these ladders')),
                    ('lighter', models.JSONField(blank=True, default=list, verbose_name='order in which a dose is made lighter')),
                    ('details', models.JSONField(blank=True, default=dict, verbose_name='further entries of the library file')),
                    ('sources', models.JSONField(blank=True, default=list, verbose_name='sources')),
                    ('retired_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'code'), name='programs_ladder_code_once_a_clinic')],
                },
            ),
            migrations.CreateModel(
                name='Level',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('ladder', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='levels', to='programs.ladder')),
                    ('code', models.CharField(max_length=16, verbose_name='code')),
                    ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('sides', models.CharField(choices=[('both', 'Both together'), ('each', 'Each side'), ('alternating', 'Side by side in turn'), ('affected', 'The side being treated')], default='both', max_length=12, verbose_name='sides')),
                    ('mode', models.CharField(choices=[('reps', 'Repetitions'), ('time', 'Seconds'), ('fatigue', 'Until tired'), ('pumps', 'Slow pumps')], default='reps', max_length=8, verbose_name='mode')),
                    ('sets', models.PositiveSmallIntegerField(default=2, verbose_name='sets')),
                    ('sets_max', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='sets at most')),
                    ('reps_low', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='reps from')),
                    ('reps_high', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='reps to')),
                    ('seconds_low', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='seconds from')),
                    ('seconds_high', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='seconds to')),
                    ('hold_s', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hold, seconds')),
                    ('tempo', models.CharField(default='2-0-2', max_length=12, verbose_name='tempo')),
                    ('rest_s', models.PositiveSmallIntegerField(default=60, verbose_name='rest, seconds')),
                    ('per_day_low', models.PositiveSmallIntegerField(default=1, verbose_name='bouts a day from')),
                    ('per_day_high', models.PositiveSmallIntegerField(default=1, verbose_name='bouts a day to')),
                    ('per_week_low', models.PositiveSmallIntegerField(default=3, verbose_name='days a week from')),
                    ('per_week_high', models.PositiveSmallIntegerField(default=3, verbose_name='days a week to')),
                    ('load_unit', models.CharField(choices=[('bodyweight', 'Body weight'), ('kg', 'Kilograms'), ('band_step', 'Band')], default='bodyweight', max_length=12, verbose_name='load')),
                    ('load_start', models.PositiveIntegerField(blank=True, null=True, verbose_name='starting load: grams, or band step')),
                    ('load_step_pct', models.JSONField(blank=True, default=list, verbose_name='load step, percent from and to')),
                    ('load_min_step', models.PositiveIntegerField(blank=True, null=True, verbose_name='smallest load step, grams')),
                    ('method', models.CharField(blank=True, max_length=24, verbose_name='method')),
                    ('equipment', models.JSONField(blank=True, default=list, verbose_name='equipment')),
                    ('optional_if_missing', models.JSONField(blank=True, default=list, verbose_name='may be skipped without')),
                    ('successes', models.PositiveSmallIntegerField(default=2, verbose_name='clean days to move on')),
                    ('min_days', models.PositiveSmallIntegerField(default=3, verbose_name='days at this level at least')),
                    ('approval', models.CharField(choices=[('auto', 'by the rules'), ('therapist', 'by a therapist')], default='auto', max_length=12, verbose_name='moving on')),
                    ('sets_gate', models.CharField(blank=True, max_length=60, verbose_name='sets gate')),
                    ('requires_gates', models.JSONField(blank=True, default=list, verbose_name='requires gates')),
                    ('terminal', models.BooleanField(default=False, verbose_name='top of the ladder')),
                    ('details', models.JSONField(blank=True, default=dict, verbose_name='further entries of the library file')),
                    ('seed', models.JSONField(blank=True, default=list, verbose_name='values the source fixes')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('ladder', 'code'), name='programs_level_code_once_a_ladder')],
                },
            ),
            migrations.CreateModel(
                name='Picture',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                    ('file', models.FileField(upload_to=programs.models.exercise.picture_name)),
                    ('brought_at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='LadderVersion',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                    ('ladder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='programs.ladder')),
                    ('number', models.PositiveIntegerField()),
                    ('digest', models.CharField(max_length=64)),
                    ('code', models.CharField(max_length=12)),
                    ('title', models.CharField(max_length=120)),
                    ('kind', models.CharField(choices=[('strength', 'Strength'), ('motor_control', 'Movement control'), ('nerve', 'Nerve glide'), ('soft_tissue', 'Soft tissue'), ('mobility_dynamic', 'Moving stretch'), ('static_stretch', 'Held stretch')], max_length=20)),
                    ('region', models.CharField(choices=[('lumbar', 'Low back'), ('posterior_thigh_hip', 'Back of thigh and hip'), ('knee', 'Knee'), ('foot', 'Foot')], max_length=40)),
                    ('content', models.JSONField()),
                    ('frozen_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('ladder', 'digest'), name='programs_ladder_version_content_once'), models.UniqueConstraint(fields=('ladder', 'number'), name='programs_ladder_version_number_once')],
                },
            ),
            migrations.CreateModel(
                name='LevelVersion',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('ladder_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='levels', to='programs.ladderversion')),
                    ('code', models.CharField(max_length=16)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('name', models.CharField(max_length=120)),
                    ('content', models.JSONField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('ladder_version', 'code'), name='programs_level_version_code_once'), models.UniqueConstraint(fields=('ladder_version', 'position'), name='programs_level_version_in_order')],
                },
            ),
            migrations.CreateModel(
                name='ProgramTemplate',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='templates', to='clinic.clinic')),
                    ('code', models.SlugField(max_length=60, verbose_name='code')),
                    ('title', models.CharField(max_length=120, verbose_name='title')),
                    ('sources', models.JSONField(blank=True, default=list, verbose_name='sources')),
                    ('retired_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'code'), name='programs_template_code_once_a_clinic')],
                },
            ),
            migrations.CreateModel(
                name='ProgramVersion',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='programs.programtemplate')),
                    ('number', models.PositiveIntegerField(verbose_name='version')),
                    ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=12, verbose_name='state')),
                    ('title', models.CharField(max_length=120, verbose_name='title')),
                    ('for_whom', models.CharField(blank=True, max_length=240, verbose_name='for whom')),
                    ('entry', models.JSONField(blank=True, default=dict, verbose_name='entry conditions')),
                    ('pain_policy', models.CharField(choices=[('monitored', 'Watched: some pain is acceptable'), ('strict', 'Strict: new pain means stop and ask')], default='monitored', max_length=12, verbose_name='pain policy')),
                    ('max_active_items', models.PositiveSmallIntegerField(default=3, verbose_name='exercises at a time, at most')),
                    ('blocked_ladders', models.JSONField(blank=True, default=list, verbose_name='blocked ladders')),
                    ('education', models.JSONField(blank=True, default=list, verbose_name='advice')),
                    ('paths', models.JSONField(blank=True, default=dict, verbose_name='paths chosen at assignment')),
                    ('change_note', models.TextField(blank=True, verbose_name='what changed and why')),
                    ('published_at', models.DateTimeField(blank=True, null=True)),
                    ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('template', 'number'), name='programs_version_number_once'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('template',), name='programs_version_one_draft')],
                },
            ),
            migrations.CreateModel(
                name='Phase',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='phases', to='programs.programversion')),
                    ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                    ('name', models.CharField(max_length=80, verbose_name='name')),
                    ('path', models.CharField(blank=True, max_length=20, verbose_name='path')),
                    ('day_from', models.PositiveSmallIntegerField(verbose_name='from day')),
                    ('day_to', models.PositiveSmallIntegerField(verbose_name='to day')),
                    ('choose_max', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='choose at most')),
                    ('exit', models.JSONField(blank=True, default=dict, verbose_name='exit')),
                ],
            ),
            migrations.CreateModel(
                name='PhaseItem',
                fields=[
                    ('id', models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('phase', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='programs.phase')),
                    ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                    ('ladder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.ladder')),
                    ('ladder_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.ladderversion')),
                    ('start_code', models.CharField(max_length=16, verbose_name='starts at level')),
                    ('cap_code', models.CharField(blank=True, max_length=16, verbose_name='up to level')),
                    ('from_day', models.PositiveSmallIntegerField(default=1, verbose_name='from day of the phase')),
                ],
            ),
        ]),
    ]
