import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0006_changes_noted"),
        ("orders", "0007_own_fields"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_new",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'order', id, 'made', came.state, NULL FROM came ORDER BY id;\nRETURN NULL;",
                    hash="d5e228d38dd0fddf2a33b7d49f7fe73e8a4651ee",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_noted_new_b0310",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="orders_order",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'order', id, 'changed', CASE WHEN came.state <> went.state THEN came.state ELSE '' END, CASE WHEN ROW(came.owner_id, came.territory_id) IS DISTINCT FROM ROW(went.owner_id, went.territory_id) THEN jsonb_build_object('owner_id', went.owner_id, 'territory_id', went.territory_id) END FROM came JOIN went USING (id) ORDER BY id;\nRETURN NULL;",
                    hash="4a43026cda30f7b389711f6a880736e5bd7de0f1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_noted_change_04dc1",
                    referencing="REFERENCING OLD TABLE AS went  NEW TABLE AS came ",
                    table="orders_order",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'order', id, 'gone', '', jsonb_build_object('owner_id', went.owner_id, 'territory_id', went.territory_id) FROM went ORDER BY id;\nRETURN NULL;",
                    hash="fb3c3998bd3902e9688a89bba50ec85a1c446dda",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_noted_gone_902a2",
                    referencing="REFERENCING OLD TABLE AS went ",
                    table="orders_order",
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
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT DISTINCT 'order', order_id, 'changed', '', NULL::jsonb FROM came;\nRETURN NULL;",
                    hash="92a558a6c54d3031e045db4514b406754ea96bda",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_noted_reader_8b33d",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="orders_participant",
                    when="AFTER",
                ),
            ),
        ),
    ]
