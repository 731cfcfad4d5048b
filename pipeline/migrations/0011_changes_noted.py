import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0006_changes_noted"),
        ("pipeline", "0010_activities"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_new",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'activity', id, 'made', '', NULL FROM came ORDER BY id;\nRETURN NULL;",
                    hash="b889ca2dba58f6152e5a5849b676a3ce0eacfa05",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_noted_new_9dda3",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="pipeline_activity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'activity', id, 'changed', '', CASE WHEN ROW(came.owner_id, came.territory_id) IS DISTINCT FROM ROW(went.owner_id, went.territory_id) THEN jsonb_build_object('owner_id', went.owner_id, 'territory_id', went.territory_id) END FROM came JOIN went USING (id) ORDER BY id;\nRETURN NULL;",
                    hash="6bf78a496335cb97d1193ae210cc5bb51cce6783",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_noted_change_8bc3f",
                    referencing="REFERENCING OLD TABLE AS went  NEW TABLE AS came ",
                    table="pipeline_activity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'activity', id, 'gone', '', jsonb_build_object('owner_id', went.owner_id, 'territory_id', went.territory_id) FROM went ORDER BY id;\nRETURN NULL;",
                    hash="af88b7dbcb1318b0446282dd12f5b8c2628e0a15",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_noted_gone_c7923",
                    referencing="REFERENCING OLD TABLE AS went ",
                    table="pipeline_activity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_new",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'lead', id, 'made', came.state, NULL FROM came ORDER BY id;\nRETURN NULL;",
                    hash="b65632bfb7c1a2f92ee01c151f95494f06d101f1",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_noted_new_ceb54",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="pipeline_lead",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'lead', id, 'changed', CASE WHEN came.state <> went.state THEN came.state ELSE '' END, CASE WHEN ROW(came.owner_id, came.territory_id) IS DISTINCT FROM ROW(went.owner_id, went.territory_id) THEN jsonb_build_object('owner_id', went.owner_id, 'territory_id', went.territory_id) END FROM came JOIN went USING (id) ORDER BY id;\nRETURN NULL;",
                    hash="3d794cf3c9b109e4ebba90763fd83f93536a4222",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_noted_change_40f04",
                    referencing="REFERENCING OLD TABLE AS went  NEW TABLE AS came ",
                    table="pipeline_lead",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'lead', id, 'gone', '', jsonb_build_object('owner_id', went.owner_id, 'territory_id', went.territory_id) FROM went ORDER BY id;\nRETURN NULL;",
                    hash="a8147ae931c8d614a0ee192cddc3d4583ad47780",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_noted_gone_48417",
                    referencing="REFERENCING OLD TABLE AS went ",
                    table="pipeline_lead",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_new",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'opportunity', id, 'made', came.state, NULL FROM came ORDER BY id;\nRETURN NULL;",
                    hash="e2a71419e1f995f3e56bd6658b97402bb3f0c5dc",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_noted_new_e686e",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'opportunity', id, 'changed', CASE WHEN came.state <> went.state THEN came.state ELSE '' END, CASE WHEN ROW(came.owner_id, came.territory_id) IS DISTINCT FROM ROW(went.owner_id, went.territory_id) THEN jsonb_build_object('owner_id', went.owner_id, 'territory_id', went.territory_id) END FROM came JOIN went USING (id) ORDER BY id;\nRETURN NULL;",
                    hash="5c3b55227ccbaca83a1ccbef9888c5947e7fc442",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_noted_change_a68f7",
                    referencing="REFERENCING OLD TABLE AS went  NEW TABLE AS came ",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'opportunity', id, 'gone', '', jsonb_build_object('owner_id', went.owner_id, 'territory_id', went.territory_id) FROM went ORDER BY id;\nRETURN NULL;",
                    hash="14c0a63c93e71185c3b1f8c3a0b00f1c14982e2f",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_noted_gone_dadfa",
                    referencing="REFERENCING OLD TABLE AS went ",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="participant",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_reader",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT DISTINCT 'opportunity', opportunity_id, 'changed', '', NULL::jsonb FROM came;\nRETURN NULL;",
                    hash="13956ca721e32a162e6f6a215746d499fdc80926",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_noted_reader_a4107",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="pipeline_participant",
                    when="AFTER",
                ),
            ),
        ),
    ]
