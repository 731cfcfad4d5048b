import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0010_work_calendars"),
        ("territories", "0012_people_by_name"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="user",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="user",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="user",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="user",
            name="work_calendar",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="common.workcalendar",
                verbose_name="work calendar",
            ),
        ),
        migrations.AddField(
            model_name="userevent",
            name="work_calendar",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="common.workcalendar",
                verbose_name="work calendar",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "territories_userevent" ("email", "id", "is_active", "joined_at", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone", "version", "work_calendar_id", "work_location") VALUES (NEW."email", NEW."id", NEW."is_active", NEW."joined_at", NEW."locale", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."time_zone", NEW."version", NEW."work_calendar_id", NEW."work_location"); RETURN NULL;',
                    hash="e1e2abe0987a3cb552fbefffffb9613b026c9add",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6d452",
                    table="territories_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."joined_at" IS DISTINCT FROM (NEW."joined_at") OR OLD."locale" IS DISTINCT FROM (NEW."locale") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."work_calendar_id" IS DISTINCT FROM (NEW."work_calendar_id") OR OLD."work_location" IS DISTINCT FROM (NEW."work_location"))',
                    func='INSERT INTO "territories_userevent" ("email", "id", "is_active", "joined_at", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone", "version", "work_calendar_id", "work_location") VALUES (NEW."email", NEW."id", NEW."is_active", NEW."joined_at", NEW."locale", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."time_zone", NEW."version", NEW."work_calendar_id", NEW."work_location"); RETURN NULL;',
                    hash="e29c91a974ac475e80fb292452f05675e2cbb1d2",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_99a27",
                    table="territories_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "territories_userevent" ("email", "id", "is_active", "joined_at", "locale", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone", "version", "work_calendar_id", "work_location") VALUES (OLD."email", OLD."id", OLD."is_active", OLD."joined_at", OLD."locale", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."time_zone", OLD."version", OLD."work_calendar_id", OLD."work_location"); RETURN NULL;',
                    hash="a767abef9ace12802a8890946fa616e22ad71f04",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ee0d1",
                    table="territories_user",
                    when="AFTER",
                ),
            ),
        ),
    ]
