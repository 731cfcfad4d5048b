"""A run that the time limit ended says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("common", "0013_totals_of_minor_units")]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="state",
            field=models.CharField(
                choices=[
                    ("asked", "waiting"),
                    ("published", "published"),
                    ("failed", "failed"),
                    ("timed_out", "timed out"),
                ],
                default="asked",
                max_length=12,
            ),
        ),
    ]
