import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import common.dated


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="OrganisationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("reporting_currency", models.CharField(max_length=3, verbose_name="reporting currency")),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("locale", models.CharField(default="en-US", max_length=16, verbose_name="locale")),
                (
                    "fiscal_start_month",
                    models.PositiveSmallIntegerField(default=1, verbose_name="fiscal year starts in month"),
                ),
                ("is_demo", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("year", "year"), ("quarter", "quarter"), ("month", "month")], max_length=8
                    ),
                ),
                ("code", models.CharField(max_length=16, unique=True)),
                ("starts_on", models.DateField()),
                ("stops_on", models.DateField()),
                ("is_closed", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["starts_on"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PeriodEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField()),
                ("pgh_context_id", models.UUIDField()),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("year", "year"), ("quarter", "quarter"), ("month", "month")], max_length=8
                    ),
                ),
                ("code", models.CharField(max_length=16)),
                ("starts_on", models.DateField()),
                ("stops_on", models.DateField()),
                ("is_closed", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Rate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "stops_on",
                    models.DateField(
                        blank=True, help_text="First day it no longer holds.", null=True, verbose_name="until"
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("superseded_at", models.DateTimeField(editable=False, null=True)),
                ("superseded_by_id", models.BigIntegerField(editable=False, null=True)),
                ("superseded_why", models.CharField(db_default="", editable=False, max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[("plan", "plan rate"), ("booked", "booked rate")], max_length=8
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("value", models.DecimalField(decimal_places=10, max_digits=20)),
                ("source", models.CharField(blank=True, max_length=120, verbose_name="source")),
                ("recorded_by_id", models.BigIntegerField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("job", models.CharField(max_length=32)),
                ("as_of", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "waiting"), ("published", "published"), ("failed", "failed")],
                        default="asked",
                        max_length=12,
                    ),
                ),
                ("ledger_seq", models.BigIntegerField(null=True)),
                ("input_hash", models.CharField(blank=True, max_length=64)),
                ("output_hash", models.CharField(blank=True, max_length=64)),
                ("changed_rows", models.BigIntegerField(default=0)),
                ("peak_memory_kb", models.BigIntegerField(null=True)),
                ("error", models.TextField(blank=True)),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
                ("asked_by_id", models.BigIntegerField(null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RunGate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=64)),
                ("body_hash", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("headers", models.JSONField(default=dict)),
                ("answer", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person_id", "key"), name="idempotency_key_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("reporting_currency", models.CharField(max_length=3, verbose_name="reporting currency")),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("locale", models.CharField(default="en-US", max_length=16, verbose_name="locale")),
                (
                    "fiscal_start_month",
                    models.PositiveSmallIntegerField(default=1, verbose_name="fiscal year starts in month"),
                ),
                ("is_demo", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reporting_currency__regex", "^[A-Z]{3}$")),
                        name="organisation_currency_code",
                        violation_error_message="A currency has three capital letters, such as EUR.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fiscal_start_month__gte", 1), ("fiscal_start_month__lte", 12)),
                        name="organisation_start_month",
                        violation_error_message="A month is a number from 1 to 12.",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organisation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "common_organisationevent" ("fiscal_start_month", "id", "is_demo", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reporting_currency", "time_zone", "version") VALUES (NEW."fiscal_start_month", NEW."id", NEW."is_demo", NEW."locale", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."reporting_currency", NEW."time_zone", NEW."version"); RETURN NULL;',
                    hash="f68acdcce5aa09d75225ecd1ac71c14e894f7159",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3d613",
                    table="common_organisation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organisation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "common_organisationevent" ("fiscal_start_month", "id", "is_demo", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reporting_currency", "time_zone", "version") VALUES (NEW."fiscal_start_month", NEW."id", NEW."is_demo", NEW."locale", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."reporting_currency", NEW."time_zone", NEW."version"); RETURN NULL;',
                    hash="7f6ed2fd7999b3d7d7e2a2a21a17db0a9a5bfa08",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_617c6",
                    table="common_organisation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organisation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "common_organisationevent" ("fiscal_start_month", "id", "is_demo", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reporting_currency", "time_zone", "version") VALUES (OLD."fiscal_start_month", OLD."id", OLD."is_demo", OLD."locale", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."reporting_currency", OLD."time_zone", OLD."version"); RETURN NULL;',
                    hash="a4edab28ce73ddbd4f0d67808a0ff66a9c312408",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_bb6e8",
                    table="common_organisation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="organisationevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history",
                to="common.organisation",
            ),
        ),
        migrations.AddField(
            model_name="period",
            name="parent",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parts",
                to="common.period",
            ),
        ),
        migrations.AddField(
            model_name="periodevent",
            name="parent",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="common.period",
            ),
        ),
        migrations.AddField(
            model_name="periodevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history",
                to="common.period",
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stops_on", None), ("stops_on__gt", models.F("starts_on")), _connector="OR"
                ),
                name="rate_ordered",
                violation_error_message="The end must come after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__gt", 0), ("value__lt", 1000000)),
                name="rate_positive",
                violation_error_message="A rate is greater than zero, with at most 6 digits before the decimals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("superseded_at", None)),
                expressions=[
                    (common.dated.DateRange(), "&&"),
                    (models.F("kind"), "="),
                    (models.F("currency"), "="),
                ],
                name="rate_one_a_day",
                violation_error_message="There is already a rate for this currency on one of these days.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rate",
            trigger=pgtrigger.compiler.Trigger(
                name="supersede_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL\n       AND (to_jsonb(OLD) - 'superseded_at' - 'superseded_why')\n         = (to_jsonb(NEW) - 'superseded_at' - 'superseded_why') THEN\n        SELECT (said ->> 'by')::bigint, coalesce(nullif(NEW.superseded_why, ''), said ->> 'why', '')\n        INTO NEW.superseded_by_id, NEW.superseded_why\n        FROM (SELECT nullif(current_setting('pghistory.context_metadata', true), '')::jsonb AS said) context;\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'a dated row is superseded once and otherwise never changed'\n        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dated_supersede_once';\n",
                    hash="c9d90175fe64a2ec6d3fe762a71bf158de7b4a59",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_supersede_once_be95e",
                    table="common_rate",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["job", "state", "-as_of"], name="run_job_state"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")),
                fields=("job", "as_of"),
                name="run_asked_once",
                violation_error_message="A run is waiting to begin already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rungate",
            constraint=models.CheckConstraint(condition=models.Q(("pk", None)), name="rungate_empty"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organisationevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fb0940fd3f2f62e658b2f4015f2c81c3c4cdcc12",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3fe2a",
                    table="common_organisationevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=models.UniqueConstraint(
                fields=("kind", "starts_on"),
                name="period_start_once",
                violation_error_message="There is a period of this kind from this day already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=models.CheckConstraint(
                condition=models.Q(("stops_on__gt", models.F("starts_on"))), name="period_ordered"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="period",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "common_periodevent" ("code", "id", "is_closed", "kind", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "stops_on", "version") VALUES (NEW."code", NEW."id", NEW."is_closed", NEW."kind", NEW."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."starts_on", NEW."stops_on", NEW."version"); RETURN NULL;',
                    hash="95ae58cf3bc6bb2633a276d1f22bd5cdf7b0dd58",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_153b5",
                    table="common_period",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="period",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "common_periodevent" ("code", "id", "is_closed", "kind", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "stops_on", "version") VALUES (NEW."code", NEW."id", NEW."is_closed", NEW."kind", NEW."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."starts_on", NEW."stops_on", NEW."version"); RETURN NULL;',
                    hash="148539706fe843253f02c2e93795f87b06ecd5dd",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f7448",
                    table="common_period",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="period",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "common_periodevent" ("code", "id", "is_closed", "kind", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "stops_on", "version") VALUES (OLD."code", OLD."id", OLD."is_closed", OLD."kind", OLD."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."starts_on", OLD."stops_on", OLD."version"); RETURN NULL;',
                    hash="2786b40e353e80d0ab04e78a3e0281158c336339",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c58e3",
                    table="common_period",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="periodevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d901bcc7967ebf71f5d9227fbd86805f9518180c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_14df9",
                    table="common_periodevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
