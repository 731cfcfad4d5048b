import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from django.db import migrations, models

import common.models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0005_rows_name_their_request"),
    ]

    operations = [
        migrations.CreateModel(
            name="RowChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("xact", models.BigIntegerField(db_default=common.models.InTransaction())),
                ("resource", models.CharField(max_length=20)),
                ("row_id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("made", "Made"), ("changed", "Changed"), ("gone", "Gone")], max_length=7
                    ),
                ),
                ("became", models.CharField(blank=True, max_length=12)),
                ("before", models.JSONField(null=True)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [
                    models.Index(fields=["resource", "xact", "id"], name="rowchange_order"),
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["recorded_at"], name="rowchange_recorded"
                    ),
                ],
            },
        ),
    ]
