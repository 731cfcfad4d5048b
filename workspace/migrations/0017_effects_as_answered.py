"""An approval keeps what who answered it read that it does."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspace", "0016_recent"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="approval",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="approval",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="approval",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="approval",
            name="effect",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="what it does"),
        ),
        migrations.AddField(
            model_name="approvalevent",
            name="effect",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="what it does"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "workspace_approvalevent" ("about", "answer", "answered_at", "answered_by_id", "answered_for_id", "approver_id", "asked_at", "asked_by_id", "effect", "id", "key", "kind", "payload", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "role", "state", "url", "version") VALUES (NEW."about", NEW."answer", NEW."answered_at", NEW."answered_by_id", NEW."answered_for_id", NEW."approver_id", NEW."asked_at", NEW."asked_by_id", NEW."effect", NEW."id", NEW."key", NEW."kind", NEW."payload", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."reason", NEW."role", NEW."state", NEW."url", NEW."version"); RETURN NULL;',
                    hash="9a14c01ae41c2b35202e349d5406d264a4972935",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_02a6c",
                    table="workspace_approval",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "workspace_approvalevent" ("about", "answer", "answered_at", "answered_by_id", "answered_for_id", "approver_id", "asked_at", "asked_by_id", "effect", "id", "key", "kind", "payload", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "role", "state", "url", "version") VALUES (NEW."about", NEW."answer", NEW."answered_at", NEW."answered_by_id", NEW."answered_for_id", NEW."approver_id", NEW."asked_at", NEW."asked_by_id", NEW."effect", NEW."id", NEW."key", NEW."kind", NEW."payload", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."reason", NEW."role", NEW."state", NEW."url", NEW."version"); RETURN NULL;',
                    hash="42ad73aac06f445a1c77c1f4d2bba460d7b6bd8e",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a6d1a",
                    table="workspace_approval",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "workspace_approvalevent" ("about", "answer", "answered_at", "answered_by_id", "answered_for_id", "approver_id", "asked_at", "asked_by_id", "effect", "id", "key", "kind", "payload", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "role", "state", "url", "version") VALUES (OLD."about", OLD."answer", OLD."answered_at", OLD."answered_by_id", OLD."answered_for_id", OLD."approver_id", OLD."asked_at", OLD."asked_by_id", OLD."effect", OLD."id", OLD."key", OLD."kind", OLD."payload", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."reason", OLD."role", OLD."state", OLD."url", OLD."version"); RETURN NULL;',
                    hash="7803b8312cc0eb3e508726137f78f1c049cbe200",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a0cb9",
                    table="workspace_approval",
                    when="AFTER",
                ),
            ),
        ),
    ]
