import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# What the ledger held when they were closed was not kept, so periods that are closed already get the ledger's head
# of now: what comes into them after this is found. On a new database there is no ledger yet, and nothing closed.
CLOSED_BEFORE = """
DO $$ BEGIN
    IF to_regclass('orders_ledgerhead') IS NOT NULL THEN
        PERFORM set_config('app.grants', 'period:org', true),
            set_config('pghistory.context_id', gen_random_uuid()::text, true),
            set_config('pghistory.context_metadata', '{"why": "Closed before"}', true);
        UPDATE common_period SET closed_seq = (SELECT seq FROM orders_ledgerhead)
        WHERE is_closed AND closed_seq IS NULL;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0010_work_calendars"),
    ]

    operations = [
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
            model_name="period",
            name="closed_seq",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="periodevent",
            name="closed_seq",
            field=models.BigIntegerField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="period",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "common_periodevent" ("calendar", "closed_seq", "code", "id", "is_closed", "kind", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "stops_on", "version") VALUES (NEW."calendar", NEW."closed_seq", NEW."code", NEW."id", NEW."is_closed", NEW."kind", NEW."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."starts_on", NEW."stops_on", NEW."version"); RETURN NULL;',
                    hash="eda4e5613a57e87d84269c42fba1cb5bce922738",
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
                    func='INSERT INTO "common_periodevent" ("calendar", "closed_seq", "code", "id", "is_closed", "kind", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "stops_on", "version") VALUES (NEW."calendar", NEW."closed_seq", NEW."code", NEW."id", NEW."is_closed", NEW."kind", NEW."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."starts_on", NEW."stops_on", NEW."version"); RETURN NULL;',
                    hash="7b885f5aaed5e1f8983c11e0d300cf0e89db9a7f",
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
                    func='INSERT INTO "common_periodevent" ("calendar", "closed_seq", "code", "id", "is_closed", "kind", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "stops_on", "version") VALUES (OLD."calendar", OLD."closed_seq", OLD."code", OLD."id", OLD."is_closed", OLD."kind", OLD."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."starts_on", OLD."stops_on", OLD."version"); RETURN NULL;',
                    hash="c22b820377f014c066b8ce402e39fe7745d6dabc",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c58e3",
                    table="common_period",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(CLOSED_BEFORE, migrations.RunSQL.noop),
    ]
