"""A run of the rules names the approval that it needed, which so far was found by who asked and when."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

APPROVALS = (
    "SELECT set_config('app.grants', 'rule_run:org,approval:org', true)",
    """UPDATE accounts_rulerun r SET approval_id = a.id FROM workspace_approval a
    WHERE a.kind = 'rule_run' AND a.asked_by_id = r.asked_by_id AND a.asked_at = r.asked_at""",
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_contacts_by_name"),
        ("workspace", "0017_effects_as_answered"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="rulerun",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="rulerun",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="rulerun",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="rulerun",
            name="approval",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="workspace.approval",
            ),
        ),
        migrations.AddField(
            model_name="rulerunevent",
            name="approval",
            field=models.ForeignKey(
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="workspace.approval",
            ),
        ),
        # While the table keeps no history: which approval a run had changes nothing that anybody did.
        migrations.RunSQL(list(APPROVALS), migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="rulerun",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_rulerunevent" ("approval_id", "asked_at", "asked_by_id", "counts", "digest", "ended_at", "error", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "state", "takes_back_id", "version", "written_at") VALUES (NEW."approval_id", NEW."asked_at", NEW."asked_by_id", NEW."counts", NEW."digest", NEW."ended_at", NEW."error", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."starts_on", NEW."state", NEW."takes_back_id", NEW."version", NEW."written_at"); RETURN NULL;',
                    hash="11d63ff4384dd608cc52ec5582454205aa826211",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_85659",
                    table="accounts_rulerun",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulerun",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "accounts_rulerunevent" ("approval_id", "asked_at", "asked_by_id", "counts", "digest", "ended_at", "error", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "state", "takes_back_id", "version", "written_at") VALUES (NEW."approval_id", NEW."asked_at", NEW."asked_by_id", NEW."counts", NEW."digest", NEW."ended_at", NEW."error", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."starts_on", NEW."state", NEW."takes_back_id", NEW."version", NEW."written_at"); RETURN NULL;',
                    hash="4453e455a8804523ebbe9df731610ba60bdd2ebd",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_da387",
                    table="accounts_rulerun",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulerun",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_rulerunevent" ("approval_id", "asked_at", "asked_by_id", "counts", "digest", "ended_at", "error", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "state", "takes_back_id", "version", "written_at") VALUES (OLD."approval_id", OLD."asked_at", OLD."asked_by_id", OLD."counts", OLD."digest", OLD."ended_at", OLD."error", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."starts_on", OLD."state", OLD."takes_back_id", OLD."version", OLD."written_at"); RETURN NULL;',
                    hash="d530e90a3d14a9e0f6fc924632880a7945eb4f36",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_06628",
                    table="accounts_rulerun",
                    when="AFTER",
                ),
            ),
        ),
    ]
