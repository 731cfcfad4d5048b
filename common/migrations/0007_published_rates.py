import django.contrib.postgres.constraints
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import common.dated


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0006_changes_noted"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=160, verbose_name="file")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("content", models.BinaryField()),
                ("first_on", models.DateField()),
                ("last_on", models.DateField()),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("recorded_by_id", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="rate",
            name="is_published",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="rate",
            name="kind",
            field=models.CharField(
                choices=[("plan", "plan rate"), ("booked", "booked rate"), ("current", "current rate")],
                max_length=8,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ratefile",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="d3e120e4ecedb388b14b1336e520ae775da5a7cf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_34033",
                    table="common_ratefile",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ratefile",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="8b17b25aedd0fb3ae8c7a59ad1bc6fd33d347cc2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_657b5",
                    table="common_ratefile",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RemoveConstraint(
            model_name="rate",
            name="rate_one_a_day",
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None)),
                expressions=[
                    (models.F("kind"), "="),
                    (models.F("currency"), "="),
                    (common.dated.DateRange(), "&&"),
                ],
                name="rate_one_a_day",
                violation_error_message="There is already a rate for this currency on one of these days.",
            ),
        ),
    ]
