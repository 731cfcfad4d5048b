import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import common.dated


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0009_run_inputs"),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkCalendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=80,
                        unique=True,
                        verbose_name="name",
                    ),
                ),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), size=None, verbose_name="working days"
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("recorded_by_id", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="dayoff",
            name="dayoff_once",
        ),
        migrations.AddConstraint(
            model_name="workcalendar",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("weekdays__contained_by", [0, 1, 2, 3, 4, 5, 6]), ("weekdays__len__gt", 0)
                ),
                name="workcalendar_weekdays",
                violation_error_message="People work on at least one day of the week.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="workcalendar",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="7dea29a05f5a6438b9a7dcdfdf34acc760c104ff",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8ff2c",
                    table="common_workcalendar",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="workcalendar",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'this table is append-only'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';\n",
                    hash="012dc9e25565af8d1aa528ba80f45956dcfdd471",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_984ae",
                    table="common_workcalendar",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="dayoff",
            name="calendar",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="days_off",
                to="common.workcalendar",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayoff",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None), ("calendar", None)),
                expressions=[(common.dated.DateRange(), "&&")],
                name="dayoff_once",
                violation_error_message="That day is off already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayoff",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None), ("calendar__isnull", False)),
                expressions=[(common.dated.DateRange(), "&&"), (models.F("calendar"), "=")],
                name="dayoff_once_there",
                violation_error_message="That day is off already.",
            ),
        ),
    ]
