from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0006_caseload_only'),
    ]

    operations = [
        migrations.AddField(
            model_name='signincode',
            name='address',
            field=models.EmailField(blank=True, db_default='', max_length=254),
        ),
        migrations.AddField(
            model_name='signincode',
            name='purpose',
            field=models.CharField(choices=[('sign_in', 'Signing in'), ('confirm', 'Showing again who is there'), ('address', 'Showing that a new address is theirs')], db_default='sign_in', default='sign_in', max_length=10),
        ),
    ]
