import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0006_changes_noted"),
        ("accounts", "0015_own_fields"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_new",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'account', id, 'made', '', NULL FROM came ORDER BY id;\nRETURN NULL;",
                    hash="3d6ea963b1bef3bd49b84a78401a2d0a25b1fb5a",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_noted_new_a7bd5",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'account', id, 'changed', '', CASE WHEN ROW(came.territory_id, came.specialist_territory_id, came.partner_territory_id) IS DISTINCT FROM ROW(went.territory_id, went.specialist_territory_id, went.partner_territory_id) THEN jsonb_build_object('territory_id', went.territory_id, 'specialist_territory_id', went.specialist_territory_id, 'partner_territory_id', went.partner_territory_id) END FROM came JOIN went USING (id) ORDER BY id;\n    granted := coalesce(current_setting('app.grants', true), '');\n    PERFORM set_config('app.grants', 'contact:org', true);\n    INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'contact', child.id, 'changed', '', jsonb_build_object('territory_id', went.territory_id, 'specialist_territory_id', went.specialist_territory_id, 'partner_territory_id', went.partner_territory_id) FROM came JOIN went USING (id) JOIN accounts_contact child ON child.account_id = came.id WHERE ROW(came.territory_id, came.specialist_territory_id, came.partner_territory_id) IS DISTINCT FROM ROW(went.territory_id, went.specialist_territory_id, went.partner_territory_id) ORDER BY child.id;\n    PERFORM set_config('app.grants', granted, true);\n\nRETURN NULL;",
                    hash="22a66587b5b29c85bfe0f433498e04468768197c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_noted_change_b0359",
                    referencing="REFERENCING OLD TABLE AS went  NEW TABLE AS came ",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'account', id, 'gone', '', jsonb_build_object('territory_id', went.territory_id, 'specialist_territory_id', went.specialist_territory_id, 'partner_territory_id', went.partner_territory_id) FROM went ORDER BY id;\nRETURN NULL;",
                    hash="b982eff5e44ae75a54038733c8c19750d65a2d8f",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_noted_gone_81c58",
                    referencing="REFERENCING OLD TABLE AS went ",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_new",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'contact', id, 'made', '', NULL FROM came ORDER BY id;\nRETURN NULL;",
                    hash="ad89940405ca0221cfebb9135ca6d42e98e1f99d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_noted_new_0adad",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'contact', id, 'changed', '', CASE WHEN ROW(came.account_id) IS DISTINCT FROM ROW(went.account_id) THEN jsonb_build_object('account_id', went.account_id) END FROM came JOIN went USING (id) ORDER BY id;\nRETURN NULL;",
                    hash="5b3977b6184122988cb208fdd8eafda94c34522a",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_noted_change_48a4d",
                    referencing="REFERENCING OLD TABLE AS went  NEW TABLE AS came ",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="noted_gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE granted text;",
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'contact', id, 'gone', '', jsonb_build_object('account_id', went.account_id) FROM went ORDER BY id;\nRETURN NULL;",
                    hash="1e7a72b616ddb8164d4e50abd38f9023c6868c83",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_noted_gone_b1585",
                    referencing="REFERENCING OLD TABLE AS went ",
                    table="accounts_contact",
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
                    func="INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT DISTINCT 'account', account_id, 'changed', '', NULL::jsonb FROM came;\n    granted := coalesce(current_setting('app.grants', true), '');\n    PERFORM set_config('app.grants', 'contact:org', true);\n    INSERT INTO common_rowchange (resource, row_id, kind, became, before) SELECT 'contact', child.id, 'changed', '', NULL::jsonb FROM came JOIN accounts_contact child ON child.account_id = came.account_id WHERE true ORDER BY child.id;\n    PERFORM set_config('app.grants', granted, true);\n\nRETURN NULL;",
                    hash="2473dfc18c0524d90bf0e259a93872fa70349f3f",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_noted_reader_31254",
                    referencing="REFERENCING NEW TABLE AS came ",
                    table="accounts_participant",
                    when="AFTER",
                ),
            ),
        ),
    ]
