import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# Both or neither are kept over a crash, which ends every run: neither. COPY's form is not worth compressing.
NOTHING_KEPT = """
ALTER TABLE quotas_runpart SET UNLOGGED;
ALTER TABLE quotas_partpiece SET UNLOGGED;
ALTER TABLE quotas_partpiece ALTER COLUMN content SET STORAGE EXTERNAL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("quotas", "0006_run_inputs"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "months",
                    django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), size=None),
                ),
                ("entries", models.BigIntegerField()),
                ("snapshot", models.CharField(max_length=64)),
                ("code", models.IntegerField()),
                ("done_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PartPiece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cells", models.CharField(max_length=32)),
                ("content", models.BinaryField()),
                (
                    "part",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="quotas.runpart",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(NOTHING_KEPT, migrations.RunSQL.noop),
    ]
