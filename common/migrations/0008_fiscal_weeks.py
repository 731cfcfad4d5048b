import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0007_published_rates"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="organisation",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="organisation",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="organisation",
            name="delete_delete",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="period",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="period",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="period",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="organisation",
            name="calendar",
            field=models.CharField(
                choices=[
                    ("months", "calendar months"),
                    ("4-4-5", "weeks, 4-4-5"),
                    ("4-5-4", "weeks, 4-5-4"),
                    ("5-4-4", "weeks, 5-4-4"),
                ],
                db_default="months",
                default="months",
                max_length=6,
                verbose_name="fiscal years are made of",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="year_end_weekday",
            field=models.PositiveSmallIntegerField(db_default=5, default=5, verbose_name="weeks end on"),
        ),
        migrations.AddField(
            model_name="organisation",
            name="year_ends",
            field=models.CharField(
                choices=[
                    ("last", "last of the month before it starts"),
                    ("nearest", "nearest to the end of that month"),
                ],
                db_default="last",
                default="last",
                max_length=7,
                verbose_name="a year of weeks ends on the one that is",
            ),
        ),
        migrations.AddField(
            model_name="organisationevent",
            name="calendar",
            field=models.CharField(
                choices=[
                    ("months", "calendar months"),
                    ("4-4-5", "weeks, 4-4-5"),
                    ("4-5-4", "weeks, 4-5-4"),
                    ("5-4-4", "weeks, 5-4-4"),
                ],
                db_default="months",
                default="months",
                max_length=6,
                verbose_name="fiscal years are made of",
            ),
        ),
        migrations.AddField(
            model_name="organisationevent",
            name="year_end_weekday",
            field=models.PositiveSmallIntegerField(db_default=5, default=5, verbose_name="weeks end on"),
        ),
        migrations.AddField(
            model_name="organisationevent",
            name="year_ends",
            field=models.CharField(
                choices=[
                    ("last", "last of the month before it starts"),
                    ("nearest", "nearest to the end of that month"),
                ],
                db_default="last",
                default="last",
                max_length=7,
                verbose_name="a year of weeks ends on the one that is",
            ),
        ),
        migrations.AddField(
            model_name="period",
            name="calendar",
            field=models.CharField(blank=True, db_default="", default="", max_length=24),
        ),
        migrations.AddField(
            model_name="periodevent",
            name="calendar",
            field=models.CharField(blank=True, db_default="", default="", max_length=24),
        ),
        migrations.AlterField(
            model_name="period",
            name="kind",
            field=models.CharField(
                choices=[("year", "year"), ("quarter", "quarter"), ("month", "month"), ("week", "week")],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="periodevent",
            name="kind",
            field=models.CharField(
                choices=[("year", "year"), ("quarter", "quarter"), ("month", "month"), ("week", "week")],
                max_length=8,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organisation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "common_organisationevent" ("calendar", "first_weekday", "fiscal_label", "fiscal_start_month", "id", "is_demo", "is_set_up", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reporting_currency", "time_zone", "version", "year_end_weekday", "year_ends") VALUES (NEW."calendar", NEW."first_weekday", NEW."fiscal_label", NEW."fiscal_start_month", NEW."id", NEW."is_demo", NEW."is_set_up", NEW."locale", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."reporting_currency", NEW."time_zone", NEW."version", NEW."year_end_weekday", NEW."year_ends"); RETURN NULL;',
                    hash="bf60eed311f1731d3c983fa3a93f80e00244c5b7",
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
                    func='INSERT INTO "common_organisationevent" ("calendar", "first_weekday", "fiscal_label", "fiscal_start_month", "id", "is_demo", "is_set_up", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reporting_currency", "time_zone", "version", "year_end_weekday", "year_ends") VALUES (NEW."calendar", NEW."first_weekday", NEW."fiscal_label", NEW."fiscal_start_month", NEW."id", NEW."is_demo", NEW."is_set_up", NEW."locale", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."reporting_currency", NEW."time_zone", NEW."version", NEW."year_end_weekday", NEW."year_ends"); RETURN NULL;',
                    hash="6399ee8ff0ccd7f825dd96e64932139c035084d9",
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
                    func='INSERT INTO "common_organisationevent" ("calendar", "first_weekday", "fiscal_label", "fiscal_start_month", "id", "is_demo", "is_set_up", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reporting_currency", "time_zone", "version", "year_end_weekday", "year_ends") VALUES (OLD."calendar", OLD."first_weekday", OLD."fiscal_label", OLD."fiscal_start_month", OLD."id", OLD."is_demo", OLD."is_set_up", OLD."locale", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."reporting_currency", OLD."time_zone", OLD."version", OLD."year_end_weekday", OLD."year_ends"); RETURN NULL;',
                    hash="a3be2f601c45b9ff93a4078ebbcb99e06bc71d97",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_bb6e8",
                    table="common_organisation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="period",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "common_periodevent" ("calendar", "code", "id", "is_closed", "kind", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "stops_on", "version") VALUES (NEW."calendar", NEW."code", NEW."id", NEW."is_closed", NEW."kind", NEW."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."starts_on", NEW."stops_on", NEW."version"); RETURN NULL;',
                    hash="9ecec4a8912ca42372f4099c8bde65ea24e22f0a",
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
                    func='INSERT INTO "common_periodevent" ("calendar", "code", "id", "is_closed", "kind", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "stops_on", "version") VALUES (NEW."calendar", NEW."code", NEW."id", NEW."is_closed", NEW."kind", NEW."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."starts_on", NEW."stops_on", NEW."version"); RETURN NULL;',
                    hash="bd1d84ee53028ba9f5c77ecfab6fcdfeb837c73f",
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
                    func='INSERT INTO "common_periodevent" ("calendar", "code", "id", "is_closed", "kind", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "stops_on", "version") VALUES (OLD."calendar", OLD."code", OLD."id", OLD."is_closed", OLD."kind", OLD."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."starts_on", OLD."stops_on", OLD."version"); RETURN NULL;',
                    hash="6352ac7bc7a82d89947a3a850e95fbd9bd614dde",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c58e3",
                    table="common_period",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("year_end_weekday__lte", 6)),
                name="organisation_year_end_weekday",
                violation_error_message="A weekday is a number from 0, Monday, to 6, Sunday.",
            ),
        ),
    ]
